package budgetweb

import (
	"github.com/tongban/tongban/internal/budget"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
)

// Deps of the pages.
type Deps struct {
	Service  *budget.Service
	Identity *identity.Service
	Sessions *session.Manager
}

// Pages are the pages of the module.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// Routes of the module.
func (p *Pages) Routes() []httpx.Route {
	return []httpx.Route{
		httpx.Get("/work/funds", auth.AsRole(budget.Readers...), p.funds),
		httpx.Get("/work/funds/{key}", auth.AsRole(budget.Readers...), p.fund),
		httpx.Post("/work/funds/{key}", auth.AsRole(budget.Readers...), p.change).WithMaxBody(32 << 10),
	}
}
