package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/sheet"
)

// exporting is one call of tongban export items.
type exporting struct{ shelf, department, query, format, encoding string }

func exportItemsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "items FILE|-",
		Short: "Export published items as CSV or XLSX",
		Long: `Export published items to FILE, or to standard output with -. What is exported
can be changed in a spreadsheet and imported again (--map tongban); unchanged it
changes nothing. Cells that a spreadsheet would compute get a ' before them,
which the import takes off again.`,
		Args: cobra.ExactArgs(1),
	}
	var in exporting
	f := cmd.Flags()
	f.StringVar(&in.shelf, "shelf", "", "only those on this shelf (key)")
	f.StringVar(&in.department, "department", "", "only those of this department (key)")
	f.StringVar(&in.query, "query", "", "only those whose code or name holds this")
	f.StringVar(&in.format, "format", "", "csv or xlsx; by the name of FILE when left out")
	f.StringVar(&in.encoding, "encoding", "utf-8", "of CSV: utf-8 or gb18030")
	load := settings(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		format, err := in.chosen(args[0])
		if err != nil {
			return err
		}
		cfg, log, err := load()
		if err != nil {
			return err
		}
		a, err := app.New(cmd.Context(), cfg, log, clock.System{})
		if err != nil {
			return err
		}
		return errors.Join(in.run(cmd, a, args[0], format), a.Close())
	}
	return cmd
}

func (in exporting) chosen(name string) (sheet.Format, error) {
	format := in.format
	if format == "" && strings.HasSuffix(strings.ToLower(name), ".xlsx") {
		format = "xlsx"
	}
	switch encoding := strings.ToLower(strings.ReplaceAll(in.encoding, "-", "")); {
	case format == "xlsx":
		return sheet.XLSX, nil
	case format != "" && format != "csv":
		return "", fmt.Errorf("--format %s: csv or xlsx", format)
	case encoding == "gb18030" || encoding == "gbk" || encoding == "gb2312":
		return sheet.CSVGB18030, nil
	case encoding != "utf8":
		return "", fmt.Errorf("--encoding %s: utf-8 or gb18030", in.encoding)
	}
	return sheet.CSV, nil
}

func (in exporting) run(cmd *cobra.Command, a *app.App, name string, format sheet.Format) error {
	out := cmd.OutOrStdout()
	if name != "-" {
		f, err := os.Create(name)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		out = f
	}
	w, err := sheet.NewWriter(out, format)
	if err != nil {
		return err
	}
	n, err := a.Intake.Export(cmd.Context(), auth.SystemActor(), w, in.keeps)
	if err != nil {
		return err
	}
	if f, ok := out.(io.Closer); ok && name != "-" {
		if err := f.Close(); err != nil {
			return err
		}
	}
	_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "%d items\n", n)
	return nil
}

func (in exporting) keeps(st catalogue.Standing) bool {
	d := st.Definition
	return (in.shelf == "" || d.Shelf == in.shelf) && (in.department == "" || d.Department == in.department) &&
		(in.query == "" || strings.Contains(strings.ToLower(d.Code+" "+d.Name.ZH+" "+d.Name.EN+" "+d.BaseCode), strings.ToLower(in.query)))
}
