package engine

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// random makes tables and rules with everything that there is: sums, ratios with
// each meaning of zero, sets, ranges, what is missing and what is not applicable,
// numbers that do not fit into 32 bits, and more thresholds than a family takes.
type random struct{ *rand.Rand }

func (r random) schema() Schema {
	s := Schema{}
	for i := range 6 + r.IntN(6) {
		a := Attr{Key: string(rune('a' + i)), Kind: Kind(r.IntN(3)), Fixed: r.IntN(4) == 0}
		if i < 3 {
			a.Kind = Number
		}
		if a.Kind == Set {
			a.Members = 1 + r.IntN(64)
		}
		s.Attrs = append(s.Attrs, a)
	}
	return s
}

func (r random) value(a Attr) Value {
	switch n := r.IntN(12); {
	case n == 0:
		return Value{State: Missing}
	case n == 1:
		return Value{State: NotApplicable}
	case a.Kind == Set:
		return Of(int64(r.Uint64() & r.Uint64() >> (64 - a.Members))) //nolint:gosec // bits
	case n == 2:
		return Of(0)
	case n == 3:
		return Of(r.Int64N(2*MaxValue) - MaxValue)
	case n == 4:
		return Of(int64([]int{-1 << 31, -1<<31 + 1, 1<<31 - 1, 1 << 31, -1}[r.IntN(5)]))
	}
	return Of(r.Int64N(400) - 100)
}

func (r random) row(s Schema) []Value {
	out := make([]Value, len(s.Attrs))
	for i, a := range s.Attrs {
		out[i] = r.value(a)
	}
	return out
}

func (r random) lins(s Schema) []Lin {
	var out []Lin
	for range 1 + r.IntN(3)/2 {
		a := r.IntN(len(s.Attrs))
		for s.Attrs[a].Kind != Number {
			a = r.IntN(3)
		}
		out = append(out, Lin{a, []int64{1, 1, 1, -1, 2}[r.IntN(5)]})
	}
	return out
}

func (r random) expr(s Schema, depth int) *Expr {
	if depth > 0 && r.IntN(3) > 0 {
		e := &Expr{Op: []Op{And, And, Or, Not}[r.IntN(4)]}
		n := 1
		if e.Op != Not {
			n = r.IntN(5)
		}
		for range n {
			e.Kids = append(e.Kids, r.expr(s, depth-1))
		}
		return e
	}
	if r.IntN(25) == 0 {
		return &Expr{Op: []Op{Always, Never}[r.IntN(2)]}
	}
	a := r.IntN(len(s.Attrs))
	if s.Attrs[a].Kind == Set {
		return &Expr{Op: Has, Attr: a, Member: r.IntN(s.Attrs[a].Members)}
	}
	e := &Expr{Op: InRange, Range: Range{Term: TermOf(a), Lo: NoLo, Hi: NoHi}}
	bound := func() int64 { return r.Int64N(400) - 100 }
	if s.Attrs[a].Kind == Number {
		switch r.IntN(3) {
		case 0:
			e.Range.Term = Term{Num: r.lins(s)}
		case 1:
			e.Range.Term = Term{Num: r.lins(s), Den: r.lins(s), Zero: Zero(r.IntN(3))}
			bound = func() int64 { return (r.Int64N(400) - 100) * Scale / 100 }
		}
	}
	if r.IntN(10) == 0 {
		bound = func() int64 { return []int64{-MaxValue, MaxValue, -1 << 31, 1<<31 - 1, 1 << 31}[r.IntN(5)] }
	}
	if r.IntN(3) > 0 {
		e.Range.Lo = bound()
	}
	if r.IntN(3) == 0 {
		e.Range.Hi = bound()
	}
	return e
}

