package casesweb

import (
	"context"
	"net/http"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/visit"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// visitsPath is where the visits lie; one of them below it.
const visitsPath = "/work/visits"

func visitPath(id visit.ID, below string) string { return visitsPath + "/" + string(id) + below }

// visitRoutes are the pages of one visitor at one window. All are for clerks;
// whose visit it is the service says.
func (p *Pages) visitRoutes(clerk auth.Need) []httpx.Route {
	at, k := visitsPath+"/{id}", visitsPath+"/{id}/cases/{case}"
	return []httpx.Route{
		httpx.Post(visitsPath, clerk, p.visitBegin),
		httpx.Get(at, clerk, p.visit),
		httpx.Get(at+"/slips", clerk, p.visitSlips),
		httpx.Post(at+"/person", clerk, p.visitDo(func(ctx context.Context, a auth.Actor, ref visit.Ref, f *form.Form) error {
			_, err := p.Visits.Identify(ctx, a, ref, f.Text("account", form.Required, form.Max(50)), f.Text("party", form.Max(50)))
			return err
		})),
		httpx.Post(at+"/party", clerk, p.visitDo(func(ctx context.Context, a auth.Actor, ref visit.Ref, f *form.Form) error {
			_, err := p.Visits.ActFor(ctx, a, ref, f.Text("party", form.Max(50)))
			return err
		})),
		httpx.Post(at+"/items", clerk, p.visitDo(func(ctx context.Context, a auth.Actor, ref visit.Ref, f *form.Form) error {
			_, err := p.Visits.Add(ctx, a, ref, f.Text("item", form.Max(50)))
			return err
		})),
		httpx.Post(at+"/items/drop", clerk, p.visitDo(func(ctx context.Context, a auth.Actor, ref visit.Ref, f *form.Form) error {
			_, err := p.Visits.Drop(ctx, a, ref, f.Text("item", form.Max(50)))
			return err
		})),
		httpx.Post(at+"/start", clerk, p.visitDo(func(ctx context.Context, a auth.Actor, ref visit.Ref, _ *form.Form) error {
			_, _, err := p.Visits.Start(ctx, a, ref)
			return err
		})),
		httpx.Post(at+"/note", clerk, p.visitDo(func(ctx context.Context, a auth.Actor, ref visit.Ref, f *form.Form) error {
			_, err := p.Visits.Write(ctx, a, ref, f.Text("note", form.Max(500)))
			return err
		})),
		httpx.Post(at+"/take-up", clerk, p.visitDo(func(ctx context.Context, a auth.Actor, ref visit.Ref, f *form.Form) error {
			_, err := p.Visits.TakeUp(ctx, a, ref, cases.ID(f.Text("case", form.Max(50))))
			return err
		})),
		httpx.Post(at+"/resume", clerk, p.visitDo(func(ctx context.Context, a auth.Actor, ref visit.Ref, _ *form.Form) error {
			_, err := p.Visits.Resume(ctx, a, ref.ID)
			return err
		})),
		httpx.Post(at+"/park", clerk, p.visitLeave((*visit.Service).Park, "visit.flash.parked")),
		httpx.Post(at+"/end", clerk, p.visitLeave((*visit.Service).End, "visit.flash.ended")),
		httpx.Post(k+"/papers", clerk, p.visitPapers).WithMaxBody(uploadRoom*p.MaxUpload + 1<<20),
		httpx.Post(k+"/accept", clerk, p.visitAccept),
		httpx.Get(k+"/do/{command}", clerk, p.visitAsk),
		httpx.Post(k+"/do/{command}", clerk, p.visitGive),
	}
}

// visitDo does one thing to a visit and shows it again; what is refused is said
// on top of the page, with everything else still there.
func (p *Pages) visitDo(do func(ctx context.Context, a auth.Actor, ref visit.Ref, f *form.Form) error) httpx.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, err := form.Parse(r)
		if err != nil {
			return err
		}
		ref := visit.Ref{ID: visit.ID(r.PathValue("id"))}
		if err := do(r.Context(), auth.From(r.Context()), ref, f); err != nil && !f.Reject(err) {
			return err
		}
		if f.OK() {
			return httpx.SeeOther(w, r, visitPath(ref.ID, ""))
		}
		return p.showVisit(w, r, ref.ID, f)
	}
}

// visitLeave ends or parks a visit and goes back to the desk.
func (p *Pages) visitLeave(do func(*visit.Service, context.Context, auth.Actor, visit.Ref) (visit.Visit, error), flash string) httpx.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := do(p.Visits, r.Context(), auth.From(r.Context()), visit.Ref{ID: visit.ID(r.PathValue("id"))})
		if err != nil {
			return err
		}
		p.Sessions.Flash(r.Context(), flash)
		if v.TicketID != "" && p.QueueHome != "" {
			return httpx.SeeOther(w, r, p.QueueHome) // the next one waits there
		}
		return httpx.SeeOther(w, r, deskPath)
	}
}

// visitBegin opens a visit for somebody who was found.
func (p *Pages) visitBegin(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	v, err := p.Visits.Begin(r.Context(), auth.From(r.Context()), visit.BeginInput{
		AccountID: f.Text("account", form.Max(50)), EnterpriseID: f.Text("party", form.Max(50)), CaseID: cases.ID(f.Text("case", form.Max(50))),
		DeskCode: f.Text("desk_code", form.Max(30)),
	})
	if err != nil {
		return err
	}
	return httpx.SeeOther(w, r, visitPath(v.ID, ""))
}

type visitKey struct{}

// inVisit tells the pages of a form which visit they belong to, so that they
// lead back to it.
func (p *Pages) inVisit(routes []httpx.Route) []httpx.Route {
	for i, x := range routes {
		routes[i].Handle = func(w http.ResponseWriter, r *http.Request) error {
			v, ok, err := p.Visits.Current(r.Context(), auth.From(r.Context()))
			if err != nil {
				return err
			}
			if ok && v.Has(cases.ID(r.PathValue("id"))) {
				r = r.WithContext(context.WithValue(r.Context(), visitKey{}, v.ID))
			}
			return x.Handle(w, r)
		}
	}
	return routes
}

// visitOf is the visit that the page belongs to, "" for none.
func visitOf(ctx context.Context) visit.ID {
	id, _ := ctx.Value(visitKey{}).(visit.ID)
	return id
}

// visitCrumbs lead from a form back to the visit.
func visitCrumbs(ctx context.Context) []view.Link {
	id := visitOf(ctx)
	if id == "" {
		return nil
	}
	return []view.Link{{Href: deskPath, Text: i18n.T(ctx, "work.desk.title")}, {Href: visitPath(id, ""), Text: i18n.T(ctx, "visit.title")}}
}
