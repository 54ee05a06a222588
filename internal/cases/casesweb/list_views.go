package casesweb

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/worklist"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// listRoutes are views, batches and exports of lists.
func (p *Pages) listRoutes() []httpx.Route {
	worker := auth.AsRole(auth.Clerk, auth.Handler, auth.Approver, auth.Head)
	return []httpx.Route{
		httpx.Get("/work/views", auth.AsStaff, p.views),
		httpx.Post("/work/views", auth.AsStaff, p.saveView),
		httpx.Post("/work/views/{id}", auth.AsStaff, p.changeView),
		httpx.Get("/work/batches", worker, p.batches),
		httpx.Post("/work/batches", worker, p.chooseBatch),
		httpx.Get("/work/batches/{id}", worker, p.batch),
		httpx.Get("/work/batches/{id}/progress", worker, p.batchProgress),
		httpx.Get("/work/batches/{id}/result.csv", worker, p.batchResult),
		httpx.Post("/work/batches/{id}/run", worker, p.runBatch),
		httpx.Post("/work/batches/{id}/retry", worker, p.retryBatch),
		httpx.Get("/work/exports", auth.AsStaff, p.exports),
		httpx.Get("/work/exports/new", auth.AsStaff, p.newExport),
		httpx.Post("/work/exports", auth.AsStaff, p.orderExport),
		httpx.Get("/work/exports/progress", auth.AsStaff, p.exportProgress),
		httpx.Get("/work/exports/{id}/file", auth.AsStaff, p.exportFile),
		httpx.Post("/work/exports/{id}/drop", auth.AsStaff, p.dropExport),
	}
}

// viewsPage lists the saved views of the reader.
type viewsPage struct {
	Views []worklist.View
	form  *form.Form
	In    string // id of the view whose new name was refused
	who   auth.Actor
}

func (p *Pages) views(w http.ResponseWriter, r *http.Request) error {
	return p.showViews(w, r, viewsPage{form: form.New()})
}

func (p *Pages) showViews(w http.ResponseWriter, r *http.Request, d viewsPage) error {
	ctx := r.Context()
	d.who = auth.From(ctx)
	var err error
	if d.Views, err = p.Lists.Views(ctx, d.who, ""); err != nil {
		return err
	}
	return view.Render(w, r, d.form.Status(), viewsView(d, p.Identity.Directory()))
}

// saveView keeps the list that the reader came from under a name.
func (p *Pages) saveView(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	in := worklist.ViewInput{
		List: cases.ListName(f.Value("list")), Name: f.Text("name", form.Required, form.Max(30)), Query: queryOf(f), Department: f.Value("share"), Default: f.Bool("default"),
	}
	if f.OK() {
		v, err := p.Lists.SaveView(ctx, auth.From(ctx), in)
		if err == nil {
			p.Sessions.Flash(ctx, "lists.flash.view_kept")
			return httpx.SeeOther(w, r, viewPath(v))
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.showViews(w, r, viewsPage{form: f})
}

// queryOf reads the query that a form carries as it stands in an address.
func queryOf(f *form.Form) worklist.Query {
	v, err := url.ParseQuery(f.Value("query"))
	if err != nil {
		v = url.Values{}
	}
	return worklist.ParseQuery(v)
}

// changeView renames a view, deletes it, or makes it the first of its list.
func (p *Pages) changeView(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("id")
	actor := auth.From(ctx)
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	flash := ""
	switch f.Value("do") {
	case "rename":
		flash = "lists.flash.view_renamed"
		_, err = p.Lists.RenameView(ctx, actor, id, f.Text("name"))
	case "delete":
		flash = "lists.flash.view_deleted"
		_, err = p.Lists.DeleteView(ctx, actor, id)
	case "default", "no_default":
		flash = "lists.flash.view_default"
		_, err = p.Lists.MakeDefault(ctx, actor, id, f.Value("do") == "default")
	default:
		return form.ErrFields
	}
	if err == nil {
		p.Sessions.Flash(ctx, flash)
		return httpx.SeeOther(w, r, "/work/views")
	}
	if !f.Reject(err) {
		return err
	}
	return p.showViews(w, r, viewsPage{form: f, In: id})
}

// isStaffList says whether the workbench has a list of this name.
func isStaffList(l cases.ListName) bool { return slices.Contains(cases.StaffLists, l) }
