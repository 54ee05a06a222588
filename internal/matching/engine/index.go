package engine

import (
	"math"
	"slices"
)

// Codes of a family, up to eight bits for each row: what is missing, what is not
// applicable, and for the rest firstRank and how many thresholds are not above
// the value.
const (
	codeMissing = 0
	codeNone    = 1
	firstRank   = 2
	maxBounds   = 255 - firstRank
)

// family ranks a term by up to maxBounds thresholds.
type family struct {
	term   int
	bounds []int64 // ascending, each once
}

// bound is where a threshold stands: the rows with at least code in the family.
type bound struct {
	family int
	code   int
}

// Index is a program with the rows ranked by its thresholds.
type Index struct {
	table    *Table
	prog     *Program
	families []family
	codes    [][]ranks // by family and block
	lo, hi   []bound   // of each leaf with a term; hi.code is 0 for no end
	order    [][]ref   // kids of each node, those that most rows fail first
}

// NewIndex ranks all rows of a table.
func NewIndex(t *Table, p *Program) *Index {
	x := &Index{table: t, prog: p, lo: make([]bound, len(p.leaves)), hi: make([]bound, len(p.leaves))}
	x.split()
	x.codes = make([][]ranks, len(x.families))
	for f := range x.families {
		x.codes[f] = make([]ranks, len(t.blocks))
		for b := range t.blocks {
			x.rank(f, b)
		}
	}
	x.sortKids()
	return x
}

// split puts the thresholds of every term into families.
func (x *Index) split() {
	all := make([][]int64, len(x.prog.terms))
	for _, l := range x.prog.leaves {
		if l.term < 0 {
			continue
		}
		for _, v := range []int64{l.lo, l.hi} {
			if v != NoLo && v != NoHi {
				all[l.term] = append(all[l.term], v)
			}
		}
	}
	first := make([]int, len(all)) // family of the term
	for t, bounds := range all {
		slices.Sort(bounds)
		bounds = slices.Compact(bounds)
		first[t] = len(x.families)
		for {
			n := min(len(bounds), maxBounds)
			x.families = append(x.families, family{t, bounds[:n:n]})
			if bounds = bounds[n:]; len(bounds) == 0 {
				break
			}
		}
	}
	find := func(t int, v int64) bound {
		for f := first[t]; ; f++ {
			if i, ok := slices.BinarySearch(x.families[f].bounds, v); ok {
				return bound{f, firstRank + 1 + i}
			}
		}
	}
	for i, l := range x.prog.leaves {
		if l.term < 0 {
			continue
		}
		x.lo[i], x.hi[i] = bound{first[l.term], firstRank}, bound{first[l.term], 0}
		if l.lo != NoLo {
			x.lo[i] = find(l.term, l.lo)
		}
		if l.hi != NoHi {
			x.hi[i] = find(l.term, l.hi)
		}
	}
}

// code ranks one value.
func (f *family) code(v Value) uint8 {
	switch v.State {
	case Missing:
		return codeMissing
	case NotApplicable:
		return codeNone
	}
	at, size := 0, len(f.bounds) // as notAbove, whose difference might not fit here
	for size > 1 {
		half := size / 2
		if f.bounds[at+half-1] <= v.N {
			at += half
		}
		size -= half
	}
	if size == 1 && f.bounds[at] <= v.N {
		at++
	}
	return uint8(firstRank + at) //nolint:gosec // at most maxBounds
}

// notAbove is how many of ascending bounds are not above v. It is found without a
// branch, which nobody could guess.
func notAbove(bounds []int32, v int32) int {
	at, size := 0, len(bounds)
	for size > 1 {
		half := size / 2
		at += half & int((int64(bounds[at+half-1])-int64(v)-1)>>63)
		size -= half
	}
	if size == 1 {
		at -= int((int64(bounds[at]) - int64(v) - 1) >> 63)
	}
	return at
}

// rank makes the codes of a family for a block.
func (x *Index) rank(f, b int) {
	x.codes[f][b] = newRanks(x.families[f].width()) // which says codeMissing
	term := &x.prog.terms[x.families[f].term]
	if a, ok := term.plain(); ok && x.table.blocks[b].columns[a] == nothing {
		return
	}
	var codes [blockRows]uint8
	x.families[f].rank(term, x.table.blocks[b], &codes)
	x.codes[f][b].put(&codes)
}

func (f *family) rank(t *Term, blk *block, codes *[blockRows]uint8) {
	if a, ok := t.plain(); ok {
		f.rankColumn(blk.columns[a], codes)
		return
	}
	var num, den [blockRows]int64
	var numGone, numNone, denGone, denNone plane
	blk.sum(t.Num, &num, &numGone, &numNone)
	if t.Den != nil {
		blk.sum(t.Den, &den, &denGone, &denNone)
	}
	state := func(i int, gone, none *plane) State {
		switch {
		case gone.bit(i):
			return Missing
		case none.bit(i):
			return NotApplicable
		}
		return Known
	}
	for i := range codes {
		v := Value{state(i, &numGone, &numNone), num[i]}
		if t.Den != nil {
			v = t.over(v, Value{state(i, &denGone, &denNone), den[i]})
		}
		codes[i] = f.code(v)
	}
}

// sum adds columns up.
func (b *block) sum(lins []Lin, out *[blockRows]int64, gone, none *plane) {
	for _, l := range lins {
		c := b.columns[l.Attr]
		for w := range gone {
			gone[w] |= c.missing[w]
			none[w] |= c.none[w]
		}
		for i, v := range c.narrow {
			out[i] += l.Factor * int64(v)
		}
		for i, v := range c.wide {
			out[i] += l.Factor * (v - wideMark)
		}
	}
}

// rankColumn ranks a column as it stands.
func (f *family) rankColumn(c *column, codes *[blockRows]uint8) {
	var narrow [maxBounds]int32
	n, below := 0, 0 // thresholds inside of 32 bits, and those below all narrow values
	for _, v := range f.bounds {
		switch {
		case v <= wideMark+1:
			below++
		case v <= math.MaxInt32:
			narrow[n] = int32(v)
			n++
		}
	}
	th := narrow[:n]
	base := firstRank + below
	for i, v := range c.narrow {
		codes[i] = uint8(base + notAbove(th, v)) //nolint:gosec // at most maxBounds
	}
	for i, v := range c.wide {
		codes[i] = f.code(Of(v))
	}
	for w := range c.missing {
		for m := c.missing[w]; m != 0; m &= m - 1 {
			codes[w<<6|low(m)] = codeMissing
		}
		for m := c.none[w]; m != 0; m &= m - 1 {
			codes[w<<6|low(m)] = codeNone
		}
	}
}
