package catalogue

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/recent"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/events"
	"github.com/tongban/tongban/internal/platform/files"
)

// Deps is what the catalogue needs.
type Deps struct {
	DB    *db.DB
	Clock clock.Clock
	Audit *audit.Log
	Bus   *events.Bus
	Files *files.Store // of blanks and samples; nil where none are kept
	Ports Ports
}

// Service reads and keeps the catalogue.
type Service struct {
	Deps
	store store

	snapshot atomic.Pointer[Snapshot]
	looked   atomic.Int64 // unix milliseconds of the last look at the generation
	loading  sync.Mutex
	noted    atomic.Value              // version of the snapshot of which noteHidden has told
	versions recent.Map[string, *Item] // by version id, of those that are not in the snapshot
}

// lookEvery is how old the knowledge of another process's publishing may be.
const lookEvery = time.Second

// New returns a service that knows nothing yet; the first read or Load fills it.
func New(d Deps) *Service {
	s := &Service{Deps: d, store: store{d.DB}}
	s.snapshot.Store(newSnapshot(contents{generation: -1}))
	return s
}

// Load reads everything that is published. Call it at start, to fail early; it
// must not run in a transaction, whose changes could still be rolled back.
func (s *Service) Load(ctx context.Context) error {
	s.loading.Lock()
	defer s.loading.Unlock()
	return s.load(ctx)
}

func (s *Service) load(ctx context.Context) error {
	// The generation comes first: when somebody publishes in between, what
	// follows is newer than its number, and the next look loads once more.
	generation, err := s.store.generation(ctx)
	if err != nil {
		return fmt.Errorf("catalogue: load: %w", err)
	}
	c := contents{generation: generation, day: s.today()}
	for what, read := range map[string]func() error{
		"shelves":     func() (err error) { c.shelves, err = s.store.shelves(ctx); return err },
		"themes":      func() (err error) { c.themes, err = s.store.themes(ctx); return err },
		"life events": func() (err error) { c.events, err = s.store.lifeEvents(ctx); return err },
		"versions":    func() (err error) { c.live, err = s.store.live(ctx); return err },
		"items":       func() (err error) { c.records, err = s.store.records(ctx); return err },
		"synonyms": func() error {
			groups, err := s.store.synonyms(ctx)
			for _, g := range groups {
				c.synonyms = append(c.synonyms, g.Words)
			}
			return err
		},
	} {
		if err := read(); err != nil {
			return fmt.Errorf("catalogue: load %s: %w", what, err)
		}
	}
	s.snapshot.Store(newSnapshot(c))
	return nil
}

// today is the ISO date.
func (s *Service) today() string { return workday.DateOf(s.Clock.Now()).String() }

// Refresh loads anew when somebody has published since, or a day has gone by:
// offers lapse by the day.
func (s *Service) Refresh(ctx context.Context) error {
	s.loading.Lock()
	defer s.loading.Unlock()
	generation, err := s.store.generation(ctx)
	if err != nil {
		return fmt.Errorf("catalogue: refresh: %w", err)
	}
	if now := s.snapshot.Load(); generation == now.generation && s.today() == now.day {
		return nil
	}
	return s.load(ctx)
}

// Snapshot returns what is published. At most once a second one of its callers
// looks whether that moved, while the others go on with what there is; when
// the database does not answer, all do.
func (s *Service) Snapshot() *Snapshot {
	now, last := s.Clock.Now().UnixMilli(), s.looked.Load()
	if (now-last >= lookEvery.Milliseconds() || now < last) && s.looked.CompareAndSwap(last, now) {
		// Not the context of a request: it may carry a transaction, and what
		// that has not committed must not be shown to others.
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = s.Refresh(ctx) // the snapshot in hand is still true for most purposes
	}
	return s.snapshot.Load()
}

// changed raises the generation and lets this process look at its next read.
func (s *Service) changed(ctx context.Context) error {
	if err := s.store.raiseGeneration(ctx); err != nil {
		return err
	}
	db.AfterCommit(ctx, func() { s.looked.Store(0) })
	return nil
}

// Shelves in their order.
func (s *Service) Shelves() []Shelf { return s.Snapshot().Shelves() }

// Item is the published version of the item with the code; ErrSuspended when
// it is off the shelves for a time.
func (s *Service) Item(code string) (*Item, error) { return s.Snapshot().Item(code) }

// ItemByID is Item by the id of the item.
func (s *Service) ItemByID(id string) (*Item, error) { return s.Snapshot().ItemByID(id) }

