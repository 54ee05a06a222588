package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/catalogue/intake"
	"github.com/tongban/tongban/internal/catalogue/mapping"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/csvx"
	"github.com/tongban/tongban/internal/platform/sheet"
)

func importCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "import", Short: "Take in sheets of the catalogue and of registers"}
	cmd.AddCommand(importItemsCommand(), importEnterprisesCommand(), importBatchCommand("certificates"), importBatchCommand("credit"))
	return cmd
}

func exportCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "export", Short: "Write the catalogue as a sheet"}
	cmd.AddCommand(exportItemsCommand())
	return cmd
}

// importing is one call of tongban import items.
type importing struct {
	mapping, report string
	dry, json       bool
	intake.Options
}

func importItemsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "items FILE",
		Short: "Import items from a CSV or XLSX sheet",
		Long: `Import items (事项) from a sheet: CSV in UTF-8, UTF-16 or GB18030, or XLSX. The
mapping says which column is what: gd, sc and tongban are shipped, or name a
file ending in .yaml. Items are matched by code; what the sheet does not say
stays as it is, and the same sheet once more changes nothing.

All rows come in or none, unless --skip-errors leaves out those with errors.
Ends with 0 when everything came in.

  tongban import items --map gd --dry-run gd-items.csv
  tongban import items --map gd --json gd-items.csv`,
		Args: cobra.ExactArgs(1),
	}
	var in importing
	f := cmd.Flags()
	f.StringVar(&in.mapping, "map", mapping.Export, "mapping: "+strings.Join(mapping.ShippedKeys, ", ")+", one kept in the installation, or FILE.yaml")
	f.BoolVar(&in.dry, "dry-run", false, "only say what would happen")
	f.BoolVar(&in.SkipErrors, "skip-errors", false, "leave out rows with errors and take in the others")
	f.BoolVar(&in.CreateDepartments, "create-departments", false, "make departments that are not there; without, their items come in as those of other bodies")
	f.BoolVar(&in.Overwrite, "overwrite", false, "let the sheet win over what was changed here")
	f.StringVar(&in.Sheet, "sheet", "", "sheet of a workbook; the first that is not hidden when left out")
	f.BoolVar(&in.json, "json", false, "print one closing line of JSON on standard output")
	f.StringVar(&in.report, "report", "", "write all findings to this CSV file")
	load := settings(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, log, err := load()
		if err != nil {
			return err
		}
		a, err := app.New(cmd.Context(), cfg, log, clock.System{})
		if err != nil {
			return err
		}
		return errors.Join(in.run(cmd, a, args[0]), a.Close())
	}
	return cmd
}

// closing is the last line of an import with --json.
type closing struct {
	intake.Counts
	Applied bool    `json:"applied"`
	Seconds float64 `json:"seconds"`
}

func (in importing) run(cmd *cobra.Command, a *app.App, name string) error {
	ctx, began := cmd.Context(), a.Clock.Now()
	m, err := in.load(ctx, a)
	if err != nil {
		return err
	}
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	bar := newBar(cmd.ErrOrStderr())
	plan, err := a.Intake.Check(ctx, sheet.Source{ReaderAt: file, Size: info.Size()}, m, in.Options, func(done, total int) { bar.show("reading", done, total) })
	if err != nil {
		return err
	}
	blocked := plan.Blocked(in.Options)
	applied := false
	if !blocked && !in.dry {
		sys := auth.SystemActor()
		total := plan.Created + plan.Updated
		err = a.Intake.Apply(ctx, sys, catalogue.Hands{Brought: sys.ID, Released: sys.ID}, plan, "sheet:"+info.Name(), func(done int) { bar.show("writing", min(done, total), total) })
		if err != nil {
			return err
		}
		applied = true
	}
	bar.end()
	if in.report != "" {
		if err := writeReport(a.Texts, in.report, plan.Findings); err != nil {
			return err
		}
	}
	counts := plan.Counts
	if blocked && !in.dry { // nothing came in, whatever would have
		counts.Created, counts.Updated = 0, 0
	}
	seconds := a.Clock.Now().Sub(began).Seconds()
	if in.json {
		if err := json.NewEncoder(cmd.OutOrStdout()).Encode(closing{counts, applied, float64(int(seconds*1000)) / 1000}); err != nil {
			return err
		}
	} else {
		in.tell(cmd.OutOrStdout(), a.Texts, plan, applied, seconds)
	}
	if plan.Errors > 0 || blocked {
		return exit{1, fmt.Errorf("%d of %d rows cannot come in%s", plan.Errors, plan.Read, map[bool]string{true: "", false: "; nothing was changed"}[applied])}
	}
	return nil
}

