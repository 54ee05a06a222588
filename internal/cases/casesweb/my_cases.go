package casesweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/talkweb"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/view"
)

// myLists are the tabs of the applicant.
var myLists = []cases.ListName{cases.ListApplicant, cases.ListNeedsMe, cases.ListRunning, cases.ListEndedMine, cases.ListDraftsMine}

// myCasesPage is one tab of the applicant's cases.
type myCasesPage struct {
	list   cases.ListName
	q      string // what is searched for
	party  string // himself or one of his firms, "" for all
	of     []view.Opt
	firm   string // the firm chosen, if it is one
	counts map[cases.ListName]int
	rows   []myCase
	todo   []myCase // what he must do now, before everything else
	rate   []notify.Message
	words  func(notify.Message) (title, body string)
	next   string        // address of the next page
	gaps   []cases.GapOf // tolerated materials that have to come yet
}

// myCase is one line: what it is, how it stands, what to do now.
type myCase struct {
	cases.Case
	Href, Clock, Todo string
	Steps             string // of an order: how many are done
	Talk              cases.Talk
	Act               string // of what must be done: the button
}

// shownTodo is how many things to do stand on top; the rest is a tab of its own.
const shownTodo = 5

func (p *Pages) myHome(w http.ResponseWriter, r *http.Request) error {
	return httpx.SeeOther(w, r, "/my/cases")
}

// myCases lists the cases of the person and of his firms.
func (p *Pages) myCases(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	d := myCasesPage{list: cases.ListName(f.Value("list")), q: f.Text("q", form.Max(100))}
	if !slices.Contains(myLists, d.list) {
		d.list = cases.ListApplicant
	}
	if err := p.myParties(ctx, actor, f, &d); err != nil {
		return err
	}
	d.counts = map[cases.ListName]int{}
	for _, l := range myLists {
		if d.counts[l], err = p.Service.Count(ctx, actor, cases.Filter{List: l, Party: d.party}, cases.CountMost); err != nil {
			return err
		}
	}
	list, err := p.Service.List(ctx, actor, cases.Filter{List: d.list, Party: d.party, Query: d.q, Request: page.Request{After: f.Value("after"), Size: 20}})
	if err != nil {
		return err
	}
	if d.rows, err = p.myRows(ctx, list.Rows); err != nil {
		return err
	}
	if list.Next != "" {
		d.next = d.with("after", list.Next)
	}
	if d.q == "" && (d.list == cases.ListApplicant || d.list == cases.ListNeedsMe) {
		if d.gaps, err = p.Service.MyGaps(ctx, actor); err != nil {
			return err
		}
	}
	if d.list == cases.ListApplicant && d.q == "" && f.Value("after") == "" {
		if err := p.myTodo(ctx, actor, &d); err != nil {
			return err
		}
	}
	return view.Render(w, r, http.StatusOK, myCasesView(d))
}

// myParties are for whom the reader may look: himself and his firms.
func (p *Pages) myParties(ctx context.Context, actor auth.Actor, f *form.Form, d *myCasesPage) error {
	parties, err := p.Identity.Parties(ctx, actor)
	if err != nil {
		return err
	}
	for _, x := range parties {
		d.of = append(d.of, view.Opt{Value: x.ID, Label: x.Name.For(ctx)})
		if x.ID == f.Value("party") {
			if d.party = x.ID; x.ID != actor.ID {
				d.firm = x.ID
			}
		}
	}
	if len(actor.Firms) == 1 && d.party == "" {
		d.firm = actor.Firms[0]
	}
	return nil
}

// myTodo is what waits for the reader: what he was asked for, what is offered
// to him, results to collect, and services to rate.
func (p *Pages) myTodo(ctx context.Context, actor auth.Actor, d *myCasesPage) error {
	needs, err := p.Service.List(ctx, actor, cases.Filter{List: cases.ListNeedsMe, Party: d.party, Request: page.Request{Size: shownTodo}})
	if err != nil {
		return err
	}
	collect, err := p.Service.List(ctx, actor, cases.Filter{List: cases.ListRunning, State: cases.Decided, Party: d.party, Request: page.Request{Size: 50}})
	if err != nil {
		return err
	}
	all, err := p.myRows(ctx, append(needs.Rows, collect.Rows...))
	if err != nil {
		return err
	}
	for _, x := range all {
		if x.Act != "" && len(d.todo) < shownTodo {
			d.todo = append(d.todo, x)
		}
	}
	feed, err := p.Notify.Feed(ctx, actor.ID, page.Request{Size: 100})
	if err != nil {
		return err
	}
	for _, m := range feed.Rows {
		if m.Kind == "rate" && m.ReadAt.IsZero() && m.CreatedAt.After(p.now().AddDate(0, 0, -30)) && len(d.rate) < 3 {
			d.rate = append(d.rate, m)
		}
	}
	d.words = func(m notify.Message) (string, string) { return p.Notify.Text(i18n.LocaleOf(ctx), m) }
	return nil
}

