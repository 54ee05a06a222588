package engine

import (
	"math/bits"
	"slices"
)

// Unreachable is the distance of what nobody can bring about.
const Unreachable = 1 << 20

// Distance is how many facts have to change, or to be told, before a rule holds
// for a row: the sum over what a join demands together, the least over what it
// offers to choose from. A comparison that does not hold counts one, one that
// cannot be answered counts one, and one that does not hold and that nobody can
// bring about is Unreachable. A fact that a rule asks for in several places counts
// in each, so that it is a bound from above.
func (p *Program) Distance(rule int, row []Value) int {
	switch r := p.roots[rule]; r {
	case refAlways:
		return 0
	case refNever:
		return Unreachable
	default:
		return p.distance(r, row, map[ref]int{})
	}
}

func (p *Program) distance(r ref, row []Value, known map[ref]int) int {
	if !r.isLeaf() {
		if d, ok := known[r]; ok {
			return d
		}
		n := &p.nodes[r.node()]
		out := 0
		if n.or {
			out = Unreachable
		}
		for _, k := range n.kids {
			d := p.distance(k, row, known)
			if n.or {
				out = min(out, d)
			} else {
				out = min(out+d, Unreachable)
			}
		}
		if p.shares(r) {
			known[r] = out
		}
		return out
	}
	l := &p.leaves[r.leaf()]
	e := Expr{Op: Has, Attr: l.attr, Member: l.member}
	if l.term >= 0 {
		e = Expr{Op: InRange, Range: Range{Term: p.terms[l.term], Lo: l.lo, Hi: l.hi}}
	}
	answer := e.Eval(row)
	if r.negated() {
		answer = Yes - answer
	}
	switch {
	case answer == Yes:
		return 0
	case answer == No && l.fixed:
		return Unreachable
	}
	return 1
}

// Near finds for every rule the rows that are exactly one step away: Distance is
// one. Of the matrix that comes back, Yes is that.
func (x *Index) Near(workers int) *Matrix {
	order := x.nearOrder()
	return x.each(workers, func() reckoner {
		n := &nearer{evaluator: newEvaluator(x), order: order, d0: make([]plane, len(x.prog.nodes)), d1: make([]plane, len(x.prog.nodes)), done: make([]int, len(x.prog.nodes))}
		return n.answer
	})
}

// nearOrder puts what nobody can bring about before the rest of a join.
func (x *Index) nearOrder() [][]ref {
	out := make([][]ref, len(x.order))
	weight := func(r ref) int {
		switch {
		case !r.isLeaf():
			return 2
		case x.prog.leaves[r.leaf()].fixed:
			return 0
		}
		return 1
	}
	for i, kids := range x.order {
		out[i] = slices.Clone(kids)
		slices.SortStableFunc(out[i], func(a, b ref) int { return weight(a) - weight(b) })
	}
	return out
}

// nearer has two planes for every part: d0, the rows that need nothing, and d1,
// those that need one step at most.
type nearer struct {
	*evaluator
	order  [][]ref
	d0, d1 []plane
	done   []int
}

func (n *nearer) answer(b int, buf []uint64, yes, open []int) (answers, []uint64) {
	n.load(b)
	out := answers{at: make([]uint32, len(yes))}
	buf = append(buf[:0], 0, 0)
	var near, d1 plane
	for r, root := range n.x.prog.roots {
		if root == refNever || root == refAlways {
			continue
		}
		left := n.part(root, &near, &d1)
		for todo := left; todo != 0; todo &= todo - 1 {
			w := low(todo) & 63
			near[w] = d1[w] &^ near[w]
		}
		if rows := n.x.table.blocks[b].n; rows < blockRows {
			near.cut(rows)
		}
		if left != 0 {
			buf, out.at[r] = pack(buf, left, &near, &near, &yes[r], &open[r])
		}
	}
	out.words = append(make([]uint64, 0, len(buf)), buf...)
	return out, buf
}

// part reckons the planes of a part and says in which words d1 has rows. Other
// words mean nothing.
func (n *nearer) part(r ref, d0, d1 *plane) (left uint64) {
	if r.isLeaf() {
		t, m, neg, soft := n.operands(r)
		for w := range d0 {
			x, gone := t[w], m[w]
			d0[w] = (x | gone&neg) ^ neg
			v := (x | gone&^neg) ^ neg | soft
			d1[w] = v
			left |= nonZero(v) << w
		}
		return left
	}
	kids := n.order[r.node()]
	if n.x.prog.nodes[r.node()].or {
		var b0, b1 plane
		left = n.part(kids[0], d0, d1)
		for todo := ^left; todo != 0; todo &= todo - 1 {
			w := low(todo) & 63
			d0[w], d1[w] = 0, 0
		}
		for _, k := range kids[1:] {
			more := n.kid(k, &b0, &b1)
			left |= more
			for todo := more; todo != 0; todo &= todo - 1 {
				w := low(todo) & 63
				d0[w] |= b0[w]
				d1[w] |= b1[w]
			}
		}
		return left
	}
	left = n.kid(kids[0], d0, d1)
	for _, k := range kids[1:] {
		if left == 0 {
			return 0
		}
		if !k.isLeaf() {
			var b0, b1 plane
			both := left & n.kid(k, &b0, &b1)
			left = 0
			for todo := both; todo != 0; todo &= todo - 1 {
				w := low(todo) & 63
				a0, a1 := d0[w], d1[w]
				d0[w] = a0 & b0[w]
				v := a0&b1[w] | a1&b0[w]
				d1[w] = v
				left |= nonZero(v) << w
			}
			continue
		}
		t, m, neg, soft := n.operands(k)
		if bits.OnesCount64(left) <= sparse {
			for todo := left; todo != 0; todo &= todo - 1 {
				w := low(todo) & 63
				a0, a1, x, gone := d0[w], d1[w], t[w], m[w]
				b0 := (x | gone&neg) ^ neg
				b1 := (x | gone&^neg) ^ neg | soft
				d0[w] = a0 & b0
				v := a0&b1 | a1&b0
				d1[w] = v
				left &^= (1 - nonZero(v)) << w
			}
			continue
		}
		kept := left
		left = 0
		for w, a0 := range d0 {
			a1, x, gone := d1[w], t[w], m[w]
			b0 := (x | gone&neg) ^ neg
			b1 := (x | gone&^neg) ^ neg | soft
			d0[w] = a0 & b0
			v := a0&b1 | a1&b0
			d1[w] = v
			left |= nonZero(v) << w
		}
		left &= kept
	}
	return left
}

// kid is part, with nodes reckoned once for a block.
func (n *nearer) kid(r ref, d0, d1 *plane) uint64 {
	if r.isLeaf() {
		return n.part(r, d0, d1)
	}
	i := r.node()
	a, b := &n.d0[i], &n.d1[i]
	if n.done[i] != n.block+1 {
		n.done[i] = n.block + 1
		left := n.part(r, a, b)
		for todo := ^left; todo != 0; todo &= todo - 1 {
			w := low(todo) & 63
			a[w], b[w] = 0, 0
		}
	}
	*d0, *d1 = *a, *b
	left := uint64(0)
	for w, v := range b {
		left |= nonZero(v) << w
	}
	return left
}

// operands are the planes of a leaf, with masks: neg for its opposite, soft for
// what somebody can bring about.
func (n *nearer) operands(r ref) (t, m *plane, neg, soft uint64) {
	if r.negated() {
		neg = ^uint64(0)
	}
	if !n.x.prog.leaves[r.leaf()].fixed {
		soft = ^uint64(0)
	}
	return n.t[r.leaf()], n.m[r.leaf()], neg, soft
}
