package engine

import "slices"

// Judge answers all rules for one row: the dual of the matrix. For each term and
// code it has, as bits, the rules whose demands on that term hold there; a row is
// the intersection of a few such lists. Demands that take in several terms are
// looked at only for the rules that are left.
//
// Source of the idea: the bit-vector scheme of packet classification (Lakshman and
// Stiliadis, SIGCOMM 1998).
//
// A Judge does not change and may be used by many at once.
type Judge struct {
	x     *Index
	words int // of a list of rules
	lists []ruleList
	all   []uint64 // rules that are not Never
	more  []uint64 // rules that have demands in rest
	rest  [][]ref  // of each rule

	flagAt []int // of leaves of a set: where the codes of a row have its members
}

// ruleList has for each code of a family, or of up to four members of a set, the
// rules that certainly hold and those that possibly do.
type ruleList struct {
	family  int // -1 for members of a set
	attr    int
	members []int
	bits    []uint64 // by code: words of the certain, then words of the possible
}

// flagsMissing is the code of members of a set that is missing.
const (
	flagsIn      = 4
	flagsMissing = 1 << flagsIn
)

// Answers of all rules for one row, as bits.
type Answers struct{ Yes, Possible []uint64 }

// Of is the answer of one rule.
func (a Answers) Of(rule int) Tri {
	switch bit := uint64(1) << (rule & 63); {
	case a.Yes[rule>>6]&bit != 0:
		return Yes
	case a.Possible[rule>>6]&bit != 0:
		return Unknown
	}
	return No
}

// NewJudge prepares the lists.
func (x *Index) NewJudge() *Judge {
	p := x.prog
	j := &Judge{x: x, words: (len(p.roots) + 63) / 64, rest: make([][]ref, len(p.roots))}
	j.all, j.more = make([]uint64, j.words), make([]uint64, j.words)
	listOf := map[[3]int]int{} // family, or attribute and place of four members
	at := make([]int, len(p.leaves))
	for i, l := range p.leaves {
		key := [3]int{x.lo[i].family, -1, 0}
		if l.term < 0 {
			key = [3]int{-1, l.attr, l.member / flagsIn}
		} else if x.hi[i].code != 0 && x.hi[i].family != x.lo[i].family {
			at[i] = -1 // of two families
			continue
		}
		k, ok := listOf[key]
		if !ok {
			k = len(j.lists)
			listOf[key] = k
			list := ruleList{family: key[0], attr: l.attr}
			codes := flagsMissing + 1
			if l.term < 0 {
				for m := key[2] * flagsIn; m < min(key[2]*flagsIn+flagsIn, p.schema.Attrs[l.attr].Members); m++ {
					list.members = append(list.members, m)
				}
			} else {
				codes = firstRank + 1 + len(x.families[key[0]].bounds)
			}
			list.bits = make([]uint64, codes*2*j.words)
			for w := range list.bits {
				list.bits[w] = ^uint64(0)
			}
			j.lists = append(j.lists, list)
		}
		at[i] = k
	}
	place := make([]int, len(j.lists))
	flags := len(x.families)
	for k := range j.lists {
		if j.lists[k].family < 0 {
			place[k] = flags
			flags++
		}
	}
	j.flagAt = make([]int, len(p.leaves))
	for i, l := range p.leaves {
		if l.term < 0 {
			j.flagAt[i] = place[at[i]]
		}
	}
	for r, root := range p.roots {
		if root == refNever {
			continue
		}
		j.all[r>>6] |= 1 << (r & 63)
		if root == refAlways {
			continue
		}
		kids := []ref{root}
		if !root.isLeaf() && !p.nodes[root.node()].or {
			kids = p.nodes[root.node()].kids
		}
		for _, k := range kids {
			list := j.only(k, at)
			if list < 0 {
				j.rest[r] = append(j.rest[r], k)
				j.more[r>>6] |= 1 << (r & 63)
				continue
			}
			l := &j.lists[list]
			for code := range len(l.bits) / (2 * j.words) {
				yes, maybe := j.part(k, func(leaf int) (bool, bool) { return j.leafAt(leaf, code) })
				if !yes {
					l.bits[code*2*j.words+r>>6] &^= 1 << (r & 63)
				}
				if !maybe {
					l.bits[(code*2+1)*j.words+r>>6] &^= 1 << (r & 63)
				}
			}
		}
	}
	for r, kids := range j.rest { // what is cheap to look at comes first
		slices.SortStableFunc(kids, func(a, b ref) int { return j.size(a) - j.size(b) })
		j.rest[r] = kids
	}
	return j
}

// only returns the list that all comparisons of a part are about, -1 for several.
func (j *Judge) only(r ref, at []int) int {
	if r.isLeaf() {
		return at[r.leaf()]
	}
	if j.x.prog.shares(r) {
		return -1
	}
	kids := j.x.prog.nodes[r.node()].kids
	list := j.only(kids[0], at)
	for _, k := range kids[1:] {
		if list < 0 || j.only(k, at) != list {
			return -1
		}
	}
	return list
}

func (j *Judge) size(r ref) int {
	if r.isLeaf() {
		return 1
	}
	return j.x.prog.sizes[r.node()]
}

// leafAt is a comparison, certainly and possibly, for a code of its list.
func (j *Judge) leafAt(i, code int) (yes, maybe bool) {
	l := &j.x.prog.leaves[i]
	if l.term < 0 {
		return code>>(l.member%flagsIn)&1 == 1 && code != flagsMissing, code == flagsMissing || code>>(l.member%flagsIn)&1 == 1
	}
	yes = code >= j.x.lo[i].code && (j.x.hi[i].code == 0 || code < j.x.hi[i].code)
	return yes, yes || code == codeMissing
}

