package casesweb

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// listFilter is what narrows a list, as it stands in its address.
type listFilter struct {
	Q, Department, Item string
	State               cases.State
	After               string
}

// listPage is a list of the workbench, with a case beside it when one is open.
type listPage struct {
	Name   cases.ListName
	Base   string // path of the list
	Filter listFilter
	Rows   []listRow
	Next   string
	Total  int // -1 where it was not counted
	Open   *casePane

	Departments []view.Opt
	Service     bool // a member of staff with no post that handles cases
}

// listRow is one case of a list.
type listRow struct {
	cases.Row
	Department string
	Due        time.Time // the limit, before acceptance the day by which to answer
	Left       string    // up to it, as short as a column wants it
	Words      string    // the same in words
	Light      workday.Light
}

// workList shows one of the lists that staff live in.
func (p *Pages) workList(w http.ResponseWriter, r *http.Request) error {
	name := cases.ListName(r.PathValue("list"))
	if !slices.Contains(cases.StaffLists, name) {
		return httpx.ErrNotFound
	}
	return p.showList(w, r, listPage{Name: name, Base: listPath(name)})
}

// workSearch opens the case whose number is asked for, else lists what fits.
func (p *Pages) workSearch(w http.ResponseWriter, r *http.Request) error {
	q := strings.TrimSpace(r.FormValue("q"))
	if q != "" && !r.Form.Has("case") {
		v, err := p.Service.ViewByNumber(r.Context(), auth.From(r.Context()), strings.ToUpper(q))
		if err == nil {
			return httpx.SeeOther(w, r, casePath(work, v.ID))
		}
		if !errors.Is(err, cases.ErrNotFound) {
			return err
		}
	}
	return p.showList(w, r, listPage{Name: cases.ListAll, Base: searchPath})
}

const searchPath = "/work/search"

func listPath(name cases.ListName) string { return "/work/lists/" + string(name) }

func (p *Pages) showList(w http.ResponseWriter, r *http.Request, d listPage) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	d.Filter = filterOf(f)
	if id := f.Value("case"); id != "" {
		if d.Open, err = p.pane(ctx, actor, cases.ID(id), d.here()); err != nil {
			return err
		}
		if view.IsFragment(r) {
			return view.Render(w, r, http.StatusOK, workPane(d.Open))
		}
	}
	if err := p.fillList(ctx, actor, &d); err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, workListPage(d))
}

// filterOf reads the filter; what no list knows is left out.
func filterOf(f *form.Form) listFilter {
	x := listFilter{
		Q: f.Text("q", form.Max(100)), Department: f.Text("department", form.Max(50)), Item: strings.ToUpper(f.Text("item", form.Max(50))),
		State: cases.State(f.Value("state")), After: f.Text("after", form.Max(100)),
	}
	if r := []rune(x.Q); len(r) > 100 {
		x.Q = string(r[:100])
	}
	if !slices.Contains(cases.States, x.State) {
		x.State = ""
	}
	return x
}

func (x listFilter) narrows() bool {
	return x.Q != "" || x.Department != "" || x.Item != "" || x.State != ""
}

// cases is the filter in the words of the engine.
func (x listFilter) cases(name cases.ListName) cases.Filter {
	return cases.Filter{List: name, Query: x.Q, Department: x.Department, Item: x.Item, State: x.State, Request: page.Request{After: x.After}}
}

func (p *Pages) fillList(ctx context.Context, actor auth.Actor, d *listPage) error {
	d.Service = !actor.Has(auth.Clerk, auth.Handler, auth.Approver, auth.Head, auth.Leader, auth.Commissioner)
	d.Total = -1
	if d.Base == searchPath && d.Filter.Q == "" {
		return nil
	}
	found, err := p.Service.List(ctx, actor, d.Filter.cases(d.Name))
	if err != nil {
		return err
	}
	if d.Rows, err = p.listRows(ctx, found.Rows); err != nil {
		return err
	}
	d.Next = found.Next
	if !d.Filter.narrows() {
		n, err := p.Service.Counts(ctx, actor, d.Name)
		if err != nil {
			return err
		}
		d.Total = n[d.Name]
	}
	d.Departments = p.departments(ctx)
	return nil
}

