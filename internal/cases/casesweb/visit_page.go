package casesweb

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/visit"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/personal"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/view"
)

// visitPage is one visitor at one window: everything on one screen.
type visitPage struct {
	visit.Visit
	Mine      bool // the reader is the clerk who serves
	Account   *identity.Account
	Firms     []identity.Enterprise
	Parties   []view.Opt
	person    auth.Actor // the visitor as he may act now
	Q         string
	Visitors  []identity.Visitor // found for a visit of somebody not known yet
	Hits      []*catalogue.Item
	Basket    []*catalogue.Item
	Together  bool
	Panels    []*visitPanel
	Elsewhere int // drafts that only the colleague who typed them can go on with
	Needs     []listRow
	Results   []listRow
	Running   []listRow
	Papers    []identity.Certificate
	Place     string
	Bad       *form.Form
	Max       int64
}

// visitPanel is a case of the visit.
type visitPanel struct {
	No    int
	V     *cases.View
	Form  *cases.Form // nil when nothing may be filled in now
	Gaps  []cases.Point
	Order bool
	Steps []string
	State string
	Words string
	at    string
}

func (x *visitPanel) path(below string) string { return x.at + "/cases/" + string(x.V.ID) + below }

// fields counts what is missing in the form.
func (x *visitPanel) fields() int { return x.count("field") }

func (x *visitPanel) count(kind string) int {
	n := 0
	for _, g := range x.Gaps {
		if g.Kind == kind {
			n++
		}
	}
	return n
}

// may lists what the clerk can do with the case in this visit.
func (x *visitPanel) accepts() bool {
	return x.V.May(cases.CmdAccept) || x.Form != nil && (x.V.State == cases.Draft || x.V.State == cases.Supplementing)
}

func (x *visitPanel) asks() bool    { return x.V.May(cases.CmdAskSupplement) || x.V.May(cases.CmdReceive) }
func (x *visitPanel) refuses() bool { return x.V.May(cases.CmdRefuse) || x.V.May(cases.CmdReceive) }
func (x *visitPanel) hands() bool   { return x.V.May(cases.CmdDeliver) && x.V.ParentID == "" }

// promises says that something is handed in by accepting.
func (x *visitPanel) promises() bool {
	return x.V.State == cases.Draft || x.V.State == cases.Supplementing
}

// takes says that a paper can be handed in now.
func (x *visitPanel) takes() bool {
	return x.Form != nil && slices.ContainsFunc(x.Form.Materials, lacks)
}

// visit shows one visitor at one window.
func (p *Pages) visit(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	return p.showVisit(w, r, visit.ID(r.PathValue("id")), f)
}

func (p *Pages) showVisit(w http.ResponseWriter, r *http.Request, id visit.ID, f *form.Form) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	v, err := p.Visits.Visit(ctx, actor, id)
	if err != nil {
		return err
	}
	d := visitPage{Visit: v, Mine: v.ClerkID == actor.ID, Q: f.Text("q", form.Max(100)), Bad: f, Max: p.MaxUpload}
	d.Place = p.Identity.Directory().Place(auth.Post{HallID: v.HallID, WindowID: v.WindowID, DepartmentID: v.HallID}).For(ctx)
	if v.AccountID == "" {
		if d.Q != "" {
			if d.Visitors, err = p.Identity.FindVisitor(ctx, actor, d.Q); err != nil {
				return err
			}
		}
		return view.Render(w, r, f.Status(), visitView(d))
	}
	if err := p.visitPerson(ctx, actor, &d); err != nil {
		return err
	}
	if err := p.visitCases(ctx, actor, &d); err != nil {
		return err
	}
	p.visitItems(&d)
	return view.Render(w, r, f.Status(), visitView(d))
}

