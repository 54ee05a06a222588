package engine

import (
	"math/bits"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"golang.org/x/sys/cpu"
)

// needsAVX2 leaves out what this processor cannot do: here both ways are held
// against each other, and the tests beside this one hold one of them against the
// rules.
func needsAVX2(t *testing.T) {
	t.Helper()
	if !cpu.X86.HasAVX2 || !cpu.X86.HasPOPCNT {
		t.Skip("this processor has no AVX2")
	}
}

// loose is a plane that stands anywhere, with words around it that nobody may
// write to.
type loose struct {
	words []uint64
	*plane
}

const around = 0xA5A5_5A5A_A5A5_5A5A

func (r random) loose() loose {
	l := loose{words: make([]uint64, blockWords+16)}
	for i := range l.words {
		l.words[i] = around
	}
	at := r.IntN(16)
	l.plane = (*plane)(l.words[at : at+blockWords])
	density := r.IntN(5) // how seldom a row is set; 4 is a plane with hardly any
	for w := range l.plane {
		v := r.Uint64()
		for range density {
			v &= r.Uint64()
		}
		if density == 4 && r.IntN(8) > 0 {
			v = 0
		}
		if r.IntN(16) == 0 {
			v = ^uint64(0)
		}
		l.plane[w] = v
	}
	return l
}

// alone fails if a word beside the plane was written to.
func (l loose) alone(t *testing.T, what string) {
	t.Helper()
	n := 0
	for _, w := range l.words {
		if w == around {
			n++
		}
	}
	if n < 16 {
		t.Fatalf("%s: words beside a plane were written to", what)
	}
}

// TestJoinKernel holds the join of planes against what it means.
func TestJoinKernel(t *testing.T) {
	t.Parallel()
	needsAVX2(t)
	r := random{rand.New(rand.NewPCG(1, 8))} //nolint:gosec // repeatable
	from := make([]operand, 40)
	for i := range from {
		from[i] = operand{r.loose().plane, r.loose().plane}
	}
	for range 4000 {
		or := uint32(r.IntN(2)) //nolint:gosec // a bit
		kids := make([]uint32, 1+r.IntN(12))
		var t0, p0 plane
		if or == 0 {
			for w := range t0 {
				t0[w], p0[w] = ^uint64(0), ^uint64(0)
			}
		}
		for k := range kids {
			i, not := r.IntN(len(from)), r.IntN(2)
			kids[k] = uint32(i*operandBytes + not) //nolint:gosec // small
			for w := range t0 {
				yes, maybe := from[i].t[w], from[i].t[w]|from[i].m[w]
				if not == 1 {
					yes, maybe = ^maybe, ^yes
				}
				if or == 1 {
					t0[w] |= yes
					p0[w] |= maybe
				} else {
					t0[w] &= yes
					p0[w] &= maybe
				}
			}
		}
		gotT, gotP := r.loose(), r.loose()
		joinAVX2(gotT.plane, gotP.plane, &from[0], &kids[0], len(kids), or)
		if *gotT.plane != t0 || *gotP.plane != p0 {
			t.Fatalf("or %d of %v differs", or, kids)
		}
		gotT.alone(t, "join")
		gotP.alone(t, "join")
	}
}