// listRows works out how the clock of each case of a list stands.
func (p *Pages) listRows(ctx context.Context, rows []cases.Row) ([]listRow, error) {
	list := make([]cases.Case, len(rows))
	for i := range rows {
		list[i] = rows[i].Case
	}
	answer, err := p.Service.AnswerBy(ctx, list...)
	if err != nil {
		return nil, err
	}
	out := make([]listRow, len(rows))
	for i, k := range rows {
		x := listRow{Row: k, Department: p.departmentName(ctx, k.DepartmentID), Due: k.DueAt, Light: k.Light(p.now())}
		switch {
		case k.State == cases.Submitted && !answer[k.ID].IsZero():
			x.Due, x.Left, x.Words = answer[k.ID], p.daysLeft(ctx, answer[k.ID]), LeftWords(ctx, p.Service.Calendar, p.now(), answer[k.ID])
		case k.State == cases.Handling && k.Paused:
			x.Due, x.Left, x.Words = time.Time{}, i18n.T(ctx, "work.left.paused"), i18n.T(ctx, "cases.clock.paused") // the limit moves with every day
		case k.State == cases.Handling && !k.DueAt.IsZero():
			x.Left, x.Words = p.daysLeft(ctx, k.DueAt), LeftWords(ctx, p.Service.Calendar, p.now(), k.DueAt)
		}
		out[i] = x
	}
	return out, nil
}

// daysLeft is the time up to a limit as short as a column wants it: working
// days, below the last of them a word.
func (p *Pages) daysLeft(ctx context.Context, due time.Time) string {
	now := p.now()
	switch left := int(p.Service.Calendar.Remaining(now, due)); {
	case left < 0 || !now.Before(due):
		return i18n.T(ctx, "work.left.over", "n", max(-left, 1))
	case left == 0:
		return i18n.T(ctx, "work.left.today")
	default:
		return i18n.T(ctx, "work.left.days", "n", left)
	}
}

// departments are the choices of the filter.
func (p *Pages) departments(ctx context.Context) []view.Opt {
	var out []view.Opt
	for _, d := range p.Identity.Directory().Departments {
		out = append(out, view.Opt{Value: d.ID, Label: d.Name.For(ctx)})
	}
	return out
}

// with returns the address of the list with its filter and the further values.
func (d listPage) with(kv ...string) string {
	q := url.Values{}
	for k, v := range map[string]string{"q": d.Filter.Q, "department": d.Filter.Department, "item": d.Filter.Item, "state": string(d.Filter.State), "after": d.Filter.After} {
		if v != "" {
			q.Set(k, v)
		}
	}
	for i := 0; i+1 < len(kv); i += 2 {
		q.Set(kv[i], kv[i+1])
		if kv[i+1] == "" {
			q.Del(kv[i])
		}
	}
	if len(q) == 0 {
		return d.Base
	}
	return d.Base + "?" + q.Encode()
}

func (d listPage) here() string { return d.with() }

// export is the address of the whole list as a file.
func (d listPage) export() string {
	return d.Base + "/export.csv" + strings.TrimPrefix(d.with("after", ""), d.Base)
}

func (d listPage) title(ctx context.Context) string {
	if d.Base == searchPath {
		return i18n.T(ctx, "work.search.title")
	}
	return i18n.T(ctx, "work.list."+string(d.Name))
}

// count is how many cases there are, in words; counting stops at 1,000.
func (d listPage) count(ctx context.Context) string {
	switch {
	case d.Total < 0 || len(d.Rows) == 0:
		return ""
	case d.Total >= 1000:
		return i18n.T(ctx, "work.list.count_many")
	default:
		return i18n.Count(ctx, "work.list.count", d.Total)
	}
}

// tasks says whether the list is about tasks.
func (d listPage) tasks() bool { return d.Name == cases.ListMine || d.Name == cases.ListGroup }

// byState says whether the list holds cases of several states.
func (d listPage) byState() bool {
	return d.Base != searchPath && slices.Contains([]cases.ListName{cases.ListAll, cases.ListDone, cases.ListWaiting}, d.Name)
}

