package engine

import (
	"math/bits"
	"slices"
)

// evaluator reckons one block after the other; it is one goroutine's.
//
// Every part of a program has two planes: t, the rows for which it certainly
// holds, and p, those for which it possibly does. And and Or act on each plane
// alone. Of a leaf t and what is missing are kept, p is both together; of its
// opposite t is what is not in p, and p what is not in t.
type evaluator struct {
	x      *Index
	ge     [][]plane // of each family
	ranges []plane   // of leaves with two ends
	t, m   []*plane  // of each leaf
	nodeT  []plane
	nodeP  []plane
	made   []int // block for which a node was reckoned last, plus one
	block  int
	at, ap plane // of a root
}

func newEvaluator(x *Index) *evaluator {
	n := len(x.prog.leaves)
	e := &evaluator{
		x: x, ge: make([][]plane, len(x.families)), ranges: make([]plane, 0, n), t: make([]*plane, n), m: make([]*plane, n),
		nodeT: make([]plane, len(x.prog.nodes)), nodeP: make([]plane, len(x.prog.nodes)), made: make([]int, len(x.prog.nodes)),
	}
	for f := range x.families {
		e.ge[f] = make([]plane, firstRank+1+len(x.families[f].bounds))
	}
	return e
}

// load reckons the leaves for a block.
func (e *evaluator) load(b int) {
	e.block = b
	blk := e.x.table.blocks[b]
	for f := range e.ge {
		spread(e.x.codes[f][b], e.ge[f])
	}
	e.ranges = e.ranges[:0]
	for i := range e.x.prog.leaves {
		l := &e.x.prog.leaves[i]
		if l.term < 0 {
			c := blk.columns[l.attr]
			e.t[i], e.m[i] = &c.members[l.member], &c.missing
			continue
		}
		lo, hi := e.x.lo[i], e.x.hi[i]
		e.t[i], e.m[i] = &e.ge[lo.family][lo.code], &e.ge[lo.family][codeMissing]
		if hi.code == 0 {
			continue
		}
		e.ranges = e.ranges[:len(e.ranges)+1]
		out, up := &e.ranges[len(e.ranges)-1], &e.ge[hi.family][hi.code]
		for w, v := range e.t[i] {
			out[w] = v &^ up[w]
		}
		e.t[i] = out
	}
}

// node returns the planes of a node, reckoned once for a block.
func (e *evaluator) node(i int) (t, p *plane) {
	t, p = &e.nodeT[i], &e.nodeP[i]
	if e.made[i] == e.block+1 {
		return t, p
	}
	e.made[i] = e.block + 1
	if e.x.prog.nodes[i].or {
		e.or(e.x.order[i], t, p)
	} else {
		e.and(e.x.order[i], t, p)
	}
	return t, p
}

// set begins with the planes of a part.
func (e *evaluator) set(r ref, t, p *plane) {
	if !r.isLeaf() {
		nt, np := e.node(r.node())
		*t, *p = *nt, *np
		return
	}
	lt, lm := e.t[r.leaf()], e.m[r.leaf()]
	if r.negated() {
		for w, v := range lt {
			t[w], p[w] = ^(v | lm[w]), ^v
		}
		return
	}
	for w, v := range lt {
		t[w], p[w] = v, v|lm[w]
	}
}

// sparse is how many words with rows left make it better to look at each alone.
const sparse = 24

// and joins parts and returns which words have rows left. It stops when none has.
func (e *evaluator) and(kids []ref, t, p *plane) uint64 {
	e.set(kids[0], t, p)
	left := ^uint64(0)
	for n, r := range kids[1:] {
		if bits.OnesCount64(left) <= sparse {
			return e.andSparse(kids[n+1:], t, p, left)
		}
		left = 0
		if !r.isLeaf() {
			nt, np := e.node(r.node())
			for w := range t {
				t[w] &= nt[w]
				v := p[w] & np[w]
				p[w] = v
				left |= nonZero(v) << w
			}
			continue
		}
		lt, lm := e.t[r.leaf()], e.m[r.leaf()]
		if r.negated() {
			for w, x := range lt {
				t[w] &^= x | lm[w]
				v := p[w] &^ x
				p[w] = v
				left |= nonZero(v) << w
			}
			continue
		}
		for w, x := range lt {
			t[w] &= x
			v := p[w] & (x | lm[w])
			p[w] = v
			left |= nonZero(v) << w
		}
	}
	return left
}

