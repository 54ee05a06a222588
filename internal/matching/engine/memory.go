package engine

// Memory is what parts take, in bytes.
type Memory struct {
	Columns int // the facts
	Codes   int // the ranks of the rows
	Answers int // of every rule for every row
	Lists   int // the rules by code, for one row
	Changes int // rows that stand above the base, and rules that stand alone
}

// Sum is all of it.
func (m Memory) Sum() int { return m.Columns + m.Codes + m.Answers + m.Lists + m.Changes }

const (
	planeBytes = blockWords * 8
	wideBytes  = 32 // of a number in a map, with what the map has free
	valueBytes = 16
)

// Bytes is what a table takes in memory.
func (t *Table) Bytes() int {
	n := 0
	for _, b := range t.blocks {
		n += 8*len(b.columns) + 48
		for _, c := range b.columns {
			if c == nothing {
				continue
			}
			n += wideBytes*len(c.wide) + planeBytes*2 + 128
			if c.filled {
				n += 4*len(c.narrow) + planeBytes*len(c.members)
			}
		}
	}
	return n
}

// Bytes is what the ranks of an index take in memory, without its table.
func (x *Index) Bytes() int {
	n := 0
	for f := range x.families {
		n += 8*len(x.families[f].bounds) + len(x.codes[f])*(x.families[f].width()*planeBytes+24)
	}
	return n + len(x.prog.leaves)*120 + len(x.prog.nodes)*80
}

// Bytes is what the lists of a judge take in memory, without its index.
func (j *Judge) Bytes() int {
	n := 8*len(j.all)*2 + 8*len(j.flagAt)
	for _, l := range j.lists {
		n += 8 * len(l.bits)
	}
	for _, r := range j.rest {
		n += 24 + 4*len(r)
	}
	return n
}

// Memory is what a snapshot takes, with what it shares with others.
func (s *Snapshot) Memory() Memory {
	m := Memory{Columns: s.table.Bytes(), Codes: s.index.Bytes(), Answers: s.matrix.Bytes(), Lists: s.judge.Bytes()}
	for _, c := range s.layer {
		m.Changes += valueBytes*len(c.values) + 8*(len(c.answers.Yes)+len(c.answers.Possible)) + 80
	}
	for _, p := range s.place {
		if p.alone != nil {
			m.Changes += p.alone.Bytes()
		}
	}
	return m
}
