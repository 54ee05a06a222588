package casesweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

const boardPath = "/work/board"

// boardPage is what lies with whom.
type boardPage struct {
	Lines      []cases.BoardLine
	Department *identity.Department // whose people these are; nil when the lines are departments
	Several    bool                 // the reader watches more than one department
}

// board shows who watches one department its people, else the departments.
func (p *Pages) board(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	if of := p.Service.Boards(actor); len(of) == 1 {
		return p.showBoard(w, r, of[0])
	}
	lines, err := p.Service.Board(ctx, actor)
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, boardView(boardPage{Lines: lines, Several: true}))
}

// departmentBoard shows the people of a department.
func (p *Pages) departmentBoard(w http.ResponseWriter, r *http.Request) error {
	return p.showBoard(w, r, r.PathValue("department"))
}

func (p *Pages) showBoard(w http.ResponseWriter, r *http.Request, department string) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	lines, err := p.Service.DepartmentBoard(ctx, actor, department)
	if err != nil {
		return err
	}
	d := p.Identity.Directory().Department(department)
	return view.Render(w, r, http.StatusOK, boardView(boardPage{Lines: lines, Department: &d, Several: len(p.Service.Boards(actor)) > 1}))
}

func (d boardPage) title(ctx context.Context) string {
	if d.Department == nil {
		return i18n.T(ctx, "board.title")
	}
	return i18n.T(ctx, "board.title_of", "name", d.Department.Name)
}

// list is the address of the list that holds the cases behind a number.
func (d boardPage) list(name cases.ListName, l cases.BoardLine) string {
	q := url.Values{"view": {"none"}, "desk": {l.ID}}
	if d.Department != nil {
		q.Set("desk", d.Department.ID)
		q.Set("assignee", l.ID)
	}
	if name == cases.ListAll {
		q.Set("state", string(cases.Handling))
	}
	return listPath(name) + "?" + q.Encode()
}

// boardCell is one number of a line, with the list behind it.
type boardCell struct {
	Label, Href string
	N           int
	Loud        bool
}

func (d boardPage) cells(ctx context.Context, l cases.BoardLine) []boardCell {
	heads := d.heads(ctx)[1:]
	out := []boardCell{
		{Href: d.list(cases.ListAll, l), N: l.InHand},
		{Href: d.list(cases.ListNear, l), N: l.Near},
		{Href: d.list(cases.ListOverdue, l), N: l.Overdue, Loud: l.Overdue > 0},
		{Href: d.list(cases.ListWaiting, l), N: l.Waiting},
		{Href: d.list(cases.ListSpecial, l), N: l.Special},
		{N: l.Done},
	}
	for i := range out {
		out[i].Label = heads[i].Text
		if out[i].N == 0 {
			out[i].Href = ""
		}
	}
	return out
}

func (d boardPage) heads(ctx context.Context) []view.Head {
	who := "board.who"
	if d.Department == nil {
		who = "board.department"
	}
	out := []view.Head{{Text: i18n.T(ctx, who)}}
	for _, key := range []string{"board.in_hand", "work.list.near", "work.list.overdue", "work.list.waiting", "work.list.special", "board.done"} {
		out = append(out, view.Head{Text: i18n.T(ctx, key, "days", cases.BoardDays), Num: true})
	}
	return out
}

// name of a line: a person, a department, or nobody.
func (d boardPage) name(ctx context.Context, l cases.BoardLine) string {
	if l.ID == cases.Nobody {
		return i18n.T(ctx, "lists.assignee.nobody")
	}
	return l.Name.For(ctx)
}

// about is what else there is to say of a person.
func (d boardPage) about(ctx context.Context, l cases.BoardLine) string {
	var out []string
	for _, r := range l.Posts {
		out = append(out, i18n.T(ctx, "role."+string(r)))
	}
	if l.Gone {
		out = append(out, i18n.T(ctx, "board.gone"))
	}
	if !l.Deputy.IsZero() {
		out = append(out, i18n.T(ctx, "board.away", "name", l.Deputy))
	}
	return strings.Join(out, i18n.T(ctx, "board.and"))
}

// kpis are the sums: a case with tasks on two desks counts on both.
func (d boardPage) kpis(ctx context.Context) []view.KPI {
	var t cases.BoardLine
	for _, l := range d.Lines {
		t.InHand, t.Near, t.Overdue, t.Waiting = t.InHand+l.InHand, t.Near+l.Near, t.Overdue+l.Overdue, t.Waiting+l.Waiting
	}
	out := []view.KPI{{Figure: strconv.Itoa(t.InHand)}, {Figure: strconv.Itoa(t.Near)}, {Figure: strconv.Itoa(t.Overdue)}, {Figure: strconv.Itoa(t.Waiting)}}
	for i, h := range d.heads(ctx)[1:5] {
		out[i].Label, out[i].Unit = h.Text, i18n.T(ctx, "board.unit")
		if d.Department != nil {
			name := []cases.ListName{cases.ListAll, cases.ListNear, cases.ListOverdue, cases.ListWaiting}[i]
			out[i].Href = boardPage{}.list(name, cases.BoardLine{ID: d.Department.ID})
		}
	}
	return out
}

func (p *Pages) boardRoutes() []httpx.Route {
	watchers := auth.AsRole(auth.Head, auth.Leader)
	return []httpx.Route{httpx.Get(boardPath, watchers, p.board), httpx.Get(boardPath+"/{department}", watchers, p.departmentBoard)}
}
