package casesweb

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/view"
)

// myCasePage is a case as its applicant sees it.
type myCasePage struct {
	*cases.View
	hold        *cases.Hold    // why it cannot be decided now, nil when it can
	request     *cases.Request // what he is asked for now
	clock       view.ClockView
	hasClock    bool
	waiting     string // words for a clock that has not begun
	reckoning   *reckoningView
	answerBy    time.Time // by when the office answers what was handed in; zero when it need not
	answerDue   time.Time // until when he can answer a supplement notice; zero for none
	timeline    []view.TimelineEvent
	certificate *identity.Certificate
	messages    []notify.Message
	tell        func(notify.Message) (title, body string)
	papers      []paperLink
	department  identity.Department
	ladder      []view.LadderGroup // of the order that it is, or belongs to
	talk        cases.Talk         // of the case itself and its steps
}

// myCaseShow shows a case; a draft has its form only.
func (p *Pages) myCaseShow(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	v, err := p.Service.View(ctx, actor, cases.ID(r.PathValue("id")))
	if err != nil {
		return err
	}
	if v.State == cases.Draft {
		return httpx.SeeOther(w, r, casePath(my, v.ID, "form"))
	}
	if v, err = p.opened(ctx, v); err != nil {
		return err
	}
	d := myCasePage{View: v, timeline: p.timeline(ctx, v, forApplicant), department: p.Identity.Directory().Department(v.DepartmentID), ladder: p.ladder(ctx, my, v)}
	if q, ok := v.OpenRequest(); ok && v.NeedsApplicant {
		d.request = &q
	}
	if d.clock, d.hasClock = p.clockView(ctx, v, false); !d.hasClock {
		d.waiting = p.clockWords(ctx, &v.Case, v.Item)
	}
	d.reckoning, d.answerDue = p.reckoning(ctx, v, forApplicant), p.Service.AnswerDue(v)
	answers, err := p.Service.AnswerBy(ctx, v.Case)
	if err != nil {
		return err
	}
	d.answerBy = answers[v.ID]
	if d.hold, err = p.Service.HoldOf(ctx, &v.Case); err != nil {
		return err
	}
	if c, ok, err := p.Service.Certificate(ctx, v); err != nil {
		return err
	} else if ok {
		d.certificate = &c
	}
	if d.papers, err = p.paperLinks(ctx, my, v); err != nil {
		return err
	}
	if d.messages, err = p.messagesOf(ctx, actor, v.ID); err != nil {
		return err
	}
	talks, err := p.Service.Talks(ctx, actor, v.ID)
	if err != nil {
		return err
	}
	d.talk = talks[v.ID]
	d.tell = func(m notify.Message) (string, string) { return p.Notify.Text(i18n.LocaleOf(ctx), m) }
	return view.Render(w, r, http.StatusOK, myCaseView(d))
}

// messagesOf are the newest messages to the reader about a case.
func (p *Pages) messagesOf(ctx context.Context, actor auth.Actor, id cases.ID) ([]notify.Message, error) {
	feed, err := p.Notify.Feed(ctx, actor.ID, page.Request{Size: 200})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(feed.Rows, func(m notify.Message) bool { return m.Link != casePath(my, id) }), nil
}

// next says what happens next.
func (d myCasePage) next(ctx context.Context) string {
	key := string(d.State)
	switch {
	case d.State == cases.Withdrawn && slices.ContainsFunc(d.Events, func(e cases.Event) bool { return e.Command == cases.CmdExpire || e.Command == cases.CmdLapse }):
		return i18n.T(ctx, "cases.standing.next_expired")
	case d.Channel == cases.ByAward && d.State == cases.Delivered:
		return i18n.T(ctx, "cases.award.next", "department", d.department.Name)
	case d.Bundle && d.State == cases.Handling && d.NeedsApplicant:
		return i18n.T(ctx, "orders.next_needs")
	case d.Bundle && d.State == cases.Handling:
		return i18n.T(ctx, "orders.next", "group", groupNow(ctx, d.View), "progress", progress(ctx, d.Steps))
	case d.State == cases.Handling && d.NeedsApplicant:
		key = "returned"
	case d.State == cases.Delivered && d.Outcome.NeedsReason():
		key = string(d.Outcome)
	}
	stage, _, _ := d.Item.Flow.Stage(d.Stage)
	return i18n.T(ctx, "cases.my.case.next_"+key, "department", d.department.Name, "stage", stage.Name)
}

