package engine

import (
	"math"
	"math/bits"
	"slices"
)

// Scan answers one rule that no index knows for every row, such as one that
// somebody is writing. It looks at a comparison only for the rows that are still
// open when it is its turn, and begins with those that decide most for least.
// x, when there is one, lends its codes: they decide all rows but those between
// the two of its thresholds that are next to a new one. It may be nil.
// The answers are those of a matrix with one rule.
func Scan(t *Table, x *Index, rule *Expr, workers int) *Matrix {
	if p := Compile(t.Schema, []*Expr{rule}); p.shares(p.roots[0]) {
		return NewIndex(t, p).Run(workers) // which keeps what it has reckoned
	}
	s := newScanner(t, x, rule)
	return eachBlock(t, 1, workers, func() reckoner {
		var at, ap plane
		return func(b int, buf []uint64, yes, open []int) (answers, []uint64) {
			out := answers{at: make([]uint32, 1)}
			buf = append(buf[:0], 0, 0)
			if left := s.block(b, &at, &ap); left != 0 {
				buf, out.at[0] = pack(buf, left, &at, &ap, &yes[0], &open[0])
			}
			out.words = slices.Clone(buf)
			return out, buf
		}
	})
}

// scanner reckons a rule without codes of its own.
type scanner struct {
	t      *Table
	prog   *Program
	lent   *Index
	leaves []scanLeaf
	kids   [][]ref // of each node, in the order of looking
}

func newScanner(t *Table, x *Index, rule *Expr) *scanner {
	s := &scanner{t: t, prog: Compile(t.Schema, []*Expr{rule})}
	if x != nil && x.table == t {
		s.lent = x
	}
	s.leaves = make([]scanLeaf, len(s.prog.leaves))
	for i, l := range s.prog.leaves {
		s.leaves[i].leaf = l
		if l.term < 0 {
			continue
		}
		s.leaves[i].prepare(&s.prog.terms[l.term])
		if s.lent != nil {
			s.leaves[i].lowEdge, s.leaves[i].topEdge, s.leaves[i].lent = x.lend(&s.prog.terms[l.term], l)
		}
	}
	s.sort()
	return s
}

// block reckons a block; left says which words of ap may have rows.
func (s *scanner) block(b int, at, ap *plane) (left uint64) {
	root := s.prog.roots[0]
	if root == refNever {
		return 0
	}
	var care plane
	for w := range care {
		care[w] = ^uint64(0)
	}
	if n := s.t.blocks[b].n; n < blockRows {
		care.cut(n)
	}
	if root == refAlways {
		*at, *ap = care, care
		return ^uint64(0)
	}
	var doubts *plane
	if s.lent != nil {
		doubts = new(plane)
	}
	s.part(b, root, &care, ^uint64(0), at, ap, doubts)
	var open, t, p plane
	rest := uint64(0)
	for w := range ap {
		at[w] &= care[w]
		ap[w] &= care[w]
		left |= nonZero(ap[w]) << w
		if doubts != nil {
			open[w] = ap[w] &^ at[w] & doubts[w]
			rest |= nonZero(open[w]) << w
		}
	}
	if rest == 0 {
		return left
	}
	s.part(b, root, &open, rest, &t, &p, nil)
	for todo := rest; todo != 0; todo &= todo - 1 {
		w := low(todo) & 63
		at[w] |= t[w] & open[w]
		ap[w] &^= open[w] &^ p[w]
	}
	return left
}

// part reckons a part for the rows of care, all of which are in the words left.
// What it leaves in other rows of those words, or in other words, means nothing.
// With doubts, a row that the codes of an index cannot decide is noted there and
// counts as not known, as a missing fact does: what is then told is true, and few
// rows are left that have to be looked at once more.
func (s *scanner) part(b int, r ref, care *plane, left uint64, t, p, doubts *plane) {
	if r.isLeaf() {
		s.compare(b, r.leaf(), care, left, t, p, doubts)
		if r.negated() {
			for todo := left; todo != 0; todo &= todo - 1 {
				w := low(todo) & 63
				t[w], p[w] = ^p[w], ^t[w]
			}
		}
		return
	}
	var rows, t2, p2 plane
	or := s.prog.nodes[r.node()].or
	s.part(b, s.kids[r.node()][0], care, left, t, p, doubts)
	for _, k := range s.kids[r.node()][1:] {
		rest := uint64(0)
		for todo := left; todo != 0; todo &= todo - 1 {
			w := low(todo) & 63
			open := care[w] & p[w]
			if or {
				open = care[w] &^ t[w]
			}
			rows[w] = open
			rest |= nonZero(open) << w
		}
		if rest == 0 {
			return
		}
		s.part(b, k, &rows, rest, &t2, &p2, doubts)
		for todo := rest; todo != 0; todo &= todo - 1 {
			w := low(todo) & 63
			if or { // rows that are decided keep what they have
				t[w] |= t2[w] & rows[w]
				p[w] |= p2[w] & rows[w]
			} else {
				t[w] &= t2[w]
				p[w] &= p2[w]
			}
		}
		if !or {
			for todo := left &^ rest; todo != 0; todo &= todo - 1 {
				w := low(todo) & 63
				t[w], p[w] = 0, 0
			}
		}
	}
}