// visitPerson gathers who stands there and what waits for him.
func (p *Pages) visitPerson(ctx context.Context, actor auth.Actor, d *visitPage) error {
	person, err := p.Identity.ActAs(ctx, d.AccountID)
	if err != nil {
		return err
	}
	account, err := p.Identity.Account(ctx, d.AccountID)
	if err != nil {
		return err
	}
	d.Account, d.person = &account, person
	if d.Firms, err = p.Identity.Enterprises(ctx, person.Firms); err != nil {
		return err
	}
	d.Parties = p.partiesOf(ctx, d)
	list, err := p.Service.OfVisitor(ctx, actor, person, 40)
	if err != nil {
		return err
	}
	var needs, results, running []cases.Row
	for _, k := range list {
		switch {
		case d.Has(k.ID):
		case k.NeedsApplicant && !k.State.Ended():
			needs = append(needs, cases.Row{Case: k})
		case k.State == cases.Decided && k.Collect == cases.AtWindow:
			results = append(results, cases.Row{Case: k})
		case !k.State.Ended() && len(running) < 8:
			running = append(running, cases.Row{Case: k})
		}
	}
	for _, x := range []struct {
		to   *[]listRow
		from []cases.Row
	}{{&d.Needs, needs}, {&d.Results, results}, {&d.Running, running}} {
		if *x.to, err = p.listRows(ctx, x.from); err != nil {
			return err
		}
	}
	holder := d.AccountID
	if d.EnterpriseID != "" {
		holder = d.EnterpriseID
	}
	onFile, err := p.Identity.OnFile(ctx, holder)
	if err != nil {
		return err
	}
	for _, c := range onFile {
		d.Papers = append(d.Papers, c)
	}
	slices.SortFunc(d.Papers, func(a, b identity.Certificate) int { return strings.Compare(a.Type, b.Type) })
	return nil
}

// visitCases gathers the cases of the visit as they stand.
func (p *Pages) visitCases(ctx context.Context, actor auth.Actor, d *visitPage) error {
	for _, e := range d.Cases {
		v, err := p.Service.View(ctx, actor, e.CaseID)
		if errors.Is(err, cases.ErrNotFound) {
			d.Elsewhere++
			continue
		}
		if err != nil {
			return err
		}
		x := &visitPanel{No: len(d.Panels) + 1, V: v, at: visitPath(d.ID, ""), State: staffState(ctx, &v.Case), Words: p.clockWords(ctx, &v.Case, nil)}
		if f, err := p.Service.Form(ctx, actor, v.ID); err == nil {
			x.Form, x.Gaps = &f, f.Gaps()
		} else if !errors.Is(err, cases.ErrState) && !errors.Is(err, cases.ErrForbidden) {
			return err
		}
		if v.Item.Bundle != nil {
			x.Order = true
			for _, s := range v.Item.Bundle.Steps() {
				if item, err := p.Catalogue.Item(s.Item); err == nil {
					x.Steps = append(x.Steps, item.Name.For(ctx))
				}
			}
		}
		d.Panels = append(d.Panels, x)
	}
	return nil
}

// visitItems finds what was searched for and what was gathered.
func (p *Pages) visitItems(d *visitPage) {
	for _, code := range d.Items {
		if item, err := p.Catalogue.Item(code); err == nil {
			d.Basket = append(d.Basket, item)
		}
	}
	d.Together = p.Visits.Together(d.Items)
	if d.Q == "" {
		return
	}
	add := func(item *catalogue.Item) {
		if item.Window() && len(d.Hits) < 8 {
			d.Hits = append(d.Hits, item)
		}
	}
	if item, err := p.Catalogue.Item(strings.ToUpper(d.Q)); err == nil {
		add(item)
		return
	}
	for _, h := range p.Catalogue.Search(d.Q, 20, catalogue.Filter{}) {
		add(h.Item)
	}
}

// ---- words of the page ----

func (d *visitPage) title(ctx context.Context) string {
	if d.Account == nil {
		return i18n.T(ctx, "visit.title_unknown")
	}
	return i18n.T(ctx, "visit.title_of", "name", d.Account.Name)
}

func (d *visitPage) lead(ctx context.Context) string {
	parts := []string{}
	if d.TicketNumber != "" {
		parts = append(parts, i18n.T(ctx, "visit.ticket", "number", d.TicketNumber))
	}
	if d.Account != nil {
		parts = append(parts, personal.Mask(personal.IDNumber, d.Account.IDNumber), personal.Mask(personal.Phone, d.Account.Phone))
	}
	parts = append(parts, d.Place, i18n.T(ctx, "visit.since", "time", i18n.FormatDateTime(ctx, d.BegunAt)))
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}

