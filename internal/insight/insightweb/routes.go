// Package insightweb holds the page of those who lead.
package insightweb

import (
	"github.com/tongban/tongban/internal/insight"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
)

// Deps of the pages.
type Deps struct {
	Service *insight.Service
}

// Pages are the pages of the module.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// Routes of the module.
func (p *Pages) Routes() []httpx.Route {
	return []httpx.Route{
		httpx.Get("/lead", auth.AsRole(insight.Readers...), p.lead),
		httpx.Get(creditPath, auth.AsRole(insight.Readers...), p.credit),
		httpx.Get(creditPath+"/export", auth.AsRole(insight.Readers...), p.creditExport),
	}
}
