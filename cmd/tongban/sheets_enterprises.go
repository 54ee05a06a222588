package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/sheet"
)

// importingFirms is one call of tongban import enterprises.
type importingFirms struct {
	dossier.SheetOptions
	dry, json bool
}

func importEnterprisesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "enterprises FILE",
		Short: "Import the sheet of a register into the files of firms",
		Long: `Import the sheet of a register (CSV or XLSX) into the files of firms (一企一档).
Columns are known by the names of the vocabulary of facts; 统一社会信用代码 must be
there, and 年度 where figures are yearly. What the sheet does not say stays as it
is, wrong rows are left out, and the same sheet once more changes nothing. Ends
with 0 when no row was wrong.

  tongban import enterprises --register tax --as-of 2026-06-30 --dry-run figures.xlsx`,
		Args: cobra.ExactArgs(1),
	}
	var in importingFirms
	f := cmd.Flags()
	f.StringVar(&in.Register, "register", "market", "whose sheet it is: market, tax, social, science, industry")
	f.StringVar(&in.AsOf, "as-of", "", "day for which it speaks, as 2026-06-30")
	f.BoolVar(&in.Confirmed, "confirmed", false, "codes that fail the check were compared with the licences")
	f.BoolVar(&in.dry, "dry-run", false, "only say what would happen")
	f.BoolVar(&in.json, "json", false, "print one closing line of JSON on standard output")
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

func (in importingFirms) run(cmd *cobra.Command, a *app.App, name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	src, sys := sheet.Source{ReaderAt: file, Size: info.Size()}, auth.SystemActor()
	tell := func(r dossier.SheetRow) {
		for _, f := range r.Findings {
			_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "row %d %s: %s: %s\n", r.Row, r.USCC, f.Column, a.Texts.Text(i18n.English, "error."+f.Code, i18n.Map(f.Params)...))
		}
		if r.Kind == dossier.RowConflict {
			_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "row %d %s: differs from another source: %v\n", r.Row, r.USCC, r.Keys)
		}
	}
	var counts dossier.SheetCounts
	if in.dry {
		counts, err = a.Dossier.CheckSheet(cmd.Context(), sys, src, in.SheetOptions, tell)
	} else {
		counts, err = a.Dossier.ApplySheet(cmd.Context(), sys, src, in.SheetOptions, "sheet:"+filepath.Base(name), tell)
	}
	if err != nil {
		return err
	}
	if in.json {
		err = json.NewEncoder(cmd.OutOrStdout()).Encode(counts)
	} else {
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d rows: %d new, %d changed, %d differ, %d the same, %d wrong\n", counts.Read, counts.New, counts.Changed, counts.Conflict, counts.Same, counts.Wrong)
	}
	if err == nil && counts.Wrong > 0 {
		err = fmt.Errorf("%d rows are wrong", counts.Wrong)
	}
	return err
}