// visit is the site inspection that is still to come: what the applicant has to
// be there for.
func (d myCasePage) visit(ctx context.Context) string {
	e := d.last(cases.CmdArrange)
	if e == nil || !slices.ContainsFunc(d.Tasks, func(t cases.Task) bool {
		return t.State == cases.TaskOpen && t.Kind == string(catalogue.TaskInspection)
	}) {
		return ""
	}
	on := e.Word("on")
	day, err := workday.Parse(on)
	if err != nil || day.Before(workday.DateOf(d.clock.Now)) {
		return ""
	}
	return i18n.T(ctx, "cases.my.case.visit", "day", i18n.FormatDate(ctx, workday.StartOf(day)), "place", e.Detail["place"])
}

// published is the page of a publicity of the case that is open now; "" for none.
func (d myCasePage) published() string {
	e := d.last(cases.CmdPublicise)
	if e == nil {
		return ""
	}
	token := e.Word("token")
	if token == "" || !d.clock.Now.Before(e.Instant("until")) {
		return ""
	}
	return "/publicity/" + token
}

// last is the newest event of a command while the case is handled; nil for none.
func (d myCasePage) last(cmd cases.Command) *cases.Event {
	if d.State != cases.Handling {
		return nil
	}
	for i, e := range slices.Backward(d.Events) {
		if e.Command == cmd {
			return &d.Events[i]
		}
	}
	return nil
}

// expected says until when the department wants to finish; once that day is
// over, what still holds and whom to ask.
func (d myCasePage) expected(ctx context.Context) string {
	switch now := d.clock.Now; {
	case d.State != cases.Handling || d.Paused || d.DueAt.IsZero():
		return ""
	case !now.After(d.DueAt):
		return i18n.T(ctx, "cases.my.case.expected", "day", i18n.FormatLastMoment(ctx, d.DueAt))
	case !d.StatutoryAt.IsZero() && !now.After(d.StatutoryAt):
		return i18n.T(ctx, "screens.case.late", "day", i18n.FormatLastMoment(ctx, d.StatutoryAt))
	default:
		return i18n.T(ctx, "screens.case.very_late")
	}
}

// composed says that the order was put together for this once and has no guide.
func (d myCasePage) composed() bool { return d.Item.Bundle != nil && d.Item.Bundle.Cart }

// crumbs lead back to the list, from a step by way of its order.
func (d myCasePage) crumbs(ctx context.Context) []view.Link {
	way := []view.Link{{Href: "/my/cases", Text: i18n.T(ctx, "cases.my.title")}}
	if d.Order != nil && d.SeesOrder {
		way = append(way, view.Link{Href: casePath(my, d.Order.ID), Text: d.Order.ItemName.For(ctx)})
	}
	return way
}

func (d myCasePage) facts(ctx context.Context) []view.Pair {
	submitted, collect := "cases.fact.submitted", i18n.T(ctx, "cases.collect."+string(d.Collect))
	if d.Channel == cases.ByAward {
		submitted = "cases.fact.awarded"
	}
	out := []view.Pair{
		{Key: i18n.T(ctx, "cases.fact.number"), Value: d.Number},
		{Key: i18n.T(ctx, "cases.fact.applicant"), Value: d.Party.Name.For(ctx)},
		{Key: i18n.T(ctx, "cases.fact.code"), Value: maskedCode(&d.Case)},
		{Key: i18n.T(ctx, "cases.fact.department"), Value: d.department.Name.For(ctx)},
		{Key: i18n.T(ctx, submitted), Value: i18n.FormatDateTime(ctx, d.SubmittedAt)},
		{Key: i18n.T(ctx, "cases.fact.collect"), Value: collect},
	}
	if d.department.Phone != "" {
		out = append(out, view.Pair{Key: i18n.T(ctx, "cases.fact.phone"), Value: d.department.Phone})
	}
	return out
}

// answerWords say until when a supplement notice can be answered, and what
// happens to a case that nobody answers for.
func (d myCasePage) answerWords(ctx context.Context) string {
	key := "ledger.answer_due_withdrawn"
	if d.State == cases.Handling {
		key = "cases.standing.answer_due_return"
		if !d.clock.Now.Before(d.answerDue) {
			key = "cases.standing.answer_over_return"
		}
	} else if d.Item.Supplement.End == catalogue.SupplementRefused {
		key = "ledger.answer_due_refused"
	}
	return i18n.T(ctx, key, "day", i18n.FormatLastMoment(ctx, d.answerDue))
}