func (r random) table(t testing.TB, s Schema, n int) (*Table, [][]Value) {
	t.Helper()
	table, rows := NewTable(s), make([][]Value, n)
	empty := make([]*Value, len(s.Attrs)) // what whole blocks say of some attributes
	for i := range rows {
		rows[i] = r.row(s)
		for a := range empty {
			if i%blockRows == 0 {
				empty[a] = map[int]*Value{0: {}, 1: {State: NotApplicable}, 2: {State: Known}}[r.IntN(8)]
			}
			if empty[a] != nil {
				rows[i][a] = *empty[a]
			}
		}
		if _, err := table.Append(rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	return table, rows
}

func (r random) rules(s Schema, n int) []*Expr {
	out := make([]*Expr, n)
	for i := range out {
		out[i] = r.expr(s, 3)
	}
	return out
}

// TestMatrixAgrees holds the matrix against every rule as it is written.
func TestMatrixAgrees(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		r := random{rand.New(rand.NewPCG(seed, 1))} //nolint:gosec // repeatable
		s := r.schema()
		n := []int{0, 1, 63, 64, 700, 4096, 4097, 9000}[seed%8]
		table, rows := r.table(t, s, n)
		rules := r.rules(s, []int{1, 30, 700}[seed%3])
		for i := range rows {
			if !slices.Equal(table.Row(i), rows[i]) {
				t.Fatalf("seed %d: row %d comes back as %v, was %v", seed, i, table.Row(i), rows[i])
			}
		}
		x := NewIndex(table, Compile(s, rules))
		m, portable := x.Run(1+int(seed%2)), x.RunPortable(1+int(seed%2)) //nolint:gosec // small
		for k, e := range rules {
			yes, open := 0, 0
			var list []int
			for i := range rows {
				want := e.Eval(rows[i])
				if got, also := m.At(i, k), portable.At(i, k); got != want || also != want {
					t.Fatalf("seed %d, row %d, rule %d: %v and portable %v, want %v", seed, i, k, got, also, want)
				}
				if want == Yes {
					yes++
				}
				if want == Unknown {
					open++
					list = append(list, i)
				}
			}
			if m.Yes(k) != yes || m.Unknown(k) != open {
				t.Fatalf("seed %d, rule %d: counts %d and %d, want %d and %d", seed, k, m.Yes(k), m.Unknown(k), yes, open)
			}
			var got []int
			m.Each(k, Unknown, func(row int) { got = append(got, row) })
			if !slices.Equal(got, list) {
				t.Fatalf("seed %d, rule %d: the list of unknown rows differs", seed, k)
			}
		}
	}
}

// TestJudgeAgrees holds the answers for one row against every rule as it is
// written, of rows in the table and of others.
func TestJudgeAgrees(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		r := random{rand.New(rand.NewPCG(seed, 2))} //nolint:gosec // repeatable
		s := r.schema()
		table, rows := r.table(t, s, 300)
		rules := r.rules(s, []int{1, 64, 65, 900}[seed%4])
		j := NewIndex(table, Compile(s, rules)).NewJudge()
		for range 100 {
			rows = append(rows, r.row(s))
		}
		var codes Codes
		var got Answers
		for i, row := range rows {
			for _, stored := range []bool{true, false} {
				if stored && i >= table.Len() {
					continue
				}
				if codes = j.CodesOf(row, codes); stored {
					codes = j.Stored(i, codes)
				}
				got = j.Answer(codes, got)
				for k, e := range rules {
					if want := e.Eval(row); got.Of(k) != want {
						t.Fatalf("seed %d, row %d, rule %d: %v, want %v", seed, i, k, got.Of(k), want)
					}
				}
			}
		}
	}
}

// TestScanAgrees holds a rule that no index knows against what is written, with
// the thresholds of other rules to lend and without.
func TestScanAgrees(t *testing.T) {
	t.Parallel()
	for seed := range uint64(16) {
		r := random{rand.New(rand.NewPCG(seed, 3))} //nolint:gosec // repeatable
		s := r.schema()
		table, rows := r.table(t, s, []int{0, 5, 4096, 5000}[seed%4])
		rules := r.rules(s, 120)
		x := NewIndex(table, Compile(s, rules[:80]))
		for k, e := range rules {
			var lent *Index
			if k%2 == 0 {
				lent = x
			}
			m := Scan(table, lent, e, 1+k%2)
			yes, open := 0, 0
			for i := range rows {
				want := e.Eval(rows[i])
				if got := m.At(i, 0); got != want {
					t.Fatalf("seed %d, row %d, rule %d: %v, want %v", seed, i, k, got, want)
				}
				yes += int(want >> 1)
				open += int(want & 1)
			}
			if m.Yes(0) != yes || m.Unknown(0) != open {
				t.Fatalf("seed %d, rule %d: counts %d and %d, want %d and %d", seed, k, m.Yes(0), m.Unknown(0), yes, open)
			}
		}
	}
}

