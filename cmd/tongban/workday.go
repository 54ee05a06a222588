package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/tongban/tongban/internal/kernel/workday"
)

// counted is a limit as the command prints it.
type counted struct {
	From        string       `json:"from"`
	N           int          `json:"n"`
	Unit        workday.Unit `json:"unit"`
	Due         string       `json:"due"` // last day
	Weekday     string       `json:"weekday"`
	Provisional bool         `json:"provisional"` // the holidays of a year in between are not announced
}

func workdayCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "workday", Short: "Count limits by the official calendar"}
	cmd.AddCommand(workdayDue(), workdayCheck())
	return cmd
}

func workdayDue() *cobra.Command {
	cmd := &cobra.Command{Use: "due", Short: "The last day of a limit; the day it begins is not counted", Args: cobra.NoArgs}
	from := cmd.Flags().String("from", "", "day of acceptance, as 2026-09-30")
	days := cmd.Flags().Int("days", 0, "limit")
	unit := cmd.Flags().String("unit", string(workday.UnitWorkday), "workday, day or month")
	asJSON := cmd.Flags().Bool("json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		d, err := workday.Parse(*from)
		if err != nil {
			return fmt.Errorf("--from: %w", err)
		}
		if *days < 1 || *days > 3650 {
			return errors.New("--days: between 1 and 3650")
		}
		out, err := countDue(d, workday.Limit{N: *days, Unit: workday.Unit(*unit)})
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(cmd.OutOrStdout(), out)
		}
		_, _ = fmt.Fprintln(cmd.OutOrStdout(), out.Due)
		if out.Provisional {
			_, _ = fmt.Fprintln(cmd.ErrOrStderr(), "provisional: the holidays of a year up to then are not announced")
		}
		return nil
	}
	return cmd
}

// countDue counts a limit of whole days or months.
func countDue(from workday.Date, l workday.Limit) (counted, error) {
	if l.Unit == workday.UnitHour || l.Unit == workday.UnitMinute || l.Validate() != nil {
		return counted{}, fmt.Errorf("--unit: workday, day or month, not %q, and not beyond ten years", l.Unit)
	}
	due, provisional := workday.Official().Due(workday.StartOf(from), l)
	last := workday.DateOf(due.Add(-time.Second))
	return counted{From: from.String(), N: l.N, Unit: l.Unit, Due: last.String(), Weekday: last.Weekday().String()[:3], Provisional: provisional}, nil
}

func workdayCheck() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE",
		Short: "Count every line of a file of vectors and compare",
		Long: `Count every line of a file of vectors and compare.

The file is CSV with a line of heads; its first three columns are the day of
acceptance, the limit in working days and the day that is due.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer func() { _ = f.Close() }()
			n, wrong, err := checkVectors(f, cmd.OutOrStdout())
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			if wrong > 0 {
				return fmt.Errorf("%d of %d vectors do not agree", wrong, n)
			}
			_, _ = fmt.Fprintf(cmd.OutOrStdout(), "all %d vectors agree\n", n)
			return nil
		},
	}
}

// checkVectors counts the lines, and writes those that do not agree.
func checkVectors(r io.Reader, w io.Writer) (n, wrong int, err error) {
	rows := csv.NewReader(r)
	rows.FieldsPerRecord = -1
	for line := 0; ; line++ {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			if n == 0 {
				return 0, 0, errors.New("no vectors")
			}
			return n, wrong, nil
		}
		if err != nil {
			return n, wrong, err
		}
		if line == 0 {
			continue
		}
		if len(row) < 3 {
			return n, wrong, fmt.Errorf("line %d: three columns are needed", line+1)
		}
		from, err := workday.Parse(row[0])
		if err != nil {
			return n, wrong, fmt.Errorf("line %d: %w", line+1, err)
		}
		days, err := strconv.Atoi(row[1])
		if err != nil {
			return n, wrong, fmt.Errorf("line %d: %w", line+1, err)
		}
		got, err := countDue(from, workday.Limit{N: days, Unit: workday.UnitWorkday})
		if err != nil {
			return n, wrong, fmt.Errorf("line %d: %w", line+1, err)
		}
		n++
		if got.Due != row[2] {
			wrong++
			_, _ = fmt.Fprintf(w, "%s + %d: %s, expected %s\n", row[0], days, got.Due, row[2])
		}
	}
}
