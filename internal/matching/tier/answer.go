package tier

import (
	"fmt"

	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/rule"
)

// Key begins the keys under which rungs stand among other rules.
const Key = "tier:"

// Compiled is a rung as the engine takes it.
type Compiled struct {
	Key  string // tier:<key of the rung>
	Rung *Rung
	Expr *engine.Expr
}

// Exprs are all rungs whose tables hold on a day; an error names the one that the
// engine cannot take, which a test excludes for the published ones.
func (t *Tables) Exprs(day string) ([]Compiled, error) {
	at, err := rule.ParseDay(day)
	if err != nil {
		return nil, fmt.Errorf("tier: %w", err)
	}
	var out []Compiled
	for _, l := range t.Ladders {
		for _, r := range l.On(day) {
			e, ok := r.Expr(at)
			if !ok {
				return nil, fmt.Errorf("tier: %s: not for all firms at once", r.Key)
			}
			out = append(out, Compiled{Key + r.Key, r, e})
		}
	}
	return out, nil
}

func all(kids ...*engine.Expr) *engine.Expr { return &engine.Expr{Op: engine.And, Kids: kids} }

// Expr translates the rung for the engine, as of a day.
func (r *Rung) Expr(day int64) (*engine.Expr, bool) {
	whole := true
	part := func(e *engine.Expr, ok bool) *engine.Expr { whole = whole && ok; return e }
	out := all()
	for _, c := range r.Gates {
		out.Kids = append(out.Kids, part(c.Compiled.Expr(day)))
	}
	if r.Score != nil {
		enough := all(part(r.Score.Points.Reach(r.Score.Need(), day)))
		for _, g := range r.Score.Groups {
			if g.AtLeast > 0 {
				enough.Kids = append(enough.Kids, part(g.Points.Reach(g.AtLeast, day)))
			}
		}
		either := &engine.Expr{Op: engine.Or, Kids: []*engine.Expr{enough}}
		for _, c := range r.Direct {
			either.Kids = append(either.Kids, part(c.Compiled.Expr(day)))
		}
		out.Kids = append(out.Kids, either)
	}
	return out, whole
}

// Check is a condition as a firm stands to it.
type Check struct {
	*Condition
	*rule.Reason
}

// GroupStatus is a group of criteria as a firm stands to it.
type GroupStatus struct {
	*Group
	*rule.Earned
}

// Status is a rung as a firm stands to it.
type Status struct {
	*Rung
	Answer engine.Tri
	Gates  []Check
	Direct []Check
	Groups []GroupStatus
	Points rule.Span  // when the rung has a table of points
	Scored engine.Tri // whether the points are enough
}

// Status says how a firm stands to the rung, given its row of facts.
func (r *Rung) Status(row []engine.Value, day int64) (*Status, error) {
	out := &Status{Rung: r, Answer: engine.Yes}
	check := func(c *Condition) (Check, error) {
		why, err := c.Compiled.Explain(row, day)
		if err != nil {
			return Check{}, fmt.Errorf("tier: %s: %w", r.Key, err)
		}
		return Check{c, why}, nil
	}
	for _, c := range r.Gates {
		x, err := check(c)
		if err != nil {
			return nil, err
		}
		out.Gates, out.Answer = append(out.Gates, x), min(out.Answer, x.Answer)
	}
	if r.Score == nil {
		return out, nil
	}
	earned, err := r.Score.Points.Explain(row, day)
	if err != nil {
		return nil, fmt.Errorf("tier: %s: %w", r.Key, err)
	}
	out.Points, out.Scored = earned.Span, earned.Reaches(r.Score.Need())
	for i, g := range r.Score.Groups {
		e := earned.Kids[i]
		out.Groups = append(out.Groups, GroupStatus{g, e})
		if g.AtLeast > 0 {
			out.Scored = min(out.Scored, e.Reaches(g.AtLeast))
		}
	}
	enough := out.Scored
	for _, c := range r.Direct {
		x, err := check(c)
		if err != nil {
			return nil, err
		}
		out.Direct, enough = append(out.Direct, x), max(enough, x.Answer)
	}
	out.Answer = min(out.Answer, enough)
	return out, nil
}
