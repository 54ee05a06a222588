package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/platform/auth"
)

func catalogueCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "catalogue", Short: "The catalogue of services"}
	report := &cobra.Command{
		Use:   "report",
		Short: "The state of health of the catalogue",
		Long: `Count what is published and check it against the rules that good catalogues
keep: findings, promises against the law, items that nobody uses or that are
rated badly, and what is missing. --json prints everything as one JSON object.`,
		Args: cobra.NoArgs,
	}
	asJSON := report.Flags().Bool("json", false, "print JSON")
	department := report.Flags().String("department", "", "only this department (key)")
	withApp(report, func(ctx context.Context, a *app.App) error {
		r, err := a.Catalogue.Report(ctx, auth.SystemActor(), *department)
		if err != nil {
			return err
		}
		if *asJSON {
			e := json.NewEncoder(report.OutOrStdout())
			e.SetEscapeHTML(false)
			return e.Encode(r)
		}
		return printReport(report.OutOrStdout(), r)
	})
	cmd.AddCommand(report)
	return cmd
}

// printReport writes the report for people at a terminal.
func printReport(out io.Writer, r catalogue.Report) error {
	w := tabwriter.NewWriter(out, 2, 0, 2, ' ', 0)
	line := func(name string, value any) { _, _ = fmt.Fprintf(w, "%s\t%v\n", name, value) }
	share := func(s catalogue.Share) string { return fmt.Sprintf("%d (%.0f %%)", s.Part, 100*s.Of()) }
	line("shelves", r.Shelves)
	line("handling items", r.HandlingItems)
	line("  complete to the last field", r.CompleteItems)
	line("  science services", r.Services)
	line("  filed online", share(r.Online))
	line("  without a trip", share(r.ZeroTrips))
	line("  done while you wait", share(r.Instant))
	line("bundles", r.Bundles)
	line("of other administrations", r.External)
	line("drafts, suspended, withdrawn", fmt.Sprintf("%d, %d, %d", r.Drafts, r.Suspended, r.Withdrawn))
	line("promised / statutory", fmt.Sprintf("median %.2f, mean %.2f, %.0f %% of %d items promise less than the law allows", r.All.Median, r.All.Mean, 100*r.All.Pressed, r.All.Items))
	line("no case within a year", len(r.NeverUsed))
	line("rated badly", len(r.BadlyRated))
	line("without a sample of the result", len(r.WithoutSample))
	line("without keywords", len(r.WithoutKeywords))
	line("without English", len(r.WithoutEnglish))
	_, _ = fmt.Fprintf(w, "\nfindings\t\t\n")
	for _, f := range r.Lint {
		some := f.Items[:min(len(f.Items), 5)]
		more := ""
		if len(f.Items) > len(some) {
			more = " …"
		}
		_, _ = fmt.Fprintf(w, "  %s\t%s\t%d\t%s%s\n", f.Code, f.Level, f.Count, strings.Join(some, " "), more)
	}
	return w.Flush()
}
