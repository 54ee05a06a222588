package identityweb

import (
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
)

// Deps of the pages.
type Deps struct {
	Service  *identity.Service
	Sessions *session.Manager
	Audit    *audit.Log
	BaseURL  string
}

// Pages are the pages of the module.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// Routes of the module.
func (p *Pages) Routes() []httpx.Route { return nil }
