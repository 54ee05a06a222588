package casesweb

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/csvx"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
)

// maxExport is how many rows a file holds.
const maxExport = 5000

// exportColumns of the file, in order; the heads are work.csv.<name>.
var exportColumns = []string{"number", "item_code", "item", "party", "uscc", "department", "state", "channel", "submitted", "accepted", "due", "statutory", "decided", "closed", "light"}

// workExport sends the filtered list as CSV, the newest or nearest 5,000 cases.
func (p *Pages) workExport(w http.ResponseWriter, r *http.Request) error {
	ctx, name := r.Context(), cases.ListName(r.PathValue("list"))
	if !slices.Contains(cases.StaffLists, name) {
		return httpx.ErrNotFound
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString("\ufeff") // spreadsheet programs take the file for UTF-8 only with this mark
	out := csv.NewWriter(&b)
	out.UseCRLF = true
	heads := make([]string, len(exportColumns))
	for i, c := range exportColumns {
		heads[i] = i18n.T(ctx, "work.csv."+c)
	}
	_ = out.Write(heads) // a buffer takes everything
	if err := p.writeRows(ctx, out, filterOf(f).cases(name)); err != nil {
		return err
	}
	out.Flush()
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+string(name)+"-"+i18n.ShortDate(p.now())+`.csv"`)
	_, _ = w.Write(b.Bytes()) // a reader who left is no error of ours
	return nil
}

func (p *Pages) writeRows(ctx context.Context, out *csv.Writer, f cases.Filter) error {
	actor := auth.From(ctx)
	f.After, f.Size = "", 200
	for n := 0; n < maxExport; {
		found, err := p.Service.List(ctx, actor, f)
		if err != nil {
			return err
		}
		for _, k := range found.Rows[:min(len(found.Rows), maxExport-n)] {
			_ = out.Write(p.exportRow(ctx, &k.Case))
		}
		n += len(found.Rows)
		if found.Next == "" {
			return nil
		}
		f.After = found.Next
	}
	return nil
}

func (p *Pages) exportRow(ctx context.Context, k *cases.Case) []string {
	uscc := ""
	if k.Party.Kind == identity.HolderEnterprise {
		uscc = k.Party.Code
	}
	light := ""
	if l := k.Light(p.now()); l != workday.Normal {
		light = i18n.T(ctx, "view.light."+l.String())
	}
	due := ""
	if !k.DueAt.IsZero() {
		due = lastDay(k.DueAt)
	}
	statutory := ""
	if !k.StatutoryAt.IsZero() {
		statutory = lastDay(k.StatutoryAt)
	}
	row := []string{
		k.Number, k.ItemCode, k.ItemName.For(ctx), partyName(ctx, k), uscc, p.departmentName(ctx, k.DepartmentID), staffState(ctx, k),
		i18n.T(ctx, "work.channel."+string(k.Channel)), isoTime(k.SubmittedAt), isoTime(k.AcceptedAt), due, statutory, isoTime(k.DecidedAt), isoTime(k.ClosedAt), light,
	}
	for i := range row {
		row[i] = csvx.Guard(row[i])
	}
	return row
}

func isoTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return i18n.ShortTime(t)
}
