package engine

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// Live keeps the answers of all rules for all rows while rows and rules change.
// Readers take a Snapshot, which never changes; writers, one at a time, publish
// the next one.
//
// A changed row is answered alone and stands in a small layer above the base until
// enough have gathered; then the blocks that they lie in are copied and reckoned
// anew. A new rule is scanned once and stands beside the base until Rebuild.
type Live struct {
	mu  sync.Mutex
	now atomic.Pointer[Snapshot]
}

// foldAt is how many changed rows are kept above the base.
const foldAt = 512

// Rules are what a snapshot answers, by the keys of the caller; of a key that is
// given again the last one counts.
type Rules map[string]*Expr

// Snapshot is the answers at one instant. It does not change.
type Snapshot struct {
	table  *Table
	index  *Index
	matrix *Matrix
	judge  *Judge
	place  map[string]slot
	layer  []changed // by row
	rows   int
	yes    []int32 // of the base's rules, with the layer
	open   []int32
}

// slot is where a rule stands: in the base, or alone.
type slot struct {
	base  int     // -1 when it stands alone
	rule  *Expr   // the rule
	alone *Matrix // over the rows of the table
}

// changed is a row that differs from the table.
type changed struct {
	row     int
	values  []Value
	answers Answers // of the base's rules
}

// NewLive answers rules for a table, which is the Live's from now on.
func NewLive(t *Table, rules Rules, workers int) *Live {
	l := &Live{}
	l.now.Store(build(t, rules, workers))
	return l
}

// Now is the latest snapshot.
func (l *Live) Now() *Snapshot { return l.now.Load() }

func build(t *Table, rules Rules, workers int) *Snapshot {
	keys := slices.Sorted(maps.Keys(rules))
	s := &Snapshot{table: t, place: make(map[string]slot, len(keys)), rows: t.n}
	list := make([]*Expr, len(keys))
	for i, k := range keys {
		list[i] = rules[k]
		s.place[k] = slot{base: i, rule: rules[k]}
	}
	s.index = NewIndex(t, Compile(t.Schema, list))
	s.matrix, s.judge = s.index.Run(workers), s.index.NewJudge()
	s.count()
	return s
}

func (s *Snapshot) count() {
	s.yes, s.open = make([]int32, s.matrix.rules), make([]int32, s.matrix.rules)
	for r := range s.yes {
		s.yes[r], s.open[r] = int32(s.matrix.yes[r]), int32(s.matrix.open[r]) //nolint:gosec // rows
	}
}

// Put changes rows, or adds one with the number Rows, and so on.
func (l *Live) Put(rows map[int][]Value, workers int) (*Snapshot, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	old := l.now.Load()
	next := *old
	next.yes, next.open = slices.Clone(old.yes), slices.Clone(old.open)
	next.layer = slices.Clone(old.layer)
	var codes Codes
	for _, i := range slices.Sorted(maps.Keys(rows)) {
		if err := old.table.check(rows[i]); err != nil {
			return nil, err
		}
		if i < 0 || i > next.rows {
			return nil, ErrValue
		}
		codes = next.judge.CodesOf(rows[i], codes)
		c := changed{row: i, values: slices.Clone(rows[i]), answers: next.judge.Answer(codes, Answers{})}
		at, found := slices.BinarySearchFunc(next.layer, i, func(c changed, row int) int { return c.row - row })
		switch {
		case found:
			next.tell(next.layer[at].answers, -1)
			next.layer[at] = c
		case i == next.rows:
			next.rows++
			next.layer = append(next.layer, c)
		default:
			next.tell(next.judge.Answer(next.judge.Stored(i, codes), Answers{}), -1)
			next.layer = slices.Insert(next.layer, at, c)
		}
		next.tell(c.answers, 1)
	}
	out := &next
	if len(out.layer) > foldAt {
		out = out.fold(workers)
	}
	l.now.Store(out)
	return out, nil
}

// tell adds answers to the counts, or takes them off.
func (s *Snapshot) tell(a Answers, by int32) {
	for i, yes := range a.Yes {
		for w := yes; w != 0; w &= w - 1 {
			s.yes[i<<6|low(w)] += by
		}
		for w := a.Possible[i] &^ yes; w != 0; w &= w - 1 {
			s.open[i<<6|low(w)] += by
		}
	}
}

