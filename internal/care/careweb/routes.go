// Package careweb holds the pages of the service commissioner: the firms and
// the file of one firm.
package careweb

import (
	"github.com/tongban/tongban/internal/care"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
)

// Deps of the pages.
type Deps struct {
	Service  *care.Service
	Identity *identity.Service
	Clock    clock.Clock
}

// Pages are the pages of the module.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// Routes of the module.
func (p *Pages) Routes() []httpx.Route {
	need := auth.AsRole(care.Readers...)
	return []httpx.Route{
		httpx.Get("/care/firms", need, p.firms),
		httpx.Get("/care/firms/{id}", need, p.file),
	}
}
