package engine

import (
	"math/rand/v2"
	"runtime"
	"testing"
)

// TestMemoryIsCounted holds the bytes that are told against what the process takes.
func TestMemoryIsCounted(t *testing.T) {
	r := random{rand.New(rand.NewPCG(3, 6))} //nolint:gosec // repeatable
	s := r.schema()
	rules := Rules{}
	for i, e := range r.rules(s, 40) {
		rules[string(rune('A'+i))] = e
	}
	heap := func() int {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc) //nolint:gosec // far below
	}
	before := heap()
	table, row := NewTable(s), []Value(nil)
	for range 20 * blockRows {
		row = r.row(s)
		if _, err := table.Append(row); err != nil {
			t.Fatal(err)
		}
	}
	l := NewLive(table, rules, 1)
	took := heap() - before
	got := l.Now().Memory()
	if n := got.Sum(); n < took*3/4 || n > took*5/4 {
		t.Fatalf("told %d (%+v), took %d", n, got, took)
	}
	e := r.expr(s, 2)
	for e.Op == Never || e.Op == Always {
		e = r.expr(s, 2)
	}
	l.SetRule("new", e, 1)
	if _, err := l.Put(map[int][]Value{0: row}, 1); err != nil {
		t.Fatal(err)
	}
	if n := l.Now().Memory(); n.Changes == 0 || n.Columns != got.Columns {
		t.Fatalf("with a change %+v, without %+v", n, got)
	}
}
