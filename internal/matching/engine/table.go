package engine

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// Rows stand in blocks: what is reckoned of one fits into the cache of a core.
const (
	blockRows  = 4096
	blockWords = blockRows / 64
)

// plane has a bit for each row of a block.
type plane [blockWords]uint64

func (p *plane) bit(i int) bool { return p[i>>6]>>(i&63)&1 == 1 }

func (p *plane) put(i int, on bool) {
	if on {
		p[i>>6] |= 1 << (i & 63)
	} else {
		p[i>>6] &^= 1 << (i & 63)
	}
}

// wideMark stands in a column for a number that does not fit into 32 bits.
const wideMark = math.MinInt32

// numbers is the column of a number or code in one block.
type numbers struct {
	narrow []int32
	wide   map[int32]int64
	mixed  uint64 // words of 64 rows that have wide ones, or had
}

// wides are the rows of a word that do not fit into 32 bits.
func (c *numbers) wides(w int) (rows uint64) {
	if c.mixed>>w&1 == 1 {
		for i, n := range c.narrow[w*64 : w*64+64] {
			if n == wideMark {
				rows |= 1 << i
			}
		}
	}
	return rows
}

func (c *numbers) at(i int) int64 {
	if v := c.narrow[i]; v != wideMark {
		return int64(v)
	}
	return c.wide[int32(i)] //nolint:gosec // below blockRows
}

func (c *numbers) set(i int, n int64) {
	if c.narrow[i] == wideMark {
		delete(c.wide, int32(i)) //nolint:gosec // below blockRows
	}
	if wideMark < n && n <= math.MaxInt32 {
		c.narrow[i] = int32(n)
		return
	}
	if c.wide == nil {
		c.wide = map[int32]int64{}
	}
	c.narrow[i], c.wide[int32(i)] = wideMark, n //nolint:gosec // below blockRows
	c.mixed |= 1 << (i >> 6)
}

// column is one attribute in one block.
type column struct {
	numbers
	members       []plane // of a set
	missing, none plane
	anyNone       bool // some row is not applicable, or was
	filled        bool // narrow or members are its own: something other than 0 was put
}

// Of a wide vocabulary most columns are empty, in a block if not in all. What is
// missing everywhere is one column that nobody writes to, and one in which nothing
// is known but zeros and empty sets has planes of its own, but no values.
var (
	noNumbers [blockRows]int32
	noMembers [64]plane
	nothing   = func() *column {
		c := &column{numbers: numbers{narrow: noNumbers[:]}, members: noMembers[:]}
		for w := range c.missing {
			c.missing[w] = ^uint64(0)
		}
		return c
	}()
)

// start makes a column in which everything is missing yet.
func start(a *Attr) *column {
	c := &column{missing: nothing.missing}
	if a.Kind == Set {
		c.members = noMembers[:a.Members:a.Members]
	} else {
		c.narrow = noNumbers[:]
	}
	return c
}

// own gives a column values of its own.
func (c *column) own() {
	c.narrow, c.members, c.filled = slices.Clone(c.narrow), slices.Clone(c.members), true
}

func (c *column) clone() *column {
	if c == nothing {
		return c
	}
	out := *c
	out.wide = maps.Clone(c.wide)
	if c.filled {
		out.own()
	}
	return &out
}

// block is a run of rows.
type block struct {
	n       int // rows in use; those after them are missing in every column
	columns []*column
}

// Table holds the facts of all rows, column by column.
type Table struct {
	Schema Schema
	n      int
	blocks []*block
}

// ErrValue is a value that does not fit its column.
var ErrValue = errors.New("engine: value")

// NewTable returns a table without rows.
func NewTable(s Schema) *Table { return &Table{Schema: s} }

// Len is the number of rows.
func (t *Table) Len() int { return t.n }

// Append adds a row and returns its number.
func (t *Table) Append(row []Value) (int, error) {
	if err := t.check(row); err != nil {
		return 0, err
	}
	if t.n == len(t.blocks)*blockRows {
		t.blocks = append(t.blocks, t.newBlock())
	}
	i := t.n
	t.n++
	t.blocks[i/blockRows].n++
	t.put(i, row)
	return i, nil
}

// Set replaces a row.
func (t *Table) Set(i int, row []Value) error {
	if err := t.check(row); err != nil {
		return err
	}
	t.put(i, row)
	return nil
}

func (t *Table) newBlock() *block {
	b := &block{columns: make([]*column, len(t.Schema.Attrs))}
	for a := range b.columns {
		b.columns[a] = nothing
	}
	return b
}

func (b *block) clone() *block {
	out := &block{n: b.n, columns: make([]*column, len(b.columns))}
	for a, c := range b.columns {
		out.columns[a] = c.clone()
	}
	return out
}

func (t *Table) check(row []Value) error {
	if len(row) != len(t.Schema.Attrs) {
		return fmt.Errorf("%w: %d of %d attributes", ErrValue, len(row), len(t.Schema.Attrs))
	}
	for a, v := range row {
		if v.State != Known {
			continue
		}
		at := t.Schema.Attrs[a]
		if at.Kind == Set && at.Members < 64 && uint64(v.N)>>at.Members != 0 || at.Kind != Set && (v.N > MaxValue || v.N < -MaxValue) { //nolint:gosec // bits
			return fmt.Errorf("%w: %s is %d", ErrValue, at.Key, v.N)
		}
	}
	return nil
}

func (t *Table) put(i int, row []Value) {
	b, i := t.blocks[i/blockRows], i%blockRows
	for a, v := range row {
		c := b.columns[a]
		if c == nothing {
			if v.State == Missing {
				continue
			}
			c = start(&t.Schema.Attrs[a])
			b.columns[a] = c
		}
		c.missing.put(i, v.State == Missing)
		c.none.put(i, v.State == NotApplicable)
		c.anyNone = c.anyNone || v.State == NotApplicable
		n := v.N
		if v.State != Known {
			n = 0
		}
		if !c.filled {
			if n == 0 {
				continue
			}
			c.own()
		}
		if c.members == nil {
			c.set(i, n)
			continue
		}
		for m := range c.members {
			c.members[m].put(i, n>>m&1 == 1)
		}
	}
}

// Row reads a row back.
func (t *Table) Row(i int) []Value {
	b, i := t.blocks[i/blockRows], i%blockRows
	row := make([]Value, len(b.columns))
	for a := range row {
		row[a] = b.columns[a].value(i)
	}
	return row
}

func (c *column) value(i int) Value {
	switch {
	case c.missing.bit(i):
		return Value{State: Missing}
	case c.none.bit(i):
		return Value{State: NotApplicable}
	case c.members == nil:
		return Of(c.at(i))
	}
	n := int64(0)
	for m := range c.members {
		if c.members[m].bit(i) {
			n |= 1 << m
		}
	}
	return Of(n)
}
