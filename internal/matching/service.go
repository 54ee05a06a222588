package matching

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/facts"
	"github.com/tongban/tongban/internal/matching/rule"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Firms are the files of firms.
type Firms interface {
	Each(ctx context.Context, f func(dossier.Firm) error) error
	FirmFacts(ctx context.Context, id string) (dossier.Firm, error)
}

// Deps of the package.
type Deps struct {
	DB      *db.DB
	Clock   clock.Clock
	Firms   Firms
	Offers  Offers
	Facts   *facts.Facts
	Log     *slog.Logger
	Audit   *audit.Log // of trials that mean few firms; nil: none are entered
	Workers int        // 0: one a processor
}

// Service matches.
type Service struct {
	Deps
	loading sync.Mutex  // one loads or catches up at a time
	renew   atomic.Bool // a load is under way, and Keep does it
	mu      sync.RWMutex
	now     *state // nil until it is loaded
}

// state is everything that is known as of one day; what it points to does not
// change, but for the numbers of firms, which only grow.
type state struct {
	day     string // ISO
	today   int64
	live    *engine.Live
	snap    *engine.Snapshot
	offers  map[string]*compiled
	version uint64
	firms   []string // by row
	rows    map[string]int
	slow    map[string][]engine.Tri // answers that CEL gave, by row
	turned  map[string][]int        // rows that fit since today by the passing of days alone
	costs   *sync.Map               // key to tally: what was added up already
	read    time.Time               // changes are known up to here
	seen    map[string]bool         // changes of the last while that were read
	took    time.Duration
}

// New wires the package.
func New(d Deps) *Service {
	if d.Facts == nil {
		d.Facts = facts.Published()
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{Deps: d}
}

// feed is the clock of changes: that of the machine and never a moved one, since
// it orders what several processes write and read.
var feed clock.Clock = clock.System{}

// overlap is how long after its time a change may be committed and still be read.
const overlap = 2 * time.Minute

// Note says, in the transaction in which it happens, that the facts of a firm are
// others.
func (s *Service) Note(ctx context.Context, firm string) error {
	now := feed.Now()
	_, err := s.DB.Exec(ctx, `INSERT INTO matching_change (id, enterprise_id, at) VALUES ($1, $2, $3)`, ids.New(now), firm, db.MS(now))
	if err != nil {
		return fmt.Errorf("matching: note: %w", err)
	}
	return nil
}

// NoteTrial enters into the audit trail that somebody tried a rule that means few
// firms: rules are written for many, and one that means a single firm asks for its
// facts.
func (s *Service) NoteTrial(ctx context.Context, actor auth.Actor, rule string, firms int) error {
	if s.Audit == nil {
		return nil
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		return s.Audit.Record(ctx, actor, audit.Note{Action: "matching.try", Object: "matching:rule", Change: map[string]any{"rule": rule, "firms": firms}})
	})
}

// Forget drops the notes that every process has read long ago.
func (s *Service) Forget(ctx context.Context) error {
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		_, err := s.DB.Exec(ctx, `DELETE FROM matching_change WHERE at < $1`, db.MS(feed.Now().Add(-24*time.Hour)))
		return err
	})
	if err != nil {
		return fmt.Errorf("matching: forget: %w", err)
	}
	return nil
}

type change struct{ id, firm string }

func (s *Service) changes(ctx context.Context, since time.Time) ([]change, error) {
	out, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (c change, err error) { return c, r.Scan(&c.id, &c.firm) },
		`SELECT id, enterprise_id FROM matching_change WHERE at >= $1 ORDER BY at, id`, db.MS(since))
	if err != nil {
		return nil, fmt.Errorf("matching: changes: %w", err)
	}
	return out, nil
}

func (s *Service) today() string { return workday.DateOf(s.Clock.Now()).String() }

// Keep reads everything as soon as a process starts and as a day begins, and what
// changes meanwhile every minute, until ctx ends. While it reads a new day anew the
// answers of the day before are given; without it the first who asks waits.
func (s *Service) Keep(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		s.mu.RLock()
		st := s.now
		s.mu.RUnlock()
		s.renew.Store(st != nil && st.day != s.today())
		if _, err := s.latest(ctx); err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "matching", "error", err)
		}
		s.renew.Store(false)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// current returns a state that knows everything committed before the call.
func (s *Service) current(ctx context.Context) (*state, error) {
	if s.renew.Load() {
		s.mu.RLock()
		defer s.mu.RUnlock()
		return s.now, nil
	}
	return s.latest(ctx)
}

func (s *Service) latest(ctx context.Context) (*state, error) {
	s.loading.Lock()
	defer s.loading.Unlock()
	s.mu.RLock()
	st := s.now
	s.mu.RUnlock()
	day := s.today()
	if st == nil || st.day != day || feed.Now().Sub(st.read) > 20*time.Hour { // older notes may be gone
		return s.load(ctx, day)
	}
	return s.catchUp(ctx, st)
}

