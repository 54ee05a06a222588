package casesweb

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/visit"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

const (
	deskPath    = "/work/desk"
	visitorPath = deskPath + "/visitors/"
)

// deskPage is what a clerk sees when somebody comes to the window: one field
// that finds people and cases at once.
type deskPage struct {
	Q        string
	Cases    []listRow
	Visitors []identity.Visitor
	Visits   []visitRow // that have not ended
	Shown    *shownCode // a code that the visitor shows
	BadCode  bool       // it is wrong, over or used
}

// shownCode is whom a code for the window stands for.
type shownCode struct {
	Code    string
	Account identity.Account
	Firm    *identity.Enterprise // nil for himself

	authority string // how far he acts for it
}

// caseNumberIn takes the number out of what a scanner reads from a receipt: the
// address of its page, or the number itself.
func caseNumberIn(q string) string {
	if u, err := url.Parse(q); err == nil && u.Query().Get("number") != "" && strings.HasSuffix(u.Path, "/track") {
		return u.Query().Get("number")
	}
	return q
}

// desk looks for whoever stands at the window.
func (p *Pages) desk(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	d := deskPage{Q: caseNumberIn(f.Text("q", form.Max(300)))}
	if d.Visits, err = p.visitRows(ctx, actor); err != nil {
		return err
	}
	if code, ok := identity.ParseDeskCode(d.Q); ok {
		a, firm, err := p.Identity.PeekDesk(ctx, actor, code)
		switch {
		case errors.Is(err, identity.ErrDeskCode):
			d.BadCode = true
		case err != nil:
			return err
		default:
			d.Shown = &shownCode{code, a, firm, ""}
			if firm != nil {
				person, err := p.Identity.ActAs(ctx, a.ID)
				if err != nil {
					return err
				}
				d.Shown.authority = p.authority(ctx, person, firm.ID)
			}
		}
		d.Q = "" // it does not stay on the screen
		return view.Render(w, r, http.StatusOK, deskView(d))
	}
	if f.OK() && d.Q != "" {
		if d.Visitors, err = p.Identity.FindVisitor(ctx, actor, d.Q); err != nil {
			return err
		}
		found, err := p.Service.List(ctx, actor, cases.Filter{List: cases.ListAll, Query: d.Q, Request: page.Request{Size: 10}})
		if err != nil {
			return err
		}
		if d.Cases, err = p.listRows(ctx, found.Rows); err != nil {
			return err
		}
	}
	return view.Render(w, r, http.StatusOK, deskView(d))
}

// newVisitor shows the form for somebody who has no account.
func (p *Pages) newVisitor(w http.ResponseWriter, r *http.Request) error {
	q := strings.TrimSpace(r.FormValue("q")) // what was searched for saves typing it again
	f := form.New()
	switch {
	case idcode.CheckResidentID(q).OK(false):
		f = form.New("id_number", q)
	case idcode.CheckPhone(q).OK(false):
		f = form.New("phone", q)
	case q != "" && !strings.ContainsAny(q, "0123456789"):
		f = form.New("name", q)
	}
	if id := r.FormValue("visit"); id != "" {
		f.Values().Set("visit", id)
	}
	return view.Render(w, r, http.StatusOK, newVisitorView(f))
}

// addVisitor registers somebody who stands at the window.
func (p *Pages) addVisitor(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	in := identity.VisitorInput{Name: f.Text("name", form.Required, form.Max(50)), IDNumber: f.Text("id_number", form.Required, form.Max(20)), Phone: f.Text("phone", form.Required, form.Max(20))}
	if f.OK() {
		a, err := p.Identity.RegisterVisitor(r.Context(), auth.From(r.Context()), in)
		if id := visit.ID(f.Text("visit", form.Max(50))); err == nil && id != "" {
			if _, err := p.Visits.Identify(r.Context(), auth.From(r.Context()), visit.Ref{ID: id}, a.ID, ""); err != nil {
				return err
			}
			return httpx.SeeOther(w, r, visitPath(id, ""))
		}
		if err == nil {
			p.Sessions.Flash(r.Context(), "work.flash.visitor")
			return httpx.SeeOther(w, r, visitorPath+a.ID)
		}
		if !f.Reject(err) {
			return err
		}
	}
	return view.Render(w, r, f.Status(), newVisitorView(f))
}

// visitorPage is somebody at the window: his firms, his cases, and what he may
// ask for.
type visitorPage struct {
	authority map[string]string // how far he acts for each of the firms
	person    auth.Actor        // the visitor as he may act now
	Account   identity.Account
	Firms     []identity.Enterprise
	Cases     []listRow
	Q         string
	Hits      []hitView
	Party     *string // chosen before; nil when nothing was
	Bad       *form.Form
	Real      identity.RealName // how surely he is who he says
}

// hitView is an item that can be filed at a window.
type hitView struct {
	Item    *catalogue.Item
	Note    string
	Parties []view.Opt // for whom; empty when it cannot be filed for any of them
}

// visitor shows somebody at the window.
func (p *Pages) visitor(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	return p.showVisitor(w, r, r.PathValue("id"), f)
}

