package matching

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/matching/rule"
)

// View is all answers at one instant.
type View struct {
	svc *Service
	*state
}

// View returns the answers as they are now. The first one of a day waits until
// everything is read.
func (s *Service) View(ctx context.Context) (*View, error) {
	st, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	return &View{s, st}, nil
}

// Day of the answers, ISO.
func (v *View) Day() string { return v.day }

// Firms is how many there are.
func (v *View) Firms() int { return len(v.firms) }

// Has says whether an offer is matched.
func (v *View) Has(key string) bool { return v.offers[key] != nil }

// Row is the facts of a firm; false for one that is not known.
func (v *View) Row(firm string) ([]engine.Value, bool) {
	i, ok := v.rows[firm]
	if !ok {
		return nil, false
	}
	return v.snap.Row(i), true
}

func (st *state) at(key string, row int) engine.Tri {
	if list, ok := st.slow[key]; ok {
		return list[row]
	}
	return st.snap.At(key, row)
}

func (st *state) each(key string, what engine.Tri, f func(row int)) {
	list, ok := st.slow[key]
	if !ok {
		st.snap.Each(key, what, f)
		return
	}
	for row, a := range list {
		if a == what {
			f(row)
		}
	}
}

// Answer says whether a firm fits an offer.
func (v *View) Answer(key, firm string) engine.Tri {
	i, ok := v.rows[firm]
	if !ok || v.offers[key] == nil {
		return engine.No
	}
	return v.at(key, i)
}

// Count is how many firms fit an offer, and for how many it is unknown.
func (v *View) Count(key string) (yes, open int) {
	list, ok := v.slow[key]
	if !ok {
		return v.snap.Count(key)
	}
	for _, a := range list {
		switch a {
		case engine.Yes:
			yes++
		case engine.Unknown:
			open++
		}
	}
	return yes, open
}

// Each calls f for every firm that an offer answers with what, Yes or Unknown.
func (v *View) Each(key string, what engine.Tri, f func(firm string)) {
	v.each(key, what, func(row int) { f(v.firms[row]) })
}

// Near calls f for every firm that is one step away from an offer: one fact would
// have to change, or be told. A rule that is answered row by row has nobody near.
func (v *View) Near(key string, f func(firm string)) {
	if c := v.offers[key]; c != nil && c.quick {
		v.snap.Near(key, v.svc.Workers, func(row int) { f(v.firms[row]) })
	}
}

// EachNear calls f for every offer and firm that is one step away from it.
func (v *View) EachNear(f func(key, firm string)) {
	v.snap.EachNear(v.svc.Workers, func(key string, row int) { f(key, v.firms[row]) })
}

// Turned are the firms that fit an offer since today only because a day has passed.
func (v *View) Turned(key string) []string {
	var out []string
	for _, row := range v.turned[key] {
		out = append(out, v.firms[row])
	}
	return out
}

// Worth is what an offer is worth to a firm; false when it cannot be told, or is
// no sum.
func (v *View) Worth(key, firm string) (money.Fen, bool) {
	c, i, ok := v.pair(key, firm)
	if !ok || c.worth.none() {
		return 0, false
	}
	return c.worth.sum(func(attr int) engine.Value { return v.snap.Value(i, attr) })
}

func (v *View) pair(key, firm string) (*compiled, int, bool) {
	c := v.offers[key]
	i, ok := v.rows[firm]
	return c, i, ok && c != nil
}

// Cost is what all firms that fit an offer would get together, and for how many of
// them the sum cannot be told.
func (v *View) Cost(key string) (sum money.Fen, open int) {
	c := v.offers[key]
	if c == nil || c.worth.none() {
		return 0, 0
	}
	if known, ok := v.costs.Load(key); ok {
		t := known.(tally) //nolint:forcetypeassert // only tallies are stored
		return t.sum, t.open
	}
	var t tally
	v.each(key, engine.Yes, func(row int) { t.add(v, c.worth, row) })
	v.costs.Store(key, t)
	return t.sum, t.open
}

// tally adds up what an offer is worth to firms.
type tally struct {
	firms int
	sum   money.Fen
	open  int
}

func (t *tally) add(v *View, w *worth, row int) {
	t.firms++
	fen, ok := w.sum(func(attr int) engine.Value { return v.snap.Value(row, attr) })
	if !ok {
		t.open++
		return
	}
	t.sum += fen
}

// Explain says why a firm fits an offer or not; nil for an offer that has no rule
// of its own in words.
func (v *View) Explain(key, firm string) (*rule.Reason, error) {
	c, i, ok := v.pair(key, firm)
	if !ok || c.rule == nil {
		return nil, nil
	}
	return v.explain(c, v.snap.Row(i))
}

func (v *View) explain(c *compiled, row []engine.Value) (*rule.Reason, error) {
	r, err := c.rule.Explain(row, v.today)
	if err != nil {
		return nil, fmt.Errorf("matching: %s: %w", c.Key, err)
	}
	return r, nil
}

// Check answers every offer for facts that somebody says of a firm that need not
// be known, in the columns of the vocabulary.
func (v *View) Check(row []engine.Value) map[string]engine.Tri {
	out := v.snap.Fits(row)
	for key := range v.slow {
		out[key] = v.svc.one(v.offers[key], row, v.today)
	}
	return out
}