// Load reads everything anew. Nobody need call it: it is done when somebody asks.
func (s *Service) Load(ctx context.Context) error {
	s.loading.Lock()
	defer s.loading.Unlock()
	_, err := s.load(ctx, s.today())
	return err
}

func (s *Service) load(ctx context.Context, day string) (*state, error) {
	begun := feed.Now()
	st := &state{day: day, read: begun, rows: map[string]int{}, seen: map[string]bool{}, offers: map[string]*compiled{}, slow: map[string][]engine.Tri{}, costs: &sync.Map{}}
	today, err := rule.ParseDay(day)
	if err != nil {
		return nil, err
	}
	st.today = today
	known, err := s.changes(ctx, begun.Add(-overlap))
	if err != nil {
		return nil, err
	}
	if st.version, err = s.Offers.Version(ctx); err != nil { // before the list: one that is newer is read again
		return nil, err
	}
	list, err := s.Offers.List(ctx)
	if err != nil {
		return nil, err
	}
	rules := engine.Rules{}
	for _, o := range list {
		c := s.compile(o, today)
		st.offers[o.Key] = c
		if c.quick {
			rules[o.Key] = c.expr
		}
	}
	table := engine.NewTable(s.Facts.Rules.Schema())
	yesterday := dayBefore(day)
	var moved []moved
	if err := s.Firms.Each(ctx, func(f dossier.Firm) error {
		row := s.Facts.Row(&f, day)
		i, err := table.Append(row)
		if err != nil {
			return fmt.Errorf("matching: firm %s: %w", f.ID, err)
		}
		st.firms = append(st.firms, f.ID)
		st.rows[f.ID] = i
		if s.Facts.Moves(&f, yesterday, day) {
			before := s.Facts.Row(&f, yesterday)
			moved = append(moved, struct {
				row    int
				before []engine.Value
			}{i, before})
		}
		return nil
	}); err != nil {
		return nil, err
	}
	st.live = engine.NewLive(table, rules, s.Workers)
	st.snap = st.live.Now()
	for key, c := range st.offers {
		if !c.quick {
			st.slow[key] = s.slowly(st, c)
		}
	}
	s.turn(st, moved)
	for _, c := range known {
		st.seen[c.id] = true // what was committed before is in the files that were read after
	}
	st.took = feed.Now().Sub(begun)
	s.publish(st)
	return st, nil
}

// moved is a firm whose facts are others than yesterday by the passing of days.
type moved = struct {
	row    int
	before []engine.Value
}

func dayBefore(day string) string {
	d, err := workday.Parse(day)
	if err != nil {
		return day
	}
	return d.AddDays(-1).String()
}

// slowly answers a rule that the engine cannot take, row by row.
func (s *Service) slowly(st *state, c *compiled) []engine.Tri {
	out := make([]engine.Tri, st.snap.Rows())
	for i := range out {
		out[i] = s.one(c, st.snap.Row(i), st.today)
	}
	return out
}

// one is the answer of CEL for a row. A rule too costly to reckon there is
// unknown: nobody may rely on it.
func (s *Service) one(c *compiled, row []engine.Value, today int64) engine.Tri {
	a, err := c.rule.Eval(row, today)
	if err != nil {
		return engine.Unknown
	}
	return a
}

// turn finds what fits since today only because a day has passed.
func (s *Service) turn(st *state, moved []moved) {
	st.turned = map[string][]int{}
	changed := map[int][]engine.Value{}
	for _, m := range moved {
		changed[m.row] = m.before
	}
	for key, c := range st.offers {
		var list []int
		fits := func(row []engine.Value) bool {
			if c.quick {
				e, _ := s.exprAt(c, st.today-1)
				return e != nil && e.Eval(row) == engine.Yes
			}
			return s.one(c, row, st.today-1) == engine.Yes
		}
		var before *engine.Trial
		if e, other := s.exprAt(c, st.today-1); other && e != nil {
			before = st.snap.Try(e, s.Workers)
		}
		fitted := map[int]bool{}
		if before != nil {
			before.Each(engine.Yes, func(row int) { fitted[row] = true })
		}
		st.each(key, engine.Yes, func(row int) {
			old, other := changed[row]
			switch {
			case other && !fits(old), !other && before != nil && !fitted[row], !other && !c.quick && !fits(st.snap.Row(row)):
				list = append(list, row)
			}
		})
		if len(list) > 0 {
			st.turned[key] = list
		}
	}
}

