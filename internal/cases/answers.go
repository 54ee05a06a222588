package cases

import (
	"encoding/json"
	"math"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/rules"
)

// Typed is what stands in a form as it was typed: field id to values. It is
// kept unchecked, so that a half-finished form loses nothing.
type Typed map[string][]string

// maxTyped bounds one typed value, in characters.
const maxTyped = 5000

// KeepKnown takes from a posted form the values of the item's fields, each cut
// to a sane length; everything else in the form is dropped.
func KeepKnown(item *catalogue.Item, posted url.Values) Typed {
	out := Typed{}
	for _, s := range item.Form.Sections {
		for _, f := range s.Fields {
			vs, ok := posted[f.ID]
			if !ok {
				continue
			}
			kept := make([]string, 0, len(vs))
			for _, v := range vs[:min(len(vs), 50)] {
				if r := []rune(v); len(r) > maxTyped {
					v = string(r[:maxTyped])
				}
				kept = append(kept, v)
			}
			out[f.ID] = kept
		}
	}
	return out
}

// Answers turns what was typed into answers and complains about what does not
// fit. A field whose condition does not hold gives no answer, whatever was
// typed: a slip is not lost from the buffer, but never reaches the file.
func Answers(item *catalogue.Item, typed Typed) (map[string]any, []errs.Field) {
	answers := map[string]any{}
	var bad []errs.Field
	for _, s := range item.Form.Sections {
		for _, f := range s.Fields {
			if !Opens(f, answers) { // a condition sees the fields before it
				continue
			}
			v, code, params := answer(f, typed[f.ID])
			switch {
			case code != "":
				bad = append(bad, errs.Field{Name: f.ID, Code: code, Params: params})
			case v != nil:
				answers[f.ID] = v
			case f.Required:
				bad = append(bad, errs.Field{Name: f.ID, Code: errRequired.Code})
			}
		}
	}
	return answers, bad
}

// Opens says whether the answers so far ask for a field. A required one is asked
// for, too, when its condition cannot be read.
func Opens(f catalogue.Field, answers map[string]any) bool {
	if f.Required {
		return rules.Asked(f.When, answers)
	}
	return rules.Holds(f.When, answers)
}

// answer checks one field. A nil value means not answered.
func answer(f catalogue.Field, typed []string) (value any, code string, params map[string]any) {
	v := ""
	if len(typed) > 0 {
		v = strings.TrimSpace(typed[0])
	}
	if f.Type == catalogue.FieldMulti {
		return multi(f, typed)
	}
	if v == "" {
		return nil, "", nil
	}
	switch f.Type {
	case catalogue.FieldNumber, catalogue.FieldMoney:
		return number(f, v)
	case catalogue.FieldDate:
		if _, err := workday.Parse(v); err != nil {
			return nil, errDate.Code, nil
		}
	case catalogue.FieldChoice:
		if !slices.ContainsFunc(f.Options, func(o catalogue.Option) bool { return o.Value == v }) {
			return nil, errChoice.Code, nil
		}
	case catalogue.FieldYesNo:
		if v != "yes" && v != "no" {
			return nil, errChoice.Code, nil
		}
	case catalogue.FieldUSCC:
		r := idcode.CheckUSCC(v)
		if !r.OK(true) {
			return nil, errUSCC.Code, nil
		}
		v = r.Normalised
	case catalogue.FieldIDCard:
		r := idcode.CheckResidentID(v)
		if !r.OK(false) {
			return nil, errIDCard.Code, nil
		}
		v = r.Normalised
	case catalogue.FieldPhone:
		if !idcode.CheckPhone(v).OK(true) {
			return nil, errPhone.Code, nil
		}
	case catalogue.FieldEmail:
		if a, err := mail.ParseAddress(v); err != nil || a.Address != v {
			return nil, errEmail.Code, nil
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
			return nil, errLong.Code, map[string]any{"max": int(longest), "have": n}
		}
		if f.Min != nil && float64(n) < *f.Min {
			return nil, errShort.Code, map[string]any{"min": int(*f.Min), "have": n}
		}
	}
	return v, "", nil
}

