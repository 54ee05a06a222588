package firms

import (
	"math"
	"math/rand/v2"
)

// dice draw for one firm.
type dice struct{ *rand.Rand }

func diceOf(seed uint64, i int) dice {
	return dice{rand.New(rand.NewPCG(seed, uint64(i)))} //nolint:gosec // a demonstration, not a secret
}

// chance is true in so many of a hundred cases.
func (d dice) chance(percent float64) bool { return d.Float64()*100 < percent }

// between draws from a to b, both included.
func (d dice) between(a, b int) int { return a + d.IntN(b-a+1) }

// near draws about a value, never further away than three times the spread.
func (d dice) near(mean, spread float64) float64 {
	return mean + spread*min(3, max(-3, d.NormFloat64()))
}

// around multiplies a value by something about one.
func (d dice) around(v, spread float64) float64 { return v * math.Exp(d.near(0, spread)) }

func pick[T any](d dice, list []T) T { return list[d.IntN(len(list))] }

// weighted draws one of a list by its weights.
func weighted[T any](d dice, list []T, weight func(T) int) T {
	sum := 0
	for _, v := range list {
		sum += weight(v)
	}
	n := d.IntN(sum)
	for _, v := range list {
		if n -= weight(v); n < 0 {
			return v
		}
	}
	return list[len(list)-1]
}
