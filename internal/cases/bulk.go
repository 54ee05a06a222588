package cases

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/bulk"
	"github.com/tongban/tongban/internal/platform/db"
)

// Loader fills a database with copies of the cases that the engine has made in
// it, for measurements: each copy has numbers, instants and deadlines of its own
// and leaves the same rows. Cases that ended are spread over the years before;
// a few copies are of cases in hand and lie where those lie.
type Loader struct {
	svc     *Service
	copier  *bulk.Copier
	ended   []original
	open    []original
	workday []time.Time // mornings of the working days of the past, oldest first
	last    map[string]int64
	seed    uint64
}

// original is a case to copy.
type original struct {
	Case
	rows       *bulk.Original
	item       *catalogue.Item
	pauses     []Pause
	extensions []Extension
	life       int // working days from its beginning to the last thing that happened
}

// loadYears is how far back the copies reach.
const loadYears = 3

// NewLoader reads the cases that are there. Orders and their steps are not
// copied: each step would have to find its place in the copy of its order. Nor
// is what stands once for each file, since the copies share the files. Papers
// are made when somebody asks for them. Awards are left out, since the line of a
// list is theirs alone, and so are cases of a procedure: it keeps books of its
// own, whose sums copies would break.
func (s *Service) NewLoader(ctx context.Context, seed uint64) (*Loader, error) {
	now := s.Clock.Now()
	l := &Loader{svc: s, last: map[string]int64{}, seed: seed}
	var err error
	l.copier, err = bulk.New(ctx, s.DB, s.Audit, s.Calendar, now, bulk.Plan{
		Root: "cases_case", By: "case_id", Object: "case", Sealed: s.store,
		Also:    map[string]string{"notify_message": `dedup_key LIKE 'case:' || $1 || ':%'`},
		Without: []string{"cases_step", "cases_idempotency", "cases_check", "cases_document", "queue_ticket"},
		Unique:  map[string][]string{"identity_certificate": {"number", "token"}, "cases_publicity": {"token"}, "feedback_invitation": {"token_hash"}},
		Blank:   map[string][]string{"identity_certificate": {"code"}}, // an identifier is reckoned from the number
		Dated:   []string{"cases_event", "cases_decision", "notify_message", "identity_certificate"},
	})
	if err != nil {
		return nil, err
	}
	list, err := db.List(ctx, s.DB.Read(ctx), s.store.scanCase, `SELECT `+caseColumns+` FROM cases_case c
		WHERE c.number IS NOT NULL AND c.parent_id='' AND NOT c.bundle AND c.channel <> 'award' ORDER BY c.id LIMIT 2000`)
	if err != nil {
		return nil, fmt.Errorf("cases: originals: %w", err)
	}
	for _, k := range list {
		o := original{Case: k}
		if o.rows, err = l.copier.Read(ctx, string(k.ID), k.Number, k.CreatedAt); err != nil {
			return nil, err
		}
		if o.item, err = s.Catalogue.Version(ctx, k.ItemVersionID); err != nil {
			return nil, err
		}
		if o.item.Procedure.Kind != "" {
			continue
		}
		if o.pauses, err = s.store.pauses(ctx, k.ID); err != nil {
			return nil, err
		}
		if o.extensions, err = s.store.extensions(ctx, k.ID); err != nil {
			return nil, err
		}
		o.life = s.workingDays(k.Region, k.CreatedAt, k.UpdatedAt) + 5 // the rating comes a few days later
		switch {
		case k.State.Ended():
			l.ended = append(l.ended, o)
		case s.Calendar.IsWorkday(workday.DateOf(k.CreatedAt)):
			l.open = append(l.open, o)
		}
	}
	if len(l.ended) == 0 {
		return nil, ErrNothing
	}
	for d := workday.DateOf(now.AddDate(-loadYears, 0, 0)); d.Before(workday.DateOf(now)); d = d.AddDays(1) {
		if s.Calendar.IsWorkday(d) {
			l.workday = append(l.workday, workday.StartOf(d).Add(9*time.Hour))
		}
	}
	return l, nil
}

// Write writes the copies from to to-1 of a load of so many in all, in the
// transaction of ctx.
func (l *Loader) Write(ctx context.Context, from, to, total int) error {
	copies := make([]bulk.Copy, 0, to-from)
	touched := map[string]bool{}
	for i := from; i < to; i++ {
		rng := rand.New(rand.NewPCG(l.seed, uint64(i))) //nolint:gosec // a course that repeats
		o, began := l.pick(rng, i, total)
		submitted := began.Add(o.SubmittedAt.Sub(o.CreatedAt))
		number, err := l.number(ctx, o, submitted, touched)
		if err != nil {
			return err
		}
		copies = append(copies, bulk.Copy{Of: o.rows, Began: began, Number: number, Seed: l.seed<<40 | uint64(i), Set: func(move func(time.Time) time.Time) map[string]any { return l.set(o, move) }})
	}
	if err := l.copier.Write(ctx, copies); err != nil {
		return fmt.Errorf("cases: load: %w", err)
	}
	for key := range touched {
		if _, err := l.svc.DB.Exec(ctx, `INSERT INTO cases_sequence (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = $2`, key, l.last[key]); err != nil {
			return fmt.Errorf("cases: load: %w", err)
		}
	}
	return nil
}

// pick draws an original and the day on which its copy begins: in the order of
// time for those that ended, so that the tables grow at their end as in life.
func (l *Loader) pick(rng *rand.Rand, i, total int) (*original, time.Time) {
	if len(l.open) > 0 && rng.IntN(50) == 0 {
		o := &l.open[rng.IntN(len(l.open))]
		return o, o.CreatedAt
	}
	o := &l.ended[rng.IntN(len(l.ended))]
	at := int(int64(i) * int64(len(l.workday)) / int64(total))
	return o, l.workday[max(min(at, len(l.workday)-o.life-1), 0)]
}

// number goes on with the sequence of the region and the day.
func (l *Loader) number(ctx context.Context, o *original, at time.Time, touched map[string]bool) (string, error) {
	region, _, _ := strings.Cut(o.Number, "-")
	key := sequenceOf(region, at)
	if _, ok := l.last[key]; !ok {
		n, _, err := db.Maybe(ctx, l.svc.DB.Read(ctx), db.Scalar[int64], `SELECT value FROM cases_sequence WHERE key=$1`, key)
		if err != nil {
			return "", err
		}
		l.last[key] = n
	}
	l.last[key]++
	touched[key] = true
	return numberOf(region, at, l.last[key]), nil
}

// set derives the deadlines of a copy as the engine does: working days move with
// the calendar, months do not.
func (l *Loader) set(o *original, move func(time.Time) time.Time) map[string]any {
	if o.AcceptedAt.IsZero() {
		return nil
	}
	k := o.Case
	k.AcceptedAt = move(o.AcceptedAt)
	pauses := make([]Pause, len(o.pauses))
	for i, p := range o.pauses {
		p.From = move(p.From)
		if !p.To.IsZero() {
			p.To = move(p.To)
		}
		pauses[i] = p
	}
	now := l.svc.Clock.Now()
	if !k.ClosedAt.IsZero() {
		now = move(k.ClosedAt)
	}
	setDeadlines(l.svc.CalendarOf(&k), &k, o.item, pauses, o.extensions, now)
	return map[string]any{
		"due_at": db.MS(k.DueAt), "statutory_at": db.MS(k.StatutoryAt), "warn_at": db.MS(k.WarnAt), "yellow_at": db.MS(k.YellowAt),
		"red_at": db.MS(k.RedAt), "provisional": k.Provisional,
	}
}
