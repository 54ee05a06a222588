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
	}
}
