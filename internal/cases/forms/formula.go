package forms

import (
	"math"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/platform/rules"
)

// longestComputed text, in characters.
const longestComputed = 500

// compute works out a field. Nothing comes of a formula that reads an answer
// nobody gave; one that cannot be evaluated, or gives what the field does not
// hold, is an error: nothing is submitted on a guess.
func compute(f catalogue.Field, scope rules.Scope) (any, *errs.Error) {
	formula, err := rules.CompileFormula(f.Formula)
	if err != nil {
		return nil, errComputed
	}
	v, verdict, _ := formula.Value(scope)
	switch verdict {
	case rules.Unknown:
		return nil, nil
	case rules.Yes:
		if v, ok := fitted(f, v); ok {
			return v, nil
		}
	case rules.No, rules.Broken:
	}
	return nil, errComputed
}

// fitted is a computed value as the type of the field keeps it. Money is whole
// fen: half a fen is rounded away from zero.
func fitted(f catalogue.Field, v any) (any, bool) {
	switch f.Type {
	case catalogue.FieldNumber, catalogue.FieldPercent:
		n, ok := v.(float64)
		return n, ok && math.Abs(n) <= 1e15
	case catalogue.FieldMoney:
		n, ok := v.(float64)
		if !ok || math.Abs(n) > 1e13 {
			return nil, false
		}
		fen := money.Fen(math.Round(rules.Round(n, 2) * 100))
		return float64(fen) / 100, true
	case catalogue.FieldDate:
		s, ok := v.(string)
		_, err := time.Parse(time.DateOnly, s)
		return s, ok && err == nil
	case catalogue.FieldChoice:
		s, ok := v.(string)
		return s, ok && slices.ContainsFunc(f.Options, func(o catalogue.Option) bool { return o.Value == s })
	case catalogue.FieldYesNo:
		switch v {
		case true, "yes":
			return "yes", true
		case false, "no":
			return "no", true
		}
		return nil, false
	default:
		s, ok := v.(string)
		return s, ok && utf8.RuneCountInString(s) <= longestComputed
	}
}

// ranged complains about a computed number outside of what the field takes.
func ranged(f catalogue.Field, v any) (*errs.Error, map[string]any) {
	n, ok := v.(float64)
	if !ok {
		return nil, nil
	}
	low, high := math.Inf(-1), math.Inf(1)
	if f.Type == catalogue.FieldPercent {
		low, high = 0, 100
	}
	if f.Min != nil {
		low = *f.Min
	}
	if f.Max != nil {
		high = *f.Max
	}
	switch {
	case n >= low && n <= high:
		return nil, nil
	case math.IsInf(high, 1):
		return errLow, map[string]any{"min": low}
	case math.IsInf(low, -1):
		return errHigh, map[string]any{"max": high}
	}
	return ErrRange, map[string]any{"min": low, "max": high}
}

var (
	errLow  = errs.Define(errs.Invalid, "cases.field.low")  // param min
	errHigh = errs.Define(errs.Invalid, "cases.field.high") // param max
)
