package rule

import (
	"fmt"
	"math/big"
	"reflect"
	"strconv"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/tongban/tongban/internal/matching/engine"
)

// Types of facts in expressions. Numbers are exact: sums and ratios of facts are
// fractions, and what somebody writes with decimals is what he wrote.
var (
	numberType = types.NewObjectType("tongban.number", traits.AdderType|traits.SubtractorType|traits.MultiplierType|traits.DividerType|traits.NegatorType|traits.ComparerType)
	dayType    = types.NewObjectType("tongban.day", traits.AdderType|traits.SubtractorType|traits.ComparerType)
	setType    = types.NewObjectType("tongban.set", traits.ContainerType)
)

// number is a fraction, or not applicable. zero is what a division by zero gives.
type number struct {
	rat  *big.Rat // nil for not applicable, and with inf
	inf  int      // above (1) or below (-1) everything
	zero engine.Zero
}

func whole(n int64, z engine.Zero) number { return number{rat: new(big.Rat).SetInt64(n), zero: z} }

// literal reads a number that somebody wrote.
func literal(v ref.Val) (*big.Rat, bool) {
	switch x := v.(type) {
	case types.Int:
		return new(big.Rat).SetInt64(int64(x)), true
	case types.Uint:
		return new(big.Rat).SetUint64(uint64(x)), true
	case types.Double:
		// The shortest text of the number is what was written: 0.1 is a tenth.
		return new(big.Rat).SetString(strconv.FormatFloat(float64(x), 'f', -1, 64))
	}
	return nil, false
}

func (n number) other(v ref.Val) (number, bool) {
	if o, ok := v.(number); ok {
		return o, true
	}
	rat, ok := literal(v)
	return number{rat: rat, zero: n.zero}, ok
}

// with reckons with two fractions. inf says what is to become of one that is
// infinite, reckoned with a fraction; nil is of no use either.
func (n number) with(v ref.Val, f func(a, b *big.Rat) ref.Val, inf func(b *big.Rat) int) ref.Val {
	o, ok := n.other(v)
	switch {
	case !ok:
		return types.MaybeNoSuchOverloadErr(v)
	case n.inf != 0 && o.rat != nil:
		return number{inf: inf(o.rat), zero: n.zero}
	case n.rat == nil || o.rat == nil:
		return number{zero: n.zero}
	}
	return f(n.rat, o.rat)
}

func (n number) of(r *big.Rat) ref.Val { return number{rat: r, zero: n.zero} }

func (n number) stays(*big.Rat) int { return n.inf }

func (n number) turns(b *big.Rat) int { return n.inf * b.Sign() }

// Add implements traits.Adder.
func (n number) Add(v ref.Val) ref.Val {
	return n.with(v, func(a, b *big.Rat) ref.Val { return n.of(new(big.Rat).Add(a, b)) }, n.stays)
}

// Subtract implements traits.Subtractor.
func (n number) Subtract(v ref.Val) ref.Val {
	return n.with(v, func(a, b *big.Rat) ref.Val { return n.of(new(big.Rat).Sub(a, b)) }, n.stays)
}

// Multiply implements traits.Multiplier.
func (n number) Multiply(v ref.Val) ref.Val {
	return n.with(v, func(a, b *big.Rat) ref.Val { return n.of(new(big.Rat).Mul(a, b)) }, n.turns)
}

// Negate implements traits.Negater.
func (n number) Negate() ref.Val { return n.Multiply(types.Int(-1)) }

// Divide implements traits.Divider.
func (n number) Divide(v ref.Val) ref.Val {
	return n.with(v, func(a, b *big.Rat) ref.Val {
		switch {
		case b.Sign() != 0:
			return n.of(new(big.Rat).Quo(a, b))
		case n.zero == engine.ZeroUnknown:
			return types.NewUnknown(0, nil)
		case n.zero == engine.ZeroInfinite && a.Sign() != 0:
			return number{inf: a.Sign(), zero: n.zero}
		}
		return number{zero: n.zero}
	}, n.turns)
}

// Compare implements traits.Comparer. With what is not applicable no comparison
// holds: the operators return what is neither less, equal nor greater as it is.
func (n number) Compare(v ref.Val) ref.Val {
	o, ok := n.other(v)
	switch {
	case !ok:
		return types.MaybeNoSuchOverloadErr(v)
	case n.inf != 0 && o.rat != nil:
		return types.Int(n.inf)
	case o.inf != 0 && n.rat != nil:
		return types.Int(-o.inf)
	case n.rat == nil || o.rat == nil:
		return types.False
	}
	return types.Int(n.rat.Cmp(o.rat))
}

// Equal implements ref.Val.
func (n number) Equal(v ref.Val) ref.Val {
	o, ok := n.other(v)
	return types.Bool(ok && n.rat != nil && o.rat != nil && n.rat.Cmp(o.rat) == 0)
}

// ConvertToNative implements ref.Val.
func (n number) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("rule: no %v of a number", t)
}

