package catalogueweb

import (
	"context"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/httpx"
)

// RealTime is how long an item really took in the last 90 days, in working
// days over N decided cases.
type RealTime struct{ N, Median, P90 int }

// Deps of the pages.
type Deps struct {
	Service   *catalogue.Service
	Identity  *identity.Service
	RealTimes func(ctx context.Context, itemID string) (RealTime, error)
	BaseURL   string
}

// Pages are the pages of the module.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// Routes of the module.
func (p *Pages) Routes() []httpx.Route { return nil }
