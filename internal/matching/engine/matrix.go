package engine

import (
	"math/bits"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Matrix has the answer of every rule for every row: which rows certainly fit,
// and which are unknown.
type Matrix struct {
	rules  int
	rows   int
	blocks []answers
	yes    []int // rows of each rule
	open   []int
}

// answers of one block: for each rule the place of a bit mask of the words that
// have rows, and those words, first of Yes and then of Unknown. At place 0
// stands the rule for which no row of the block is either.
type answers struct {
	at    []uint32
	words []uint64
}

// reckoner answers all rules for a block. buf is scratch that the next call may
// have; it counts in yes and open.
type reckoner func(b int, buf []uint64, yes, open []int) (answers, []uint64)

// Run answers every rule for every row with so many workers, 0 for one a processor.
func (x *Index) Run(workers int) *Matrix {
	return x.each(workers, func() reckoner { return newReckoner(x) })
}

// RunPortable is Run without instructions that only some processors have: the same
// answers, to hold those of Run against.
func (x *Index) RunPortable(workers int) *Matrix {
	return x.each(workers, func() reckoner { return newEvaluator(x).answer })
}

// each gives the blocks to workers, each with a reckoner of its own.
func (x *Index) each(workers int, newReckoner func() reckoner) *Matrix {
	return eachBlock(x.table, len(x.prog.roots), workers, newReckoner)
}

func eachBlock(t *Table, rules, workers int, newReckoner func() reckoner) *Matrix {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	m := &Matrix{rules: rules, rows: t.n, blocks: make([]answers, len(t.blocks)), yes: make([]int, rules), open: make([]int, rules)}
	var next atomic.Int64
	var mu sync.Mutex
	work := func() {
		answer := newReckoner()
		yes, open := make([]int, m.rules), make([]int, m.rules)
		var buf []uint64
		for b := int(next.Add(1)) - 1; b < len(m.blocks); b = int(next.Add(1)) - 1 {
			m.blocks[b], buf = answer(b, buf, yes, open)
		}
		mu.Lock()
		defer mu.Unlock()
		for r := range yes {
			m.yes[r] += yes[r]
			m.open[r] += open[r]
		}
	}
	if workers == 1 {
		work()
		return m
	}
	var wg sync.WaitGroup
	for range workers {
		wg.Go(work)
	}
	wg.Wait()
	return m
}

// answer reckons a block. buf is scratch that the next call may have.
func (e *evaluator) answer(b int, buf []uint64, yes, open []int) (answers, []uint64) {
	e.load(b)
	out := answers{at: make([]uint32, len(yes))}
	buf = append(buf[:0], 0, 0)
	for r := range yes {
		left := e.root(r)
		if left == 0 {
			continue
		}
		buf, out.at[r] = pack(buf, left, &e.at, &e.ap, &yes[r], &open[r])
	}
	out.words = slices.Clone(buf)
	return out, buf
}

// pack appends the answers of a rule to buf and returns where, 0 when there are
// none. left are the words that may have some; it counts them.
func pack(buf []uint64, left uint64, t, p *plane, yes, open *int) ([]uint64, uint32) {
	at := len(buf)
	buf = append(buf, 0)
	mask, n := uint64(0), 0
	for todo := left; todo != 0; todo &= todo - 1 {
		w := low(todo) & 63
		if v := t[w]; v != 0 {
			mask |= 1 << w
			n += bits.OnesCount64(v)
			buf = append(buf, v)
		}
	}
	buf[at] = mask
	*yes += n
	mid := len(buf)
	buf = append(buf, 0)
	mask, n = 0, 0
	for todo := left; todo != 0; todo &= todo - 1 {
		w := low(todo) & 63
		if v := p[w] &^ t[w]; v != 0 {
			mask |= 1 << w
			n += bits.OnesCount64(v)
			buf = append(buf, v)
		}
	}
	buf[mid] = mask
	*open += n
	if mid == at+1 && mask == 0 {
		return buf[:at], 0
	}
	return buf, uint32(at) //nolint:gosec // a block has at most 130 words for a rule
}

// Yes is how many rows certainly fit a rule.
func (m *Matrix) Yes(rule int) int { return m.yes[rule] }

// Unknown is for how many rows a rule cannot be answered.
func (m *Matrix) Unknown(rule int) int { return m.open[rule] }

// At is the answer of a rule for a row.
func (m *Matrix) At(row, rule int) Tri {
	a := &m.blocks[row/blockRows]
	words := a.words[a.at[rule]:]
	w, bit := row%blockRows>>6, uint64(1)<<(row&63)
	if word(words, w)&bit != 0 {
		return Yes
	}
	if word(words[1+bits.OnesCount64(words[0]):], w)&bit != 0 {
		return Unknown
	}
	return No
}

// word is one of a mask and the words that it has.
func word(words []uint64, w int) uint64 {
	mask := words[0]
	if mask>>w&1 == 0 {
		return 0
	}
	return words[1+bits.OnesCount64(mask&(1<<w-1))]
}

// Each calls f for every row that a rule answers with what is asked for, Yes or
// Unknown, in order.
func (m *Matrix) Each(rule int, what Tri, f func(row int)) {
	for b := range m.blocks {
		words := m.blocks[b].words[m.blocks[b].at[rule]:]
		if what == Unknown {
			words = words[1+bits.OnesCount64(words[0]):]
		}
		i := 1
		for todo := words[0]; todo != 0; todo &= todo - 1 {
			w := low(todo)
			for v := words[i]; v != 0; v &= v - 1 {
				f(b*blockRows + w<<6 + low(v))
			}
			i++
		}
	}
}

// Bytes is what a matrix takes in memory.
func (m *Matrix) Bytes() int {
	n := 16 * m.rules
	for _, b := range m.blocks {
		n += 4*len(b.at) + 8*len(b.words) + 48
	}
	return n
}
