package engine

import (
	"math"
	"math/bits"
	"sort"
)

// scanLeaf is a comparison made ready for looking at rows.
type scanLeaf struct {
	leaf
	what  *Term
	plain bool // the term is a column as it stands, attrs[0]

	lent    bool // the codes of an index decide most rows
	lowEdge edge
	topEdge edge

	// A sum is compared with an end, and a ratio over what is above zero with one
	// too, by whether a weighted sum of columns is at least zero. fast says that
	// none of these leaves 64 bits, as long as the columns stay in 32.
	attrs []int
	fast  bool
	low   weighted
	top   weighted
	den   weighted
}

// weighted is a sum of columns, by their places in attrs.
type weighted struct {
	on    bool
	terms []weight
	plus  int64
}

type weight struct {
	col int
	by  int64
}

// edge is where an end of a range stands among the codes of a family: rows with
// at least the code sure are above it, those below the code maybe are not, and
// those between have to be looked at. A sure of 0 is no end.
type edge struct{ family, sure, maybe int }

// maxCols is how many columns a sum may have to be reckoned by columns.
const maxCols = 8

// prepare finds the weighted sums of a comparison.
func (l *scanLeaf) prepare(t *Term) {
	l.what = t
	if a, ok := t.plain(); ok {
		l.plain, l.attrs = true, []int{a}
		return
	}
	place := func(attr int) int {
		for i, a := range l.attrs {
			if a == attr {
				return i
			}
		}
		l.attrs = append(l.attrs, attr)
		return len(l.attrs) - 1
	}
	for _, n := range t.Num {
		place(n.Attr)
	}
	for _, n := range t.Den {
		place(n.Attr)
	}
	if len(l.attrs) > maxCols {
		return
	}
	l.fast = true
	add := func(num, den []Lin, byNum, byDen, plus int64) weighted {
		by := [maxCols]int64{}
		most := math.Abs(float64(plus))
		put := func(lins []Lin, f int64) {
			for _, n := range lins {
				by[place(n.Attr)] += f * n.Factor
				most += math.Abs(float64(f)) * math.Abs(float64(n.Factor)) * (1 << 31)
			}
		}
		put(num, byNum)
		put(den, byDen)
		l.fast = l.fast && most < 1<<62
		w := weighted{on: true, plus: plus}
		for col, f := range by {
			if f != 0 {
				w.terms = append(w.terms, weight{col, f})
			}
		}
		return w
	}
	end := func(at int64) weighted {
		if t.Den == nil {
			return add(t.Num, nil, 1, 0, max(-at, -math.MaxInt64))
		}
		// num*Scale/den >= at, both made smaller where they can be.
		g := divisor(at, Scale)
		return add(t.Num, t.Den, Scale/g, -(at / g), 0)
	}
	if l.lo != NoLo {
		l.low = end(l.lo)
	}
	if l.hi != NoHi {
		l.top = end(l.hi)
	}
	if t.Den != nil {
		l.den = add(nil, t.Den, 0, 1, 0)
	}
}

// divisor is the greatest number that divides both.
func divisor(a, b int64) int64 {
	for a != 0 {
		a, b = b%a, a
	}
	return max(b, -b)
}

// lend finds the edges of a leaf among the codes of the index; ok says that it
// ranks the term at all.
func (x *Index) lend(t *Term, l leaf) (lo, hi edge, ok bool) {
	var of []int
	for f := range x.families {
		if t.equal(&x.prog.terms[x.families[f].term]) {
			of = append(of, f)
		}
	}
	if of == nil {
		return edge{}, edge{}, false
	}
	find := func(v int64) edge {
		f := of[0]
		for _, g := range of[1:] {
			if x.families[g].bounds[0] <= v {
				f = g
			}
		}
		bounds := x.families[f].bounds
		i := sort.Search(len(bounds), func(i int) bool { return bounds[i] >= v })
		e := edge{f, firstRank + 1 + i, firstRank + i}
		if i < len(bounds) && bounds[i] == v {
			e.maybe = e.sure
		}
		return e
	}
	lo, hi = edge{of[0], firstRank, firstRank}, edge{family: of[0]}
	if l.lo != NoLo {
		lo = find(l.lo)
	}
	if l.hi != NoHi {
		hi = find(l.hi)
	}
	return lo, hi, true
}

func (t *Term) equal(o *Term) bool {
	same := func(a, b []Lin) bool {
		for i := range a {
			if a[i] != b[i] {
				return false
			}
		}
		return true
	}
	return len(t.Num) == len(o.Num) && len(t.Den) == len(o.Den) && (t.Den == nil || t.Zero == o.Zero) && same(t.Num, o.Num) && same(t.Den, o.Den)
}

