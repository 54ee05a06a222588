package worklist

import (
	"context"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/notify"
)

// Deps of the package.
type Deps struct {
	DB        *db.DB
	Clock     clock.Clock
	Cases     *cases.Service
	Identity  *identity.Service
	Catalogue *catalogue.Service
	Files     *files.Store
	Notify    *notify.Service
	Audit     *audit.Log
	Jobs      *jobs.Queue
	Texts     *i18n.Catalog
	// ActorOf is who an account is now, for what runs in the background: rights
	// that were taken away in between are gone.
	ActorOf func(ctx context.Context, account string) (auth.Actor, error)
}

// Service keeps views and runs batches and exports.
type Service struct{ Deps }

// New wires the service.
func New(d Deps) *Service { return &Service{d} }
