// Package tierweb holds the pages of ladders: the tables for everybody, where a
// firm stands and what it lacks for its own people and for staff, and the lists,
// movement and targets of staff.
package tierweb

import (
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/tier"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
)

// Deps of the pages.
type Deps struct {
	Service  *tier.Service
	Identity *identity.Service
	Sessions *session.Manager
	Clock    clock.Clock
	Item     func(code string) (i18n.Text, bool) // the name of an item that can be applied for
}

// Pages are the pages of the package.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// Where the pages are.
const (
	PublicPath = "/tiers"
	MyPath     = "/my/tiers"
	WorkPath   = "/work/tiers"
)

// Routes of the package.
func (p *Pages) Routes() []httpx.Route {
	readers := auth.AsRole(tier.Readers...)
	return []httpx.Route{
		httpx.Get(PublicPath, auth.Public, p.tables),
		httpx.Get(PublicPath+"/{rung}", auth.Public, p.table),
		httpx.Get(MyPath, auth.AsPerson, p.mine),
		httpx.Get(WorkPath, readers, p.overview),
		httpx.Get(WorkPath+"/firms/{id}", readers, p.firm),
		httpx.Get(WorkPath+"/lists/{rung}/{cohort}", readers, p.list),
		httpx.Get(WorkPath+"/lists/{rung}/{cohort}/sheet", readers, p.sheet),
		httpx.Post(WorkPath+"/targets", auth.AsRole(auth.Leader, auth.Head), p.setTarget),
	}
}