// fold writes the layer into copies of the blocks that it lies in.
func (s *Snapshot) fold(workers int) *Snapshot {
	next := *s
	t := &Table{Schema: s.table.Schema, n: s.table.n, blocks: slices.Clone(s.table.blocks)}
	var touched []int
	for _, c := range s.layer {
		b := c.row / blockRows
		if len(touched) == 0 || touched[len(touched)-1] != b {
			touched = append(touched, b)
			if b < len(t.blocks) {
				t.blocks[b] = t.blocks[b].clone()
			} else {
				t.blocks = append(t.blocks, t.newBlock())
			}
		}
		if c.row >= t.n {
			t.n = c.row + 1
			t.blocks[b].n = c.row%blockRows + 1
		}
		t.put(c.row, c.values)
	}
	x := *s.index
	x.table, x.codes = t, make([][]ranks, len(x.families))
	for f := range x.families {
		x.codes[f] = append(slices.Clone(s.index.codes[f]), make([]ranks, len(t.blocks)-len(s.table.blocks))...)
		for _, b := range touched {
			if b < len(s.table.blocks) {
				x.codes[f][b] = slices.Clone(x.codes[f][b])
			} else {
				x.rank(f, b)
			}
		}
	}
	var codes Codes
	for _, c := range s.layer {
		codes = s.judge.CodesOf(c.values, codes)
		for f := range x.families {
			x.codes[f][c.row/blockRows].set(c.row%blockRows, codes[f])
		}
	}
	m := &Matrix{rules: s.matrix.rules, rows: t.n, blocks: append(slices.Clone(s.matrix.blocks), make([]answers, len(t.blocks)-len(s.table.blocks))...), yes: make([]int, s.matrix.rules), open: make([]int, s.matrix.rules)}
	answer := newReckoner(&x)
	none := make([]int, m.rules) // counted already
	var buf []uint64
	for _, b := range touched {
		m.blocks[b], buf = answer(b, buf, none, none)
	}
	for r := range m.yes {
		m.yes[r], m.open[r] = int(s.yes[r]), int(s.open[r])
	}
	j := *s.judge
	j.x = &x
	next.table, next.index, next.matrix, next.judge, next.layer = t, &x, m, &j, nil
	next.place = make(map[string]slot, len(s.place))
	for k, p := range s.place {
		if p.alone != nil {
			p.alone = Scan(t, &x, p.rule, workers)
		}
		next.place[k] = p
	}
	return &next
}

// SetRule adds a rule, or replaces the one with the key; nil takes it away.
func (l *Live) SetRule(key string, rule *Expr, workers int) *Snapshot {
	l.mu.Lock()
	defer l.mu.Unlock()
	next := *l.now.Load()
	next.place = maps.Clone(next.place)
	if rule == nil {
		delete(next.place, key)
	} else {
		next.place[key] = slot{base: -1, rule: rule, alone: Scan(next.table, next.index, rule, workers)}
	}
	l.now.Store(&next)
	return &next
}

// Rebuild brings all rules, those that stand alone too, into one program; rules
// replaces them all when it is not nil, as every night when days move.
func (l *Live) Rebuild(rules Rules, workers int) *Snapshot {
	l.mu.Lock()
	defer l.mu.Unlock()
	old := l.now.Load()
	if len(old.layer) > 0 {
		old = old.fold(workers)
	}
	if rules == nil {
		rules = Rules{}
		for k, p := range old.place {
			rules[k] = p.rule
		}
	}
	next := build(old.table, rules, workers)
	l.now.Store(next)
	return next
}

// Rows is the number of rows.
func (s *Snapshot) Rows() int { return s.rows }

// Row reads a row.
func (s *Snapshot) Row(i int) []Value {
	if at, ok := s.above(i); ok {
		return slices.Clone(s.layer[at].values)
	}
	return s.table.Row(i)
}

// Value reads one attribute of a row.
func (s *Snapshot) Value(row, attr int) Value {
	if len(s.layer) > 0 || row >= s.table.n {
		if at, ok := s.above(row); ok {
			return s.layer[at].values[attr]
		}
	}
	return s.table.blocks[row/blockRows].columns[attr].value(row % blockRows)
}

// Near calls f for every row that is one step away from a rule (see
// Program.Distance), in order.
func (s *Snapshot) Near(key string, workers int, f func(row int)) {
	p, ok := s.place[key]
	if !ok {
		return
	}
	prog := Compile(s.table.Schema, []*Expr{p.rule})
	at := 0
	upTo := func(row int) { // of the layer
		for ; at < len(s.layer) && s.layer[at].row < row; at++ {
			if prog.Distance(0, s.layer[at].values) == 1 {
				f(s.layer[at].row)
			}
		}
	}
	NewIndex(s.table, prog).Near(workers).Each(0, Yes, func(row int) {
		upTo(row)
		if _, above := s.above(row); !above {
			f(row)
		}
	})
	upTo(s.rows)
}

