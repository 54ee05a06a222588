package rule

import (
	"math/bits"
	"slices"

	"github.com/tongban/tongban/internal/matching/engine"
)

// Amount is a sum of facts, such as the cost of which a benefit pays a part.
type Amount struct {
	lins []engine.Lin
	by   int64
}

// Amount compiles a sum of numbers with factors: rd_cost(-1) - rd_cost(-2). What
// is wrong comes back as Faults.
func (v *Vocabulary) Amount(source string) (*Amount, error) {
	if len(source) > MaxLength {
		return nil, Faults{{1, 1, TooLong, "", ""}}
	}
	parsed, iss := v.language().Parse(source)
	if iss.Err() != nil {
		return nil, v.unread(source, iss)
	}
	checked, iss := v.language().Check(parsed)
	if iss.Err() != nil {
		return nil, v.unfit(source, iss)
	}
	r := &Rule{Source: source, vocab: v, ast: checked}
	if !checked.OutputType().IsExactType(numberType) {
		return nil, Faults{{1, 1, NoSum, "", ""}}
	}
	r.look(checked.NativeRep().Expr(), true)
	if len(r.faults) > 0 {
		return nil, r.faults
	}
	q, err := vector{r, 0}.number(checked.NativeRep().Expr())
	if err != nil || q.den != nil || q.num.add.Sign() != 0 || len(q.num.factor) == 0 {
		return nil, Faults{{1, 1, NoSum, "", ""}}
	}
	lins, by, ok := wholes(q.num)
	if !ok || !by.IsInt() || !by.Num().IsInt64() {
		return nil, Faults{{1, 1, NoSum, "", ""}}
	}
	slices.SortFunc(lins[0], func(a, b engine.Lin) int { return a.Attr - b.Attr })
	return &Amount{lins[0], by.Num().Int64()}, nil
}

// Attrs are the columns that it reads, in order.
func (a *Amount) Attrs() []int {
	out := make([]int, len(a.lins))
	for i, l := range a.lins {
		out[i] = l.Attr
	}
	return out
}

// PartOf is so many millionths of the sum, rounded down, of values in the order
// of Attrs; false when one is not known. A sum below zero has a part of nought.
func (a *Amount) PartOf(values []engine.Value, millionths int64) (int64, bool) {
	sum := int64(0)
	for i, l := range a.lins {
		if values[i].State != engine.Known {
			return 0, false
		}
		sum += l.Factor * values[i].N
	}
	if sum <= 0 || millionths <= 0 {
		return 0, true
	}
	hi, lo := bits.Mul64(uint64(sum), uint64(millionths)) // below 2^63 each
	by := uint64(a.by) * engine.Scale                     //nolint:gosec // above zero
	if hi >= by {
		return 0, false
	}
	n, _ := bits.Div64(hi, lo, by)
	return int64(min(n, 1<<62)), true //nolint:gosec // bounded
}
