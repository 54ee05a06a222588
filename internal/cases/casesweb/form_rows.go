package casesweb

import (
	"context"
	"regexp"
	"slices"
	"time"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/view"
)

var rowReads = regexp.MustCompile(`row\.([A-Za-z_][A-Za-z0-9_]*)`)

// openers collects the inputs that others, or materials, depend on: fields by
// their id, fields of rows as "section.field". Through a computed field its
// formula's inputs count, too.
type openers struct {
	item *catalogue.Item
	out  map[string]bool
}

func (o openers) add(expression, group string) {
	for _, m := range answersOf.FindAllStringSubmatch(expression, -1) {
		o.name(m[1])
	}
	for _, m := range rowReads.FindAllStringSubmatch(expression, -1) {
		o.inRow(group, m[1])
	}
}

func (o openers) name(id string) {
	if o.out[id] {
		return
	}
	o.out[id] = true
	if f, ok := o.item.Field(id); ok {
		o.add(f.Formula, "")
		return
	}
	if s, ok := o.item.Group(id); ok {
		for _, f := range s.Fields {
			o.inRow(id, f.ID)
		}
	}
}

func (o openers) inRow(group, id string) {
	key := group + "." + id
	if o.out[key] {
		return
	}
	o.out[key] = true
	if s, ok := o.item.Group(group); ok {
		if f, ok := s.Field(id); ok {
			o.add(f.Formula, group)
		}
	}
}

// opens lists the inputs that others, or materials, depend on.
func opens(item *catalogue.Item) map[string]bool {
	o := openers{item, map[string]bool{}}
	for _, s := range item.Form.Sections {
		if s.Repeat != nil {
			o.add(s.Repeat.When, "")
		}
		for _, f := range s.Fields {
			o.add(f.When, s.Key)
		}
	}
	for _, m := range item.Materials {
		o.add(m.When, "")
	}
	return o.out
}

// openKey is the name under which opens lists an input.
func openKey(name string) string {
	if group, _, field, ok := catalogue.SplitName(name); ok {
		return group + "." + field
	}
	return name
}

// formRow is one row of a repeating section as it is shown.
type formRow struct {
	ID      string
	Title   string
	Answers map[string]any
}

// rows of a repeating section as they stand in the form.
func (d formPage) rows(ctx context.Context, s catalogue.Section) []formRow {
	var out []formRow
	for i, id := range d.Buffer.Typed.Rows(s.Key) {
		out = append(out, formRow{ID: id, Title: forms.RowTitle(s, i+1, i18n.LocaleOf(ctx)), Answers: forms.RowAnswers(d.Answers, s.Key, id)})
	}
	return out
}

// shownIn says whether the answers open a field of a row.
func (d formPage) shownIn(f catalogue.Field, row formRow) bool {
	return forms.OpensIn(f, d.Answers, row.Answers, d.today)
}

// fullRows says that no more rows are taken.
func (d formPage) fullRows(s catalogue.Section) bool {
	return len(d.Buffer.Typed.Rows(s.Key)) >= s.Repeat.Most()
}

// howMany says how many rows are wanted.
func howMany(ctx context.Context, s catalogue.Section) string {
	low, high := s.Repeat.Min, s.Repeat.Max
	row := s.Repeat.Row.For(ctx)
	switch {
	case low > 0 && low == high:
		return i18n.T(ctx, "forms.rows.exactly", "n", low, "row", row)
	case low > 0 && high > 0:
		return i18n.T(ctx, "forms.rows.between", "min", low, "max", high, "row", row)
	case low > 0:
		return i18n.T(ctx, "forms.rows.least", "min", low, "row", row)
	case high > 0:
		return i18n.T(ctx, "forms.rows.most", "max", high, "row", row)
	}
	return i18n.T(ctx, "forms.rows.any", "row", row)
}

