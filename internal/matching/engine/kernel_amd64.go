package engine

import (
	"slices"

	"golang.org/x/sys/cpu"
)

// hasAVX2 says whether this processor can do what kernel_amd64.s does. Of one that
// can, GODEBUG=cpu.avx2=off takes it away.
var hasAVX2 = cpu.X86.HasAVX2 && cpu.X86.HasPOPCNT

// Kernel names what Run reckons with: "avx2" or "portable".
func Kernel() string {
	if hasAVX2 {
		return "avx2"
	}
	return "portable"
}

func newReckoner(x *Index) reckoner {
	if hasAVX2 {
		return newVectors(x).answer
	}
	return newEvaluator(x).answer
}

// operand is what a join reads of a part: the rows for which it certainly holds,
// and those that it may hold for besides.
type operand struct{ t, m *plane }

const operandBytes = 16

// joinAVX2 joins parts as evaluator.and does, or as or with or 1. Of each kid it
// is given where its operand stands in from, in bytes, with 1 for its opposite.
//
//go:noescape
func joinAVX2(t, p *plane, from *operand, kids *uint32, n int, or uint32)

// packAVX2 writes the answers of a rule as pack does, and says how many words of
// buf they are, and the counts. It may write to
// maxPacked words of buf; order is squeezed.
//
//go:noescape
func packAVX2(buf *uint64, t, p *plane, order *[16][8]uint32) (end, yes, open int)

// maxPacked is two masks, two planes, and what a last step of four words writes in vain.
const maxPacked = 2 + 2*blockWords + 4

// spreadAVX2 is spread. ge has planes up to last; is is scratch.
//
//go:noescape
func spreadAVX2(r *uint64, ge *plane, is *[256][8]uint64, width, last int)

// minusAVX2 makes out the rows of a that are not in b.
//
//go:noescape
func minusAVX2(out, a, b *plane)

// squeezed has for four bits the order that brings those of four words to the
// front, by halves of words.
var squeezed = func() (out [16][8]uint32) {
	for mask := range out {
		to := 0
		for i := range uint32(4) {
			if mask>>i&1 == 1 {
				out[mask][to], out[mask][to+1] = 2*i, 2*i+1
				to += 2
			}
		}
	}
	return out
}()

// vectors reckons one block after the other, as evaluator does, with instructions
// for 256 rows. It does not look which words have rows left, since it is through
// with a plane before it would have found out.
type vectors struct {
	x      *Index
	ge     [][]plane
	ranges []between
	from   []operand // leaves, then slots
	t, p   []plane   // of each slot
	plans  []plan
	is     [256][8]uint64
}

// between are leaves with two ends.
type between struct{ out, lo, up *plane }

// plan is how a rule is reckoned: its joins, innermost first, each into a slot.
// Joins that several rules have stand in slots of their own and are reckoned with
// the first of these.
type plan struct {
	steps []step
	slot  int // of the answers
	never bool
}

type step struct {
	slot int
	kids []uint32
	or   uint32
}

func newVectors(x *Index) *vectors {
	v := &vectors{x: x, ge: make([][]plane, len(x.families)), from: make([]operand, len(x.prog.leaves))}
	for f := range x.families {
		v.ge[f] = make([]plane, firstRank+1+len(x.families[f].bounds))
	}
	for i, l := range x.prog.leaves {
		if l.term < 0 {
			continue
		}
		lo, hi := x.lo[i], x.hi[i]
		v.from[i] = operand{&v.ge[lo.family][lo.code], &v.ge[lo.family][codeMissing]}
		if hi.code != 0 {
			v.ranges = append(v.ranges, between{new(plane), v.from[i].t, &v.ge[hi.family][hi.code]})
			v.from[i].t = v.ranges[len(v.ranges)-1].out
		}
	}
	slots := v.plan()
	v.t, v.p = make([]plane, slots), make([]plane, slots)
	for s := range slots {
		v.from = append(v.from, operand{&v.t[s], &v.p[s]})
	}
	for w := range v.t[slotAlways] {
		v.t[slotAlways][w], v.p[slotAlways][w] = ^uint64(0), ^uint64(0)
	}
	return v
}

// The first slots are those of what every row fits, and of a rule's last join.
const (
	slotAlways = iota
	slotRoot
	slotsFixed
)

