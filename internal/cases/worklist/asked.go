package worklist

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/sheet"
)

// Asked is what the form of an item asks, as a column of a list that is
// narrowed to the item: a field, or the rows of a repeating section.
type Asked struct {
	Column  string // "field.ID" or "rows.KEY"
	Section catalogue.Section
	Field   catalogue.Field // none for rows
}

// IsRows says that it stands for the rows of a repeating section.
func (a Asked) IsRows() bool { return a.Field.ID == "" }

// Label is the head of the column.
func (a Asked) Label(ctx context.Context) string {
	if a.IsRows() {
		return a.Section.Title.For(ctx)
	}
	return a.Field.Label.For(ctx)
}

// maxAsked is how many columns of a form a query may name.
const maxAsked = 60

var askedColumn = regexp.MustCompile(`^(field|rows)\.[A-Za-z0-9_-]{1,60}$`)

// IsAsked says that a column comes from a form.
func IsAsked(column string) bool { return askedColumn.MatchString(column) }

// askedOf takes the columns of a form from what an address carries, each once.
func askedOf(item string, chosen []string) []string {
	if item == "" {
		return nil
	}
	var out []string
	for _, c := range chosen {
		if IsAsked(c) && !slices.Contains(out, c) && len(out) < maxAsked {
			out = append(out, c)
		}
	}
	return out
}

// Asks lists what the form of an item asks, in its order: none for a code that
// no item has now. Former versions are read through the present one, for the
// names of fields are stable.
func (s *Service) Asks(code string) []Asked {
	if code == "" {
		return nil
	}
	item, err := s.Catalogue.Item(code)
	if err != nil {
		return nil
	}
	var out []Asked
	for _, x := range item.Form.Sections {
		if x.Repeat != nil {
			out = append(out, Asked{Column: "rows." + x.Key, Section: x})
			continue
		}
		for _, f := range x.Fields {
			out = append(out, Asked{Column: "field." + f.ID, Section: x, Field: f})
		}
	}
	return out
}

// Chosen are those of an item's columns that are among the named ones.
func (s *Service) chosen(code string, columns []string) []Asked {
	if !slices.ContainsFunc(columns, IsAsked) {
		return nil
	}
	return slices.DeleteFunc(s.Asks(code), func(a Asked) bool { return !slices.Contains(columns, a.Column) })
}

// AddAnswers puts to lines what the columns of a form show.
func (s *Service) AddAnswers(ctx context.Context, a auth.Actor, code string, columns []string, lines []Line) error {
	chosen := s.chosen(code, columns)
	if len(chosen) == 0 {
		return nil
	}
	return s.addAnswers(ctx, a, chosen, lines)
}

func (s *Service) addAnswers(ctx context.Context, a auth.Actor, chosen []Asked, lines []Line) error {
	rows := make([]cases.Row, len(lines))
	for i := range lines {
		rows[i] = lines[i].Row
	}
	answers, err := s.Cases.ListAnswers(ctx, a, rows)
	if err != nil {
		return err
	}
	for i := range lines {
		lines[i].asked, lines[i].answers = chosen, answers[lines[i].ID]
	}
	return nil
}

// answered writes a column of a form.
func (l Line) answered(ctx context.Context, column string) string {
	for _, a := range l.asked {
		switch {
		case a.Column != column:
		case a.IsRows():
			rows := forms.RowsOf(l.answers[a.Section.Key])
			hidden := make([]any, len(rows))
			for i, row := range rows {
				hidden[i] = hide(a.Section.Fields, row)
			}
			return forms.ShownRows(a.Section, hidden, i18n.LocaleOf(ctx))
		default:
			return shownCell(ctx, a.Field, l.answers[a.Field.ID])
		}
	}
	return ""
}

// hide masks what is personal in a row: a list goes past many eyes.
func hide(fields []catalogue.Field, row map[string]any) map[string]any {
	out := make(map[string]any, len(row))
	for _, f := range fields {
		if v, ok := row[f.ID]; ok {
			out[f.ID] = f.Type.InList(v)
		}
	}
	return out
}

func shownCell(ctx context.Context, f catalogue.Field, v any) string {
	return forms.Shown(f, f.Type.InList(v), i18n.LocaleOf(ctx))
}

// typedCell is an answer as a spreadsheet takes it: figures that it can sum,
// days that it can sort by.
func typedCell(ctx context.Context, f catalogue.Field, v any) any {
	switch x := v.(type) {
	case float64:
		switch f.Type {
		case catalogue.FieldMoney:
			return sheet.Money(x)
		case catalogue.FieldPercent:
			return sheet.Percent(x)
		default:
			return x
		}
	case string:
		if f.Type == catalogue.FieldDate {
			if d, err := workday.Parse(x); err == nil {
				return sheet.Day(workday.StartOf(d))
			}
		}
	}
	return shownCell(ctx, f, v)
}

// typed is Cell as a spreadsheet takes it.
func (s *Service) typed(ctx context.Context, column string, l Line) any {
	lastDay := func(t time.Time) any {
		if t.IsZero() {
			return ""
		}
		return sheet.Day(t.Add(-time.Millisecond)) // see LastDay
	}
	switch column {
	case "submitted":
		return sheet.Moment(l.SubmittedAt)
	case "accepted":
		return sheet.Moment(l.AcceptedAt)
	case "decided":
		return sheet.Moment(l.DecidedAt)
	case "closed":
		return sheet.Moment(l.ClosedAt)
	case "due":
		return lastDay(l.Limit())
	case "statutory":
		return lastDay(l.StatutoryAt)
	}
	if id, ok := strings.CutPrefix(column, "field."); ok {
		for _, a := range l.asked {
			if a.Column == column {
				return typedCell(ctx, a.Field, l.answers[id])
			}
		}
		return ""
	}
	return s.Cell(ctx, column, l)
}
