package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/identity/batch"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/sheet"
)

// importingBatch is one call of tongban import certificates or credit.
type importingBatch struct {
	kind, department string
	dry, json        bool
}

var batchWords = map[string][2]string{
	"certificates": {"Import a sheet of certificates (证照) into the register", `Columns: 证照类型, 证照编号, 主体代码 and 有效期自 must be there; 证照标识, 主体名称,
发证机关, 有效期至 and 状态 may be. A number that is in the register is not changed.`},
	"credit": {"Import a sheet of credit records (信用记录)", `Columns: 记录编号, 主体代码, 记录类别, 事由 and 认定日期 must be there; 信息来源, 主体名称
and 截止日期 may be. The same source and number comes in once.`},
}

func importBatchCommand(kind string) *cobra.Command {
	in := importingBatch{kind: kind}
	words := batchWords[kind]
	cmd := &cobra.Command{
		Use:   kind + " FILE",
		Short: words[0],
		Long: words[0] + ` from CSV or XLSX.
` + words[1] + `

Holders must be on file; rows that are wrong are left out, and the same sheet
once more changes nothing. Ends with 0 when no row was wrong.

  tongban import ` + kind + ` --department kj --dry-run ` + kind + `.xlsx`,
		Args: cobra.ExactArgs(1),
	}
	f := cmd.Flags()
	f.StringVar(&in.department, "department", "", "key of the department that answers for the sheet")
	f.BoolVar(&in.dry, "dry-run", false, "only say what would happen")
	f.BoolVar(&in.json, "json", false, "print one closing line of JSON on standard output")
	_ = cmd.MarkFlagRequired("department")
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

func (in importingBatch) run(cmd *cobra.Command, a *app.App, name string) error {
	if !a.Identity.Directory().HasDepartment(in.department) {
		return fmt.Errorf("there is no department %q", in.department)
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
	tell := func(r batch.Row) {
		for _, f := range r.Findings {
			_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "row %d %s: %s: %s\n", r.Row, r.Number, f.Column, a.Texts.Text(i18n.English, "error."+f.Code, i18n.Map(f.Params)...))
		}
	}
	src := sheet.Source{ReaderAt: file, Size: info.Size()}
	var counts batch.Counts
	if in.dry {
		counts, err = a.Batches.Check(cmd.Context(), in.kind, in.department, src, tell)
	} else {
		counts, err = a.Batches.Take(cmd.Context(), auth.SystemActor(), in.kind, in.department, "batch:"+filepath.Base(name), src, tell)
	}
	if err != nil {
		return err
	}
	if in.json {
		err = json.NewEncoder(cmd.OutOrStdout()).Encode(counts)
	} else {
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d rows: %d new, %d the same, %d wrong\n", counts.Read, counts.New, counts.Same, counts.Wrong)
	}
	if err == nil && counts.Wrong > 0 {
		err = fmt.Errorf("%d rows are wrong", counts.Wrong)
	}
	return err
}
