package rule

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tongban/tongban/internal/matching/engine"
)

// Band is a step of a criterion: what it gives to those for whom its condition
// holds. What only people can say within a band, such as experts, lies between Low
// and High.
type Band struct {
	When      *Rule // nil: always
	Line      int   // bands of one line ask for the same, each for more than the next one
	Low, High int
}

// Points are a criterion, of whose bands the best that holds counts, or a sum.
type Points struct {
	Bands []Band
	Sum   []*Points
	Cap   int // of a sum: it counts no more than that; 0 for all of it
}

// Span is the least and the most that points can be, as long as facts are missing
// or people have not spoken.
type Span struct{ Low, High int }

// Reaches answers whether the points are at least so many.
func (s Span) Reaches(n int) engine.Tri {
	switch {
	case s.Low >= n:
		return engine.Yes
	case s.High < n:
		return engine.No
	}
	return engine.Unknown
}

// capped is the span below the cap of the points.
func (p *Points) capped(s Span) Span {
	if p.Cap > 0 {
		return Span{min(s.Low, p.Cap), min(s.High, p.Cap)}
	}
	return s
}

// Most is what there is to get at all.
func (p *Points) Most() int {
	out := Span{}
	for _, b := range p.Bands {
		out.High = max(out.High, b.High)
	}
	for _, k := range p.Sum {
		out.High += k.Most()
	}
	return p.capped(out).High
}

// Of reckons the points of a row by the rules as they are written.
func (p *Points) Of(row []engine.Value, today int64) (Span, error) {
	var out Span
	for _, b := range p.Bands {
		answer := engine.Yes
		if b.When != nil {
			var err error
			if answer, err = b.When.Eval(row, today); err != nil {
				return out, err
			}
		}
		out = out.best(b, answer)
	}
	for _, k := range p.Sum {
		s, err := k.Of(row, today)
		if err != nil {
			return out, err
		}
		out = Span{out.Low + s.Low, out.High + s.High}
	}
	return p.capped(out), nil
}

// best counts a band in, given whether its condition holds.
func (s Span) best(b Band, answer engine.Tri) Span {
	if answer == engine.Yes {
		s.Low = max(s.Low, b.Low)
	}
	if answer != engine.No {
		s.High = max(s.High, b.High)
	}
	return s
}

// open is what nobody can tell: a ratio of nothing over nothing.
var open = &engine.Expr{Op: engine.InRange, Range: engine.Range{Term: engine.Term{Num: []engine.Lin{}, Den: []engine.Lin{}, Zero: engine.ZeroUnknown}, Lo: 0, Hi: engine.NoHi}}

// Reach translates "at least so many points" for the engine, as of a day; false
// when a band has something that only CEL can reckon. The answer is Yes where the
// least that the points can be is enough, No where the most is not, else Unknown.
func (p *Points) Reach(n int, today int64) (*engine.Expr, bool) {
	w := &weigher{today: today, of: map[*Rule]*engine.Expr{}, ok: true}
	sure := w.stairs(p, func(b Band) int { return b.Low }).reach(n)
	if !w.ok {
		return nil, false
	}
	if p.certain() {
		return sure, true
	}
	possible := w.stairs(p, func(b Band) int { return b.High }).reach(n)
	return &engine.Expr{Op: engine.Or, Kids: []*engine.Expr{sure, {Op: engine.And, Kids: []*engine.Expr{possible, open}}}}, true
}

// certain says that facts alone decide.
func (p *Points) certain() bool {
	return !slices.ContainsFunc(p.Bands, func(b Band) bool { return b.Low != b.High }) &&
		!slices.ContainsFunc(p.Sum, func(k *Points) bool { return !k.certain() })
}

// weigher translates points; every rule once.
type weigher struct {
	today int64
	of    map[*Rule]*engine.Expr
	ok    bool
}

// stairs are the values that points can have, upwards, each with the condition
// under which they are at least that. The lowest holds always.
type stairs struct {
	value []int
	when  []*engine.Expr
}

func (s stairs) reach(n int) *engine.Expr {
	i, _ := slices.BinarySearch(s.value, n)
	if i == len(s.value) {
		return always(false)
	}
	return s.when[i]
}

// fit is the lowest value that is at least n.
func fit(values []int, n int) (int, bool) {
	i, _ := slices.BinarySearch(values, n)
	if i == len(values) {
		return 0, false
	}
	return values[i], true
}

