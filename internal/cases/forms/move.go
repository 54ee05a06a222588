package forms

import (
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
)

// Aside is an answer that a newer form has no place for.
type Aside struct {
	Name  string    `json:"name"`  // of the input that it was typed into
	Label i18n.Text `json:"label"` // as that form asked
	Value i18n.Text `json:"value"`
	Gone  bool      `json:"gone"` // the question is not asked any more; else it is asked otherwise
}

// Move takes what was typed into one form over to another of the same item:
// what stands under the same stable id, and still can, stays; the rest comes
// back as aside, in the order of the old form.
func Move(old, now *catalogue.Item, typed Typed) (Typed, []Aside) {
	out, aside := typed.Clone(), []Aside{}
	for _, s := range old.Form.Sections {
		var rows []string
		if s.Repeat != nil {
			if rows = typed.Rows(s.Key); len(rows) == 0 {
				continue
			}
			if _, ok := now.Group(s.Key); !ok {
				delete(out, s.Key)
			}
		}
		for _, f := range s.Fields {
			if f.Formula != "" {
				continue
			}
			if s.Repeat == nil {
				aside = move(now, out, aside, f, f.ID, f.Label)
				continue
			}
			for i, row := range rows {
				label := i18n.Text{ZH: RowTitle(s, i+1, i18n.Chinese) + "：" + f.Label.ZH, EN: RowTitle(s, i+1, i18n.English) + ": " + f.Label.In(i18n.English)}
				aside = move(now, out, aside, f, catalogue.FieldName(s.Key, row, f.ID), label)
			}
		}
	}
	return out, aside
}

// move looks after one input; what cannot stay leaves typed.
func move(now *catalogue.Item, typed Typed, aside []Aside, old catalogue.Field, name string, label i18n.Text) []Aside {
	f, _, _, ok := now.At(name)
	kept := Aside{Name: name, Label: label, Value: asTyped(old, typed[name]), Gone: !ok}
	if ok && f.Type == old.Type && f.Formula == "" && (len(f.Options) == 0 || chosenStill(f, typed[name])) {
		return aside
	}
	given := typed.given(name)
	delete(typed, name)
	if !given {
		return aside
	}
	return append(aside, kept)
}

// chosenStill says that everything chosen can still be chosen.
func chosenStill(f catalogue.Field, values []string) bool {
	return !slices.ContainsFunc(values, func(v string) bool {
		return v != "" && !slices.ContainsFunc(f.Options, func(o catalogue.Option) bool { return o.Value == v })
	})
}

// asTyped shows what stands in an input; what cannot be read stands as it is.
func asTyped(f catalogue.Field, values []string) i18n.Text {
	if v, bad, _ := answer(f, values); bad == nil && v != nil {
		return i18n.Text{ZH: Shown(f, v, i18n.Chinese), EN: Shown(f, v, i18n.English)}
	}
	raw := strings.Join(values, " ")
	return i18n.Text{ZH: raw, EN: raw}
}

// Typing is an input in which two people, or two tabs, left different things.
type Typing struct {
	Name        string
	Label       i18n.Text
	There, Here i18n.Text // as saved meanwhile, and as typed here
}

// Apart lists the inputs in which two versions of what is typed differ.
func Apart(item *catalogue.Item, there, here Typed) []Typing {
	var out []Typing
	compare := func(f catalogue.Field, name string, label i18n.Text) {
		if a, b := asTyped(f, there[name]), asTyped(f, here[name]); a != b && f.Formula == "" {
			out = append(out, Typing{name, label, a, b})
		}
	}
	for _, s := range item.Form.Sections {
		if s.Repeat == nil {
			for _, f := range s.Fields {
				compare(f, f.ID, f.Label)
			}
			continue
		}
		rows := here.Rows(s.Key)
		for _, id := range there.Rows(s.Key) {
			if !slices.Contains(rows, id) {
				rows = append(rows, id)
			}
		}
		for i, row := range rows {
			for _, f := range s.Fields {
				compare(f, catalogue.FieldName(s.Key, row, f.ID), i18n.Text{ZH: RowTitle(s, i+1, i18n.Chinese) + "：" + f.Label.ZH, EN: RowTitle(s, i+1, i18n.English) + ": " + f.Label.In(i18n.English)})
			}
		}
	}
	return out
}

// Untouched says that what stands under a name is what stood there before: the
// values of an input, or all rows of a repeating section.
func Untouched(before, now Typed, name string) bool {
	if !slices.Equal(before[name], now[name]) {
		return false
	}
	for _, t := range []Typed{before, now} {
		for at := range t {
			if strings.HasPrefix(at, name+".") && !slices.Equal(before[at], now[at]) && (before.given(at) || now.given(at)) {
				return false
			}
		}
	}
	return true
}

// Same says that two contents of a form say the same: an input that is empty
// and one that was not there are alike.
func Same(a, b Typed) bool {
	for _, x := range [2][2]Typed{{a, b}, {b, a}} {
		for name := range x[0] {
			if !slices.Equal(x[0][name], x[1][name]) && (x[0].given(name) || x[1].given(name)) {
				return false
			}
		}
	}
	return true
}
