package casesweb

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/worklist"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/sheet"
	"github.com/tongban/tongban/internal/platform/view"
)

// exportPage asks how a list is wanted as a file.
type exportPage struct {
	List  cases.ListName
	Query worklist.Query
	N     int // rows, up to one more than are sent at once
	Asks  []worklist.Asked
	form  *form.Form
}

// big says that the file is made in the background.
func (d exportPage) big() bool { return d.N > worklist.AtOnce }

// newExport shows what will be written.
func (p *Pages) newExport(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	d := exportPage{List: cases.ListName(f.Value("list")), Query: worklist.ParseQuery(f.Values()), form: form.New("format", string(sheet.XLSX), "columns", "all")}
	d.form.Values()["asked"] = slices.DeleteFunc(slices.Clone(d.Query.Columns), func(c string) bool { return !worklist.IsAsked(c) })
	return p.askExport(w, r, d)
}

func (p *Pages) askExport(w http.ResponseWriter, r *http.Request, d exportPage) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	if !isStaffList(d.List) {
		return httpx.ErrNotFound
	}
	d.Asks = p.Lists.Asks(d.Query.Item)
	var err error
	if d.N, err = p.Service.Count(ctx, actor, d.Query.Filter(d.List, actor.ID), worklist.AtOnce+1); err != nil {
		return err
	}
	return view.Render(w, r, d.form.Status(), newExportView(d))
}

// orderExport sends a short list at once, and has a long one made.
func (p *Pages) orderExport(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	d := exportPage{List: cases.ListName(f.Value("list")), Query: queryOf(f), form: f}
	if !isStaffList(d.List) {
		return httpx.ErrNotFound
	}
	in := worklist.ExportInput{List: d.List, Query: d.Query, Format: sheet.Format(f.Text("format", form.Required, form.OneOf(formats()...)))}
	if f.Value("columns") == "shown" {
		in.Columns = slices.DeleteFunc(slices.Clone(d.Query.Shown(d.List)), worklist.IsAsked)
	}
	in.Asked = f.Values()["asked"]
	if !f.OK() {
		return p.askExport(w, r, d)
	}
	n, err := p.Service.Count(ctx, actor, d.Query.Filter(d.List, actor.ID), worklist.AtOnce+1)
	if err != nil {
		return err
	}
	if n <= worklist.AtOnce {
		var b bytes.Buffer // whole before the first byte leaves; 2,000 rows are small
		if _, err := p.Lists.Direct(ctx, actor, in, &b); err != nil {
			if !f.Reject(err) {
				return err
			}
			return p.askExport(w, r, d)
		}
		e := worklist.Export{List: in.List, Format: in.Format, CreatedAt: p.now()}
		httpx.Attachment(w, in.Format.MediaType(), e.FileName(ctx))
		_, _ = io.Copy(w, &b) // a reader who left is no error of ours
		return nil
	}
	if _, err := p.Lists.Order(ctx, actor, in); err != nil {
		if !f.Reject(err) {
			return err
		}
		return p.askExport(w, r, d)
	}
	p.Sessions.Flash(ctx, "lists.flash.export_ordered")
	return httpx.SeeOther(w, r, "/work/exports")
}

func formats() []string {
	var out []string
	for _, f := range worklist.Formats {
		out = append(out, string(f))
	}
	return out
}

// exports lists the files of the reader, those under way with their progress.
func (p *Pages) exports(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Lists.Exports(r.Context(), auth.From(r.Context()))
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, exportsView(list))
}

// exportProgress is asked for each second while something is under way.
func (p *Pages) exportProgress(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Lists.Exports(r.Context(), auth.From(r.Context()))
	if err != nil {
		return err
	}
	if !view.IsFragment(r) {
		return httpx.SeeOther(w, r, "/work/exports")
	}
	if !working(list) {
		w.Header().Set("HX-Refresh", "true")
	}
	return view.Render(w, r, http.StatusOK, exportTable(list))
}

func working(list []worklist.Export) bool { return slices.ContainsFunc(list, worklist.Export.Working) }

// exportFile sends a file to who asked for it.
func (p *Pages) exportFile(w http.ResponseWriter, r *http.Request) error {
	f, content, err := p.Lists.File(r.Context(), auth.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	format := sheet.CSV
	if f.MediaType != "text/csv" {
		format = sheet.XLSX
	}
	httpx.Attachment(w, format.MediaType(), f.Name)
	http.ServeContent(w, r, f.Name, time.Time{}, content)
	return nil
}

// dropExport throws a file away.
func (p *Pages) dropExport(w http.ResponseWriter, r *http.Request) error {
	if err := p.Lists.DropExport(r.Context(), auth.From(r.Context()), r.PathValue("id")); err != nil {
		return err
	}
	p.Sessions.Flash(r.Context(), "lists.flash.export_dropped")
	return httpx.SeeOther(w, r, "/work/exports")
}

// askedOptions are what the form of the item asks, to be ticked.
func (d exportPage) askedOptions(ctx context.Context) []view.Opt {
	var out []view.Opt
	for _, a := range d.Asks {
		o := view.Opt{Value: a.Column, Label: a.Label(ctx)}
		if a.IsRows() {
			o.Hint = i18n.T(ctx, "lists.form_columns.rows")
		}
		out = append(out, o)
	}
	return out
}

// shown names the columns that the list shows.
func (d exportPage) shown(ctx context.Context) string {
	var out []string
	for _, c := range d.Query.Shown(d.List) {
		if worklist.IsAsked(c) {
			continue
		}
		out = append(out, i18n.T(ctx, "lists.col."+c))
	}
	return strings.Join(out, i18n.T(ctx, "lists.and"))
}
