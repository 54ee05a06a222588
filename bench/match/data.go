package main

import (
	"fmt"

	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/testkit/matchgen"
)

// What stands in the ready numbers for a fact that is missing, and for one that
// there is none of: below everything, and whole in a float64.
const (
	missing = -(1 << 52)
	none    = missing + 1
	bound   = 1 << 51 // ready numbers are cut off here; no rule asks for more
)

type mark struct{ attr, member int }

// words are what rules ask for: numbers made ready, and flags.
type words struct {
	terms  []engine.Term
	termOf map[string]int
	flags  []mark
	flagOf map[mark]int
}

func newWords(rules []*engine.Expr) *words {
	w := &words{termOf: map[string]int{}, flagOf: map[mark]int{}}
	var walk func(e *engine.Expr)
	walk = func(e *engine.Expr) {
		switch e.Op {
		case engine.InRange:
			key := fmt.Sprint(e.Range.Term)
			if _, ok := w.termOf[key]; !ok {
				w.termOf[key] = len(w.terms)
				w.terms = append(w.terms, e.Range.Term)
			}
		case engine.Has:
			f := mark{e.Attr, e.Member}
			if _, ok := w.flagOf[f]; !ok {
				w.flagOf[f] = len(w.flags)
				w.flags = append(w.flags, f)
			}
		}
		for _, k := range e.Kids {
			walk(k)
		}
	}
	for _, e := range rules {
		walk(e)
	}
	return w
}

func (w *words) term(t engine.Term) int { return w.termOf[fmt.Sprint(t)] }

// ready is a firm in words.
type ready struct {
	n []int64
	f []engine.Tri
}

func (w *words) ready(row []engine.Value) ready {
	out := ready{make([]int64, len(w.terms)), make([]engine.Tri, len(w.flags))}
	for i := range w.terms {
		switch v := w.terms[i].Value(row); v.State {
		case engine.Missing:
			out.n[i] = missing
		case engine.NotApplicable:
			out.n[i] = none
		default:
			out.n[i] = max(-bound, min(v.N, bound))
		}
	}
	for i, f := range w.flags {
		e := engine.Expr{Op: engine.Has, Attr: f.attr, Member: f.member}
		out.f[i] = e.Eval(row)
	}
	return out
}

// sample takes n firms from all over a table.
func sample(t *engine.Table, n int) [][]engine.Value {
	out := make([][]engine.Value, n)
	for i := range out {
		out[i] = t.Row(i * 611_953 % t.Len())
	}
	return out
}

// eval is what rules mean, row by row.
func eval(rules []*engine.Expr, rows [][]engine.Value) [][]engine.Tri {
	out := make([][]engine.Tri, len(rules))
	for r, e := range rules {
		out[r] = make([]engine.Tri, len(rows))
		for i, row := range rows {
			out[r][i] = e.Eval(row)
		}
	}
	return out
}

var schema = matchgen.Schema()
