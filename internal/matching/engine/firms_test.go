package engine_test

import (
	"testing"

	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/testkit/matchgen"
)

const gateFirms, gateRules = 20_000, 200

// TestFirmsAgree holds every answer about generated firms, four million of them,
// against the rules as they are written; what BenchmarkGate then compares is the
// same work.
func TestFirmsAgree(t *testing.T) {
	t.Parallel()
	table, rules := matchgen.Table(5, gateFirms), matchgen.Rules(5, gateRules, true)
	x := engine.NewIndex(table, engine.Compile(table.Schema, rules))
	m, portable, j := x.Run(2), x.RunPortable(2), x.NewJudge()
	var codes engine.Codes
	var one engine.Answers
	for i := range table.Len() {
		row := table.Row(i)
		codes = j.Stored(i, codes)
		one = j.Answer(codes, one)
		for r, e := range rules {
			if want := e.Eval(row); m.At(i, r) != want || portable.At(i, r) != want || one.Of(r) != want {
				t.Fatalf("firm %d, rule %d: %v, portable %v, alone %v, want %v", i, r, m.At(i, r), portable.At(i, r), one.Of(r), want)
			}
		}
	}
	for k, e := range matchgen.Rules(6, 30, false) {
		m := engine.Scan(table, x, e, 1)
		for i := range table.Len() {
			if want := e.Eval(table.Row(i)); m.At(i, 0) != want {
				t.Fatalf("firm %d, new rule %d: %v, want %v", i, k, m.At(i, 0), want)
			}
		}
	}
}