// TestPackKernel holds the packing of answers against pack, and a difference of
// planes against what it is.
func TestPackKernel(t *testing.T) {
	t.Parallel()
	needsAVX2(t)
	r := random{rand.New(rand.NewPCG(2, 8))} //nolint:gosec // repeatable
	for i := range 4000 {
		a, b, out := r.loose(), r.loose(), r.loose()
		switch i % 50 { // the ends: nothing, all, and one row at each place
		case 0:
			*a.plane = plane{}
		case 1:
			*a.plane, *b.plane = plane{}, plane{}
		case 2:
			for w := range a.plane {
				a.plane[w] = ^uint64(0)
			}
		case 3:
			*a.plane, *b.plane = plane{}, plane{}
			b.put(i%blockRows, true)
		}
		for w := range a.plane {
			b.plane[w] |= a.plane[w] // what is certain is possible
		}
		wantYes, wantOpen := 7, 9
		want, at := pack([]uint64{1, 2, 3}, ^uint64(0), a.plane, b.plane, &wantYes, &wantOpen)
		buf := make([]uint64, 3+maxPacked+1)
		copy(buf, []uint64{1, 2, 3})
		buf[3+maxPacked] = around
		end, yes, open := packAVX2(&buf[3], a.plane, b.plane, &squeezed)
		if yes+7 != wantYes || open+9 != wantOpen || (at == 0) != (yes == 0 && open == 0) {
			t.Fatalf("%d: counts %d and %d, want %d and %d", i, yes, open, wantYes-7, wantOpen-9)
		}
		if at != 0 && !slices.Equal(buf[:3+end], want) {
			t.Fatalf("%d: %x, want %x", i, buf[:3+end], want)
		}
		if buf[3+maxPacked] != around {
			t.Fatalf("%d: it writes too far", i)
		}
		minusAVX2(out.plane, b.plane, a.plane)
		for w, v := range out.plane {
			if v != b.plane[w]&^a.plane[w] {
				t.Fatalf("%d: word %d of a difference", i, w)
			}
		}
		for _, l := range []loose{a, b, out} {
			l.alone(t, "pack")
		}
	}
}

// TestSpreadKernel holds the planes made of ranks against spread, for every number
// of thresholds that a family may have.
func TestSpreadKernel(t *testing.T) {
	t.Parallel()
	needsAVX2(t)
	r := random{rand.New(rand.NewPCG(3, 8))} //nolint:gosec // repeatable
	for last := firstRank; last <= firstRank+maxBounds; last++ {
		codes := newRanks(bits.Len(uint(last))) //nolint:gosec // small
		for i := range blockRows {
			codes.set(i, uint8(r.IntN(last+1))) //nolint:gosec // of eight bits
		}
		want, got := make([]plane, last+1), make([]plane, last+2)
		spread(codes, want)
		for w := range blockWords {
			got[last+1][w] = around
			want[1][w], got[1][w] = around, around // nobody asks for it
		}
		var is [256][8]uint64
		spreadAVX2(&codes[0], &got[0], &is, bits.Len(uint(last)), last) //nolint:gosec // small
		for k := range want {
			if got[k] != want[k] {
				t.Fatalf("%d codes: the plane of %d differs", last+1, k)
			}
		}
		for _, v := range got[last+1] {
			if v != around {
				t.Fatalf("%d codes: it writes too far", last+1)
			}
		}
	}
}

// TestKernelsAgree holds all that Run answers against RunPortable, word by word.
func TestKernelsAgree(t *testing.T) {
	t.Parallel()
	needsAVX2(t)
	for seed := range uint64(24) {
		r := random{rand.New(rand.NewPCG(seed, 9))} //nolint:gosec // repeatable
		s := r.schema()
		n := []int{0, 1, 63, 64, 65, 127, 1023, 1025, 4095, 4096, 4097, 9000}[seed%12]
		table, _ := r.table(t, s, n)
		rules := r.rules(s, []int{1, 30, 700}[seed%3])
		for range len(rules) / 5 { // parts that several rules have
			a, b := rules[r.IntN(len(rules))], rules[r.IntN(len(rules))]
			rules = append(rules, &Expr{Op: []Op{And, Or}[r.IntN(2)], Kids: []*Expr{a, b, r.expr(s, 1)}}, &Expr{Op: Not, Kids: []*Expr{a}})
		}
		x := NewIndex(table, Compile(s, rules))
		if got, want := x.each(1, func() reckoner { return newVectors(x).answer }), x.RunPortable(1); !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: %d rows, %d rules: they differ", seed, n, len(rules))
		}
	}
}