// rows are the rows of a word above an edge, and those that may be.
func (e edge) rows(word []uint64) (sure, maybe uint64) {
	maybe = atLeast(word, e.maybe)
	if e.sure == e.maybe {
		return maybe, maybe
	}
	return maybe &^ equal(word, e.maybe), maybe
}

// compare reckons a comparison for the rows of care, all of which are in the
// words left; t and p of other rows mean nothing. doubt counts the rows that the
// codes of an index could not decide; they are possible if there is a plane for them.
func (s *scanner) compare(b, i int, care *plane, left uint64, t, p, doubts *plane) (doubt int) {
	l, blk := &s.leaves[i], s.t.blocks[b]
	if l.term < 0 {
		c := blk.columns[l.attr]
		for todo := left; todo != 0; todo &= todo - 1 {
			w := low(todo) & 63
			t[w] = c.members[l.member][w]
			p[w] = t[w] | c.missing[w]
		}
		return 0
	}
	v := view{scanLeaf: l, blk: blk}
	for k, a := range l.attrs[:min(maxCols, len(l.attrs))] {
		v.cols[k] = blk.columns[a]
	}
	if !l.lent {
		for todo := left; todo != 0; todo &= todo - 1 {
			w := low(todo) & 63
			t[w], p[w] = v.word(w, care[w])
		}
		return 0
	}
	lowCodes, topCodes := s.lent.codes[l.lowEdge.family][b], s.lent.codes[l.topEdge.family][b]
	var look plane
	looks := uint64(0)
	for todo := left; todo != 0; todo &= todo - 1 {
		w := low(todo) & 63
		word := lowCodes.word(w)
		yes, open := l.lowEdge.rows(word)
		if l.topEdge.sure != 0 {
			sure, maybe := l.topEdge.rows(topCodes.word(w))
			yes, open = yes&^maybe, open&^sure
		}
		open &= care[w] &^ yes
		possible := yes | gone(word)
		if doubts != nil {
			possible |= open
			doubts[w] |= open
		} else {
			look[w] = open
			looks |= nonZero(open) << w
		}
		t[w], p[w] = yes, possible
	}
	if looks == 0 {
		return 0
	}
	v.fetch(&look, looks)
	for todo := looks; todo != 0; todo &= todo - 1 {
		w := low(todo) & 63
		doubt += bits.OnesCount64(look[w])
		more, _ := v.word(w, look[w])
		t[w] |= more & look[w]
		p[w] |= t[w]
	}
	return doubt
}

// view is a comparison on the columns of a block.
type view struct {
	*scanLeaf
	blk  *block
	cols [maxCols]*column
	sink int32
}

// fetch brings scattered rows of the columns into the cache: here no load has to
// wait for another, as they would where something is made of each.
func (v *view) fetch(rows *plane, words uint64) {
	sink := int32(0)
	for _, c := range v.cols[:min(maxCols, len(v.attrs))] {
		for todo := words; todo != 0; todo &= todo - 1 {
			w := low(todo) & 63
			part := c.narrow[w*64 : w*64+64 : w*64+64]
			for left := rows[w]; left != 0; left &= left - 1 {
				sink |= part[low(left)&63]
			}
		}
	}
	v.sink = sink
}

// fewRows is up to how many rows of a word are looked at one by one.
const fewRows = 14

// word reckons rows of a word.
func (v *view) word(w int, rows uint64) (t, p uint64) {
	if v.plain {
		return v.cols[0].within(v.lo, v.hi, w, rows)
	}
	return v.sums(w, rows)
}

// within compares a column as it stands.
func (c *column) within(lo, hi int64, w int, rows uint64) (t, p uint64) {
	from, to := max(lo, wideMark+1), min(hi, math.MaxInt32+1)
	width := uint64(max(0, to-from)) //nolint:gosec // not negative
	first := uint32(from)            //nolint:gosec // modulo 2^32, as the difference below
	if from > math.MaxInt32 {
		width = 0
	}
	part := c.narrow[w*64 : w*64+64 : w*64+64]
	if bits.OnesCount64(rows) <= fewRows {
		for todo := rows; todo != 0; todo &= todo - 1 {
			i := low(todo) & 63
			t |= (uint64(uint32(part[i])-first) - width) >> 63 << i //nolint:gosec // modulo 2^32
		}
	} else {
		// Two at a time, so that neither waits for the other.
		a, b := part[:32:32], part[32:64:64]
		var lower, upper uint64
		for i := range 32 {
			lower = lower>>1 | (uint64(uint32(a[i])-first)-width)&(1<<63) //nolint:gosec // modulo 2^32
			upper = upper>>1 | (uint64(uint32(b[i])-first)-width)&(1<<63) //nolint:gosec // modulo 2^32
		}
		t = lower>>32 | upper
	}
	for todo := c.wides(w); todo != 0; todo &= todo - 1 {
		if n := c.at(w<<6 | low(todo)); lo <= n && n < hi {
			t |= todo & -todo
		}
	}
	t &^= c.missing[w] | c.none[w]
	return t, t | c.missing[w]
}