// editAttrs make a button change the rows in place where script runs; without,
// it posts the form, which comes back with the rows changed.
func (d formPage) editAttrs(ctx context.Context) templ.Attributes {
	if d.Case.ID == "" { // a preview: its form is sent whole
		return templ.Attributes{}
	}
	return templ.Attributes{"hx-post": d.path("form", "part"), "hx-target": "#form-part", "hx-swap": "outerHTML", "data-text-neterror": i18n.T(ctx, "autosave.rows_offline")}
}

// rowAnchor is where a row stands.
func rowAnchor(group, row string) string { return "row-" + group + "-" + row }

// computed is the value of a computed field as text.
func (d formPage) computed(ctx context.Context, f catalogue.Field, name string) string {
	if group, row, id, ok := catalogue.SplitName(name); ok {
		return shownAnswer(ctx, f, forms.RowAnswers(d.Answers, group, row)[id])
	}
	return shownAnswer(ctx, f, d.Answers[f.ID])
}

// allComputed are the computed values of a form by the name of their place, for
// the script that shows them after each save.
func allComputed(ctx context.Context, item *catalogue.Item, typed cases.Typed, answers map[string]any) map[string]string {
	out := map[string]string{}
	for _, s := range item.Form.Sections {
		for _, f := range s.Fields {
			switch {
			case f.Formula == "":
			case s.Repeat == nil:
				out[f.ID] = shownAnswer(ctx, f, answers[f.ID])
			default:
				for _, row := range typed.Rows(s.Key) {
					out[catalogue.FieldName(s.Key, row, f.ID)] = shownAnswer(ctx, f, forms.RowAnswers(answers, s.Key, row)[f.ID])
				}
			}
		}
	}
	return out
}

// stays lists what was typed and is not shown: it is posted along, so that
// nothing is lost when an answer closes it for a while.
func (d formPage) stays(s catalogue.Section) []view.Opt {
	var out []view.Opt
	keep := func(name string) {
		for _, v := range d.Buffer.Typed[name] {
			out = append(out, view.Opt{Value: v, Label: name})
		}
	}
	if s.Repeat == nil {
		for _, f := range s.Fields {
			if !d.shown(f) {
				keep(f.ID)
			}
		}
		return out
	}
	open := forms.OpensGroup(s, d.Answers)
	if !open {
		keep(s.Key)
	}
	for _, id := range d.Buffer.Typed.Rows(s.Key) {
		row := formRow{ID: id, Answers: forms.RowAnswers(d.Answers, s.Key, id)}
		for _, f := range s.Fields {
			if !open || !d.shownIn(f, row) {
				keep(catalogue.FieldName(s.Key, id, f.ID))
			}
		}
	}
	return out
}

// label of an input: that of a row says which row.
func labelOf(ctx context.Context, item *catalogue.Item, typed cases.Typed, name string) string {
	f, s, row, ok := item.At(name)
	if !ok {
		return ""
	}
	if row == "" {
		return f.Label.For(ctx)
	}
	n := slices.Index(typed.Rows(s.Key), row) + 1
	return i18n.T(ctx, "forms.rows.label", "row", forms.RowTitle(s, n, i18n.LocaleOf(ctx)), "label", f.Label)
}

// from says where a value that nobody typed came from, and when.
func (d formPage) from(ctx context.Context, name string) []string {
	text := d.Buffer.Prefill[name]
	if text == "" {
		return nil
	}
	s := cases.ParseSource(text)
	day := s.Day
	if t, err := time.Parse(time.DateOnly, s.Day); err == nil {
		day = i18n.Day(i18n.LocaleOf(ctx), t)
	}
	switch {
	case s.Kind == "case" || s.Kind == "certificate":
		return []string{i18n.T(ctx, "forms.from."+s.Kind, "ref", s.Ref, "day", day)}
	case day != "":
		return []string{i18n.T(ctx, d.word("forms.from."+s.Kind), "day", day)}
	}
	return []string{i18n.T(ctx, d.word("cases.form.prefill."+s.Kind))}
}

// notSubmitted tells what is saved from what is submitted.
func (d formPage) notSubmitted() string {
	if d.Case.State == cases.Draft {
		return "forms.not_submitted"
	}
	return "forms.not_submitted_again"
}
