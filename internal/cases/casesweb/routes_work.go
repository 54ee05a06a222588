package casesweb

import (
	"slices"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
)

// workRoutes are the pages of the workbench. Every member of staff may ask for
// a list or a case; the engine decides which ones he gets.
func (p *Pages) workRoutes() []httpx.Route {
	clerk := auth.AsRole(auth.Clerk)
	return slices.Concat([]httpx.Route{
		httpx.Get("/work/search", auth.AsStaff, p.workSearch),
		httpx.Get("/work/lists/{list}", auth.AsStaff, p.workList),
		httpx.Get("/work/cases/{id}", auth.AsStaff, p.workCase),
		httpx.Get("/work/cases/{id}/versions", auth.AsStaff, p.versions(work)),
		httpx.Get("/work/cases/{id}/do/{command}", auth.AsStaff, p.askCommand),
		httpx.Post("/work/cases/{id}/do/{command}", auth.AsStaff, p.giveCommand),
		httpx.Get("/work/desk", clerk, p.desk),
		httpx.Post("/work/desk/start", clerk, p.deskStart),
		httpx.Get("/work/desk/visitors/new", clerk, p.newVisitor),
		httpx.Post("/work/desk/visitors/new", clerk, p.addVisitor),
		httpx.Get("/work/desk/visitors/{id}", clerk, p.visitor),
		httpx.Post("/work/cases/{id}/materials/{key}/checked", clerk, formPages{p, work}.checked),
	}, p.listRoutes(), p.boardRoutes(), p.visitRoutes(clerk), p.inVisit(p.formRoutes(work, clerk)))
}
