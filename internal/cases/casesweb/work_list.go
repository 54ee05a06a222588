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
	"github.com/tongban/tongban/internal/cases/worklist"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// listPage is a list of the workbench, with a case beside it when one is open.
type listPage struct {
	Name    cases.ListName
	Base    string // path of the list
	Query   worklist.Query
	After   string
	Sort    cases.Sort // that the list stands in
	Desc    bool
	Columns []string
	Asks    []worklist.Asked // what the form of the item asks that the list is narrowed to
	Rows    []listRow
	Next    string
	Total   int // -1 where it was not counted
	Open    *casePane

	Views   []worklist.View
	View    string // id of the one that is shown
	Sharing []view.Opt
	Batch   bool // the reader may work on several at once
	Service bool // a member of staff with no post that handles cases
	choices map[string][]view.Opt
}

// listRow is one case of a list.
type listRow struct {
	worklist.Line
	Cells      map[string]string // by column
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
	if d.Base != searchPath {
		if d.Views, err = p.Lists.Views(ctx, actor, d.Name); err != nil {
			return err
		}
		if i := slices.IndexFunc(d.Views, func(v worklist.View) bool { return v.Default }); i >= 0 && len(f.Values()) == 0 {
			return httpx.SeeOther(w, r, viewPath(d.Views[i]))
		}
	}
	d.Query, d.After, d.View = worklist.ParseQuery(f.Values()), f.Text("after", form.Max(200)), f.Text("view", form.Max(50))
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

func (p *Pages) fillList(ctx context.Context, actor auth.Actor, d *listPage) error {
	d.Service = !actor.Has(auth.Clerk, auth.Handler, auth.Approver, auth.Head, auth.Leader, auth.Commissioner)
	d.Batch = d.Base != searchPath && actor.Has(auth.Clerk, auth.Handler, auth.Approver, auth.Head)
	d.Total = -1
	d.Asks = p.Lists.Asks(d.Query.Item)
	d.Columns = slices.DeleteFunc(slices.Clone(d.Query.Shown(d.Name)), func(c string) bool { return worklist.IsAsked(c) && d.asked(c) == nil })
	if d.Base == searchPath && d.Query.Text == "" {
		return nil
	}
	filter := d.Query.Filter(d.Name, actor.ID)
	filter.After = d.After
	d.Sort, d.Desc = filter.Sorted()
	found, err := p.Service.List(ctx, actor, filter)
	if err != nil {
		return err
	}
	if d.Rows, err = p.listRowsOf(ctx, d.Query.Item, found.Rows, d.Columns...); err != nil {
		return err
	}
	d.Next = found.Next
	if d.Total = len(found.Rows); d.Next != "" || d.After != "" {
		if d.Total, err = p.Service.Count(ctx, actor, filter, 1000); err != nil {
			return err
		}
	}
	return p.fillChoices(ctx, actor, d)
}

// listRows writes the columns of each case of a list, and how its clock stands.
func (p *Pages) listRows(ctx context.Context, rows []cases.Row, columns ...string) ([]listRow, error) {
	return p.listRowsOf(ctx, "", rows, columns...)
}

// listRowsOf is listRows for a list that is narrowed to an item, whose form may
// stand in columns.
func (p *Pages) listRowsOf(ctx context.Context, item string, rows []cases.Row, columns ...string) ([]listRow, error) {
	lines, err := p.Lists.Lines(ctx, rows)
	if err != nil {
		return nil, err
	}
	if err := p.Lists.AddAnswers(ctx, auth.From(ctx), item, columns, lines); err != nil {
		return nil, err
	}
	out := make([]listRow, len(lines))
	for i, l := range lines {
		x := listRow{
			Line: l, Cells: make(map[string]string, len(columns)), Light: l.Light(p.now()),
			Department: p.departmentName(ctx, l.DepartmentID), Due: l.Limit(), Left: p.Lists.Cell(ctx, "left", l),
		}
		for _, c := range columns {
			x.Cells[c] = p.Lists.Cell(ctx, c, l)
		}
		switch due := l.Limit(); {
		case l.State == cases.Handling && l.Paused:
			x.Words = i18n.T(ctx, "cases.clock.paused")
		case !due.IsZero() && (l.State == cases.Submitted || l.State == cases.Handling):
			x.Words = LeftWords(ctx, p.Service.CalendarOf(&l.Case), p.now(), due)
		}
		out[i] = x
	}
	return out, nil
}

// fillChoices offers what a list can be narrowed by.
func (p *Pages) fillChoices(ctx context.Context, actor auth.Actor, d *listPage) error {
	dir := p.Identity.Directory()
	d.choices = map[string][]view.Opt{"assignee": {{Value: worklist.Me, Label: i18n.T(ctx, "lists.assignee.me")}, {Value: cases.Nobody, Label: i18n.T(ctx, "lists.assignee.nobody")}}}
	for _, x := range dir.Departments {
		d.choices["department"] = append(d.choices["department"], view.Opt{Value: x.ID, Label: x.Name.For(ctx)})
	}
	d.choices["desk"] = d.choices["department"]
	for _, x := range dir.Regions {
		d.choices["region"] = append(d.choices["region"], view.Opt{Value: x.Code, Label: x.Name.For(ctx)})
	}
	for _, x := range dir.Halls {
		d.choices["window"] = append(d.choices["window"], view.Opt{Value: x.ID, Label: x.Name.For(ctx)})
	}
	for name, values := range map[string][]string{
		"light": cases.Lights, "channel": channels,
		"kind": {string(identity.HolderEnterprise), string(identity.HolderPerson)}, "outcome": outcomes,
	} {
		for _, v := range values {
			d.choices[name] = append(d.choices[name], view.Opt{Value: v, Label: i18n.T(ctx, choiceText[name]+v)})
		}
	}
	for _, s := range cases.States {
		if s != cases.Draft {
			d.choices["state"] = append(d.choices["state"], view.Opt{Value: string(s), Label: i18n.T(ctx, "cases.state."+string(s))})
		}
	}
	var ours []string
	for _, x := range actor.PostsOf(auth.Handler, auth.Approver, auth.Head) {
		if slices.Contains(ours, x.DepartmentID) {
			continue
		}
		ours = append(ours, x.DepartmentID)
		for _, g := range dir.GroupsOf(x.DepartmentID) {
			d.choices["assignee"] = append(d.choices["assignee"], view.Opt{Value: cases.GroupPrefix + g.ID, Label: g.Name.For(ctx)})
		}
	}
	colleagues, err := p.Identity.Colleagues(ctx, ours)
	if err != nil {
		return err
	}
	for _, a := range colleagues {
		if a.ID != actor.ID {
			d.choices["assignee"] = append(d.choices["assignee"], view.Opt{Value: a.ID, Label: a.Name.For(ctx)})
		}
	}
	if id := d.Query.Assignee; id != "" && !strings.HasPrefix(id, cases.GroupPrefix) && !slices.ContainsFunc(d.choices["assignee"], func(o view.Opt) bool { return o.Value == id }) {
		d.choices["assignee"] = append(d.choices["assignee"], view.Opt{Value: id, Label: p.Identity.NameOf(ctx, id).For(ctx)}) // from the board of another department
	}
	for _, id := range worklist.Sharing(actor) {
		d.Sharing = append(d.Sharing, view.Opt{Value: id, Label: dir.Department(id).Name.For(ctx)})
	}
	return nil
}

// choiceText names the words of what can be chosen.
var choiceText = map[string]string{"light": "lists.light.", "channel": "work.channel.", "kind": "lists.kind.", "outcome": "cases.outcome."}

// viewPath opens a saved view: the address carries all of it.
func viewPath(v worklist.View) string {
	q := v.Query.Values()
	q.Set("view", v.ID)
	return listPath(v.List) + "?" + q.Encode()
}

// with returns the address of the list with its filter and the further values;
// an empty value takes one out.
func (d listPage) with(kv ...string) string {
	q := d.Query.Values()
	for k, v := range map[string]string{"after": d.After, "view": d.View} {
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

// plain is the list without filter; it passes by the view that comes first.
func (d listPage) plain() string {
	if slices.ContainsFunc(d.Views, func(v worklist.View) bool { return v.Default }) {
		return d.Base + "?view=none"
	}
	return d.Base
}

// export is where the whole list is made into a file.
func (d listPage) export() string {
	q := d.Query.Values()
	q.Set("list", string(d.Name))
	return "/work/exports/new?" + q.Encode()
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

func (d listPage) heads(ctx context.Context) []view.Head {
	var out []view.Head
	if d.Batch {
		out = append(out, view.Head{Text: i18n.T(ctx, "lists.pick")})
	}
	for _, c := range d.Columns {
		out = append(out, view.Head{Text: d.columnName(ctx, c), Num: worklist.Figures(c), Spare: !slices.Contains(kept, c)})
	}
	return out
}

// kept are the columns that stay while a case stands beside the list.
var kept = []string{"number", "item", "party", "task", "left", "light"}

// columnName is the head of a column; before acceptance the limit is the day of the answer.
func (d listPage) columnName(ctx context.Context, c string) string {
	if c == "due" && d.Name == cases.ListToAccept {
		return i18n.T(ctx, "lists.col.answer_by")
	}
	if a := d.asked(c); a != nil {
		return a.Label(ctx)
	}
	return i18n.T(ctx, "lists.col."+c)
}

// backwards is how far the list goes back, at the end of its last page; 0 where
// that is no matter.
func (d listPage) backwards() int {
	if d.Next != "" || d.After == "" {
		return 0
	}
	return d.Query.Filter(d.Name, "").Backwards()
}

// asked is the question of the form behind a column; nil for other columns.
func (d listPage) asked(column string) *worklist.Asked {
	if i := slices.IndexFunc(d.Asks, func(a worklist.Asked) bool { return a.Column == column }); i >= 0 {
		return &d.Asks[i]
	}
	return nil
}

// sorts are the orders of the list, each both ways.
func (d listPage) sorts(ctx context.Context) []view.Opt {
	var out []view.Opt
	for _, s := range d.Query.Filter(d.Name, "").Sorts() {
		out = append(out, view.Opt{Value: string(s), Label: i18n.T(ctx, "lists.sort."+string(s))}, view.Opt{Value: "-" + string(s), Label: i18n.T(ctx, "lists.sort."+string(s)+"_desc")})
	}
	return out
}

func (d listPage) sorted() string {
	if d.Desc {
		return "-" + string(d.Sort)
	}
	return string(d.Sort)
}

// emptyKey names the words for a list with nothing in it.
func (d listPage) emptyKey() string {
	switch {
	case d.Base == searchPath && d.Query.Text == "":
		return "work.empty.search"
	case d.Query.Narrows() || d.After != "":
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
	case d.Base == searchPath && d.Query.Text == "" || d.Service:
		return nil
	case d.Base == searchPath:
		return to(cases.ListAll)
	case d.Query.Narrows() || d.After != "":
		return &view.Link{Href: d.plain(), Text: i18n.T(ctx, "work.filter.clear")}
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

// lastDay is the day on which a limit runs out, for tables.
func lastDay(due time.Time) string { return worklist.LastDay(due) }

// cellClass is how a column without a form of its own looks.
func cellClass(c string) string {
	switch {
	case c == "left":
		return "tb-num"
	case c == "task":
		return ""
	case worklist.IsAsked(c):
		return "tb-spare tb-clip-some"
	case slices.Contains([]string{"due", "statutory", "submitted", "accepted", "decided", "closed"}, c):
		return "tb-spare tb-date"
	case slices.Contains([]string{"department", "window", "assignee", "region"}, c):
		return "tb-spare tb-clip-some"
	default:
		return "tb-spare"
	}
}

// pickAll is the button for everything that the list holds.
func (d listPage) pickAll(ctx context.Context) string {
	if d.Total > worklist.MaxBatch {
		return i18n.T(ctx, "lists.pick.first", "max", worklist.MaxBatch)
	}
	return i18n.Count(ctx, "lists.pick.all", max(d.Total, len(d.Rows)))
}

func labelAttr(label string) templ.Attributes {
	if label == "" {
		return nil
	}
	return templ.Attributes{"aria-label": label}
}

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
