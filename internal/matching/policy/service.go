package policy

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/events"
	"github.com/tongban/tongban/internal/platform/files"
)

// Ports are what the library asks of its neighbours; app passes them. One that is
// nil knows nothing, and what depends on it is left out.
type Ports struct {
	// Funds are the names of the funds that can pay, by key.
	Funds func(ctx context.Context) (map[string]i18n.Text, error)
	// Fits counts the firms that fit clauses.
	Fits func(ctx context.Context) (Fits, error)
}

// Fits are the counts of firms by the keys of clauses; ok is false of a clause
// that is not matched.
type Fits interface {
	Firms() int
	Fit(key string) (n int, ok bool)
	Both(a, b string) (n int, ok bool)
}

// Deps of the package.
type Deps struct {
	DB        *db.DB
	Clock     clock.Clock
	Identity  *identity.Service
	Catalogue *catalogue.Service
	Audit     *audit.Log
	Bus       *events.Bus
	Files     *files.Store
	Texts     *i18n.Catalog
	Ports     Ports
}

// Service reads and keeps the library.
type Service struct {
	Deps
	store store

	library atomic.Pointer[Library]
	looked  atomic.Int64 // unix milliseconds of the last look at the generation
	loading sync.Mutex
}

// lookEvery is how old the knowledge of another process's publishing may be.
const lookEvery = time.Second

// New returns a service that knows nothing yet; the first read fills it.
func New(d Deps) *Service { return &Service{Deps: d, store: store{d.DB}} }

// Today is the ISO date.
func (s *Service) Today() string { return workday.DateOf(s.Clock.Now()).String() }

// read puts together what is published, as ctx sees it.
func (s *Service) read(ctx context.Context) (*Library, error) {
	// The generation comes first: when somebody publishes in between, what follows
	// is newer than its number, and the next look loads once more.
	generation, err := s.store.generation(ctx)
	if err != nil {
		return nil, fmt.Errorf("policy: read: %w", err)
	}
	papers, err := s.store.live(ctx)
	if err != nil {
		return nil, fmt.Errorf("policy: read: %w", err)
	}
	return newLibrary(generation, papers), nil
}

// Library returns all that is published. Within a transaction it is what that has
// written so far; else it comes from memory, and at most once a second one of its
// callers looks whether somebody has published since.
func (s *Service) Library(ctx context.Context) (*Library, error) {
	if db.Tx(ctx) != nil {
		return s.read(ctx)
	}
	have := s.library.Load()
	now, last := s.Clock.Now().UnixMilli(), s.looked.Load()
	if have != nil && now-last < lookEvery.Milliseconds() && now >= last {
		return have, nil
	}
	s.loading.Lock()
	defer s.loading.Unlock()
	if again := s.library.Load(); again != nil && again != have {
		return again, nil // somebody was faster
	}
	generation, err := s.store.generation(ctx)
	if err != nil {
		return nil, fmt.Errorf("policy: library: %w", err)
	}
	if have = s.library.Load(); have == nil || have.generation != generation {
		if have, err = s.read(ctx); err != nil {
			return nil, err
		}
		s.library.Store(have)
	}
	s.looked.Store(now)
	return have, nil
}

// Published returns all published clauses, also those that are not in force any
// more or not yet: see Entry.Holds.
func (s *Service) Published(ctx context.Context) ([]Entry, error) {
	l, err := s.Library(ctx)
	if err != nil {
		return nil, err
	}
	return l.Entries, nil
}

// changed raises the generation, tells who matches, and lets this process look at
// its next read. keys are the clauses that may fit others now.
func (s *Service) changed(ctx context.Context, keys []string) error {
	if err := s.store.raiseGeneration(ctx); err != nil {
		return err
	}
	db.AfterCommit(ctx, func() { s.looked.Store(0) })
	return events.Publish(ctx, s.Bus, Published{Keys: keys})
}

func (s *Service) note(ctx context.Context, actor auth.Actor, action string, p Paper, reason string, change map[string]any) error {
	if change == nil {
		change = map[string]any{}
	}
	change["kind"], change["key"] = string(p.Kind), p.Key
	return s.Audit.Record(ctx, actor, audit.Note{Action: action, Object: "policy:" + p.ID, Reason: reason, Change: change})
}

// Published says that clauses were published, anew or for the first time, or taken
// away, with their keys. It comes in the transaction that does so.
type Published struct{ Keys []string }
