package matchingweb

import (
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/matching"
	"github.com/tongban/tongban/internal/matching/advice"
	"github.com/tongban/tongban/internal/matching/facts"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/matching/push"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
)

// Deps of the pages.
type Deps struct {
	Matching *matching.Service
	Advice   *advice.Service
	Policies *policy.Service
	Identity *identity.Service
	Push     *push.Service
	Facts    *facts.Facts
}

// Pages are the pages of the module.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages {
	if d.Facts == nil {
		d.Facts = facts.Published()
	}
	return &Pages{d}
}

// Writers write rules, and try what others would do.
var Writers = []auth.Role{auth.CatalogueAdmin, auth.Handler, auth.Approver, auth.Head, auth.Leader}

// Routes of the module.
func (p *Pages) Routes() []httpx.Route {
	write := auth.AsRole(Writers...)
	return []httpx.Route{
		httpx.Get("/my/policies", auth.AsPerson, p.mine),
		httpx.Get("/care/firms/{id}/policies", auth.AsStaff, p.ofFirm),
		httpx.Get("/policies/check", auth.Public, p.check),
		httpx.Get("/work/policies/words", write, p.words),
		httpx.Post("/work/policies/try", write, p.try),
		httpx.Get("/work/policies/what-if/{key}", write, p.whatIf),
		httpx.Get("/admin/matching", auth.AsRole(auth.SystemAdmin), p.memory),
	}
}