func multi(f catalogue.Field, typed []string) (any, string, map[string]any) {
	var out []any
	for _, v := range typed {
		if v == "" {
			continue
		}
		if !slices.ContainsFunc(f.Options, func(o catalogue.Option) bool { return o.Value == v }) {
			return nil, errChoice.Code, nil
		}
		if !slices.Contains(out, any(v)) {
			out = append(out, v)
		}
	}
	if len(out) == 0 {
		return nil, "", nil
	}
	return out, "", nil
}

func number(f catalogue.Field, v string) (any, string, map[string]any) {
	var n float64
	if f.Type == catalogue.FieldMoney {
		fen, err := money.Parse(v)
		if err != nil {
			return nil, errNumber.Code, nil
		}
		n = float64(fen) / 100
	} else {
		x, err := strconv.ParseFloat(strings.ReplaceAll(strings.ReplaceAll(v, ",", ""), ",", ""), 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, errNumber.Code, nil
		}
		n = x
	}
	low, high := 0.0, 1e12 // nothing that is asked for here is negative unless the form says so
	if f.Min != nil {
		low = *f.Min
	}
	if f.Max != nil {
		high = *f.Max
	}
	if n < low || n > high {
		return nil, errRange.Code, map[string]any{"min": low, "max": high}
	}
	return n, "", nil
}

// Prefilled returns what is known already for the fields of a form, and from
// where. Figures and money come without needless decimals.
func prefilled(item *catalogue.Item, known map[string]any) (Typed, map[string]string) {
	typed, source := Typed{}, map[string]string{}
	for _, s := range item.Form.Sections {
		for _, f := range s.Fields {
			v, ok := known[f.Prefill]
			if !ok || f.Prefill == "" {
				continue
			}
			text := ""
			switch v := v.(type) {
			case string:
				text = v
			case float64:
				text = strconv.FormatFloat(v, 'f', -1, 64)
			}
			if text != "" {
				typed[f.ID], source[f.ID] = []string{text}, f.Prefill
			}
		}
	}
	return typed, source
}

// Shown returns an answer as text for people.
func Shown(f catalogue.Field, v any, l i18n.Locale) string {
	label := func(value string) string {
		for _, o := range f.Options {
			if o.Value == value {
				return o.Label.In(l)
			}
		}
		return value
	}
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		if f.Type == catalogue.FieldYesNo {
			return map[bool]string{true: i18n.Text{ZH: "是", EN: "Yes"}.In(l), false: i18n.Text{ZH: "否", EN: "No"}.In(l)}[v == "yes"]
		}
		return label(v)
	case float64:
		if f.Type == catalogue.FieldMoney {
			return "¥ " + money.Fen(math.Round(v*100)).String()
		}
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			s, _ := x.(string)
			parts[i] = label(s)
		}
		return strings.Join(parts, i18n.Text{ZH: "、", EN: ", "}.In(l))
	default:
		return ""
	}
}

// FromAnswers turns answers given as JSON (by the API) into typed values.
func FromAnswers(answers map[string]any) Typed {
	out := Typed{}
	for k, v := range answers {
		switch v := v.(type) {
		case string:
			out[k] = []string{v}
		case float64:
			out[k] = []string{strconv.FormatFloat(v, 'f', -1, 64)}
		case json.Number:
			out[k] = []string{v.String()}
		case bool:
			out[k] = []string{map[bool]string{true: "yes", false: "no"}[v]}
		case []any:
			for _, x := range v {
				if s, ok := x.(string); ok {
					out[k] = append(out[k], s)
				}
			}
		}
	}
	return out
}

// Changed lists the fields whose answers differ between two snapshots.
func Changed(before, now map[string]any) map[string]bool {
	out := map[string]bool{}
	for k, v := range now {
		if b, ok := before[k]; !ok || !equal(b, v) {
			out[k] = true
		}
	}
	for k := range before {
		if _, ok := now[k]; !ok {
			out[k] = true
		}
	}
	return out
}

func equal(a, b any) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && string(x) == string(y)
}
