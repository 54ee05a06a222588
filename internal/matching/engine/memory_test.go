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

// TestEmptyColumnsTakeNothing: of a wide vocabulary only what is filled takes
// memory, block by block, and what is said later is not said elsewhere.
func TestEmptyColumnsTakeNothing(t *testing.T) {
	t.Parallel()
	s := Schema{Attrs: make([]Attr, 250)}
	for a := range s.Attrs {
		if a%10 == 0 {
			s.Attrs[a].Kind, s.Attrs[a].Members = Set, 8
		}
	}
	table, row := NewTable(s), make([]Value, len(s.Attrs))
	for a := range 25 {
		row[a+100] = Value{State: State(1 + a%2)} // not applicable, or zero
	}
	row[1], row[10] = Of(7), Of(1)
	for range 3 * blockRows {
		if _, err := table.Append(row); err != nil {
			t.Fatal(err)
		}
	}
	const filled = 4 + 1 // bytes of a number, and of eight members
	const planes = 27 * 2.0 / 8
	was := table.Bytes()
	if per := float64(was) / float64(table.Len()); per < filled+planes || per > filled+planes+4 {
		t.Fatalf("%.1f bytes a row", per)
	}
	row[249], row[240] = Of(1<<40), Of(0x55)
	if err := table.Set(blockRows+5, row); err != nil {
		t.Fatal(err)
	}
	if more := table.Bytes() - was; more < 5*blockRows || more > 6*blockRows {
		t.Fatalf("two columns of one block take %d bytes", more)
	}
	for i := range table.Len() {
		want := Value{}
		if i == blockRows+5 {
			want = row[240]
		}
		if got := table.Row(i)[240]; got != want {
			t.Fatalf("row %d says %v", i, got)
		}
	}
	for w, v := range nothing.missing {
		if v != ^uint64(0) || nothing.none[w] != 0 {
			t.Fatal("somebody wrote into the empty column")
		}
	}
	if noNumbers != [blockRows]int32{} || noMembers != [64]plane{} {
		t.Fatal("somebody wrote into the values of the empty column")
	}
}