// plan makes the plans of all rules and says how many slots they need.
func (v *vectors) plan() (slots int) {
	p := v.x.prog
	const several = -1
	owner := make([]int, len(p.nodes)) // rule that has a node, plus one
	seen := make([]int, len(p.nodes))
	var own func(rule int, r ref)
	own = func(rule int, r ref) {
		if r.isLeaf() || seen[r.node()] == rule+1 {
			return
		}
		i := r.node()
		seen[i] = rule + 1
		if owner[i] == 0 {
			owner[i] = rule + 1
		} else {
			owner[i] = several
		}
		for _, k := range p.nodes[i].kids {
			own(rule, k)
		}
	}
	for rule, r := range p.roots {
		if r != refAlways && r != refNever {
			own(rule, r)
		}
	}
	slot := make([]int, len(p.nodes)) // of what is reckoned already
	slots = slotsFixed
	for _, o := range owner {
		if o == several {
			slots++
		}
	}
	shared, most := slotsFixed, slots
	var steps []step
	next := slots // of what only this rule has
	place := func(r ref) uint32 {
		if r.isLeaf() {
			return uint32(r.leaf()*operandBytes) | uint32(r&1) //nolint:gosec // bounded by the length of rules
		}
		return uint32((len(p.leaves) + slot[r.node()]) * operandBytes) //nolint:gosec // bounded by the length of rules
	}
	var reckon func(r ref, root bool)
	reckon = func(r ref, root bool) {
		if r.isLeaf() || slot[r.node()] != 0 {
			return
		}
		i := r.node()
		s := step{kids: make([]uint32, 0, len(p.nodes[i].kids))}
		for _, k := range v.x.order[i] {
			reckon(k, false)
			s.kids = append(s.kids, place(k))
		}
		if p.nodes[i].or {
			s.or = 1
		}
		switch {
		case owner[i] == several:
			s.slot = shared
			shared++
		case root:
			s.slot = slotRoot
		default:
			s.slot = next
			next++
		}
		slot[i] = s.slot
		steps = append(steps, s)
	}
	v.plans = make([]plan, len(p.roots))
	for rule, r := range p.roots {
		out := &v.plans[rule]
		steps, next = nil, slots
		switch {
		case r == refNever:
			out.never = true
		case r == refAlways:
			out.slot = slotAlways
		case r.isLeaf():
			out.slot, steps = slotRoot, []step{{slot: slotRoot, kids: []uint32{place(r)}}}
		default:
			reckon(r, true)
			out.slot = slot[r.node()]
		}
		out.steps = steps
		most = max(most, next)
	}
	return most
}

func (v *vectors) load(b int) {
	for f, ge := range v.ge {
		spreadAVX2(&v.x.codes[f][b][0], &ge[0], &v.is, v.x.families[f].width(), len(ge)-1)
	}
	for _, r := range v.ranges {
		minusAVX2(r.out, r.lo, r.up)
	}
	blk := v.x.table.blocks[b]
	for i, l := range v.x.prog.leaves {
		if l.term < 0 {
			c := blk.columns[l.attr]
			v.from[i] = operand{&c.members[l.member], &c.missing}
		}
	}
}

// answer is a reckoner, and answers the same as evaluator.answer to the bit.
func (v *vectors) answer(b int, buf []uint64, yes, open []int) (answers, []uint64) {
	v.load(b)
	out := answers{at: make([]uint32, len(yes))}
	buf = append(buf[:0], 0, 0)
	rows := v.x.table.blocks[b].n
	for r := range v.plans {
		plan := &v.plans[r]
		if plan.never {
			continue
		}
		for i := range plan.steps {
			s := &plan.steps[i]
			joinAVX2(&v.t[s.slot], &v.p[s.slot], &v.from[0], &s.kids[0], len(s.kids), s.or)
		}
		t, p := &v.t[plan.slot], &v.p[plan.slot]
		if rows < blockRows {
			v.t[slotRoot], v.p[slotRoot] = *t, *p
			t, p = &v.t[slotRoot], &v.p[slotRoot]
			t.cut(rows)
			p.cut(rows)
		}
		at := len(buf)
		buf = slices.Grow(buf, maxPacked)
		end, y, o := packAVX2(&buf[:at+1][at], t, p, &squeezed)
		if y == 0 && o == 0 {
			continue
		}
		out.at[r] = uint32(at) //nolint:gosec // a block has at most 130 words for a rule
		buf = buf[:at+end]
		yes[r] += y
		open[r] += o
	}
	out.words = slices.Clone(buf)
	return out, buf
}
