package cases

import (
	"net/url"
	"strconv"

	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// Typed is what stands in a form as it was typed, see package forms.
type Typed = forms.Typed

// KeepKnown see forms.KeepKnown.
func KeepKnown(item *catalogue.Item, posted url.Values) Typed { return forms.KeepKnown(item, posted) }

// Answers see forms.Read.
func Answers(item *catalogue.Item, typed Typed, today string) (map[string]any, []errs.Field) {
	return forms.Read(item, typed, today)
}

// Opens see forms.Opens.
func Opens(f catalogue.Field, answers map[string]any) bool { return forms.Opens(f, answers) }

// answer checks one field that stands in no form; the code is "" when it fits.
func answer(f catalogue.Field, typed []string) (value any, code string, params map[string]any) {
	value, bad, params := forms.Answer(f, typed)
	if bad != nil {
		return nil, bad.Code, params
	}
	return value, "", nil
}

// Shown see forms.Shown.
func Shown(f catalogue.Field, v any, l i18n.Locale) string { return forms.Shown(f, v, l) }

// FromAnswers see forms.FromAnswers.
func FromAnswers(answers map[string]any) Typed { return forms.FromAnswers(answers) }

// Changed see forms.Changed.
func Changed(before, now map[string]any) map[string]bool { return forms.Changed(before, now) }

// Sample see forms.Sample.
func Sample(item *catalogue.Item, answers map[string]any, seed uint64) Typed {
	return forms.Sample(item, answers, seed)
}

// today is the day that formulas see.
func (s *Service) today() string { return workday.DateOf(s.Clock.Now()).String() }

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