// ExplainRow is Explain for such facts, with what the offer would be worth.
func (v *View) ExplainRow(key string, row []engine.Value) (r *rule.Reason, worth money.Fen, known bool, err error) {
	c := v.offers[key]
	if c == nil || c.rule == nil {
		return nil, 0, false, nil
	}
	if r, err = v.explain(c, row); err != nil || c.worth.none() {
		return r, 0, false, err
	}
	worth, known = c.worth.sum(func(attr int) engine.Value { return row[attr] })
	return r, worth, known, nil
}

// Draft is a rule that somebody is writing, and what it would give.
type Draft struct {
	Rule    string
	Zero    string
	Benefit policy.Benefit
	Against string // key of the offer that it would replace, "" for none
}

// Trial is what a draft would do, over all firms.
type Trial struct {
	Firms   int
	Yes     int
	Open    int // unknown
	Cost    money.Fen
	NoSum   int // fit, but what they would get cannot be told
	HasSum  bool
	Gained  int // fit, and do not fit what it would replace
	Lost    int // the other way round
	Was     int // fit what it would replace
	WasCost money.Fen
	Gains   []string // the first of those gained
	Losses  []string
	Slow    bool // only CEL can reckon it, row by row
	Took    time.Duration
}

// Everybody says that a draft takes no choice: all firms fit.
func (t *Trial) Everybody() bool { return t.Firms > 0 && t.Yes == t.Firms }

// Nobody says that no firm fits, nor might.
func (t *Trial) Nobody() bool { return t.Yes == 0 && t.Open == 0 }

// shown is how many firms gained or lost are named.
const shown = 20

// slowAtOnce bounds how many firms a draft that only CEL can reckon is tried on:
// it is written while somebody waits.
const slowAtOnce = 20_000

// Try reckons a draft. What is wrong with it comes back as rule.Faults.
func (v *View) Try(d Draft) (Trial, error) {
	begun := feed.Now()
	r, err := v.svc.Facts.Rules.Compile(d.Rule, d.Zero)
	if err != nil {
		return Trial{}, err
	}
	c := &compiled{Offer: Offer{Rule: d.Rule, Zero: d.Zero, Benefit: d.Benefit}, rule: r, worth: v.svc.worthOf(d.Benefit)}
	c.expr, c.quick = r.Expr(v.today)
	t := Trial{Firms: len(v.firms), Slow: !c.quick, HasSum: !c.worth.none()}
	old := v.offers[d.Against]
	if old != nil {
		t.Was, _ = v.Count(d.Against)
		t.WasCost, _ = v.Cost(d.Against)
	}
	var sum tally
	kept := 0
	fits := func(row int) {
		if t.HasSum {
			sum.add(v, c.worth, row)
		}
		if old == nil {
			return
		}
		if v.at(d.Against, row) == engine.Yes {
			kept++
			return
		}
		t.Gained++
		if len(t.Gains) < shown {
			t.Gains = append(t.Gains, v.firms[row])
		}
	}
	yes := func(row int) bool { return v.svc.one(c, v.snap.Row(row), v.today) == engine.Yes }
	if c.quick {
		trial := v.snap.Try(c.expr, v.svc.Workers)
		yes = func(row int) bool { return trial.At(row) == engine.Yes }
		t.Yes, t.Open = trial.Count()
		trial.Each(engine.Yes, fits)
	} else {
		if len(v.firms) > slowAtOnce {
			return Trial{}, rule.Faults{{Line: 1, Column: 1, Problem: rule.Costly}}
		}
		for row := range v.firms {
			switch v.svc.one(c, v.snap.Row(row), v.today) {
			case engine.Yes:
				t.Yes++
				fits(row)
			case engine.Unknown:
				t.Open++
			}
		}
	}
	t.Cost, t.NoSum = sum.sum, sum.open
	if t.Lost = t.Was - kept; old != nil && t.Lost > 0 {
		t.Losses = v.lost(d.Against, yes)
	}
	t.Took = feed.Now().Sub(begun)
	return t, nil
}

// lost names some firms that fitted an offer and would not fit a draft.
func (v *View) lost(key string, yes func(row int) bool) []string {
	var rows []int
	v.each(key, engine.Yes, func(row int) {
		if len(rows) < shown && !yes(row) {
			rows = append(rows, row)
		}
	})
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = v.firms[r]
	}
	return out
}

// Memory is what matching takes, in bytes, and how long it took to read.
type Memory struct {
	Ready                   bool
	Day                     string
	Firms, Offers, Slow     int
	Columns, Codes, Answers int
	Took                    time.Duration
}

// PerFirm is what one firm takes.
func (m Memory) PerFirm() int { return (m.Columns + m.Codes + m.Answers) / max(1, m.Firms) }

// Memory reports without reading anything.
func (s *Service) Memory() Memory {
	s.mu.RLock()
	st := s.now
	s.mu.RUnlock()
	if st == nil {
		return Memory{}
	}
	m := Memory{Ready: true, Day: st.day, Firms: len(st.firms), Offers: len(st.offers), Slow: len(st.slow), Took: st.took}
	m.Columns, m.Codes, m.Answers = st.snap.Bytes()
	for _, list := range st.slow {
		m.Answers += len(list)
	}
	return m
}

// Keys of all offers, in order.
func (v *View) Keys() []string {
	out := make([]string, 0, len(v.offers))
	for k := range v.offers {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
