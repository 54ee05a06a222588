package main

import (
	"fmt"
	"strings"

	"github.com/tongban/tongban/internal/matching/engine"
)

// dialect prints rules for an engine with three answers: a comparison with what
// is missing is whatever the engine makes of it.
type dialect struct {
	and, or, not string
	leaf         func(e *engine.Expr) string
}

func (d dialect) print(e *engine.Expr) string {
	switch e.Op {
	case engine.And, engine.Or:
		parts := make([]string, len(e.Kids))
		for i, k := range e.Kids {
			parts[i] = d.print(k)
		}
		with := d.and
		if e.Op == engine.Or {
			with = d.or
		}
		return "(" + strings.Join(parts, with) + ")"
	case engine.Not:
		return d.not + "(" + d.print(e.Kids[0]) + ")"
	}
	return d.leaf(e)
}

// within is a comparison of a ready number of which missing is null.
func (w *words) within(e *engine.Expr, name, and string) string {
	lo, hi := e.Range.Lo, e.Range.Hi
	switch {
	case hi == engine.NoHi:
		return fmt.Sprintf("%s >= %d", name, lo)
	case lo == engine.NoLo:
		if t := e.Range.Term; t.Den == nil && len(t.Num) == 1 && !mayBeNone(t) {
			return fmt.Sprintf("%s < %d", name, hi)
		}
		lo = none + 1
	}
	return fmt.Sprintf("(%s >= %d%s%s < %d)", name, lo, and, name, hi)
}

func mayBeNone(t engine.Term) bool { return schema.Attrs[t.Num[0].Attr].Key == "certificate_end" }

// sql prints for SQL: numbers t0 to tn and flags f0 to fn.
func (w *words) sql(isTrue string) dialect {
	return dialect{" AND ", " OR ", "NOT ", func(e *engine.Expr) string {
		if e.Op == engine.Has {
			return fmt.Sprintf("f%d%s", w.flagOf[mark{e.Attr, e.Member}], isTrue)
		}
		return w.within(e, fmt.Sprintf("t%d", w.term(e.Range.Term)), " AND ")
	}}
}

// celReady prints the same for CEL.
func (w *words) celReady() dialect {
	return dialect{" && ", " || ", "!", func(e *engine.Expr) string {
		if e.Op == engine.Has {
			return fmt.Sprintf("f%d", w.flagOf[mark{e.Attr, e.Member}])
		}
		return w.within(e, fmt.Sprintf("t%d", w.term(e.Range.Term)), " && ")
	}}
}

// celPlain prints a rule over the facts themselves. A ratio is multiplied out, so
// that it is exact; over zero it is what the rule says, once it is certain that
// no fact is missing.
func celPlain() dialect {
	sum := func(lins []engine.Lin) string {
		var b strings.Builder
		for i, l := range lins {
			switch {
			case l.Factor == -1:
				b.WriteString(" - ")
			case i > 0:
				b.WriteString(" + ")
			}
			b.WriteString(schema.Attrs[l.Attr].Key)
		}
		if len(lins) > 1 {
			return "(" + b.String() + ")"
		}
		return b.String()
	}
	return dialect{" && ", " || ", "!", func(e *engine.Expr) string {
		if e.Op == engine.Has {
			a := schema.Attrs[e.Attr]
			if a.Members == 1 {
				return a.Key
			}
			return fmt.Sprintf("%q in %s", member(e.Member), a.Key)
		}
		t := e.Range.Term
		if t.Den == nil {
			return (&words{}).within(e, sum(t.Num), " && ")
		}
		num, den := sum(t.Num), sum(t.Den)
		g := divisor(e.Range.Lo, engine.Scale)
		zero := fmt.Sprintf("%s * 0 != 0", num)
		if t.Zero == engine.ZeroUnknown {
			zero = fmt.Sprintf("%s / %s > 0", num, den)
		}
		return fmt.Sprintf("(%s == 0 ? %s : %s * %d >= %d * %s)", den, zero, num, engine.Scale/g, e.Range.Lo/g, den)
	}}
}

func member(m int) string { return fmt.Sprintf("m%d", m) }

func divisor(a, b int64) int64 {
	for a != 0 {
		a, b = b%a, a
	}
	return b
}

// guarded prints what certainly holds, for engines with two answers: the opposite
// of a join is a join of opposites, and the opposite of a comparison asks too that
// the fact is known.
type guarded struct {
	and, or func(parts []string) string
	leaf    func(e *engine.Expr, not bool) string
}

func (g guarded) print(e *engine.Expr, not bool) string {
	switch e.Op {
	case engine.Not:
		return g.print(e.Kids[0], !not)
	case engine.And, engine.Or:
		parts := make([]string, len(e.Kids))
		for i, k := range e.Kids {
			parts[i] = g.print(k, not)
		}
		if (e.Op == engine.Or) != not {
			return g.or(parts)
		}
		return g.and(parts)
	}
	return g.leaf(e, not)
}

// certainly is a comparison of a ready number, or its opposite, with missing and
// none as the numbers that stand for them; the parts are joined by the caller.
func certainly(e *engine.Expr, name string, not bool) (parts []string, or bool) {
	lo, hi := e.Range.Lo, e.Range.Hi
	if !not {
		if lo == engine.NoLo {
			lo = none + 1
		}
		parts = []string{fmt.Sprintf("%s >= %d", name, lo)}
		if hi != engine.NoHi {
			parts = append(parts, fmt.Sprintf("%s < %d", name, hi))
		}
		return parts, false
	}
	switch {
	case hi == engine.NoHi:
		return []string{fmt.Sprintf("%s >= %d", name, none), fmt.Sprintf("%s < %d", name, lo)}, false
	case lo == engine.NoLo:
		return []string{fmt.Sprintf("%s == %d", name, none), fmt.Sprintf("%s >= %d", name, hi)}, true
	}
	return []string{fmt.Sprintf("%s >= %d", name, hi), fmt.Sprintf("%s >= %d && %s < %d", name, none, name, lo)}, true
}
