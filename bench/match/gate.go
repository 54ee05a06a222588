package main

import (
	"fmt"

	"github.com/tongban/tongban/internal/matching/engine"
)

// gateRows is how many firms every engine answers all rules for before anything
// is timed; the slowest answers fewer.
const gateRows, gateRowsOPA = 400, 40

// agrees holds an engine against Expr.Eval.
func (p *peer) agrees(w *words, rows [][]engine.Value, want [][]engine.Tri) error {
	if p.bulk == nil {
		rows = rows[:gateRowsOPA]
	}
	boxed := boxAll(p, w, rows)
	for i, row := range boxed {
		got := make([]engine.Tri, len(want))
		if p.all != nil {
			p.all(row, got)
		} else {
			for r := range want {
				p.bulk(r, boxed[i:i+1], got[r:r+1])
			}
		}
		for r := range want {
			expect := want[r][i]
			if !p.three && expect != engine.Yes {
				expect = engine.No
			}
			if got[r] != expect {
				return fmt.Errorf("%s: rule %d, firm %d: %v, want %v", p.name, r, i, got[r], want[r][i])
			}
		}
	}
	return nil
}

func boxAll(p *peer, w *words, rows [][]engine.Value) []any {
	out := make([]any, len(rows))
	for i, row := range rows {
		out[i] = p.box(row, w.ready(row))
	}
	return out
}

// oursAgrees holds everything that is timed of ours against Expr.Eval and
// Distance, for firms all over the table, and returns how many pairs were looked at.
func oursAgrees(t *engine.Table, rules []*engine.Expr, x *engine.Index, prog *engine.Program, fresh []*engine.Expr) (int, error) {
	const rows = 1500
	m, portable, j, near := x.Run(1), x.RunPortable(1), x.NewJudge(), x.Near(1)
	pairs := 0
	var codes engine.Codes
	var got engine.Answers
	place := func(i int) int { return i * 611_953 % t.Len() }
	for i := range rows {
		row := t.Row(place(i))
		stored := i%2 == 0
		if codes = j.CodesOf(row, codes); stored {
			codes = j.Stored(place(i), codes)
		}
		got = j.Answer(codes, got)
		for r, e := range rules {
			want := e.Eval(row)
			if m.At(place(i), r) != want || portable.At(place(i), r) != want || got.Of(r) != want {
				return 0, fmt.Errorf("tongban: rule %d, firm %d: %v, portable %v, alone %v, want %v", r, place(i), m.At(place(i), r), portable.At(place(i), r), got.Of(r), want)
			}
			if i%10 == 0 && (near.At(place(i), r) == engine.Yes) != (prog.Distance(r, row) == 1) {
				return 0, fmt.Errorf("tongban: rule %d, firm %d: near differs", r, place(i))
			}
			pairs++
		}
	}
	for r := range rules {
		if m.Yes(r) != portable.Yes(r) || m.Unknown(r) != portable.Unknown(r) {
			return 0, fmt.Errorf("tongban: rule %d: %d and %d firms, portable %d and %d", r, m.Yes(r), m.Unknown(r), portable.Yes(r), portable.Unknown(r))
		}
	}
	for r, e := range fresh {
		for _, lent := range []*engine.Index{nil, x} {
			s := engine.Scan(t, lent, e, 1)
			for i := range rows {
				if want := e.Eval(t.Row(place(i))); s.At(place(i), 0) != want {
					return 0, fmt.Errorf("tongban: new rule %d, firm %d: want %v", r, place(i), want)
				}
				pairs++
			}
		}
	}
	return pairs, nil
}