// nonZero is 1 unless v is 0.
func nonZero(v uint64) uint64 { return (v | -v) >> 63 }

func (e *evaluator) andSparse(kids []ref, t, p *plane, left uint64) uint64 {
	for _, r := range kids {
		if left == 0 {
			break
		}
		todo := left
		if !r.isLeaf() {
			nt, np := e.node(r.node())
			for ; todo != 0; todo &= todo - 1 {
				w := low(todo) & 63
				t[w] &= nt[w]
				if p[w] &= np[w]; p[w] == 0 {
					left &^= 1 << w
				}
			}
			continue
		}
		lt, lm := e.t[r.leaf()], e.m[r.leaf()]
		if r.negated() {
			for ; todo != 0; todo &= todo - 1 {
				w := low(todo) & 63
				t[w] &^= lt[w] | lm[w]
				if p[w] &^= lt[w]; p[w] == 0 {
					left &^= 1 << w
				}
			}
			continue
		}
		for ; todo != 0; todo &= todo - 1 {
			w := low(todo) & 63
			t[w] &= lt[w]
			if p[w] &= lt[w] | lm[w]; p[w] == 0 {
				left &^= 1 << w
			}
		}
	}
	return left
}

func (e *evaluator) or(kids []ref, t, p *plane) {
	e.set(kids[0], t, p)
	for _, r := range kids[1:] {
		if !r.isLeaf() {
			nt, np := e.node(r.node())
			for w := range t {
				t[w] |= nt[w]
				p[w] |= np[w]
			}
			continue
		}
		lt, lm := e.t[r.leaf()], e.m[r.leaf()]
		if r.negated() {
			for w, x := range lt {
				t[w] |= ^(x | lm[w])
				p[w] |= ^x
			}
			continue
		}
		for w, x := range lt {
			t[w] |= x
			p[w] |= x | lm[w]
		}
	}
}

// root reckons a rule; left says which words of ap may have rows.
func (e *evaluator) root(rule int) (left uint64) {
	r := e.x.prog.roots[rule]
	left = ^uint64(0)
	switch {
	case r == refNever:
		return 0
	case r == refAlways:
		for w := range e.at {
			e.at[w], e.ap[w] = ^uint64(0), ^uint64(0)
		}
	case r.isLeaf() || e.x.prog.nodes[r.node()].or || e.made[r.node()] == e.block+1:
		e.set(r, &e.at, &e.ap)
	default:
		left = e.and(e.x.order[r.node()], &e.at, &e.ap)
	}
	if n := e.x.table.blocks[e.block].n; n < blockRows {
		e.at.cut(n)
		e.ap.cut(n)
	}
	return left
}

// cut takes out the rows from n on.
func (p *plane) cut(n int) {
	if n&63 != 0 {
		p[n>>6] &= 1<<(n&63) - 1
		n += 64
	}
	clear(p[n>>6:])
}

func (p *plane) count() int {
	n := 0
	for _, w := range p {
		n += bits.OnesCount64(w)
	}
	return n
}

// sortKids puts the parts of every join into the order in which they decide
// soonest, by what a few blocks say, leaves before nodes.
func (x *Index) sortKids() {
	x.order = make([][]ref, len(x.prog.nodes))
	for i, n := range x.prog.nodes {
		x.order[i] = n.kids
	}
	if len(x.table.blocks) == 0 {
		return
	}
	e := newEvaluator(x)
	pass := make([]int, len(x.prog.leaves))    // rows of the leaf, and
	against := make([]int, len(x.prog.leaves)) // of its opposite, possibly
	for i := range 4 {
		b := i * len(x.table.blocks) / 4
		e.load(b)
		for l := range pass {
			var t, p plane
			e.set(ref(l<<1), &t, &p) //nolint:gosec // bounded by the length of rules
			pass[l] += p.count()
			against[l] += blockRows - t.count()
		}
	}
	of := func(r ref) int {
		switch {
		case !r.isLeaf():
			return 1 << 30
		case r.negated():
			return against[r.leaf()]
		}
		return pass[r.leaf()]
	}
	for i, n := range x.prog.nodes {
		if !n.or {
			x.order[i] = slices.Clone(n.kids)
			slices.SortStableFunc(x.order[i], func(a, b ref) int { return of(a) - of(b) })
		}
	}
}