func (w *weigher) stairs(p *Points, side func(Band) int) stairs {
	if len(p.Sum) == 0 {
		return w.criterion(p, side)
	}
	kids := make([]stairs, len(p.Sum))
	for i, k := range p.Sum {
		kids[i] = w.stairs(k, side)
	}
	// What comes to the most decides the soonest.
	slices.SortStableFunc(kids, func(a, b stairs) int { return cmp.Compare(b.value[len(b.value)-1], a.value[len(a.value)-1]) })
	rest := make([][]int, len(kids)+1) // sums that the kids from there on can have
	rest[len(kids)] = []int{0}
	for i := len(kids) - 1; i >= 0; i-- {
		for _, a := range kids[i].value {
			for _, b := range rest[i+1] {
				rest[i] = append(rest[i], a+b)
			}
		}
		slices.Sort(rest[i])
		rest[i] = slices.Compact(rest[i])
	}
	s := adder{kids, rest, map[[2]int]*engine.Expr{}}
	var out stairs
	for _, v := range rest[0] {
		if p.Cap > 0 && v > p.Cap {
			v = p.Cap
		}
		if n := len(out.value); n > 0 && out.value[n-1] == v {
			break // the cap
		}
		out.value, out.when = append(out.value, v), append(out.when, s.atLeast(0, v))
	}
	return out
}

func (w *weigher) criterion(p *Points, side func(Band) int) stairs {
	base := 0
	for _, b := range p.Bands {
		if b.When == nil {
			base = max(base, side(b))
		}
	}
	out := stairs{[]int{base}, []*engine.Expr{always(true)}}
	for _, b := range p.Bands {
		if v := side(b); v > base && !slices.Contains(out.value, v) {
			out.value = append(out.value, v)
		}
	}
	slices.Sort(out.value)
	for _, v := range out.value[1:] {
		weakest := map[int]*Rule{} // of each line
		var lines []int
		for _, b := range p.Bands {
			if b.When == nil || side(b) < v {
				continue
			}
			if _, ok := weakest[b.Line]; !ok {
				lines = append(lines, b.Line)
			}
			weakest[b.Line] = b.When
		}
		any := &engine.Expr{Op: engine.Or, Shared: true}
		for _, l := range lines {
			any.Kids = append(any.Kids, w.expr(weakest[l]))
		}
		out.when = append(out.when, any)
	}
	return out
}

func (w *weigher) expr(r *Rule) *engine.Expr {
	e, known := w.of[r]
	if !known {
		var ok bool
		if e, ok = r.Expr(w.today); !ok {
			e, w.ok = always(false), false
		}
		w.of[r] = e
	}
	return e
}

// adder says when several points come to a sum. What is left to reach of the same
// rest is one expression, however it came to that.
type adder struct {
	kids []stairs
	rest [][]int
	made map[[2]int]*engine.Expr
}

func (s *adder) atLeast(i, n int) *engine.Expr {
	n, ok := fit(s.rest[i], n)
	switch {
	case !ok:
		return always(false)
	case n == s.rest[i][0]:
		return always(true)
	}
	key := [2]int{i, n}
	if e, ok := s.made[key]; ok {
		return e
	}
	out := &engine.Expr{Op: engine.Or, Shared: true}
	last := -1
	for k, v := range s.kids[i].value {
		left, ok := fit(s.rest[i+1], n-v)
		if !ok || left == last { // a lower step leaves as little to the rest
			continue
		}
		last = left
		out.Kids = append(out.Kids, &engine.Expr{Op: engine.And, Kids: []*engine.Expr{s.kids[i].when[k], s.atLeast(i+1, left)}})
	}
	s.made[key] = out
	return out
}

// Earned says where the points of a row come from.
type Earned struct {
	*Points
	Span
	Kids  []*Earned // of a sum
	Steps []Step    // of a criterion: its bands
}

// Step is a band as a row stands to it.
type Step struct {
	Band
	Answer engine.Tri
	Why    *Reason // nil for what holds always
}

// Next are the bands that would give more than is certain, of each line the
// nearest one, what gives the least first.
func (e *Earned) Next() []Step {
	nearest := map[int]Step{}
	for _, s := range e.Steps {
		if s.Answer == engine.Yes || s.High <= e.Low {
			continue
		}
		if have, ok := nearest[s.Line]; !ok || s.High < have.High {
			nearest[s.Line] = s
		}
	}
	var out []Step
	for _, s := range nearest {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Step) int { return cmp.Or(cmp.Compare(a.High, b.High), cmp.Compare(a.Line, b.Line)) })
	return out
}

// Explain says where the points come from, with every band looked at.
func (p *Points) Explain(row []engine.Value, today int64) (*Earned, error) {
	out := &Earned{Points: p}
	for _, b := range p.Bands {
		s := Step{Band: b, Answer: engine.Yes}
		if b.When != nil {
			why, err := b.When.Explain(row, today)
			if err != nil {
				return nil, fmt.Errorf("rule: points: %w", err)
			}
			s.Why, s.Answer = why, why.Answer
		}
		out.Steps = append(out.Steps, s)
		out.Span = out.best(b, s.Answer)
	}
	for _, k := range p.Sum {
		e, err := k.Explain(row, today)
		if err != nil {
			return nil, err
		}
		out.Kids = append(out.Kids, e)
		out.Span = Span{out.Low + e.Low, out.High + e.High}
	}
	out.Span = p.capped(out.Span)
	return out, nil
}
