package mandateweb

import (
	"net/http"
	"slices"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/mandate"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// colleaguesPage is who acts for a firm, and what those left behind who do not
// any more.
type colleaguesPage struct {
	Firm    identity.Enterprise
	All     []mandate.Person
	Left    []Left
	Invited []mandate.Invitation
	Heirs   []view.Opt // to whom it can be given
	Lead    bool       // the reader may change it
	Owner   bool
	me      string
	pages   *Pages
	f       *form.Form
}

func (p *Pages) colleagues(w http.ResponseWriter, r *http.Request) error {
	return p.showColleagues(w, r, form.New())
}

func (p *Pages) showColleagues(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	ctx, actor, firm := r.Context(), auth.From(r.Context()), r.PathValue("id")
	d := colleaguesPage{f: f, me: actor.ID, pages: p, Lead: actor.Leads(firm, auth.LevelOwner, auth.LevelManager), Owner: actor.Leads(firm, auth.LevelOwner)}
	var err error
	if d.All, err = p.Service.People(ctx, actor, firm); err != nil {
		return err
	}
	if d.Firm, err = p.Identity.Enterprise(ctx, firm); err != nil {
		return err
	}
	if d.Lead {
		if d.Left, err = p.Ports.Left(ctx, actor, firm); err != nil {
			return err
		}
		if d.Invited, err = p.Service.Invitations(ctx, actor, firm); err != nil {
			return err
		}
	}
	for _, x := range d.All {
		if x.State == mandate.InForce && !x.Mandate.ReadOnly {
			d.Heirs = append(d.Heirs, view.Opt{Value: x.AccountID, Label: x.Name.For(ctx)})
		}
	}
	return view.Render(w, r, f.Status(), colleaguesView(d))
}

// may says whether the reader may change or end an authorisation.
func (d colleaguesPage) may(x mandate.Person) bool {
	return x.State != mandate.Over && (x.AccountID == d.me || d.Owner && x.Mandate.Level != auth.LevelOwner || d.Lead && x.Mandate.Level == auth.LevelAgent)
}

// give gives what somebody left behind to a colleague.
func (p *Pages) give(w http.ResponseWriter, r *http.Request) error {
	ctx, firm := r.Context(), r.PathValue("id")
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	account, to := f.Text("account", form.Required, form.Max(50)), f.Text("to", form.Required, form.Max(50))
	if f.OK() {
		if _, err = p.Ports.Give(ctx, auth.From(ctx), firm, account, to); err == nil {
			p.Sessions.Flash(ctx, "mandate.flash.given")
			return httpx.SeeOther(w, r, peoplePath(firm))
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.showColleagues(w, r, f)
}

// appointPage asks who acts for the firm from now on, and how far.
type appointPage struct {
	Firm    identity.Enterprise
	Levels  []view.Opt
	Popular []Item
	f       *form.Form
}

func (p *Pages) askAppoint(w http.ResponseWriter, r *http.Request) error {
	return p.showAppoint(w, r, form.New("level", "agent", "scope", "all", "act", "file"))
}

func (p *Pages) showAppoint(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	ctx, actor, firm := r.Context(), auth.From(r.Context()), r.PathValue("id")
	if err := mayLead(actor, firm); err != nil {
		return err
	}
	d := appointPage{f: f, Levels: levelOptions(ctx, actor, firm), Popular: p.Popular()}
	var err error
	if d.Firm, err = p.Identity.Enterprise(ctx, firm); err != nil {
		return err
	}
	return view.Render(w, r, f.Status(), appointView(d))
}

func mayLead(actor auth.Actor, firm string) error {
	switch {
	case !actor.ActsFor(firm):
		return mandate.ErrNotFound
	case !actor.Leads(firm, auth.LevelOwner, auth.LevelManager):
		return mandate.ErrForbidden
	}
	return nil
}

func (p *Pages) appoint(w http.ResponseWriter, r *http.Request) error {
	ctx, actor, firm := r.Context(), auth.From(r.Context()), r.PathValue("id")
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if err := mayLead(actor, firm); err != nil { // before anything is told about what was typed
		return err
	}
	name, phone := f.Text("name", form.Required, form.Max(50)), f.Text("phone", form.Required, form.Max(20))
	g := p.grantOf(f, levelOptions(ctx, actor, firm))
	if f.OK() {
		if _, err = p.Service.Appoint(ctx, actor, firm, phone, name, g); err == nil {
			p.Sessions.Flash(ctx, "mandate.flash.appointed")
			return httpx.SeeOther(w, r, peoplePath(firm))
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.showAppoint(w, r, f)
}

// colleaguePage is one authorisation, to be changed or ended.
type colleaguePage struct {
	appointPage
	Person mandate.Person
	Mine   bool
	end    *form.Form
	pages  *Pages
}

func (p *Pages) colleague(w http.ResponseWriter, r *http.Request) error {
	return p.showColleague(w, r, nil, form.New())
}

func (p *Pages) showColleague(w http.ResponseWriter, r *http.Request, f, end *form.Form) error {
	ctx, actor, firm := r.Context(), auth.From(r.Context()), r.PathValue("id")
	all, err := p.Service.People(ctx, actor, firm)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(x mandate.Person) bool { return x.Mandate.ID == r.PathValue("agent") })
	list := colleaguesPage{me: actor.ID, Lead: actor.Leads(firm, auth.LevelOwner, auth.LevelManager), Owner: actor.Leads(firm, auth.LevelOwner)}
	if i < 0 || !list.may(all[i]) {
		return mandate.ErrNotFound
	}
	d := colleaguePage{appointPage: appointPage{f: f, Levels: levelOptions(ctx, actor, firm), Popular: p.Popular()}, Person: all[i], Mine: all[i].AccountID == actor.ID, end: end, pages: p}
	if d.Firm, err = p.Identity.Enterprise(ctx, firm); err != nil {
		return err
	}
	if f == nil {
		d.f = form.New()
		fill(d.f, d.Person.Mandate, d.Popular)
	}
	status := d.f.Status()
	if !end.OK() {
		status = end.Status()
	}
	return view.Render(w, r, status, colleagueView(d))
}

func (p *Pages) change(w http.ResponseWriter, r *http.Request) error {
	ctx, actor, firm := r.Context(), auth.From(r.Context()), r.PathValue("id")
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if err := mayLead(actor, firm); err != nil {
		return err
	}
	version := int(f.Int("version", 1, 1<<30, true))
	g := p.grantOf(f, levelOptions(ctx, actor, firm))
	if f.OK() {
		if err = p.Service.Change(ctx, actor, firm, r.PathValue("agent"), version, g); err == nil {
			p.Sessions.Flash(ctx, "mandate.flash.changed")
			return httpx.SeeOther(w, r, peoplePath(firm))
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.showColleague(w, r, f, form.New())
}

func (p *Pages) end(w http.ResponseWriter, r *http.Request) error {
	ctx, actor, firm := r.Context(), auth.From(r.Context()), r.PathValue("id")
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	x, err := p.Service.End(ctx, actor, firm, r.PathValue("agent"), f.Text("reason", form.Max(200)))
	switch {
	case err == nil && x.AccountID == actor.ID:
		p.Sessions.Flash(ctx, "mandate.flash.resigned")
		return httpx.SeeOther(w, r, "/my/account")
	case err == nil:
		p.Sessions.Flash(ctx, "mandate.flash.ended")
		return httpx.SeeOther(w, r, peoplePath(firm))
	case !f.Reject(err):
		return err
	}
	return p.showColleague(w, r, nil, f)
}
