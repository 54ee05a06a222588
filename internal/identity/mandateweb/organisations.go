package mandateweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/mandate"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// organisationsPage is the mandates that a firm gave, and those that it holds.
type organisationsPage struct {
	Firm        identity.Enterprise
	Given, Held []mandate.Commission
	Own         []mandate.Person // whom the firm can name
	f           *form.Form
	pages       *Pages
	popular     []Item
}

func organisationsPath(firm string, more ...string) string {
	path := "/my/firms/" + firm + "/organisations"
	for _, m := range more {
		path += "/" + m
	}
	return path
}

func (p *Pages) organisations(w http.ResponseWriter, r *http.Request) error {
	return p.showOrganisations(w, r, form.New("scope", "all", "act", "file"))
}

func (p *Pages) showOrganisations(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	ctx, actor, firm := r.Context(), auth.From(r.Context()), r.PathValue("id")
	d := organisationsPage{f: f, pages: p, popular: p.Popular()}
	var err error
	if d.Given, d.Held, err = p.Service.Commissions(ctx, actor, firm); err != nil {
		return err
	}
	if d.Firm, err = p.Identity.Enterprise(ctx, firm); err != nil {
		return err
	}
	if d.Own, err = p.Service.People(ctx, actor, firm); err != nil {
		return err
	}
	d.Own = slices.DeleteFunc(d.Own, func(x mandate.Person) bool { return x.State != mandate.InForce })
	return view.Render(w, r, f.Status(), organisationsView(d))
}

// commission gives an organisation a mandate.
func (p *Pages) commission(w http.ResponseWriter, r *http.Request) error {
	ctx, actor, firm := r.Context(), auth.From(r.Context()), r.PathValue("id")
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if err := mayLead(actor, firm); err != nil {
		return err
	}
	uscc := f.Text("uscc", form.Required, form.Max(18))
	g := p.grantOf(f, nil)
	if f.OK() {
		if err = p.Service.Commission(ctx, actor, firm, uscc, g); err == nil {
			p.Sessions.Flash(ctx, "mandate.flash.commissioned")
			return httpx.SeeOther(w, r, organisationsPath(firm))
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.showOrganisations(w, r, f)
}

// changeCommission ends a mandate, or names who acts under it.
func (p *Pages) changeCommission(w http.ResponseWriter, r *http.Request) error {
	ctx, actor, firm, id := r.Context(), auth.From(r.Context()), r.PathValue("id"), r.PathValue("mandate")
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	switch f.Value("do") {
	case "end":
		err = p.Service.EndCommission(ctx, actor, id, f.Text("reason", form.Max(200)))
	case "name":
		err = p.Service.Name(ctx, actor, id, f.Value("account"))
	case "unname":
		err = p.Service.Unname(ctx, actor, id, f.Value("person"))
	default:
		return form.ErrFields
	}
	if err == nil && f.OK() {
		p.Sessions.Flash(ctx, "mandate.flash.commission"+"_"+f.Value("do"))
		return httpx.SeeOther(w, r, organisationsPath(firm))
	}
	if err != nil && !f.Reject(err) {
		return err
	}
	return p.showOrganisations(w, r, f)
}

// actsPage is what was done under a mandate that a firm gave.
type actsPage struct {
	Firm       identity.Enterprise
	Commission mandate.Commission
	Acts       []Act
	Next       string
	pages      *Pages
}

// acts shows the firm what an organisation did in its name.
func (p *Pages) acts(w http.ResponseWriter, r *http.Request) error {
	ctx, actor, firm := r.Context(), auth.From(r.Context()), r.PathValue("id")
	given, _, err := p.Service.Commissions(ctx, actor, firm)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(given, func(c mandate.Commission) bool { return c.ID == r.PathValue("mandate") })
	if i < 0 {
		return mandate.ErrNotFound
	}
	d := actsPage{Commission: given[i], pages: p}
	if d.Firm, err = p.Identity.Enterprise(ctx, firm); err != nil {
		return err
	}
	all, err := p.Ports.Acts(ctx, actor, firm, given[i].ID, r.URL.Query().Get("before"))
	if err != nil {
		return err
	}
	list := page.Cut(all, actsShown, func(x Act) string { return x.ID })
	d.Acts = list.Rows
	if list.Next != "" {
		d.Next = organisationsPath(firm, given[i].ID) + "?" + url.Values{"before": {list.Next}}.Encode()
	}
	return view.Render(w, r, http.StatusOK, actsView(d))
}

// actsShown on one page; the port returns one more when there are more.
const actsShown = 50

// candidates are those of the firm's people who are not named for a mandate yet.
func (d organisationsPage) candidates(ctx context.Context, c mandate.Commission) []view.Opt {
	var out []view.Opt
	for _, x := range d.Own {
		if !slices.ContainsFunc(c.People, func(n mandate.Named) bool { return n.Account.ID == x.AccountID }) {
			out = append(out, view.Opt{Value: x.AccountID, Label: x.Name.For(ctx)})
		}
	}
	return out
}

func usccInput(ctx context.Context) view.In {
	return view.In{Name: "uscc", Label: i18n.T(ctx, "mandate.organisation.uscc"), Required: true, Width: "md", Autocomplete: "off", MaxLength: 18}
}