// List returns what passes the filter, with the counts for narrowing it.
func (s *Service) List(f Filter) Listing { return s.Snapshot().List(f) }

// Popular returns the n items that are asked for most.
func (s *Service) Popular(n int) []*Item { return s.Snapshot().Popular(n) }

// Search returns the items that fit what somebody typed, best first.
func (s *Service) Search(query string, limit int, f Filter) []Hit {
	return s.Snapshot().Search(query, limit, f)
}

// Suggest completes what somebody is typing.
func (s *Service) Suggest(prefix string, n int) []Hit { return s.Snapshot().Suggest(prefix, n) }

// Version returns a version that was published once, also of an item that is
// suspended or has moved on: a case keeps its version for ever.
func (s *Service) Version(ctx context.Context, versionID string) (*Item, error) {
	if it, ok := s.snapshot.Load().byVersion[versionID]; ok {
		return it, nil
	}
	if it, ok := s.versions.Load(versionID); ok {
		return it, nil
	}
	r, ok, err := s.store.revision(ctx, versionID)
	if err != nil {
		return nil, fmt.Errorf("catalogue: version %s: %w", versionID, err)
	}
	if !ok || r.State == Draft {
		return nil, ErrNotFound
	}
	it := r.item()
	s.versions.Store(versionID, it)
	return it, nil
}

// Miss is a search that found nothing.
type Miss struct {
	Query  string
	Count  int
	LastAt time.Time
}

const (
	missLength = 100                  // characters
	missKept   = 180 * 24 * time.Hour // then a vain search is forgotten
)

// longNumber is what could be somebody's telephone or identity number.
var longNumber = regexp.MustCompile(`[0-9][0-9Xx]{5,}`)

// NoteMiss logs a search that found nothing, for those who keep the keywords:
// only the words, and no number that could point at somebody.
func (s *Service) NoteMiss(ctx context.Context, query string) error {
	query = longNumber.ReplaceAllString(strings.Join(strings.Fields(query), " "), "#")
	if r := []rune(query); len(r) > missLength {
		query = string(r[:missLength])
	}
	if query == "" {
		return nil
	}
	now := s.Clock.Now()
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		return s.store.noteMiss(ctx, ids.New(now), query, now, now.Add(-missKept))
	})
	if err != nil {
		return fmt.Errorf("catalogue: note a vain search: %w", err)
	}
	return nil
}

// Misses returns the n commonest vain searches of the last half-year.
func (s *Service) Misses(ctx context.Context, actor auth.Actor, n int) ([]Miss, error) {
	if err := mayKeep(actor); err != nil {
		return nil, err
	}
	return s.store.misses(ctx, min(max(n, 1), 500))
}

// Favour puts an item on the actor's own list; twice is once.
func (s *Service) Favour(ctx context.Context, actor auth.Actor, code string) error {
	if !hasAccount(actor) {
		return ErrForbidden
	}
	it, err := s.Item(code)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		return s.store.favour(ctx, actor.ID, it.ID, s.Clock.Now())
	})
}

// Unfavour takes an item off the actor's own list, suspended ones too.
func (s *Service) Unfavour(ctx context.Context, actor auth.Actor, code string) error {
	if !hasAccount(actor) {
		return ErrForbidden
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		r, ok, err := s.store.record(ctx, code)
		switch {
		case err != nil:
			return err
		case !ok:
			return ErrNotFound
		}
		return s.store.unfavour(ctx, actor.ID, r.ID)
	})
}

// Favourites returns the actor's own list, newest first, without what is suspended.
func (s *Service) Favourites(ctx context.Context, actor auth.Actor) ([]*Item, error) {
	if !hasAccount(actor) {
		return nil, nil
	}
	list, err := s.store.favourites(ctx, actor.ID)
	if err != nil {
		return nil, fmt.Errorf("catalogue: favourites: %w", err)
	}
	now, out := s.Snapshot(), []*Item{}
	for _, id := range list {
		if it, err := now.ItemByID(id); err == nil {
			out = append(out, it)
		}
	}
	return out, nil
}

func hasAccount(a auth.Actor) bool { return a.Kind == auth.Person || a.Kind == auth.Staff }

// mayKeep lets those pass who keep the catalogue.
func mayKeep(a auth.Actor) error {
	if a.Kind != auth.Staff || !a.Has(auth.CatalogueAdmin) {
		return ErrForbidden
	}
	return nil
}
