package forms

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/rules"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Read turns what was typed into answers and complains about what does not fit.
// A field whose condition does not hold gives no answer, whatever was typed: a
// slip is not lost from the buffer, but never reaches the file. Formulas are
// worked out after what they read; checks across fields come last. today is the
// day that formulas see, as ISO date.
func Read(item *catalogue.Item, typed Typed, today string) (map[string]any, []errs.Field) {
	r := &reader{typed: typed, today: today, answers: map[string]any{}}
	units, circle := item.Form.Units()
	for _, u := range units {
		switch {
		case slices.Contains(circle, u.ID()) && (u.Group || u.Field.Formula != ""):
			r.complain(u.ID(), errComputed, nil) // publishing refuses it; nothing may come of it anyway
		case u.Group:
			r.group(u.Section)
		default:
			r.field(u.Field)
		}
	}
	for _, s := range item.Form.Sections {
		if s.Repeat == nil {
			r.checks(s.Checks, rules.Scope{Answers: r.answers, Today: today}, "")
			continue
		}
		for _, row := range RowsOf(r.answers[s.Key]) {
			r.checks(s.Checks, rules.Scope{Answers: r.answers, Row: row, Today: today}, s.Key+"."+RowID(row)+".")
		}
	}
	r.checks(item.Form.Checks, rules.Scope{Answers: r.answers, Today: today}, "")
	return r.answers, r.ordered(item)
}

// reader works through a form.
type reader struct {
	typed   Typed
	today   string
	answers map[string]any
	bad     []errs.Field
}

func (r *reader) complain(name string, e *errs.Error, params map[string]any) {
	r.bad = append(r.bad, errs.Field{Name: name, Code: e.Code, Params: params})
}

// ordered are the complaints in the order of the form.
func (r *reader) ordered(item *catalogue.Item) []errs.Field {
	place := map[string]int{}
	for _, s := range item.Form.Sections {
		if s.Repeat != nil {
			place[s.Key] = len(place)
			for _, row := range r.typed.Rows(s.Key) {
				for _, f := range s.Fields {
					place[catalogue.FieldName(s.Key, row, f.ID)] = len(place)
				}
			}
			continue
		}
		for _, f := range s.Fields {
			place[f.ID] = len(place)
		}
	}
	slices.SortStableFunc(r.bad, func(a, b errs.Field) int { return cmp.Compare(place[a.Name], place[b.Name]) })
	return r.bad
}

func (r *reader) field(f catalogue.Field) {
	if !Opens(f, r.answers) { // a condition sees the fields before it
		return
	}
	if v, ok := r.value(f, f.ID, rules.Scope{Answers: r.answers, Today: r.today}); ok {
		r.answers[f.ID] = v
	}
}

// value of a field under the name of its input, computed or typed; ok is false
// when there is none.
func (r *reader) value(f catalogue.Field, name string, scope rules.Scope) (any, bool) {
	if f.Formula != "" {
		v, e := compute(f, scope)
		switch {
		case e != nil:
			r.complain(name, e, map[string]any{"label": f.Label})
		case v != nil:
			if e, params := ranged(f, v); e != nil {
				r.complain(name, e, params)
			}
			return v, true
		case f.Required:
			r.complain(name, errWaits, nil)
		}
		return nil, false
	}
	v, e, params := answer(f, r.typed[name])
	switch {
	case e != nil:
		r.complain(name, e, params)
	case v != nil:
		return v, true
	case f.Required:
		r.complain(name, ErrRequired, nil)
	}
	return nil, false
}

