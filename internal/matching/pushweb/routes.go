package pushweb

import (
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/matching/push"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
)

// Deps of the pages.
type Deps struct {
	Service  *push.Service
	Sessions *session.Manager
	Clock    clock.Clock
}

// Pages are the pages of the module.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// Paths of the lists.
const (
	LookingPath = "/work/candidates"
	ToldPath    = "/work/push"
)

// Routes of the module.
func (p *Pages) Routes() []httpx.Route {
	desk := auth.AsRole(push.Desk...)
	return []httpx.Route{
		httpx.Get("/my/policies/open/{push}", auth.AsPerson, p.open),
		httpx.Get("/my/policies/apply/{clause}", auth.AsPerson, p.apply),
		httpx.Post("/my/policies/decline/{push}", auth.AsPerson, p.decline),
		httpx.Post("/my/policies/push", auth.AsPerson, p.want),
		httpx.Get(LookingPath, desk, p.looking),
		httpx.Get(LookingPath+"/{clause}", desk, p.candidates),
		httpx.Get(LookingPath+"/{clause}/export", desk, p.export),
		httpx.Post(LookingPath+"/{clause}/invite", desk, p.invite),
		httpx.Post(LookingPath+"/{clause}/note", desk, p.note),
		httpx.Get(ToldPath, auth.AsRole(push.Watchers...), p.told),
	}
}