// What it costs to look at a row, in parts of a comparison of a column.
const (
	costMember = 0.05
	costLent   = 0.4
	costColumn = 1.0
	costLin    = 1.2 // of a sum or ratio, for each column
	costDoubt  = 1.0 // a row alone
)

func (s *scanner) cost(i int, doubt float64) float64 {
	l := &s.leaves[i]
	switch {
	case l.term < 0:
		return costMember
	case l.lent:
		return costLent + costDoubt*doubt
	case l.plain:
		return costColumn
	}
	return costLin * float64(len(l.attrs)+1)
}

// Rows are sampled in sampleBlocks places, a plane in all.
const (
	sampleBlocks = 8
	sampleWords  = blockWords / sampleBlocks
)

// sampled is what a part of the rule says of the sample.
type sampled struct {
	t, p plane
	cost float64 // of looking at it for all rows
}

// sort puts the parts of every join into the order that decides most for least:
// the next one is always that which costs least for each row that it decides of
// those that are then open, in a sample of the rows.
func (s *scanner) sort() {
	s.kids = make([][]ref, len(s.prog.nodes))
	if len(s.prog.nodes) == 0 || len(s.t.blocks) == 0 {
		for i, n := range s.prog.nodes {
			s.kids[i] = n.kids
		}
		return
	}
	leaves, nodes := make([]sampled, len(s.leaves)), make([]sampled, len(s.prog.nodes))
	for i := range leaves {
		s.sample(i, &leaves[i])
	}
	var care plane
	for w := range care {
		care[w] = ^uint64(0)
	}
	for i, n := range s.prog.nodes { // kids have lower numbers than what joins them
		out := &nodes[i]
		list := make([]sampled, len(n.kids))
		for k, r := range n.kids {
			switch {
			case !r.isLeaf():
				list[k] = nodes[r.node()]
			case r.negated():
				of := &leaves[r.leaf()]
				list[k].cost = of.cost
				for w := range of.t {
					list[k].t[w], list[k].p[w] = ^of.p[w], ^of.t[w]
				}
			default:
				list[k] = leaves[r.leaf()]
			}
		}
		open, rest := care, slices.Clone(n.kids)
		left := float64(blockRows)
		for len(rest) > 0 {
			best, bestRank, bestLeft := 0, math.Inf(1), 0.0
			for k := range rest {
				still := 0
				for w, v := range open {
					if n.or {
						still += bits.OnesCount64(v &^ list[k].t[w])
					} else {
						still += bits.OnesCount64(v & list[k].p[w])
					}
				}
				if rank := list[k].cost / (left - float64(still) + 1); rank < bestRank {
					best, bestRank, bestLeft = k, rank, float64(still)
				}
			}
			next := &list[best]
			out.cost += next.cost * left / blockRows
			first := len(s.kids[i]) == 0
			for w := range open {
				switch {
				case first:
					out.t[w], out.p[w] = next.t[w], next.p[w]
				case n.or:
					out.t[w] |= next.t[w]
					out.p[w] |= next.p[w]
				default:
					out.t[w] &= next.t[w]
					out.p[w] &= next.p[w]
				}
				if n.or {
					open[w] &^= next.t[w]
				} else {
					open[w] &= next.p[w]
				}
			}
			left = bestLeft
			s.kids[i] = append(s.kids[i], rest[best])
			rest, list = slices.Delete(rest, best, best+1), slices.Delete(list, best, best+1)
		}
	}
}

// sample reckons a comparison for the sample.
func (s *scanner) sample(i int, out *sampled) {
	var care, t, p plane
	for w := range sampleWords {
		care[w] = ^uint64(0)
	}
	doubt := 0
	for n := range sampleBlocks {
		b := n * len(s.t.blocks) / sampleBlocks
		doubt += s.compare(b, i, &care, 1<<sampleWords-1, &t, &p, nil)
		copy(out.t[n*sampleWords:], t[:sampleWords])
		copy(out.p[n*sampleWords:], p[:sampleWords])
	}
	out.cost = s.cost(i, float64(doubt)/blockRows)
}
