package casesweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/talkweb"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// myLists are the tabs of the applicant.
var myLists = []cases.ListName{cases.ListApplicant, cases.ListNeedsMe, cases.ListRunning, cases.ListEndedMine, cases.ListDraftsMine}

// myCasesPage is one tab of the applicant's cases.
type myCasesPage struct {
	list   cases.ListName
	counts map[cases.ListName]int
	rows   []myCase
	next   string        // address of the next page
	gaps   []cases.GapOf // tolerated materials that have to come yet
}

// myCase is one line: what it is, how it stands, what to do now.
type myCase struct {
	cases.Case
	Href, Clock, Todo string
	Steps             string // of an order: how many are done
	Talk              cases.Talk
}

func (p *Pages) myHome(w http.ResponseWriter, r *http.Request) error {
	return httpx.SeeOther(w, r, "/my/cases")
}

// myCases lists the cases of the person and of his firms.
func (p *Pages) myCases(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	d := myCasesPage{list: cases.ListName(r.FormValue("list"))}
	if !slices.Contains(myLists, d.list) {
		d.list = cases.ListApplicant
	}
	var err error
	if d.counts, err = p.Service.Counts(ctx, actor, myLists...); err != nil {
		return err
	}
	list, err := p.Service.List(ctx, actor, cases.Filter{List: d.list, Request: page.Request{After: r.FormValue("after"), Size: 20}})
	if err != nil {
		return err
	}
	if d.list == cases.ListApplicant || d.list == cases.ListNeedsMe {
		if d.gaps, err = p.Service.MyGaps(ctx, actor); err != nil {
			return err
		}
	}
	for _, row := range list.Rows {
		x := p.myCase(ctx, row.Case)
		if x.Talk = row.Talk; x.Talk.Asked > 0 && x.Todo == "" {
			x.Todo = talkweb.TodoWords(ctx, x.Talk)
		}
		if row.Of > 0 {
			x.Steps = i18n.T(ctx, "orders.progress", "done", row.Done, "of", row.Of)
		}
		d.rows = append(d.rows, x)
	}
	if list.Next != "" {
		d.next = "/my/cases?" + url.Values{"list": {string(d.list)}, "after": {list.Next}}.Encode()
	}
	return view.Render(w, r, http.StatusOK, myCasesView(d))
}

func (p *Pages) myCase(ctx context.Context, k cases.Case) myCase {
	x := myCase{Case: k, Href: casePath(my, k.ID), Clock: p.clockWords(ctx, &k, nil)}
	switch {
	case k.State == cases.Draft:
		x.Href = casePath(my, k.ID, "form")
		x.Todo, x.Clock = i18n.T(ctx, "cases.my.todo.draft"), i18n.T(ctx, "cases.my.saved", "time", i18n.FormatDateTime(ctx, k.UpdatedAt))
	case k.NeedsApplicant && !k.State.Ended():
		x.Todo = i18n.T(ctx, "cases.my.todo.needs")
	case k.State == cases.Decided && k.Collect == cases.AtWindow:
		x.Todo = i18n.T(ctx, "cases.my.todo.collect")
	}
	return x
}

func (d myCasesPage) tabs(ctx context.Context) []view.Tab {
	out := make([]view.Tab, len(myLists))
	for i, l := range myLists {
		out[i] = view.Tab{Href: "/my/cases?list=" + string(l), Text: i18n.T(ctx, "cases.my.tab."+string(l)), Count: d.counts[l], Active: l == d.list}
	}
	out[0].Href = "/my/cases"
	return out
}