// EachNear calls f for every rule and row that is one step away from it.
func (s *Snapshot) EachNear(workers int, f func(key string, row int)) {
	near := s.index.Near(workers)
	for key, p := range s.place {
		if p.alone != nil {
			s.Near(key, workers, func(row int) { f(key, row) })
			continue
		}
		near.Each(p.base, Yes, func(row int) {
			if _, above := s.above(row); !above {
				f(key, row)
			}
		})
		for _, c := range s.layer {
			if s.index.prog.Distance(p.base, c.values) == 1 {
				f(key, c.row)
			}
		}
	}
}

// Bytes is what the snapshot takes in memory: columns, codes with the lists made of
// them, and answers with what changed.
func (s *Snapshot) Bytes() (columns, codes, answers int) {
	m := s.Memory()
	return m.Columns, m.Codes + m.Lists, m.Answers + m.Changes
}

func (s *Snapshot) above(row int) (int, bool) {
	return slices.BinarySearchFunc(s.layer, row, func(c changed, row int) int { return c.row - row })
}

// At is the answer of a rule for a row; No for a rule that there is not.
func (s *Snapshot) At(key string, row int) Tri {
	p, ok := s.place[key]
	if !ok {
		return No
	}
	if at, ok := s.above(row); ok {
		if p.alone != nil {
			return p.rule.Eval(s.layer[at].values)
		}
		return s.layer[at].answers.Of(p.base)
	}
	if p.alone != nil {
		return p.alone.At(row, 0)
	}
	return s.matrix.At(row, p.base)
}

// Count is how many rows a rule answers with yes, and for how many it cannot be answered.
func (s *Snapshot) Count(key string) (yes, open int) {
	p, ok := s.place[key]
	if !ok {
		return 0, 0
	}
	if p.alone == nil {
		return int(s.yes[p.base]), int(s.open[p.base])
	}
	yes, open = p.alone.yes[0], p.alone.open[0]
	for _, c := range s.layer {
		if c.row < s.table.n {
			switch p.alone.At(c.row, 0) {
			case Yes:
				yes--
			case Unknown:
				open--
			}
		}
		switch p.rule.Eval(c.values) {
		case Yes:
			yes++
		case Unknown:
			open++
		}
	}
	return yes, open
}

// Each calls f for every row that a rule answers with what, Yes or Unknown, in order.
func (s *Snapshot) Each(key string, what Tri, f func(row int)) {
	p, ok := s.place[key]
	if !ok {
		return
	}
	m, rule := s.matrix, p.base
	if p.alone != nil {
		m, rule = p.alone, 0
	}
	at := 0
	upTo := func(row int) { // of the layer
		for ; at < len(s.layer) && s.layer[at].row < row; at++ {
			if s.At(key, s.layer[at].row) == what {
				f(s.layer[at].row)
			}
		}
	}
	m.Each(rule, what, func(row int) {
		upTo(row)
		if _, above := s.above(row); !above {
			f(row)
		}
	})
	upTo(s.rows)
}

// Fits answers all rules for one row, known or not.
func (s *Snapshot) Fits(row []Value) map[string]Tri {
	a := s.judge.Answer(s.judge.CodesOf(row, nil), Answers{})
	out := make(map[string]Tri, len(s.place))
	for k, p := range s.place {
		if p.alone != nil {
			out[k] = p.rule.Eval(row)
		} else {
			out[k] = a.Of(p.base)
		}
	}
	return out
}

// Try answers a rule that somebody is writing, for every row.
func (s *Snapshot) Try(rule *Expr, workers int) *Trial {
	with := *s
	with.place = map[string]slot{trialKey: {base: -1, rule: rule, alone: Scan(s.table, s.index, rule, workers)}}
	return &Trial{&with}
}

// Trial is a rule that is not in use.
type Trial struct{ s *Snapshot }

const trialKey = "\x00trial"

// Count is how many rows the rule answers with yes, and for how many it cannot be answered.
func (t *Trial) Count() (yes, open int) { return t.s.Count(trialKey) }

// Each calls f for every row that the rule answers with what, in order.
func (t *Trial) Each(what Tri, f func(row int)) { t.s.Each(trialKey, what, f) }

// At is the answer of the rule for a row.
func (t *Trial) At(row int) Tri { return t.s.At(trialKey, row) }
