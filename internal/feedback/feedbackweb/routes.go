// Package feedbackweb holds the pages of module feedback: the public rating by
// a link, and the list of ratings for those who were rated.
package feedbackweb

import (
	"github.com/tongban/tongban/internal/feedback"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
)

// Deps of the pages.
type Deps struct {
	Service  *feedback.Service
	Identity *identity.Service
	Clock    clock.Clock
}

// Pages are the pages of the module.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// Routes of the module.
func (p *Pages) Routes() []httpx.Route {
	return []httpx.Route{
		httpx.Get("/rate/{token}", auth.Public, p.rate),
		httpx.Post("/rate/{token}", auth.Public, p.rate).WithMaxBody(32 << 10),
		httpx.Get("/rate/{token}/thanks", auth.Public, p.thanks),
		httpx.Get("/work/ratings", auth.AsRole(feedback.Readers...), p.ratings),
	}
}
