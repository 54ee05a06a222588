package engine

import (
	"math"
	"math/bits"
)

// ratio is num/den in millionths, rounded down, and cut off far outside of what
// a rule can ask for.
func ratio(num, den int64) int64 {
	if den < 0 {
		num, den = -num, -den
	}
	if -math.MaxInt64/Scale <= num && num <= math.MaxInt64/Scale {
		q := num * Scale / den
		if num < 0 && q*den != num*Scale {
			q--
		}
		return q
	}
	down := num < 0
	if down {
		num = -num
	}
	hi, lo := bits.Mul64(uint64(num), Scale) //nolint:gosec // not negative
	if hi >= uint64(den) {                   //nolint:gosec // positive
		if down {
			return math.MinInt64 + 1
		}
		return infinite - 1
	}
	q, rest := bits.Div64(hi, lo, uint64(den)) //nolint:gosec // positive
	if q >= infinite {
		q, rest = infinite-1, 0
	}
	if down {
		if rest != 0 {
			return -int64(q) - 1 //nolint:gosec // below infinite
		}
		return -int64(q) //nolint:gosec // below infinite
	}
	return int64(q) //nolint:gosec // below infinite
}