// group reads the rows of a repeating section. An empty row counts for nothing,
// unless there are too few: then it says what is missing.
func (r *reader) group(s catalogue.Section) {
	if !OpensGroup(s, r.answers) {
		return
	}
	rows := r.typed.Rows(s.Key)
	filled := 0
	for _, row := range rows {
		if !r.typed.blank(s, row) {
			filled++
		}
	}
	out := []any{}
	order, circle := s.RowOrder()
	wanted := s.Repeat.Min - filled // of the empty ones
	few := wanted > len(rows)-filled
	for _, id := range rows {
		blank := r.typed.blank(s, id)
		if blank {
			if wanted <= 0 {
				continue
			}
			wanted--
		}
		before := len(r.bad)
		row := map[string]any{catalogue.RowKey: id}
		for _, f := range order {
			scope := rules.Scope{Answers: r.answers, Row: row, Today: r.today}
			if slices.Contains(circle, f.ID) || !opensIn(f, scope) {
				continue
			}
			if v, ok := r.value(f, catalogue.FieldName(s.Key, id, f.ID), scope); ok {
				row[f.ID] = v
			}
		}
		if !blank {
			out = append(out, row)
		} else if len(r.bad) == before {
			few = true
		}
	}
	r.answers[s.Key] = out
	switch {
	case few:
		r.complain(s.Key, errFew, map[string]any{"min": s.Repeat.Min, "row": s.Repeat.Row})
	case len(out) > s.Repeat.Most():
		r.complain(s.Key, errMany, map[string]any{"max": s.Repeat.Most(), "row": s.Repeat.Row})
	}
}

// checks complains where a rule does not hold. What reads an answer that nobody
// gave is not checked: the missing answer is complained about by itself. A rule
// that cannot be evaluated lets nothing pass.
func (r *reader) checks(checks []catalogue.Check, scope rules.Scope, prefix string) {
	for _, x := range checks {
		if v := scope.Judge(x.When); v == rules.No || v == rules.Unknown {
			continue
		}
		name := prefix + x.Field
		if slices.ContainsFunc(r.bad, func(b errs.Field) bool { return b.Name == name }) {
			continue // one thing after the other
		}
		switch scope.Judge(x.Rule) {
		case rules.No:
			r.complain(name, errRule, map[string]any{"message": x.Message})
		case rules.Broken:
			r.complain(name, errUnruled, map[string]any{"message": x.Message})
		case rules.Yes, rules.Unknown:
		}
	}
}

// Opens says whether the answers so far ask for a field. A required one is asked
// for, too, when its condition cannot be read.
func Opens(f catalogue.Field, answers map[string]any) bool {
	if f.Required {
		return rules.Asked(f.When, answers)
	}
	return rules.Holds(f.When, answers)
}

// OpensGroup says whether the answers so far ask for the rows of a section.
func OpensGroup(s catalogue.Section, answers map[string]any) bool {
	if s.Repeat.Min > 0 {
		return rules.Asked(s.Repeat.When, answers)
	}
	return rules.Holds(s.Repeat.When, answers)
}

// OpensIn says whether a field of a row is asked for.
func OpensIn(f catalogue.Field, answers, row map[string]any, today string) bool {
	return opensIn(f, rules.Scope{Answers: answers, Row: row, Today: today})
}

func opensIn(f catalogue.Field, scope rules.Scope) bool {
	if f.Required {
		return scope.Asked(f.When)
	}
	return scope.Holds(f.When)
}

// RowsOf are the rows of an answer; nil for any other answer.
func RowsOf(answer any) []map[string]any {
	list, _ := answer.([]any)
	var out []map[string]any
	for _, x := range list {
		if row, ok := x.(map[string]any); ok {
			out = append(out, row)
		}
	}
	return out
}

// RowID is the name of a row.
func RowID(row map[string]any) string {
	id, _ := row[catalogue.RowKey].(string)
	return id
}

// RowAnswers are the answers of one row as they stand; empty when it has none yet.
func RowAnswers(answers map[string]any, group, row string) map[string]any {
	for _, x := range RowsOf(answers[group]) {
		if RowID(x) == row {
			return x
		}
	}
	return map[string]any{catalogue.RowKey: row}
}

// RowTitle is what a row is called: the word for rows and its number.
func RowTitle(s catalogue.Section, n int, l i18n.Locale) string {
	return fmt.Sprintf("%s %d", s.Repeat.Row.In(l), n)
}
