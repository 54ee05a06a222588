package worklist

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/personal"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// Columns that a list can show, in their order. The number stands first always.
var Columns = []string{
	"number", "item_code", "item", "party", "code", "kind", "phone", "task", "assignee", "department", "region", "channel", "window", "state", "outcome",
	"submitted", "accepted", "due", "statutory", "left", "light", "decided", "closed",
}

// Usual are the columns of a list when nobody chose others.
func Usual(list cases.ListName) []string {
	switch list {
	case cases.ListMine, cases.ListGroup:
		return []string{"number", "item", "party", "task", "department", "due", "left", "light"}
	case cases.ListOthers:
		return []string{"number", "item", "party", "task", "assignee", "due", "left", "light"}
	case cases.ListToAccept:
		return []string{"number", "item", "party", "department", "submitted", "due", "left"}
	case cases.ListDone, cases.ListDoneUs:
		return []string{"number", "item", "party", "department", "state", "submitted", "decided", "light"}
	default:
		return []string{"number", "item", "party", "department", "state", "due", "left", "light"}
	}
}

// Shown are the columns that a query asks for.
func (q Query) Shown(list cases.ListName) []string {
	if len(q.Columns) == 0 {
		return Usual(list)
	}
	if !slices.Contains(q.Columns, "number") {
		return append([]string{"number"}, q.Columns...)
	}
	return q.Columns
}

// Figures says that a column holds figures, which stand at the right.
func Figures(column string) bool { return column == "left" }

// Line is one case as the columns show it, with what only a whole page of them
// is asked for at once.
type Line struct {
	cases.Row
	AnswerBy time.Time // the day by which a submission has to be answered; zero for others
	names    map[string]i18n.Text
	phones   map[string]string

	asked   []Asked // columns of the form, see AddAnswers
	answers map[string]any
}

// Lines makes rows ready to be shown.
func (s *Service) Lines(ctx context.Context, rows []cases.Row) ([]Line, error) {
	list := make([]cases.Case, len(rows))
	var people []string
	for i := range rows {
		list[i] = rows[i].Case
		people = append(people, rows[i].AccountID)
		for _, t := range rows[i].Open {
			people = append(people, t.AssigneeID)
		}
	}
	answer, err := s.Cases.AnswerBy(ctx, list...)
	if err != nil {
		return nil, err
	}
	accounts, err := s.Identity.Accounts(ctx, people)
	if err != nil {
		return nil, err
	}
	names, phones := map[string]i18n.Text{}, map[string]string{}
	for _, a := range accounts {
		names[a.ID], phones[a.ID] = a.Name, a.Phone
	}
	out := make([]Line, len(rows))
	for i := range rows {
		out[i] = Line{Row: rows[i], AnswerBy: answer[rows[i].ID], names: names, phones: phones}
	}
	return out, nil
}

// Limit is the instant that a line counts down to: the limit of the case, and
// before acceptance the day by which to answer; zero while the clock stands still.
func (l Line) Limit() time.Time {
	switch {
	case l.State == cases.Submitted:
		return l.AnswerBy
	case l.State == cases.Handling && l.Paused:
		return time.Time{}
	default:
		return l.DueAt
	}
}

func inList(k personal.Kind, value string) string {
	return personal.Shown(k, personal.List, personal.Reader{}, value)
}

