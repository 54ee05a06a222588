package dossier

import (
	"context"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/register"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/events"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/notify"
)

// Deps of the package.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	Identity *identity.Service
	Audit    *audit.Log
	Notify   *notify.Service
	Files    *files.Store
	Jobs     *jobs.Queue
	Bus      *events.Bus
	Register register.Register // of companies; nil: there is none to ask
}

// Service is the use cases, one file per group.
type Service struct {
	Deps
	store store
	vocab *Vocabulary
}

// New wires the package.
func New(d Deps) *Service { return &Service{Deps: d, store: store{d.DB}, vocab: Published()} }

// Changed is published in the transaction in which present values of a firm
// became others. Keys are those of the vocabulary, each once.
type Changed struct {
	Firm string
	Keys []string
}

// today is the day as dates of facts count it.
func (s *Service) today() string { return workday.DateOf(s.Clock.Now()).String() }

// name of who acts, as the file shows it later.
func (s *Service) signed(ctx context.Context, actor auth.Actor, f *Fact) {
	f.RecordedBy = string(actor.Kind) + ":" + actor.ID
	if actor.Kind == auth.Person || actor.Kind == auth.Staff {
		f.ByName = s.Identity.NameOf(ctx, actor.ID)
	}
}