// TestScanAgreesOfFirms does the same with firms, whose rows are dense and whose
// columns have hardly anything outside of 32 bits, so that whole words are
// compared at once; the thresholds lie between those of the index, on them, and in
// more than one family.
func TestScanAgreesOfFirms(t *testing.T) {
	t.Parallel()
	const n = 2*blockRows + 100
	r := random{rand.New(rand.NewPCG(9, 9))} //nolint:gosec // repeatable
	s := Schema{Attrs: []Attr{{Key: "a"}, {Key: "b"}, {Key: "c"}, {Key: "d", Kind: Set, Members: 3}}}
	table, rows := NewTable(s), make([][]Value, n)
	for i := range rows {
		rows[i] = []Value{Of(r.Int64N(5000)), Of(r.Int64N(4000) - 500), Of(r.Int64N(3)), Of(r.Int64N(8))}
		for a := range rows[i] {
			if r.IntN(20) == 0 {
				rows[i][a] = Value{State: State(r.IntN(2))}
			}
		}
		if i%blockRows == 77 {
			rows[i][i/blockRows] = Of(MaxValue)
		}
		if _, err := table.Append(rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	terms := []Term{
		TermOf(0), TermOf(1),
		{Num: []Lin{{0, 1}, {1, -1}}},
		{Num: []Lin{{1, 1}}, Den: []Lin{{0, 1}}},
		{Num: []Lin{{0, 2}, {1, -1}, {2, 7}}, Den: []Lin{{1, 1}}, Zero: ZeroInfinite},
		{Num: []Lin{{0, 1}, {2, -1}}, Den: []Lin{{2, 1}}, Zero: ZeroUnknown},
		{Num: []Lin{{2, 0}}, Den: []Lin{{2, 1}, {2, -1}}, Zero: ZeroUnknown},
	}
	leaf := func() *Expr {
		k := r.IntN(len(terms) + 1)
		if k == len(terms) {
			return &Expr{Op: Has, Attr: 3, Member: r.IntN(3)}
		}
		e := &Expr{Op: InRange, Range: Range{Term: terms[k], Lo: r.Int64N(5200) - 600, Hi: NoHi}}
		if k > 2 {
			e.Range.Lo *= 500
		}
		if r.IntN(3) == 0 {
			e.Range.Hi = e.Range.Lo + r.Int64N(2_000_000)
		}
		if r.IntN(4) == 0 {
			e.Range.Lo = NoLo
		}
		return e
	}
	rule := func() *Expr {
		e := &Expr{Op: And}
		for range 1 + r.IntN(4) {
			k := leaf()
			switch r.IntN(4) {
			case 0:
				k = &Expr{Op: Or, Kids: []*Expr{k, leaf(), leaf()}}
			case 1:
				k = &Expr{Op: Not, Kids: []*Expr{k}}
			}
			e.Kids = append(e.Kids, k)
		}
		return e
	}
	var known []*Expr
	for range 400 {
		known = append(known, leaf())
	}
	for i := range int64(300) { // more thresholds than a family takes
		known = append(known, &Expr{Op: InRange, Range: Range{Term: terms[i%2], Lo: 17 * i, Hi: 17*i + 9}})
	}
	for k := range terms { // and one that is all the index knows of a term has no end
		known = append(known, &Expr{Op: InRange, Range: Range{Term: terms[k], Lo: NoLo, Hi: NoHi}})
	}
	for _, x := range []*Index{nil, NewIndex(table, Compile(s, known)), NewIndex(table, Compile(s, known[:3])), NewIndex(table, Compile(s, known[700:]))} {
		for k := range 60 {
			e := rule()
			if k%3 == 0 {
				e.Kids = append(e.Kids, known[r.IntN(len(known))])
			}
			m := Scan(table, x, e, 1)
			for i := range rows {
				if want := e.Eval(rows[i]); m.At(i, 0) != want {
					t.Fatalf("rule %d, row %d: %v, want %v", k, i, m.At(i, 0), want)
				}
			}
		}
	}
}

// TestNearAgrees holds what is one step away against the distance of every row.
func TestNearAgrees(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		r := random{rand.New(rand.NewPCG(seed, 4))} //nolint:gosec // repeatable
		s := r.schema()
		table, rows := r.table(t, s, []int{1, 500, 4096, 5000}[seed%4])
		p := Compile(s, r.rules(s, 150))
		m := NewIndex(table, p).Near(1 + int(seed%2)) //nolint:gosec // small
		for k := range p.Rules() {
			n := 0
			for i := range rows {
				d := p.Distance(k, rows[i])
				if got := m.At(i, k) == Yes; got != (d == 1) {
					t.Fatalf("seed %d, row %d, rule %d: near %v, distance %d", seed, i, k, got, d)
				}
				if want := p.rules[k].Eval(rows[i]) == Yes; want != (d == 0) {
					t.Fatalf("seed %d, row %d, rule %d: distance %d, holds %v", seed, i, k, d, want)
				}
				if d == 1 {
					n++
				}
			}
			if m.Yes(k) != n || m.Unknown(k) != 0 {
				t.Fatalf("seed %d, rule %d: %d and %d near, want %d", seed, k, m.Yes(k), m.Unknown(k), n)
			}
		}
	}
}

// TestLiveAgrees changes rows and rules at random while readers read, and holds
// every snapshot against the rules as they are written.
func TestLiveAgrees(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		r := random{rand.New(rand.NewPCG(seed, 5))} //nolint:gosec // repeatable
		s := r.schema()
		table, rows := r.table(t, s, []int{0, 4090, 5000}[seed%3])
		rules := Rules{}
		for i, e := range r.rules(s, 60) {
			rules[string(rune('A'+i))] = e
		}
		l := NewLive(table, maps.Clone(rules), 1)
		agrees := func(s *Snapshot, rows [][]Value, rules Rules) {
			t.Helper()
			if s.Rows() != len(rows) {
				t.Fatalf("seed %d: %d rows, want %d", seed, s.Rows(), len(rows))
			}
			for key, e := range rules {
				yes, open := 0, 0
				var list, got []int
				for i, row := range rows {
					want := e.Eval(row)
					if s.At(key, i) != want {
						t.Fatalf("seed %d, row %d, rule %s: %v, want %v", seed, i, key, s.At(key, i), want)
					}
					if want == Yes {
						yes++
						list = append(list, i)
					}
					if want == Unknown {
						open++
					}
				}
				if y, o := s.Count(key); y != yes || o != open {
					t.Fatalf("seed %d, rule %s: counts %d and %d, want %d and %d", seed, key, y, o, yes, open)
				}
				s.Each(key, Yes, func(row int) { got = append(got, row) })
				if !slices.Equal(got, list) {
					t.Fatalf("seed %d, rule %s: the lists differ", seed, key)
				}
				if len(rows) > 0 {
					if i := r.IntN(len(rows)); s.Fits(rows[i])[key] != e.Eval(rows[i]) || !slices.Equal(s.Row(i), rows[i]) {
						t.Fatalf("seed %d, row %d: alone it is another", seed, i)
					}
				}
			}
		}
		first, firstRows, firstRules := l.Now(), slices.Clone(rows), maps.Clone(rules)
		stop, done := make(chan struct{}), make(chan struct{})
		go func() { // for the race detector
			defer close(done)
			for {
				select {
				case <-stop:
					return
				default:
					l.Now().Count("A")
					l.Now().Each("B", Yes, func(int) {})
				}
			}
		}()
		for step := range 12 {
			edits := map[int][]Value{}
			for range []int{1, 40, 600}[r.IntN(3)] {
				i := r.IntN(len(rows) + 1)
				row := r.row(s)
				if _, again := edits[i]; i == len(rows) && !again {
					rows = append(rows, nil)
				}
				edits[i] = row
				rows[i] = row
			}
			if _, err := l.Put(edits, 1); err != nil {
				t.Fatal(err)
			}
			switch step % 4 {
			case 0:
				key := string(rune('A' + r.IntN(70)))
				rules[key] = r.expr(s, 3)
				l.SetRule(key, rules[key], 1)
			case 1:
				key := string(rune('A' + r.IntN(60)))
				delete(rules, key)
				l.SetRule(key, nil, 1)
			case 2:
				l.Rebuild(nil, 1)
			}
			e := r.expr(s, 3)
			want := 0
			for _, row := range rows {
				if e.Eval(row) == Yes {
					want++
				}
			}
			if got, _ := l.Now().Try(e, 1).Count(); got != want {
				t.Fatalf("seed %d: a rule that is tried: %d, want %d", seed, got, want)
			}
			if step%3 == 0 {
				agrees(l.Now(), rows, rules)
			}
		}
		close(stop)
		<-done
		agrees(l.Now(), rows, rules)
		agrees(first, firstRows, firstRules) // who still reads it
	}
}
