package casesweb

import (
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
)

// flowRoutes are the pages around tasks and the clock.
func (p *Pages) flowRoutes() []httpx.Route {
	return []httpx.Route{
		httpx.Get(deputiesPath, auth.AsStaff, p.deputies),
		httpx.Post(deputiesPath, auth.AsStaff, p.nameDeputy),
		httpx.Post(deputiesPath+"/{id}/end", auth.AsStaff, p.endDeputy),
		httpx.Post("/work/cases/{id}/tasks/{task}/files", auth.AsStaff, p.attachToTask),
		httpx.Post("/work/cases/{id}/tasks/{task}/files/{file}/remove", auth.AsStaff, p.detachFromTask),
		httpx.Get(publicPath, auth.Public, p.publicities),
		httpx.Get(publicPath+"/{token}", auth.Public, p.publicity),
		httpx.Post(publicPath+"/{token}", auth.Public, p.objectTo),
	}
}
