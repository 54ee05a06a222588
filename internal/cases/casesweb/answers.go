package casesweb

import (
	"context"
	"maps"
	"slices"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity/personal"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/view"
)

// answerSection is one part of a form as it was answered.
type answerSection struct {
	Key   string
	Title string
	Pairs []view.Pair
	Rows  []answerRow // of a repeating section, instead of pairs
}

// answerRow is one row of a repeating section.
type answerRow struct {
	ID    string
	Title string
	Pairs []view.Pair
}

// heads are the questions of the rows, in the order in which the first row that
// has them asks them.
func (s answerSection) heads() []string {
	var out []string
	seen := map[string]bool{}
	for _, r := range s.Rows {
		for _, p := range r.Pairs {
			if !seen[p.Key] {
				seen[p.Key] = true
				out = append(out, p.Key)
			}
		}
	}
	return out
}

// wide says that the rows are too many-sided for a table.
func (s answerSection) wide() bool { return len(s.heads()) > 7 }

// cell of a row under a head.
func (r answerRow) cell(head string) view.Pair {
	for _, p := range r.Pairs {
		if p.Key == head {
			return p
		}
	}
	return view.Pair{}
}

// answerSections shows answers in the order of the form; what was not asked or
// not answered is left out. Fields in changed carry a mark.
func answerSections(ctx context.Context, item *catalogue.Item, answers map[string]any, changed map[string]bool) []answerSection {
	var out []answerSection
	for _, s := range item.Form.Sections {
		x := answerSection{Key: s.Key, Title: s.Title.For(ctx)}
		if s.Repeat != nil {
			for i, row := range forms.RowsOf(answers[s.Key]) {
				r := answerRow{ID: forms.RowID(row), Title: forms.RowTitle(s, i+1, i18n.LocaleOf(ctx))}
				for _, f := range s.Fields {
					r.Pairs = addAnswer(ctx, r.Pairs, f, row[f.ID], changed[catalogue.FieldName(s.Key, r.ID, f.ID)])
				}
				x.Rows = append(x.Rows, r)
			}
		} else {
			for _, f := range s.Fields {
				if cases.Opens(f, answers) {
					x.Pairs = addAnswer(ctx, x.Pairs, f, answers[f.ID], changed[f.ID])
				}
			}
		}
		if len(x.Pairs) > 0 || len(x.Rows) > 0 {
			out = append(out, x)
		}
	}
	return out
}

func addAnswer(ctx context.Context, pairs []view.Pair, f catalogue.Field, answer any, changed bool) []view.Pair {
	v := shownAnswer(ctx, f, answer)
	if v == "" && !changed {
		return pairs
	}
	pair := view.Pair{Key: f.Label.For(ctx), Value: v}
	if changed {
		pair.Component = changedAnswer(v)
	}
	return append(pairs, pair)
}

// readerOf is what the table of personal data asks of who reads a case. It is
// his to handle when his desk decides it or has a part in it, when he received
// it, and at a window until it is accepted: those have to call and to write. To
// an account pays who decides.
func readerOf(a auth.Actor, k *cases.Case, tasks []cases.Task) personal.Reader {
	desk := func(department string) bool {
		return slices.ContainsFunc(a.PostsOf(auth.Handler, auth.Approver, auth.Head), func(p auth.Post) bool { return p.DepartmentID == department })
	}
	r := personal.Reader{Pays: desk(k.DepartmentID)}
	r.Handles = r.Pays || k.ReceiverID == a.ID || k.AcceptedAt.IsZero() && a.Has(auth.Clerk) || slices.ContainsFunc(tasks, func(t cases.Task) bool { return desk(t.DepartmentID) })
	return r
}

// hiding says how much of an answer staff see on the page of a case.
func hiding(ctx context.Context, k *cases.Case, tasks []cases.Task) func(f catalogue.Field, answer any) any {
	r := readerOf(auth.From(ctx), k, tasks)
	return func(f catalogue.Field, answer any) any { return f.Type.InFile(r, answer) }
}

// masked are answers as hide shows them, of a section or of a row.
func masked(fields []catalogue.Field, answers map[string]any, hide func(catalogue.Field, any) any) map[string]any {
	out := maps.Clone(answers)
	for _, f := range fields {
		if v, ok := out[f.ID]; ok {
			out[f.ID] = hide(f, v)
		}
	}
	return out
}

// rowPoints are what can be asked for in a repeating section: the rows as a
// whole, for one too few, and each answer of each row.
func rowPoints(ctx context.Context, s catalogue.Section, answers map[string]any) []pointRow {
	rows, answered := answers[s.Key]
	if !answered {
		return nil
	}
	l := i18n.LocaleOf(ctx)
	out := []pointRow{{Name: "field." + s.Key, Label: i18n.T(ctx, "forms.rows.all", "title", s.Title), Now: forms.ShownRows(s, rows, l)}}
	for i, row := range forms.RowsOf(rows) {
		for _, f := range s.Fields {
			v, answered := row[f.ID]
			if f.Formula != "" || !answered && (!f.Required || f.When != "") {
				continue
			}
			label := i18n.T(ctx, "forms.rows.label", "row", forms.RowTitle(s, i+1, l), "label", f.Label)
			out = append(out, pointRow{Name: "field." + catalogue.FieldName(s.Key, forms.RowID(row), f.ID), Label: label, Now: cases.Shown(f, v, l)})
		}
	}
	return out
}