// keys of the page, for the list of keys.
func (d *visitPage) keys(ctx context.Context) []view.Key {
	var out []view.Key
	for _, k := range []string{"i", "b", "f", "o", "a", "s", "r", "v", "d", "p", "e"} {
		out = append(out, view.Key{Key: k, Text: i18n.T(ctx, "visit.key."+k)})
	}
	return out
}

// deskKey presses a thing by a letter, and by Alt and the letter from inside a field.
func deskKey(key string) templ.Attributes {
	return templ.Attributes{"data-key": key, "accesskey": key}
}

// firstKey gives the key to the first of several things alike.
func firstKey(first *bool, key string) templ.Attributes {
	if *first {
		return nil
	}
	*first = true
	return deskKey(key)
}

// live says that something can still be done here.
func (d *visitPage) live() bool { return d.Mine && d.State != visit.Closed }

// parties are those for whom the visitor can act.
func (p *Pages) partiesOf(ctx context.Context, d *visitPage) []view.Opt {
	out := []view.Opt{{Value: "", Label: i18n.T(ctx, "work.desk.himself", "name", d.Account.Name)}}
	for _, e := range d.Firms {
		out = append(out, view.Opt{Value: e.ID, Label: e.Name.For(ctx), Hint: e.USCC + " · " + p.authority(ctx, d.person, e.ID)})
	}
	return out
}

// focusOn says where the hands go first: a complaint, what was found, the form
// or the papers of the first case that waits, else the search.
func (d *visitPage) focusOn() string {
	switch {
	case !d.Bad.OK():
		return ""
	case len(d.Hits) > 0 || len(d.Visitors) > 0:
		return "hit"
	case len(d.Basket) > 0 || d.Account == nil || d.Q != "":
		return "search"
	}
	for _, x := range d.Panels {
		if x.Form != nil && x.fields() > 0 {
			return "form"
		}
	}
	for _, x := range d.Panels {
		if x.accepts() || x.hands() {
			return "case"
		}
	}
	return "search"
}

// paperFact is a certificate on file in a line.
func paperFact(ctx context.Context, c identity.Certificate) string {
	number := c.Number
	if idcode.CheckResidentID(number).OK(false) {
		number = personal.Mask(personal.IDNumber, number)
	}
	if c.ValidTo != "" {
		return i18n.T(ctx, "visit.paper_until", "number", number, "day", c.ValidTo)
	}
	return number
}

// noteTyped is the note as it was typed last, also when it was refused.
func (d *visitPage) noteTyped() string {
	if d.Bad.Values().Has("note") {
		return d.Bad.Value("note")
	}
	return d.Note
}

// visitRow is a visit in the list of the desk.
type visitRow struct {
	visit.Visit
	Name, Note string
}

// visitRows are the visits that have not ended, in words.
func (p *Pages) visitRows(ctx context.Context, actor auth.Actor) ([]visitRow, error) {
	list, err := p.Visits.Waiting(ctx, actor)
	if err != nil {
		return nil, err
	}
	out := make([]visitRow, len(list))
	for i, v := range list {
		x := visitRow{Visit: v, Name: i18n.T(ctx, "visit.title_unknown")}
		if v.AccountID != "" {
			x.Name = p.Identity.NameOf(ctx, v.AccountID).For(ctx)
		}
		parts := []string{i18n.T(ctx, "visit.since", "time", i18n.FormatDateTime(ctx, v.BegunAt))}
		if v.TicketNumber != "" {
			parts = append([]string{v.TicketNumber}, parts...)
		}
		if v.ClerkID != actor.ID {
			parts = append(parts, p.Identity.NameOf(ctx, v.ClerkID).For(ctx))
		}
		if v.Note != "" {
			parts = append(parts, v.Note)
		}
		x.Note = strings.Join(parts, " · ")
		out[i] = x
	}
	return out, nil
}

// registerPath is where somebody without an account is registered for a visit.
func (d *visitPage) registerPath() string {
	return visitorPath + "new?" + url.Values{"q": {d.Q}, "visit": {string(d.ID)}}.Encode()
}

// seen says whether a paper counts because a clerk saw it.
func seen(m cases.MaterialState) bool { return m.How == cases.BySight }

// lacks says whether something can be handed in for a paper now.
func lacks(m cases.MaterialState) bool {
	return m.How == cases.Missing || m.How == cases.Later || m.How == cases.NotGiven || m.How == cases.BySight
}
