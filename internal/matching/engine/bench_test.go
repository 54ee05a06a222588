package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/testkit/matchgen"
)

func BenchmarkMatrix(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		t := matchgen.Table(1, n)
		for _, p := range []int{100, 1000} {
			prog := engine.Compile(t.Schema, matchgen.Rules(1, p, true))
			x := engine.NewIndex(t, prog)
			run := func(b *testing.B, run func(int) *engine.Matrix) {
				var m *engine.Matrix
				for b.Loop() {
					m = run(1)
				}
				yes, open := 0, 0
				for r := range p {
					yes += m.Yes(r)
					open += m.Unknown(r)
				}
				pairs := float64(n) * float64(p)
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/pairs, "ns/pair")
				b.ReportMetric(100*float64(yes)/pairs, "%yes")
				b.ReportMetric(100*float64(open)/pairs, "%open")
				b.ReportMetric(float64(m.Bytes())/float64(n), "B/row")
				b.ReportMetric(float64(prog.Leaves()), "leaves")
			}
			name := fmt.Sprintf("rows=%d/rules=%d", n, p)
			b.Run(name+"/kernel=portable", func(b *testing.B) { run(b, x.RunPortable) })
			if engine.Kernel() != "portable" {
				b.Run(name+"/kernel="+engine.Kernel(), func(b *testing.B) { run(b, x.Run) })
			}
		}
	}
}

// BenchmarkGate tells how many times quicker the matrix is than the rules row by
// row, in the same process: a ratio does not mind a slow machine. It was above a
// hundred when this was written; below twenty something is broken.
func BenchmarkGate(b *testing.B) {
	table, rules := matchgen.Table(5, gateFirms), matchgen.Rules(5, gateRules, true)
	x := engine.NewIndex(table, engine.Compile(table.Schema, rules))
	rows := make([][]engine.Value, table.Len()/20)
	for i := range rows {
		rows[i] = table.Row(i)
	}
	yes := 0
	var bulk, single time.Duration
	for b.Loop() {
		begin := time.Now()
		x.Run(1)
		bulk += time.Since(begin)
		begin = time.Now()
		for _, e := range rules {
			for _, row := range rows {
				yes += int(e.Eval(row) >> 1)
			}
		}
		single += time.Since(begin) * time.Duration(table.Len()/len(rows))
	}
	if yes == 0 {
		b.Fatal("nobody fits")
	}
	b.ReportMetric(float64(single)/float64(bulk), "times")
}

func BenchmarkOneRow(b *testing.B) {
	const n = 1_000_000
	t := matchgen.Table(1, n)
	j := engine.NewIndex(t, engine.Compile(t.Schema, matchgen.Rules(1, 1000, true))).NewJudge()
	var codes engine.Codes
	var out engine.Answers
	i := 0
	b.Run("stored", func(b *testing.B) {
		for b.Loop() {
			i = (i + 611_953) % n // somewhere else, so that the codes come from memory
			codes = j.Stored(i, codes)
			out = j.Answer(codes, out)
		}
	})
	rows := make([][]engine.Value, 512)
	for k := range rows {
		rows[k] = t.Row((k * 611_953) % n)
	}
	b.Run("changed", func(b *testing.B) {
		for b.Loop() {
			i++
			codes = j.CodesOf(rows[i&511], codes)
			out = j.Answer(codes, out)
		}
	})
}

func BenchmarkNewRule(b *testing.B) {
	t := matchgen.Table(1, 1_000_000)
	rules := matchgen.Rules(7, 200, false) // thresholds that nobody has used
	x := engine.NewIndex(t, engine.Compile(t.Schema, matchgen.Rules(1, 1000, true)))
	for name, lent := range map[string]*engine.Index{"index=none": nil, "index=lent": x} {
		b.Run(name, func(b *testing.B) {
			i := 0
			for b.Loop() {
				engine.Scan(t, lent, rules[i%len(rules)], 1)
				i++
			}
		})
	}
}

func BenchmarkNear(b *testing.B) {
	t := matchgen.Table(1, 1_000_000)
	x := engine.NewIndex(t, engine.Compile(t.Schema, matchgen.Rules(1, 1000, true)))
	near := 0
	for b.Loop() {
		m := x.Near(1)
		near = 0
		for r := range 1000 {
			near += m.Yes(r)
		}
	}
	b.ReportMetric(float64(near)/1e7, "%near")
}
