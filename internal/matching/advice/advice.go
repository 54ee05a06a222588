package advice

import (
	"cmp"
	"context"
	"slices"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/matching"
	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/facts"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/matching/rule"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Deps of the package.
type Deps struct {
	Matching *matching.Service
	Policies *policy.Service
	Dossier  *dossier.Service
	Identity *identity.Service
	Facts    *facts.Facts
}

// Service advises.
type Service struct{ Deps }

// New wires the package.
func New(d Deps) *Service {
	if d.Facts == nil {
		d.Facts = facts.Published()
	}
	return &Service{d}
}

// Standing of a clause towards a firm.
type Standing string

// The standings.
const (
	Fits Standing = "fits"
	Open Standing = "open" // cannot be told: facts are missing
	Near Standing = "near" // one step away
	Far  Standing = "far"
)

// Standings that a firm is told of, in their order.
var Standings = []Standing{Fits, Open, Near}

// Match is a clause as it stands towards a firm.
type Match struct {
	policy.Entry
	Standing Standing
	Why      facts.Line
	Distance int
	Worth    money.Fen
	Known    bool   // Worth is known
	Until    string // one can apply until then, "" for no end; with Now
	Now      bool   // one can apply today
	Next     string // the next day on which one can, "" for none
}

// Advice for one firm.
type Advice struct {
	Firm    identity.Enterprise
	Day     string
	Matches []Match // all but those that are far, by standing
	Far     int
	Total   money.Fen // what it could still get
	Sums    int       // of how many clauses that is the sum
	Gaps    []Wanted  // facts that would answer most
}

// Of are the matches of a standing.
func (a *Advice) Of(s Standing) []Match {
	var out []Match
	for _, m := range a.Matches {
		if m.Standing == s {
			out = append(out, m)
		}
	}
	return out
}

// Wanted is a missing fact, and how many clauses wait for it.
type Wanted struct {
	facts.Gap
	Clauses int
}

// For advises a firm. A firm whose file the actor may not read is
// dossier.ErrNotFound.
func (s *Service) For(ctx context.Context, actor auth.Actor, firm string) (*Advice, error) {
	e, err := s.firm(ctx, actor, firm)
	if err != nil {
		return nil, err
	}
	v, err := s.Matching.View(ctx)
	if err != nil {
		return nil, err
	}
	row, ok := v.Row(firm)
	if !ok {
		return nil, dossier.ErrNotFound
	}
	a, err := s.advise(ctx, v, row)
	if err != nil {
		return nil, err
	}
	a.Firm = e
	return a, nil
}

func (s *Service) firm(ctx context.Context, actor auth.Actor, id string) (identity.Enterprise, error) {
	e, err := s.Identity.Enterprise(ctx, id)
	if err != nil {
		return e, err
	}
	if !s.Dossier.Sees(actor, e) {
		return e, dossier.ErrNotFound
	}
	return e, nil
}

// Said is what somebody says of a firm that nobody need know: canonical texts (see
// dossier.Def.Parse) by fact and, of yearly ones, how many years back.
type Said map[rule.FactRef]string

// Check advises whom it concerns; nothing of it is kept.
func (s *Service) Check(ctx context.Context, said Said) (*Advice, error) {
	v, err := s.Matching.View(ctx)
	if err != nil {
		return nil, err
	}
	row := make([]engine.Value, len(s.Facts.Rules.Schema().Attrs))
	for _, w := range s.Facts.Words() {
		for back := min(1, w.Years); back <= w.Years; back++ {
			col, ok := s.Facts.Rules.Column(w.Key, back)
			if !ok {
				continue
			}
			text := said[rule.FactRef{Key: w.Def.Key, Back: back}]
			switch {
			case w.Certificate != "" && text != "":
				row[col] = facts.Ends(text, w.Certificate, v.Day())
			case w.Certificate != "" || text == "" && w.Def.Absent == "none":
				row[col] = s.Facts.Absent(w.Key)
			default:
				row[col] = s.Facts.Value(w.Key, text, v.Day())
			}
		}
	}
	return s.advise(ctx, v, row)
}

// Clauses says how some clauses that are in force stand towards a firm, by their
// keys, also those from which it is far; what is not matched is left out. A firm
// whose file the actor may not read is dossier.ErrNotFound.
func (s *Service) Clauses(ctx context.Context, actor auth.Actor, firm string, entries []policy.Entry) (map[string]Match, error) {
	if _, err := s.firm(ctx, actor, firm); err != nil {
		return nil, err
	}
	v, err := s.Matching.View(ctx)
	if err != nil {
		return nil, err
	}
	row, ok := v.Row(firm)
	if !ok {
		return nil, dossier.ErrNotFound
	}
	out, answers := map[string]Match{}, v.Check(row)
	for _, e := range entries {
		m, ok, err := s.match(ctx, v, row, e, answers)
		if err != nil {
			return nil, err
		}
		if ok {
			out[e.Key] = m
		}
	}
	return out, nil
}

// match says how a clause stands towards the facts of a row; false when it is not
// in force, or not matched.
func (s *Service) match(ctx context.Context, v *matching.View, row []engine.Value, e policy.Entry, answers map[string]engine.Tri) (Match, bool, error) {
	key, day := matching.ClausePrefix+e.Key, v.Day()
	if !e.Holds(day) || !e.Matched() || !v.Has(key) {
		return Match{}, false, nil
	}
	m := Match{Entry: e, Standing: map[engine.Tri]Standing{engine.Yes: Fits, engine.Unknown: Open, engine.No: Far}[answers[key]]}
	why, worth, known, err := v.ExplainRow(key, row)
	if err != nil {
		return m, false, err
	}
	m.Worth, m.Known = worth, known
	if why != nil {
		m.Why, m.Distance = s.Facts.Why(ctx, why, day), why.Distance()
	}
	if m.Standing == Far && m.Distance == 1 {
		m.Standing = Near
	}
	if m.Standing == Open && m.Distance >= engine.Unreachable { // even with the missing facts nothing could come of it
		m.Standing = Far
	}
	m.Until, m.Now = e.Open(day)
	if next, ok := e.Next(day); ok {
		m.Next = next.From
	}
	return m, true, nil
}

// advise holds every clause in force against the facts of a row.
func (s *Service) advise(ctx context.Context, v *matching.View, row []engine.Value) (*Advice, error) {
	entries, err := s.Policies.Published(ctx)
	if err != nil {
		return nil, err
	}
	a := &Advice{Day: v.Day()}
	answers := v.Check(row)
	for _, e := range entries {
		m, ok, err := s.match(ctx, v, row, e, answers)
		switch {
		case err != nil:
			return nil, err
		case !ok:
		case m.Standing == Far:
			a.Far++
		default:
			a.Matches = append(a.Matches, m)
		}
	}
	slices.SortStableFunc(a.Matches, byUse)
	a.total()
	a.wanted()
	return a, nil
}

// byUse puts what can be had first: by standing, what is open before what is not,
// what closes first, what is worth most.
func byUse(a, b Match) int {
	order := func(m Match) int { return slices.Index(Standings, m.Standing) }
	open := func(m Match) int {
		switch {
		case m.Now:
			return 0
		case m.Next != "":
			return 1
		}
		return 2
	}
	end := func(m Match) string {
		if m.Now {
			return cmp.Or(m.Until, "9999-12-31")
		}
		return cmp.Or(m.Next, "9999-12-31")
	}
	return cmp.Or(order(a)-order(b), open(a)-open(b), cmp.Compare(end(a), end(b)), -cmp.Compare(a.Worth, b.Worth), cmp.Compare(a.Key, b.Key))
}

// total is what a firm could get: of clauses that exclude each other what is worth most.
func (a *Advice) total() {
	var list []Match
	for _, m := range a.Of(Fits) {
		if m.Known && m.Worth > 0 && (m.Now || m.Next != "") {
			list = append(list, m)
		}
	}
	slices.SortStableFunc(list, func(x, y Match) int { return -cmp.Compare(x.Worth, y.Worth) })
	var taken []Match
	for _, m := range list {
		if !slices.ContainsFunc(taken, func(t Match) bool { return policy.Exclude(t.Entry, m.Entry) }) {
			taken = append(taken, m)
			a.Total += m.Worth
		}
	}
	a.Sums = len(taken)
}

// wanted counts which missing facts keep how many clauses open.
func (a *Advice) wanted() {
	at := map[facts.Gap]int{}
	for _, m := range a.Of(Open) {
		for _, g := range m.Why.Gaps() {
			i, ok := at[g]
			if !ok {
				i = len(a.Gaps)
				at[g] = i
				a.Gaps = append(a.Gaps, Wanted{Gap: g})
			}
			a.Gaps[i].Clauses++
		}
	}
	slices.SortStableFunc(a.Gaps, func(x, y Wanted) int { return y.Clauses - x.Clauses })
}