// sums compares sums and ratios.
func (v *view) sums(w int, rows uint64) (t, p uint64) {
	slow := rows
	if v.fast {
		var gone, none, wide uint64
		for _, c := range v.cols[:len(v.attrs)] {
			gone |= c.missing[w]
			none |= c.none[w]
			wide |= c.wides(w)
		}
		p = rows & gone
		rows &^= gone | none
		slow = rows & wide
		rows &^= slow
		if v.den.on {
			above := v.atLeast(&v.den, w, rows, -1)
			if rest := rows &^ above; rest != 0 {
				zero := rest & v.atLeast(&v.den, w, rest, 0)
				slow |= rest &^ zero
				switch v.what.Zero {
				case ZeroUnknown:
					p |= zero
				case ZeroInfinite:
					slow |= zero
				case ZeroNone:
				}
			}
			rows = above
		}
		if v.low.on {
			rows = v.atLeast(&v.low, w, rows, 0)
		}
		if v.top.on {
			rows &^= v.atLeast(&v.top, w, rows, 0)
		}
		t = rows
	}
	for ; slow != 0; slow &= slow - 1 {
		i := w<<6 | low(slow)
		n := v.blk.sumAt(v.what.Num, i)
		if v.what.Den != nil {
			n = v.what.over(n, v.blk.sumAt(v.what.Den, i))
		}
		switch (&Range{Lo: v.lo, Hi: v.hi}).holds(n) {
		case Yes:
			t |= slow & -slow
		case Unknown:
			p |= slow & -slow
		}
	}
	return t, t | p
}

// atLeast are those of rows for which a weighted sum and plus are not below zero.
func (v *view) atLeast(sum *weighted, w int, rows uint64, plus int64) uint64 {
	plus += sum.plus
	if bits.OnesCount64(rows) <= fewRows {
		out := rows
		for todo := rows; todo != 0; todo &= todo - 1 {
			n, i := plus, low(todo)&63
			for _, f := range sum.terms {
				n += f.by * int64(v.cols[f.col].narrow[w<<6|i])
			}
			out &^= uint64(n) >> 63 << i //nolint:gosec // the sign
		}
		return out
	}
	column := func(k int) []int32 { return v.cols[sum.terms[k].col].narrow[w*64 : w*64+64 : w*64+64] }
	var lower, upper uint64 // the signs
	switch len(sum.terms) {
	case 0:
		if plus < 0 {
			return 0
		}
		return rows
	case 1:
		a, f := column(0), sum.terms[0].by
		for i := range 32 {
			lower = lower>>1 | uint64(f*int64(a[i])+plus)&(1<<63)    //nolint:gosec // the sign
			upper = upper>>1 | uint64(f*int64(a[32+i])+plus)&(1<<63) //nolint:gosec // the sign
		}
	case 2:
		a, f, b, g := column(0), sum.terms[0].by, column(1), sum.terms[1].by
		for i := range 32 {
			lower = lower>>1 | uint64(f*int64(a[i])+g*int64(b[i])+plus)&(1<<63)       //nolint:gosec // the sign
			upper = upper>>1 | uint64(f*int64(a[32+i])+g*int64(b[32+i])+plus)&(1<<63) //nolint:gosec // the sign
		}
	default:
		var all [64]int64
		for k, f := range sum.terms {
			for i, n := range column(k) {
				all[i] += f.by * int64(n)
			}
		}
		for i := range 32 {
			lower = lower>>1 | uint64(all[i]+plus)&(1<<63)    //nolint:gosec // the sign
			upper = upper>>1 | uint64(all[32+i]+plus)&(1<<63) //nolint:gosec // the sign
		}
	}
	return rows &^ (lower>>32 | upper)
}

func (b *block) sumAt(lins []Lin, i int) Value {
	out := Value{State: Known}
	for _, l := range lins {
		c := b.columns[l.Attr]
		if c.missing.bit(i) {
			return Value{}
		}
		if c.anyNone && c.none.bit(i) {
			out.State = NotApplicable
		}
		out.N += l.Factor * c.at(i)
	}
	return out
}