// Cell writes one column of a line. People and their numbers are masked: a list
// goes past many eyes.
func (s *Service) Cell(ctx context.Context, column string, l Line) string {
	d := s.Identity.Directory()
	switch column {
	case "number":
		return l.Number
	case "item_code":
		return l.ItemCode
	case "item":
		return l.ItemName.For(ctx)
	case "party":
		if l.Party.Kind == identity.HolderPerson {
			return inList(personal.Name, l.Party.Name.For(ctx))
		}
		return l.Party.Name.For(ctx)
	case "code":
		if l.Party.Kind == identity.HolderPerson {
			return inList(personal.IDNumber, l.Party.Code)
		}
		return l.Party.Code
	case "kind":
		return i18n.T(ctx, "lists.kind."+string(l.Party.Kind))
	case "phone":
		return inList(personal.Phone, l.phones[l.AccountID])
	case "task":
		return s.tasks(ctx, l, func(t cases.Task) string { return t.Name.For(ctx) })
	case "assignee":
		return s.tasks(ctx, l, func(t cases.Task) string {
			if t.AssigneeID == "" && t.GroupID != "" {
				return d.Group(t.GroupID).Name.For(ctx)
			}
			if t.AssigneeID == "" {
				return d.Department(t.DepartmentID).Name.For(ctx)
			}
			return l.names[t.AssigneeID].For(ctx)
		})
	case "department":
		return d.Department(l.DepartmentID).Name.For(ctx)
	case "region":
		return d.Region(l.Region).Name.For(ctx)
	case "channel":
		return i18n.T(ctx, "work.channel."+string(l.Channel))
	case "window":
		if h, ok := d.Hall(l.HallID); ok {
			return h.Name.For(ctx)
		}
		return ""
	case "state":
		return StateWord(ctx, &l.Case)
	case "outcome":
		if l.Outcome == "" {
			return ""
		}
		return i18n.T(ctx, "cases.outcome."+string(l.Outcome))
	default:
		return s.when(ctx, column, l)
	}
}

// tasks writes something about each open task, the reader's own alone where he has one.
func (s *Service) tasks(ctx context.Context, l Line, word func(cases.Task) string) string {
	if l.Task != nil {
		return word(*l.Task)
	}
	var out []string
	for _, t := range l.Open {
		if w := word(t); w != "" && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return strings.Join(out, i18n.T(ctx, "lists.and"))
}

// when writes the columns about time.
func (s *Service) when(ctx context.Context, column string, l Line) string {
	stamp := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return i18n.ShortTime(t)
	}
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return LastDay(t)
	}
	switch column {
	case "submitted":
		return stamp(l.SubmittedAt)
	case "accepted":
		return stamp(l.AcceptedAt)
	case "due":
		return day(l.Limit())
	case "statutory":
		return day(l.StatutoryAt)
	case "left":
		return s.left(ctx, l)
	case "light":
		if light := l.Light(s.Clock.Now()); light != workday.Normal {
			return i18n.T(ctx, "view.light."+light.String())
		}
		return ""
	case "decided":
		return stamp(l.DecidedAt)
	case "closed":
		return stamp(l.ClosedAt)
	}
	return l.answered(ctx, column)
}

// left is the time up to the limit as short as a column wants it: working days,
// below the last of them a word.
func (s *Service) left(ctx context.Context, l Line) string {
	if l.State == cases.Handling && l.Paused {
		return i18n.T(ctx, "work.left.paused") // the limit moves with every day
	}
	due := l.Limit()
	if due.IsZero() || l.State != cases.Submitted && l.State != cases.Handling {
		return ""
	}
	now := s.Clock.Now()
	switch left := int(s.Cases.CalendarOf(&l.Case).Remaining(now, due)); {
	case left < 0 || !now.Before(due):
		return i18n.T(ctx, "work.left.over", "n", max(-left, 1))
	case left == 0:
		return i18n.T(ctx, "work.left.today")
	default:
		return i18n.T(ctx, "work.left.days", "n", left)
	}
}

// LastDay is the day on which a limit runs out; limits may end at 24:00.
func LastDay(due time.Time) string { return i18n.ShortDate(due.Add(-time.Millisecond)) }

// StateWord is the state of a case in a word, for staff.
func StateWord(ctx context.Context, k *cases.Case) string {
	switch {
	case k.NeedsApplicant && !k.State.Ended():
		return i18n.T(ctx, "cases.state.supplementing")
	case k.State == cases.Delivered && k.Outcome.NeedsReason(), k.State == cases.Decided:
		return i18n.T(ctx, "cases.outcome."+string(k.Outcome))
	default:
		return i18n.T(ctx, "cases.state."+string(k.State))
	}
}