// myRows makes rows of the list ready to be shown.
func (p *Pages) myRows(ctx context.Context, rows []cases.Row) ([]myCase, error) {
	var drafts []cases.ID
	for _, r := range rows {
		if r.State == cases.Draft {
			drafts = append(drafts, r.ID)
		}
	}
	touched, err := p.Service.Touched(ctx, drafts)
	if err != nil {
		return nil, err
	}
	out := make([]myCase, len(rows))
	for i, row := range rows {
		x := p.myCase(ctx, row.Case, touched[row.ID])
		if x.Talk = row.Talk; x.Talk.Asked > 0 && x.Todo == "" {
			x.Todo, x.Act = talkweb.TodoWords(ctx, x.Talk), i18n.T(ctx, "lists.my.act.reply")
		}
		if row.Of > 0 {
			x.Steps = i18n.T(ctx, "orders.progress", "done", row.Done, "of", row.Of)
		}
		out[i] = x
	}
	return out, nil
}

// myCase says how a case stands; of a draft, touched is when it was typed in last.
func (p *Pages) myCase(ctx context.Context, k cases.Case, touched time.Time) myCase {
	x := myCase{Case: k, Href: casePath(my, k.ID), Clock: p.clockWords(ctx, &k, nil)}
	switch {
	case offeredTo(ctx, &k):
		x.Href, x.Clock = casePath(my, k.ID, "handover"), ""
		x.Todo, x.Act = i18n.T(ctx, "lists.my.todo.offered"), i18n.T(ctx, "lists.my.act.offered")
	case k.State == cases.Draft:
		if touched.Before(k.UpdatedAt) {
			touched = k.UpdatedAt
		}
		x.Href = casePath(my, k.ID, "form")
		x.Todo, x.Clock = i18n.T(ctx, "cases.my.todo.draft"), i18n.T(ctx, "cases.my.saved", "time", i18n.FormatDateTime(ctx, touched))
		if ends := cases.DraftEnds(touched); p.now().After(ends.Add(-cases.DraftWarning)) {
			x.Clock = i18n.T(ctx, "lists.my.draft_ends", "day", i18n.FormatDate(ctx, ends))
		}
	case k.NeedsApplicant && !k.State.Ended():
		x.Todo, x.Act = i18n.T(ctx, "cases.my.todo.needs"), i18n.T(ctx, "lists.my.act.needs")
	case k.State == cases.Decided && k.Collect == cases.AtWindow:
		x.Todo, x.Act = i18n.T(ctx, "cases.my.todo.collect"), i18n.T(ctx, "lists.my.act.collect")
	case k.State == cases.Handling && !k.Paused && !k.DueAt.IsZero() && p.now().Before(k.DueAt):
		x.Clock = i18n.T(ctx, "lists.my.expected", "day", i18n.FormatLastMoment(ctx, k.DueAt), "left", x.Clock)
	case k.State == cases.Handling && k.Paused:
		x.Clock = i18n.T(ctx, "lists.my.paused")
	}
	return x
}

// offeredTo says whether the reader is asked to go on with the case.
func offeredTo(ctx context.Context, k *cases.Case) bool {
	return k.OfferedTo != "" && k.OfferedTo == auth.From(ctx).ID && !k.State.Ended()
}

// with returns the address of the page with further values.
func (d myCasesPage) with(kv ...string) string {
	q := url.Values{}
	for k, v := range map[string]string{"list": string(d.list), "q": d.q, "party": d.party} {
		if v != "" && v != string(cases.ListApplicant) {
			q.Set(k, v)
		}
	}
	for i := 0; i+1 < len(kv); i += 2 {
		if q.Set(kv[i], kv[i+1]); kv[i+1] == "" {
			q.Del(kv[i])
		}
	}
	if len(q) == 0 {
		return "/my/cases"
	}
	return "/my/cases?" + q.Encode()
}

func (d myCasesPage) tabs(ctx context.Context) []view.Tab {
	out := make([]view.Tab, len(myLists))
	for i, l := range myLists {
		out[i] = view.Tab{Href: d.with("list", string(l), "q", ""), Text: i18n.T(ctx, "cases.my.tab."+string(l)), Count: d.counts[l], Active: l == d.list}
	}
	out[0].Href = d.with("list", "", "q", "")
	return out
}
