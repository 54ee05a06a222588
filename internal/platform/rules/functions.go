package rules

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// FunctionNames are what expressions can call besides CEL's own:
//
//	sum(list)            of numbers, exact to the last decimal
//	sum(rows, 'field')   of one field of a repeating part; rows without it do not count
//	count(list)          how many
//	round(x), round(x,n) half away from zero, to n decimals
//	min(a,b), max(a,b)   the smaller, the larger
//	days(a,b)            from one date to the other, negative when b is before a
//	years(a,b)           full years from one date to the other
//	plusDays(d,n)        the date n days later
//	plusMonths(d,n)      the same day n months later, the last of a shorter month
//	text(x)              a number as people write it, for putting texts together
//	given(x, other)      x, or other when nobody answered it
var FunctionNames = []string{"sum", "count", "round", "min", "max", "days", "years", "plusDays", "plusMonths", "text", "given"}

// functions of the house. Arguments are of any type, since answers are; what
// does not fit is an error of the evaluation, never a wrong value.
func functions() []cel.EnvOption {
	dyn, list := cel.DynType, cel.ListType(cel.DynType)
	one := func(name string, in, out *cel.Type, f func(ref.Val) ref.Val) cel.EnvOption {
		return cel.Function(name, cel.Overload(name+"_1", []*cel.Type{in}, out, cel.UnaryBinding(f)))
	}
	two := func(name string, a, b, out *cel.Type, f func(x, y ref.Val) ref.Val, more ...cel.OverloadOpt) cel.EnvOption {
		return cel.Function(name, cel.Overload(name+"_2", []*cel.Type{a, b}, out, append(more, cel.BinaryBinding(f))...))
	}
	return []cel.EnvOption{
		one("sum", list, cel.DoubleType, func(l ref.Val) ref.Val { return sum(l, nil) }),
		two("sum", list, cel.StringType, cel.DoubleType, func(l, f ref.Val) ref.Val { return sum(l, f) }),
		one("count", list, cel.DoubleType, func(l ref.Val) ref.Val {
			n, ok := l.(traits.Sizer)
			if !ok {
				return types.NewErr("count: not a list")
			}
			size, _ := n.Size().(types.Int)
			return types.Double(size)
		}),
		one("round", dyn, cel.DoubleType, func(x ref.Val) ref.Val { return round(x, types.Double(0)) }),
		two("round", dyn, dyn, cel.DoubleType, round),
		two("min", dyn, dyn, cel.DoubleType, func(x, y ref.Val) ref.Val { return pair(x, y, math.Min) }),
		two("max", dyn, dyn, cel.DoubleType, func(x, y ref.Val) ref.Val { return pair(x, y, math.Max) }),
		two("days", dyn, dyn, cel.DoubleType, func(x, y ref.Val) ref.Val {
			return dates(x, y, func(a, b time.Time) float64 { return math.Round(b.Sub(a).Hours() / 24) })
		}),
		two("years", dyn, dyn, cel.DoubleType, func(x, y ref.Val) ref.Val { return dates(x, y, fullYears) }),
		two("plusDays", dyn, dyn, cel.StringType, func(d, n ref.Val) ref.Val {
			return later(d, n, func(t time.Time, n int) time.Time { return t.AddDate(0, 0, n) })
		}),
		two("plusMonths", dyn, dyn, cel.StringType, func(d, n ref.Val) ref.Val { return later(d, n, plusMonths) }),
		one("text", dyn, cel.StringType, text),
		two("given", dyn, dyn, dyn, func(x, other ref.Val) ref.Val {
			if err, ok := x.(*types.Err); ok && missing(err) {
				return other
			}
			return x
		}, cel.OverloadIsNonStrict()),
	}
}