func (p *Pages) showVisitor(w http.ResponseWriter, r *http.Request, id string, f *form.Form) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	person, err := p.Identity.OpenVisitor(ctx, actor, id)
	if err != nil {
		return err
	}
	d := visitorPage{person: person, Q: f.Text("q", form.Max(60)), Bad: f}
	if f.Values().Has("party") {
		party := f.Value("party")
		d.Party = &party
	}
	if d.Account, err = p.Identity.Account(ctx, id); err != nil {
		return err
	}
	known, err := p.Identity.RealNameOf(ctx, d.Account)
	if err != nil {
		return err
	}
	d.Real = known[0]
	if d.Firms, err = p.Identity.Enterprises(ctx, person.Firms); err != nil {
		return err
	}
	list, err := p.Service.OfVisitor(ctx, actor, person, 30)
	if err != nil {
		return err
	}
	rows := make([]cases.Row, len(list))
	for i := range list {
		rows[i].Case = list[i]
	}
	if d.Cases, err = p.listRows(ctx, rows); err != nil {
		return err
	}
	d.authority = make(map[string]string, len(d.Firms))
	for _, e := range d.Firms {
		d.authority[e.ID] = p.authority(ctx, person, e.ID)
	}
	d.Hits = p.hits(ctx, &d)
	return view.Render(w, r, f.Status(), visitorView(d))
}

// hits are the items that fit what was typed and that a window takes in; with
// nothing typed, those asked for most.
func (p *Pages) hits(ctx context.Context, d *visitorPage) []hitView {
	var items []*catalogue.Item
	if d.Q == "" {
		items = p.Catalogue.Popular(60)
	} else if item, err := p.Catalogue.Item(strings.ToUpper(d.Q)); err == nil {
		items = []*catalogue.Item{item}
	} else {
		for _, h := range p.Catalogue.Search(d.Q, 20, catalogue.Filter{}) {
			items = append(items, h.Item)
		}
	}
	var out []hitView
	for _, item := range items {
		if !item.Window() {
			continue
		}
		x := hitView{Item: item, Note: p.departmentName(ctx, item.Department), Parties: d.parties(ctx, item)}
		if s := limitWords(ctx, item.Promised); s != "" {
			x.Note += " · " + i18n.T(ctx, "work.desk.promised", "limit", s)
		}
		if len(x.Parties) > 0 || d.Q != "" {
			out = append(out, x)
		}
		if d.Q == "" && len(out) == 8 {
			break
		}
	}
	return out
}

// parties are those for whom the visitor may ask for an item; the firms first,
// since it is for them that most people come.
func (d *visitorPage) parties(ctx context.Context, item *catalogue.Item) []view.Opt {
	var out []view.Opt
	if item.For(catalogue.ForEnterprise) {
		for _, e := range d.Firms {
			if cases.MayAsk(d.person, e.ID, item) != nil {
				continue
			}
			out = append(out, view.Opt{Value: e.ID, Label: e.Name.For(ctx)})
		}
	}
	if item.For(catalogue.ForPerson) {
		out = append(out, view.Opt{Value: "", Label: i18n.T(ctx, "work.desk.himself", "name", d.Account.Name)})
	}
	return out
}

// deskStart opens a draft for a visitor and goes to its form.
func (p *Pages) deskStart(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	id := f.Text("visitor", form.Required, form.Max(50))
	k, err := p.Service.Start(r.Context(), auth.From(r.Context()), cases.StartInput{ItemCode: f.Text("item", form.Max(50)), AccountID: id, EnterpriseID: f.Text("party", form.Max(50))})
	if err == nil {
		return httpx.SeeOther(w, r, casePath(work, k.ID, "form"))
	}
	if id == "" || !f.Reject(err) {
		return err
	}
	return p.showVisitor(w, r, id, f)
}

// lead is who stands there, masked.
func (d *visitorPage) lead() string {
	return strings.Trim(idcode.MaskID(d.Account.IDNumber)+" · "+idcode.MaskPhone(d.Account.Phone), " ·")
}

func (d *visitorPage) chosen(party string) bool { return d.Party != nil && *d.Party == party }

// visitorNote is the second line of somebody found.
func visitorNote(ctx context.Context, v identity.Visitor) string {
	parts := []string{}
	if v.Account.IDNumber != "" {
		parts = append(parts, idcode.MaskID(v.Account.IDNumber))
	}
	if v.Account.Phone != "" {
		parts = append(parts, idcode.MaskPhone(v.Account.Phone))
	}
	for _, e := range v.Firms[:min(len(v.Firms), 3)] {
		parts = append(parts, e.Name.For(ctx))
	}
	if len(v.Firms) > 3 {
		parts = append(parts, i18n.T(ctx, "work.desk.more_firms", "n", len(v.Firms)))
	}
	return strings.Join(parts, " · ")
}

// caseRow is a case among others of a person, drafts included.
func caseRow(ctx context.Context, x listRow) view.RowView {
	href := casePath(work, x.ID)
	note := x.Number + " · " + x.Party.Name.For(ctx)
	if x.State == cases.Draft {
		href, note = casePath(work, x.ID, "form"), i18n.T(ctx, "work.case.draft")+" · "+x.Party.Name.For(ctx)
	}
	if x.Words != "" {
		note += " · " + x.Words
	}
	return view.RowView{Href: href, Title: x.ItemName.For(ctx), Note: note, Side: caseRowSide(x)}
}
