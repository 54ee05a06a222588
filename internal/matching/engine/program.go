package engine

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// ref names a part of a program: leaf<<1, with 1 for its opposite, or ^node. The
// two constants are outside of both.
type ref int32

const (
	refNever  ref = -1 << 31
	refAlways ref = 1<<31 - 1
)

func (r ref) isLeaf() bool  { return r >= 0 }
func (r ref) leaf() int     { return int(r >> 1) }
func (r ref) opposite() ref { return r ^ 1 }
func (r ref) negated() bool { return r&1 == 1 }
func (r ref) node() int     { return int(^r) }

// leaf is one comparison, whichever and however many rules make it.
type leaf struct {
	term         int   // -1 for a member of a set
	lo, hi       int64 // of a term
	attr, member int   // of a set
	fixed        bool  // nobody can bring it about
}

// node joins parts; it stands only once, whichever rules have it.
type node struct {
	or   bool
	kids []ref
}

// Program is what many rules share, made of comparisons that stand in it once:
// of rules with the round thresholds that texts use, most are the same.
type Program struct {
	schema Schema
	rules  []*Expr
	terms  []Term
	leaves []leaf
	nodes  []node
	sizes  []int // of each node, how many comparisons it is written out, up to a bound
	roots  []ref
}

// A part that is larger than this written out is one of a score, whose parts
// share theirs: what does not keep what it has reckoned would never come to an end.
const sharing = 256

// shares says whether the parts of a part are kept once reckoned.
func (p *Program) shares(r ref) bool {
	return !r.isLeaf() && r != refNever && p.sizes[r.node()] > sharing
}

// Rules is the number of rules.
func (p *Program) Rules() int { return len(p.roots) }

// Leaves is the number of different comparisons.
func (p *Program) Leaves() int { return len(p.leaves) }

// Compile makes one program of rules. Their numbers are their places.
func Compile(s Schema, rules []*Expr) *Program {
	c := compiler{Program: Program{schema: s, rules: rules}, termOf: map[string]int{}, leafOf: map[leaf]int{}, nodeOf: map[string]int{}, partOf: map[turned]ref{}}
	for _, r := range rules {
		c.roots = append(c.roots, c.part(r, false))
	}
	return &c.Program
}

type compiler struct {
	Program
	termOf map[string]int
	leafOf map[leaf]int
	nodeOf map[string]int
	partOf map[turned]ref // of what is shared
}

// turned is an expression, or its opposite.
type turned struct {
	e   *Expr
	not bool
}

// part brings an expression, or its opposite, into the program: the opposite of
// a join is a join of opposites, so that only leaves are ever turned.
func (c *compiler) part(e *Expr, not bool) ref {
	switch e.Op {
	case Always, Never:
		if (e.Op == Always) != not {
			return refAlways
		}
		return refNever
	case Not:
		return c.part(e.Kids[0], !not)
	case And, Or:
		if !e.Shared {
			return c.join((e.Op == Or) != not, e.Kids, not)
		}
		key := turned{e, not}
		out, ok := c.partOf[key]
		if !ok {
			out = c.join((e.Op == Or) != not, e.Kids, not)
			c.partOf[key] = out
		}
		return out
	}
	l := leaf{term: -1, attr: e.Attr, member: e.Member}
	if e.Op == InRange {
		if e.Range.Lo >= e.Range.Hi {
			l = leaf{term: c.term(&e.Range.Term), lo: 0, hi: 0} // of what is known nothing; missing it stays unknown
		} else {
			l = leaf{term: c.term(&e.Range.Term), lo: e.Range.Lo, hi: e.Range.Hi}
		}
		l.fixed = c.fixed(&e.Range.Term)
	} else {
		l.fixed = c.schema.Attrs[e.Attr].Fixed
	}
	i, ok := c.leafOf[l]
	if !ok {
		i = len(c.leaves)
		c.leaves, c.leafOf[l] = append(c.leaves, l), i
	}
	out := ref(i << 1) //nolint:gosec // bounded by the length of rules
	if not {
		out = out.opposite()
	}
	return out
}

// fixed says whether nobody can move a term: all that it is made of is fixed.
func (c *compiler) fixed(t *Term) bool {
	for _, l := range slices.Concat(t.Num, t.Den) {
		if !c.schema.Attrs[l.Attr].Fixed {
			return false
		}
	}
	return true
}

func (c *compiler) term(t *Term) int {
	var key []byte
	put := func(lins []Lin) {
		key = binary.AppendVarint(key, int64(len(lins)))
		for _, l := range lins {
			key = binary.AppendVarint(binary.AppendVarint(key, int64(l.Attr)), l.Factor)
		}
	}
	n := Term{Num: ordered(t.Num), Den: ordered(t.Den), Zero: t.Zero}
	put(n.Num)
	put(n.Den)
	if n.Den != nil {
		key = append(key, byte(n.Zero))
	}
	i, ok := c.termOf[string(key)]
	if !ok {
		i = len(c.terms)
		c.terms, c.termOf[string(key)] = append(c.terms, n), i
	}
	return i
}

// ordered brings summands into one order.
func ordered(lins []Lin) []Lin {
	out := slices.Clone(lins)
	slices.SortFunc(out, func(a, b Lin) int { return cmp.Or(cmp.Compare(a.Attr, b.Attr), cmp.Compare(a.Factor, b.Factor)) })
	return out
}

func (c *compiler) join(or bool, kids []*Expr, not bool) ref {
	whole, empty := refNever, refAlways // of And
	if or {
		whole, empty = refAlways, refNever
	}
	var refs []ref
	for _, k := range kids {
		r := c.part(k, not)
		if r == whole {
			return whole
		}
		switch {
		case r == empty:
		case !r.isLeaf() && c.nodes[r.node()].or == or:
			refs = append(refs, c.nodes[r.node()].kids...) // a join inside the same join
		default:
			refs = append(refs, r)
		}
	}
	slices.Sort(refs)
	refs = slices.Compact(refs)
	switch len(refs) {
	case 0:
		return empty
	case 1:
		return refs[0]
	}
	key := []byte{0}
	if or {
		key[0] = 1
	}
	for _, r := range refs {
		key = binary.AppendVarint(key, int64(r))
	}
	i, ok := c.nodeOf[string(key)]
	if !ok {
		i = len(c.nodes)
		c.nodes, c.nodeOf[string(key)] = append(c.nodes, node{or, refs}), i
		size := 1
		for _, r := range refs {
			if r.isLeaf() {
				size++
			} else {
				size = min(size+c.sizes[r.node()], 1<<20)
			}
		}
		c.sizes = append(c.sizes, size)
	}
	return ^ref(i) //nolint:gosec // bounded by the length of rules
}