// ConvertToType implements ref.Val.
func (n number) ConvertToType(t ref.Type) ref.Val {
	return types.NewErr("rule: no %s of a number", t.TypeName())
}

// Type implements ref.Val.
func (n number) Type() ref.Type { return numberType }

// Value implements ref.Val.
func (n number) Value() any { return n.rat }

// day is a day, or not applicable. zero is what years since a day are divided with.
type day struct {
	n    int64
	none bool
	zero engine.Zero
}

// Add implements traits.Adder.
func (d day) Add(v ref.Val) ref.Val {
	n, ok := v.(types.Int)
	if !ok {
		return types.MaybeNoSuchOverloadErr(v)
	}
	return day{d.n + int64(n), d.none, d.zero}
}

// Subtract implements traits.Subtractor: days before a day.
func (d day) Subtract(v ref.Val) ref.Val {
	n, ok := v.(types.Int)
	if !ok {
		return types.MaybeNoSuchOverloadErr(v)
	}
	return day{d.n - int64(n), d.none, d.zero}
}

// Compare implements traits.Comparer.
func (d day) Compare(v ref.Val) ref.Val {
	o, ok := v.(day)
	switch {
	case !ok:
		return types.MaybeNoSuchOverloadErr(v)
	case d.none || o.none:
		return types.False
	case d.n < o.n:
		return types.IntNegOne
	case d.n > o.n:
		return types.IntOne
	}
	return types.IntZero
}

// Equal implements ref.Val.
func (d day) Equal(v ref.Val) ref.Val {
	o, ok := v.(day)
	return types.Bool(ok && !d.none && !o.none && d.n == o.n)
}

// ConvertToNative implements ref.Val.
func (d day) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("rule: no %v of a day", t)
}

// ConvertToType implements ref.Val.
func (d day) ConvertToType(t ref.Type) ref.Val {
	return types.NewErr("rule: no %s of a day", t.TypeName())
}

// Type implements ref.Val.
func (d day) Type() ref.Type { return dayType }

// Value implements ref.Val.
func (d day) Value() any { return d.n }

// set has the members of a fact by their bits.
type set struct {
	members []string
	bits    int64
}

// Contains implements traits.Container.
func (s set) Contains(v ref.Val) ref.Val {
	name, ok := v.(types.String)
	if !ok {
		return types.MaybeNoSuchOverloadErr(v)
	}
	for i, m := range s.members {
		if m == string(name) {
			return types.Bool(s.bits>>i&1 == 1)
		}
	}
	return types.False
}

// Equal implements ref.Val.
func (s set) Equal(v ref.Val) ref.Val { o, ok := v.(set); return types.Bool(ok && s.bits == o.bits) }

// ConvertToNative implements ref.Val.
func (s set) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("rule: no %v of a set", t)
}

// ConvertToType implements ref.Val.
func (s set) ConvertToType(t ref.Type) ref.Val {
	return types.NewErr("rule: no %s of a set", t.TypeName())
}

// Type implements ref.Val.
func (s set) Type() ref.Type { return setType }

// Value implements ref.Val.
func (s set) Value() any { return s.bits }

// facts binds the words of a vocabulary to a row, for CEL as it is.
type facts struct {
	v     *Vocabulary
	row   []engine.Value
	today int64
	zero  engine.Zero
}

// ResolveName implements cel.Activation.
func (f *facts) ResolveName(name string) (any, bool) {
	if name == "today" {
		return day{n: f.today, zero: f.zero}, true
	}
	key, back := splitYear(name)
	i, ok := f.v.byKey[key]
	if !ok {
		return nil, false
	}
	col, ok := f.v.Column(key, back)
	if !ok {
		return nil, false
	}
	fact, val := &f.v.facts[i], f.row[col]
	none := val.State == engine.NotApplicable
	if val.State == engine.Missing {
		return types.NewUnknown(0, types.NewAttributeTrail(name)), true
	}
	switch fact.Kind {
	case Number:
		if none {
			return number{zero: f.zero}, true
		}
		return whole(val.N, f.zero), true
	case Day:
		return day{val.N, none, f.zero}, true
	case Code:
		if none {
			return types.String(""), true
		}
		return types.String(decodeCode(val.N)), true
	case Choice:
		if none || val.N < 0 || int(val.N) >= len(fact.Members) {
			return types.String(""), true
		}
		return types.String(fact.Members[val.N]), true
	case Set:
		if none {
			return set{members: fact.Members}, true
		}
		return set{fact.Members, val.N}, true
	}
	return types.Bool(!none && val.N&1 == 1), true
}

// Parent implements cel.Activation.
func (f *facts) Parent() cel.Activation { return nil }

// yearMark parts a yearly fact from how many years back it is, in names that
// nobody can write.
const yearMark = "@"

func yearName(key string, back int) string { return key + yearMark + strconv.Itoa(back) }

func splitYear(name string) (key string, back int) {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == yearMark[0] {
			back, _ = strconv.Atoi(name[i+1:])
			return name[:i], back
		}
	}
	return name, 0
}