func (d listPage) heads(ctx context.Context) []view.Head {
	head := func(key string) view.Head { return view.Head{Text: i18n.T(ctx, "work.col."+key)} }
	spare := func(key string) view.Head { return view.Head{Text: i18n.T(ctx, "work.col."+key), Spare: true} }
	out := []view.Head{head("number"), head("item"), head("party")}
	if d.tasks() {
		out = append(out, head("task"))
	}
	left := head("left")
	left.Num = true
	return append(out, spare("department"), spare("state"), spare(d.dueColumn()), left, head("light"))
}

// dueColumn says what the day of a limit is about.
func (d listPage) dueColumn() string {
	if d.Name == cases.ListToAccept {
		return "answer_by"
	}
	return "due"
}

// emptyKey names the words for a list with nothing in it.
func (d listPage) emptyKey() string {
	switch {
	case d.Base == searchPath && d.Filter.Q == "":
		return "work.empty.search"
	case d.Filter.narrows() || d.Filter.After != "":
		return "work.empty.filtered"
	case d.Service:
		return "work.empty.service"
	default:
		return "work.empty." + string(d.Name)
	}
}

// emptyLink is the next useful step from a list with nothing in it.
func (d listPage) emptyLink(ctx context.Context) *view.Link {
	to := func(name cases.ListName) *view.Link {
		return &view.Link{Href: listPath(name), Text: i18n.T(ctx, "work.empty.go", "list", i18n.T(ctx, "work.list."+string(name)))}
	}
	actor := auth.From(ctx)
	switch {
	case d.Base == searchPath && d.Filter.Q == "" || d.Service:
		return nil
	case d.Base == searchPath:
		return to(cases.ListAll)
	case d.Filter.narrows() || d.Filter.After != "":
		return &view.Link{Href: d.Base, Text: i18n.T(ctx, "work.filter.clear")}
	case d.Name == cases.ListMine && actor.Has(auth.Handler, auth.Approver):
		return to(cases.ListGroup)
	case d.Name == cases.ListToAccept && actor.Has(auth.Clerk):
		return &view.Link{Href: "/work/desk", Text: i18n.T(ctx, "work.empty.desk")}
	case d.Name != cases.ListAll:
		return to(cases.ListAll)
	case actor.Has(auth.Clerk):
		return &view.Link{Href: "/work/desk", Text: i18n.T(ctx, "work.empty.desk")}
	default:
		return nil
	}
}

// partyName is who asks, for a list: people are masked.
func partyName(ctx context.Context, k *cases.Case) string {
	if k.Party.Kind == identity.HolderPerson {
		return idcode.MaskName(k.Party.Name.For(ctx))
	}
	return k.Party.Name.For(ctx)
}

func (p *Pages) departmentName(ctx context.Context, id string) string {
	return p.Identity.Directory().Department(id).Name.For(ctx)
}

// lastDay is the day on which a limit runs out, for tables; limits may end at 24:00.
func lastDay(due time.Time) string { return i18n.ShortDate(due.Add(-time.Millisecond)) }

// paneAttrs let a link change the case beside the list where script runs.
func paneAttrs(href string) templ.Attributes {
	return templ.Attributes{"hx-get": href, "hx-target": "#case", "hx-swap": "outerHTML", "hx-push-url": "true"}
}

func selectedAttr(on bool) templ.Attributes {
	if !on {
		return nil
	}
	return templ.Attributes{"aria-selected": "true"}
}

// opened adds the case to the address of a list; "" when there is none.
func opened(list string, id cases.ID) string {
	u, err := url.Parse(list)
	if list == "" || err != nil {
		return ""
	}
	q := u.Query()
	q.Set("case", string(id))
	u.RawQuery = q.Encode()
	return u.String()
}

// listOf returns the list that a page was opened from, "" for anything else.
func listOf(from string) string {
	s := httpx.LocalPath(from, "")
	if strings.HasPrefix(s, "/work/lists/") || strings.HasPrefix(s, searchPath+"?") {
		return s
	}
	return ""
}