// part is a part of a rule, certainly and possibly, given its leaves.
func (j *Judge) part(r ref, leaf func(int) (bool, bool)) (yes, maybe bool) {
	if r.isLeaf() {
		yes, maybe = leaf(r.leaf())
		if r.negated() {
			return !maybe, !yes
		}
		return yes, maybe
	}
	n := &j.x.prog.nodes[r.node()]
	yes, maybe = !n.or, !n.or
	for _, k := range n.kids {
		a, b := j.part(k, leaf)
		if n.or {
			yes, maybe = yes || a, maybe || b
		} else {
			yes, maybe = yes && a, maybe && b
		}
		if maybe == n.or && yes == n.or {
			break
		}
	}
	return yes, maybe
}

// Codes of a row: of every family, and after them of every list of members.
type Codes []uint8

// Stored reads the codes of a row of the table into buf.
func (j *Judge) Stored(row int, buf Codes) Codes {
	buf = buf[:0]
	b, i := row/blockRows, row%blockRows
	for f := range j.x.codes {
		buf = append(buf, j.x.codes[f][b].at(i))
	}
	blk := j.x.table.blocks[b]
	for k := range j.lists {
		if l := &j.lists[k]; l.family < 0 {
			c, code := blk.columns[l.attr], uint8(0)
			for n, m := range l.members {
				code |= uint8(c.members[m][i>>6]>>(i&63)&1) << n //nolint:gosec // a bit
			}
			if c.missing.bit(i) {
				code = flagsMissing
			}
			buf = append(buf, code)
		}
	}
	return buf
}

// CodesOf ranks a row that need not stand in the table.
func (j *Judge) CodesOf(row []Value, buf Codes) Codes {
	buf = buf[:0]
	last, v := -1, Value{}
	for f := range j.x.families {
		fam := &j.x.families[f]
		if fam.term != last {
			last, v = fam.term, j.x.prog.terms[fam.term].Value(row)
		}
		buf = append(buf, fam.code(v))
	}
	for k := range j.lists {
		if l := &j.lists[k]; l.family < 0 {
			code := uint8(flagsMissing)
			if v := row[l.attr]; v.State != Missing {
				code = 0
				if v.State == Known {
					code = uint8(v.N >> l.members[0] & (1<<len(l.members) - 1)) //nolint:gosec // four bits
				}
			}
			buf = append(buf, code)
		}
	}
	return buf
}

// Answer answers all rules for a row, given its codes, into out.
func (j *Judge) Answer(codes Codes, out Answers) Answers {
	var known []uint8 // what nodes of scores are, made when there is one
	w := j.words
	yes, maybe := append(out.Yes[:0], j.all...), append(out.Possible[:0], j.all...)
	flags := len(j.x.families)
	for k := range j.lists {
		l := &j.lists[k]
		at := 0
		if l.family >= 0 {
			at = int(codes[l.family])
		} else {
			at = int(codes[flags])
			flags++
		}
		row := l.bits[at*2*w : at*2*w+2*w]
		for i, v := range row[:w] {
			yes[i] &= v
		}
		for i, v := range row[w:] {
			maybe[i] &= v
		}
	}
	for i := range maybe {
		for todo := maybe[i] & j.more[i]; todo != 0; todo &= todo - 1 {
			r := i<<6 | low(todo)
			for _, k := range j.rest[r] {
				a, b := j.at(k, codes, &known)
				if !a {
					yes[i] &^= 1 << (r & 63)
				}
				if !b {
					maybe[i] &^= 1 << (r & 63)
					break
				}
			}
		}
	}
	return Answers{yes, maybe}
}

// What is kept of a node of a score.
const (
	isNo = iota + 1
	isOpen
	isYes
)

// at is part for the codes of a row; it keeps in known what parts of scores are.
func (j *Judge) at(r ref, codes Codes, known *[]uint8) (yes, maybe bool) {
	if !r.isLeaf() {
		shared := j.x.prog.shares(r)
		if shared && *known == nil {
			*known = make([]uint8, len(j.x.prog.nodes))
		}
		if shared && (*known)[r.node()] != 0 {
			v := (*known)[r.node()]
			return v == isYes, v != isNo
		}
		n := &j.x.prog.nodes[r.node()]
		yes, maybe = !n.or, !n.or
		for _, k := range n.kids {
			a, b := j.at(k, codes, known)
			if n.or {
				yes, maybe = yes || a, maybe || b
			} else {
				yes, maybe = yes && a, maybe && b
			}
			if maybe == n.or && yes == n.or {
				break
			}
		}
		if shared {
			v := uint8(isNo)
			if yes {
				v = isYes
			} else if maybe {
				v = isOpen
			}
			(*known)[r.node()] = v
		}
		return yes, maybe
	}
	i := r.leaf()
	if lo, hi := j.x.lo[i], j.x.hi[i]; j.x.prog.leaves[i].term >= 0 {
		code := int(codes[lo.family])
		yes = code >= lo.code && (hi.code == 0 || int(codes[hi.family]) < hi.code)
		maybe = yes || code == codeMissing
	} else {
		yes, maybe = j.leafAt(i, int(codes[j.flagAt[i]]))
	}
	if r.negated() {
		return !maybe, !yes
	}
	return yes, maybe
}
