package engine

import (
	"encoding/binary"
	"math/bits"
)

// low is the place of the lowest bit that is set.
func low(w uint64) int { return bits.TrailingZeros64(w) }

// ranks are the codes of a family for a block, bit by bit: for each 64 rows a word
// for each bit that a code has, lowest first. So a code is compared for 64 rows at
// once, with one operation a bit.
type ranks []uint64

// width is how many bits the codes of a family have.
func (f *family) width() int { return bits.Len(uint(firstRank + len(f.bounds))) } //nolint:gosec // small

func newRanks(width int) ranks { return make(ranks, blockWords*width) }

// word are the bits of 64 rows.
func (r ranks) word(w int) []uint64 {
	n := len(r) / blockWords
	return r[w*n : w*n+n : w*n+n]
}

// put writes the codes of a block.
func (r ranks) put(codes *[blockRows]uint8) {
	for w := range blockWords {
		to := r.word(w)
		clear(to)
		for j := 0; j < 64; j += 8 {
			// Eight codes of eight bits, turned (Hacker's Delight, 7-3).
			x := binary.LittleEndian.Uint64(codes[w*64+j : w*64+j+8])
			t := (x ^ x>>7) & 0x00AA00AA00AA00AA
			x ^= t ^ t<<7
			t = (x ^ x>>14) & 0x0000CCCC0000CCCC
			x ^= t ^ t<<14
			t = (x ^ x>>28) & 0x00000000F0F0F0F0
			x ^= t ^ t<<28
			for bit := range to {
				to[bit] |= x >> (8 * bit) & 0xff << j
			}
		}
	}
}

// at is the code of a row.
func (r ranks) at(i int) uint8 {
	code := uint64(0)
	for bit, w := range r.word(i >> 6) {
		code |= w >> (i & 63) & 1 << bit
	}
	return uint8(code) //nolint:gosec // of eight bits
}

// set changes the code of a row.
func (r ranks) set(i int, code uint8) {
	word := r.word(i >> 6)
	for bit, w := range word {
		word[bit] = w&^(1<<(i&63)) | uint64(code>>bit&1)<<(i&63)
	}
}

// atLeast are those of 64 rows whose code is at least k.
func atLeast(word []uint64, k int) uint64 {
	if k>>len(word) != 0 {
		return 0
	}
	out := ^uint64(0)
	for bit, w := range word { // from the lowest: a higher bit decides, or leaves it as it is
		if k>>bit&1 == 1 {
			out &= w
		} else {
			out |= w
		}
	}
	return out
}

// equal are those of 64 rows whose code is k.
func equal(word []uint64, k int) uint64 {
	out := ^uint64(0)
	for bit, w := range word {
		if k>>bit&1 == 1 {
			out &= w
		} else {
			out &^= w
		}
	}
	return out
}

// gone are those of 64 rows whose fact is missing.
func gone(word []uint64) uint64 {
	out := uint64(0) // codeMissing has no bit
	for _, w := range word {
		out |= w
	}
	return ^out
}

// spread makes the planes of a family for a block: ge[k] has the rows whose code
// is at least k, for every k from firstRank to the last threshold, and ge[0] those
// that are missing.
func spread(r ranks, ge []plane) {
	last, width := len(ge)-1, len(r)/blockWords
	var is [256][4]uint64 // rows by the higher bits of their code, bit by bit down to all; four words at a time
	for w := 0; w < blockWords; w += 4 {
		words := r[w*width : w*width+4*width : w*width+4*width]
		is[0] = [4]uint64{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}
		for bit := width - 1; bit >= 0; bit-- {
			v0, v1, v2, v3 := words[bit], words[bit+width], words[bit+2*width], words[bit+3*width]
			for high := last >> (bit + 1); high >= 0; high-- {
				from, on, off := &is[high&127], &is[(2*high+1)&255], &is[(2*high)&255]
				r0, r1, r2, r3 := from[0], from[1], from[2], from[3]
				on[0], on[1], on[2], on[3] = r0&v0, r1&v1, r2&v2, r3&v3
				off[0], off[1], off[2], off[3] = r0&^v0, r1&^v1, r2&^v2, r3&^v3
			}
		}
		missing := (*[4]uint64)(ge[codeMissing][w : w+4])
		*missing = is[codeMissing]
		var above [4]uint64
		for k := last; k >= firstRank; k-- {
			here, to := &is[k&255], (*[4]uint64)(ge[k][w:w+4])
			above[0] |= here[0]
			above[1] |= here[1]
			above[2] |= here[2]
			above[3] |= here[3]
			to[0], to[1], to[2], to[3] = above[0], above[1], above[2], above[3]
		}
	}
}