// load finds the mapping: a file, or one that the installation knows.
func (in importing) load(ctx context.Context, a *app.App) (*mapping.Mapping, error) {
	var content string
	if strings.HasSuffix(in.mapping, ".yaml") || strings.HasSuffix(in.mapping, ".yml") {
		b, err := os.ReadFile(in.mapping)
		if err != nil {
			return nil, err
		}
		content = string(b)
	} else {
		stored, err := a.Intake.Mapping(ctx, auth.SystemActor(), in.mapping)
		if err != nil {
			return nil, fmt.Errorf("--map %s: %w", in.mapping, err)
		}
		content = stored.Content
	}
	m, faults := mapping.Parse(content)
	if len(faults) == 0 {
		return m, nil
	}
	lines := make([]string, len(faults))
	for i, f := range faults {
		lines[i] = fmt.Sprintf("  line %d: %s %s", f.Line, f.Key, f.Value)
	}
	return nil, fmt.Errorf("--map %s:\n%s", in.mapping, strings.Join(lines, "\n"))
}

const toldFindings = 20

func (in importing) tell(w io.Writer, texts *i18n.Catalog, plan *intake.Plan, applied bool, seconds float64) {
	told := plan.Findings[:min(len(plan.Findings), toldFindings)]
	for _, f := range told {
		place := "file"
		if f.Row > 0 {
			place = fmt.Sprintf("row %d", f.Row)
		}
		rows := ""
		if f.Rows > 1 {
			rows = fmt.Sprintf(" (%d rows)", f.Rows)
		}
		_, _ = fmt.Fprintf(w, "%-7s %-8s %s %s: %s%s\n", f.Level, place, f.Code, f.Column, words(texts, i18n.English, f), rows)
	}
	if more := len(plan.Findings) - len(told); more > 0 {
		_, _ = fmt.Fprintf(w, "… and %d more; --report FILE.csv writes all of them\n", more)
	}
	verb := "would be"
	if applied {
		verb = "were"
	}
	_, _ = fmt.Fprintf(w, "%d rows read: %d items %s created, %d updated, %d unchanged; %d rows with errors, %d warnings, %d notes; %.1f s\n",
		plan.Read, plan.Created, verb, plan.Updated, plan.Unchanged, plan.Errors, plan.Warnings, plan.Notes, seconds)
	if n := len(plan.Departments); n > 0 {
		_, _ = fmt.Fprintf(w, "%d departments %s created\n", n, verb)
	}
}

func words(texts *i18n.Catalog, l i18n.Locale, f mapping.Finding) string {
	return texts.Text(l, "error."+f.Reason, i18n.Map(f.Params)...)
}

// writeReport writes findings as a sheet that opens in a spreadsheet.
func writeReport(texts *i18n.Catalog, name string, list []mapping.Finding) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	_, err = f.WriteString("\ufeff")
	err = errors.Join(err, w.Write([]string{"row", "code", "column", "level", "reason", "text", "rows"}))
	for _, x := range list {
		record := []string{strconv.Itoa(x.Row), x.Code, x.Column, string(x.Level), x.Reason, words(texts, i18n.Source, x), strconv.Itoa(max(x.Rows, 1))}
		for i := range record {
			record[i] = csvx.Guard(record[i])
		}
		err = errors.Join(err, w.Write(record))
	}
	w.Flush()
	return errors.Join(err, w.Error(), f.Close())
}

// bar shows progress on a terminal, and nothing elsewhere.
type bar struct {
	w     io.Writer
	last  int
	shown bool
}

func newBar(w io.Writer) *bar {
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return &bar{w: w, last: -1}
		}
	}
	return &bar{}
}

const barWidth = 30

func (b *bar) show(what string, done, total int) {
	if b.w == nil || total == 0 {
		return
	}
	if percent := done * 100 / total; percent != b.last {
		b.last, b.shown = percent, true
		full := min(done*barWidth/total, barWidth)
		_, _ = fmt.Fprintf(b.w, "\r%s [%s%s] %d / %d  ", what, strings.Repeat("#", full), strings.Repeat(".", barWidth-full), done, total)
	}
}

func (b *bar) end() {
	if b.shown {
		_, _ = fmt.Fprint(b.w, "\r", strings.Repeat(" ", barWidth+40), "\r")
	}
}