// number is the number that a value holds.
func number(v ref.Val) (float64, bool) {
	switch x := v.(type) {
	case types.Double:
		n := float64(x)
		return n, !math.IsNaN(n) && !math.IsInf(n, 0)
	case types.Int:
		return float64(x), true
	case types.Uint:
		return float64(x), true
	}
	return 0, false
}

// exact is the decimal number that a float stands for: 0.1 is a tenth here.
func exact(n float64) *big.Rat {
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(n, 'g', 15, 64))
	if !ok {
		return new(big.Rat)
	}
	return r
}

// sum adds exactly; field names what is added of each row, nil for the values
// themselves. An absent answer of a row counts as nothing.
func sum(list, field ref.Val) ref.Val {
	l, ok := list.(traits.Lister)
	if !ok {
		return types.NewErr("sum: not a list")
	}
	total := new(big.Rat)
	for it := l.Iterator(); it.HasNext() == types.True; {
		v := it.Next()
		if field != nil {
			row, ok := v.(traits.Mapper)
			if !ok {
				return types.NewErr("sum: not rows")
			}
			if v, ok = row.Find(field); !ok {
				continue
			}
		}
		n, ok := number(v)
		if !ok {
			return types.NewErr("sum: %v is not a number", v.Value())
		}
		total.Add(total, exact(n))
	}
	f, _ := total.Float64()
	return types.Double(f)
}

func round(x, decimals ref.Val) ref.Val {
	n, ok := number(x)
	d, ok2 := number(decimals)
	if !ok || !ok2 || d < 0 || d > 9 || d != math.Trunc(d) {
		return types.NewErr("round: want a number, and 0 to 9 decimals")
	}
	return types.Double(Round(n, int(d)))
}

// Round a number to decimals, half away from zero, as its decimal digits say:
// 1.005 becomes 1.01, though the machine holds a little less.
func Round(n float64, decimals int) float64 {
	text := new(big.Rat).Set(exact(n)).FloatString(decimals) // rounds half away from zero
	out, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return n
	}
	return out
}

func pair(x, y ref.Val, f func(a, b float64) float64) ref.Val {
	a, ok := number(x)
	b, ok2 := number(y)
	if !ok || !ok2 {
		return types.NewErr("min, max: want two numbers")
	}
	return types.Double(f(a, b))
}

func date(v ref.Val) (time.Time, bool) {
	s, ok := v.(types.String)
	if !ok {
		return time.Time{}, false
	}
	t, err := time.Parse(time.DateOnly, string(s))
	return t, err == nil
}

func dates(x, y ref.Val, f func(a, b time.Time) float64) ref.Val {
	a, ok := date(x)
	b, ok2 := date(y)
	if !ok || !ok2 {
		return types.NewErr("days, years: want two dates")
	}
	return types.Double(f(a, b))
}

func fullYears(a, b time.Time) float64 {
	sign := 1.0
	if b.Before(a) {
		a, b, sign = b, a, -1
	}
	n := b.Year() - a.Year()
	if b.Month() < a.Month() || b.Month() == a.Month() && b.Day() < a.Day() {
		n--
	}
	return sign * float64(n)
}

func later(d, n ref.Val, f func(time.Time, int) time.Time) ref.Val {
	t, ok := date(d)
	k, ok2 := number(n)
	if !ok || !ok2 || k != math.Trunc(k) || math.Abs(k) > 40_000 {
		return types.NewErr("plusDays, plusMonths: want a date and a whole number")
	}
	return types.String(f(t, int(k)).Format(time.DateOnly))
}

func plusMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1)
	return first.AddDate(0, 0, min(t.Day(), last.Day())-1)
}

func text(v ref.Val) ref.Val {
	switch x := v.(type) {
	case types.String:
		return x
	case types.Double, types.Int, types.Uint:
		if n, ok := number(x); ok {
			return types.String(strings.TrimSuffix(strconv.FormatFloat(tidy(n), 'f', -1, 64), ".0"))
		}
	}
	return types.NewErr("text: want a number or a text")
}
