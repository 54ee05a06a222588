package forms

import (
	"math"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/kernel/workday"
)

var accountForm = regexp.MustCompile(`^[0-9]{8,30}$`)

// Answer checks what was typed into one field that stands in no form; a nil value
// means not answered.
func Answer(f catalogue.Field, typed []string) (value any, bad *errs.Error, params map[string]any) {
	return answer(f, typed)
}

// answer checks one field. A nil value means not answered.
func answer(f catalogue.Field, typed []string) (value any, bad *errs.Error, params map[string]any) {
	v := ""
	if len(typed) > 0 {
		v = strings.TrimSpace(typed[0])
	}
	switch f.Type {
	case catalogue.FieldMulti:
		return multi(f, typed)
	case catalogue.FieldAddress:
		return address(f, typed)
	}
	if v == "" {
		return nil, nil, nil
	}
	switch f.Type {
	case catalogue.FieldNumber, catalogue.FieldMoney, catalogue.FieldPercent:
		return number(f, v)
	case catalogue.FieldDate:
		if _, err := workday.Parse(v); err != nil {
			return nil, ErrDate, nil
		}
	case catalogue.FieldChoice:
		if !slices.ContainsFunc(f.Options, func(o catalogue.Option) bool { return o.Value == v }) {
			return nil, ErrChoice, nil
		}
	case catalogue.FieldYesNo:
		if v != "yes" && v != "no" {
			return nil, ErrChoice, nil
		}
	case catalogue.FieldUSCC:
		r := idcode.CheckUSCC(v)
		if !r.OK(true) {
			return nil, ErrUSCC, nil
		}
		v = r.Normalised
	case catalogue.FieldIDCard:
		r := idcode.CheckResidentID(v)
		if !r.OK(false) {
			return nil, ErrIDCard, nil
		}
		v = r.Normalised
	case catalogue.FieldPhone:
		if !idcode.CheckPhone(v).OK(true) {
			return nil, ErrPhone, nil
		}
	case catalogue.FieldBankAccount:
		v = strings.NewReplacer(" ", "", "-", "").Replace(v)
		if !accountForm.MatchString(v) {
			return nil, errAccount, nil
		}
	case catalogue.FieldEmail:
		if a, err := mail.ParseAddress(v); err != nil || a.Address != v {
			return nil, ErrEmail, nil
		}
	default:
		n := utf8.RuneCountInString(v)
		longest := 200.0
		if f.Type == catalogue.FieldTextarea {
			longest = 2000
		}
		if f.Max != nil {
			longest = *f.Max
		}
		if float64(n) > longest {
			return nil, ErrLong, map[string]any{"max": int(longest), "have": n}
		}
		if f.Min != nil && float64(n) < *f.Min {
			return nil, ErrShort, map[string]any{"min": int(*f.Min), "have": n}
		}
	}
	return v, nil, nil
}

func multi(f catalogue.Field, typed []string) (any, *errs.Error, map[string]any) {
	var out []any
	for _, v := range typed {
		if v == "" {
			continue
		}
		if !slices.ContainsFunc(f.Options, func(o catalogue.Option) bool { return o.Value == v }) {
			return nil, ErrChoice, nil
		}
		if !slices.Contains(out, any(v)) {
			out = append(out, v)
		}
	}
	if len(out) == 0 {
		return nil, nil, nil
	}
	return out, nil, nil
}

func number(f catalogue.Field, v string) (any, *errs.Error, map[string]any) {
	var n float64
	if f.Type == catalogue.FieldMoney {
		fen, err := money.Parse(v)
		if err != nil {
			return nil, ErrNumber, nil
		}
		n = float64(fen) / 100
	} else {
		x, err := strconv.ParseFloat(strings.NewReplacer(",", "", "，", "", "%", "", "％", "").Replace(v), 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, ErrNumber, nil
		}
		n = x
	}
	low, high := 0.0, 1e12 // nothing that is asked for here is negative unless the form says so
	if f.Type == catalogue.FieldPercent {
		high = 100
	}
	if f.Min != nil {
		low = *f.Min
	}
	if f.Max != nil {
		high = *f.Max
	}
	if n < low || n > high {
		return nil, ErrRange, map[string]any{"min": low, "max": high}
	}
	return n, nil, nil
}