// exprAt is the rule as of another day, and whether it says something else then.
func (s *Service) exprAt(c *compiled, day int64) (*engine.Expr, bool) {
	if !c.quick {
		return nil, false
	}
	var e *engine.Expr
	switch {
	case c.Made != nil:
		e = c.Made(day)
	case c.rule != nil:
		e, _ = c.rule.Expr(day)
	default:
		return c.expr, false
	}
	return e, !sameExpr(e, c.expr)
}

func (s *Service) publish(st *state) {
	s.mu.Lock()
	s.now = st
	s.mu.Unlock()
}

// catchUp reads what was changed since.
func (s *Service) catchUp(ctx context.Context, st *state) (*state, error) {
	now := feed.Now()
	version, err := s.Offers.Version(ctx)
	if err != nil {
		return nil, err
	}
	changes, err := s.changes(ctx, st.read.Add(-overlap))
	if err != nil {
		return nil, err
	}
	firms := map[string]bool{}
	for _, c := range changes {
		if !st.seen[c.id] {
			firms[c.firm] = true
		}
	}
	if version == st.version && len(firms) == 0 {
		return st, nil
	}
	next := *st
	next.costs = &sync.Map{}
	next.read, next.seen = now, make(map[string]bool, len(changes))
	for _, c := range changes {
		next.seen[c.id] = true
	}
	if err := s.renewFirms(ctx, &next, slices.Sorted(maps.Keys(firms))); err != nil {
		return nil, err
	}
	if version != st.version {
		list, err := s.Offers.List(ctx)
		if err != nil {
			return nil, err
		}
		s.renewOffers(&next, list, version)
	}
	s.publish(&next)
	return &next, nil
}

func (s *Service) renewFirms(ctx context.Context, st *state, firms []string) error {
	if len(firms) == 0 {
		return nil
	}
	put := map[int][]engine.Value{}
	added := st.rows
	for _, id := range firms {
		f, err := s.Firms.FirmFacts(ctx, id)
		if errors.Is(err, dossier.ErrNotFound) {
			continue // it was noted in what did not come to pass
		} else if err != nil {
			return err
		}
		i, ok := added[id]
		if !ok {
			if len(added) == len(st.rows) {
				added = maps.Clone(st.rows)
			}
			i = len(st.firms)
			st.firms = append(st.firms[:i:i], id)
			added[id] = i
		}
		put[i] = s.Facts.Row(&f, st.day)
	}
	st.rows = added
	snap, err := st.live.Put(put, s.Workers)
	if err != nil {
		return fmt.Errorf("matching: firms: %w", err)
	}
	st.snap = snap
	slow := make(map[string][]engine.Tri, len(st.slow))
	for key, answers := range st.slow {
		answers = append(slices.Clone(answers), make([]engine.Tri, len(st.firms)-len(answers))...)
		for i, row := range put {
			answers[i] = s.one(st.offers[key], row, st.today)
		}
		slow[key] = answers
	}
	st.slow = slow
	return nil
}

func (s *Service) renewOffers(st *state, list []Offer, version uint64) {
	offers, slow := map[string]*compiled{}, maps.Clone(st.slow)
	for _, o := range list {
		if have, ok := st.offers[o.Key]; ok && have.same(o) {
			offers[o.Key] = have
			continue
		}
		c := s.compile(o, st.today)
		offers[o.Key] = c
		delete(slow, o.Key)
		if c.quick {
			st.snap = st.live.SetRule(o.Key, c.expr, s.Workers)
		} else {
			st.snap = st.live.SetRule(o.Key, nil, s.Workers)
			slow[o.Key] = s.slowly(st, c)
		}
	}
	for key := range st.offers {
		if offers[key] == nil {
			delete(slow, key)
			st.snap = st.live.SetRule(key, nil, s.Workers)
		}
	}
	st.offers, st.slow, st.version = offers, slow, version
}

// same says that an offer is the one that is in use.
func (c *compiled) same(o Offer) bool {
	return c.Rule == o.Rule && c.Zero == o.Zero && c.Mark == o.Mark && c.Benefit == o.Benefit && (c.Made == nil) == (o.Made == nil)
}

func trimFloat(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// sameExpr compares two rules part by part.
func sameExpr(a, b *engine.Expr) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil || a.Op != b.Op || a.Attr != b.Attr || a.Member != b.Member || len(a.Kids) != len(b.Kids) || a.Range.Lo != b.Range.Lo || a.Range.Hi != b.Range.Hi ||
		a.Range.Term.Zero != b.Range.Term.Zero || !slices.Equal(a.Range.Term.Num, b.Range.Term.Num) || !slices.Equal(a.Range.Term.Den, b.Range.Term.Den) {
		return false
	}
	for i := range a.Kids {
		if !sameExpr(a.Kids[i], b.Kids[i]) {
			return false
		}
	}
	return true
}
