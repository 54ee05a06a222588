package grantweb

import (
	"context"
	"net/http"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/grant"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

type publicList struct {
	Rows      []grant.Row
	Directory *identity.Directory
	Now       time.Time
}

// published lists what everybody may read.
func (p *Pages) published(w http.ResponseWriter, r *http.Request) error {
	rows, err := p.Service.Published(r.Context())
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, publicBatches(publicList{rows, p.Identity.Directory(), p.Clock.Now()}))
}

type publicPage struct {
	grant.Public
	Department i18n.Text
	Phone      string
	Open       bool // one can object
	SignedIn   bool
	Form       *form.Form
}

func (p *Pages) publicPage(r *http.Request) (d publicPage, err error) {
	if d.Public, err = p.Service.Public(r.Context(), r.PathValue("id")); err != nil {
		return d, err
	}
	office := p.Identity.Directory().Department(d.Batch.DepartmentID)
	d.Department, d.Phone, d.Form = office.Name, office.Phone, form.New()
	d.Open, d.SignedIn = d.Batch.Objectable(p.Clock.Now()), auth.From(r.Context()).SignedIn()
	return d, nil
}

// public shows one list.
func (p *Pages) public(w http.ResponseWriter, r *http.Request) error {
	d, err := p.publicPage(r)
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, publicView(d))
}

// object takes an objection in.
func (p *Pages) object(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	err = p.Service.Object(r.Context(), auth.From(r.Context()), r.PathValue("id"), f.Value("line"), f.Value("body"))
	if err == nil {
		p.Sessions.Flash(r.Context(), "grant.flash.object")
		return httpx.SeeOther(w, r, grant.PublicPath(r.PathValue("id")))
	}
	if !f.Reject(err) {
		return err
	}
	d, err := p.publicPage(r)
	if err != nil {
		return err
	}
	d.Form = f
	return view.Render(w, r, f.Status(), publicView(d))
}

func lineIn(ctx context.Context, d publicPage) view.In {
	in := view.In{Name: "line", Label: i18n.T(ctx, "grant.object.line"), Required: true, Options: []view.Opt{{Label: i18n.T(ctx, "grant.object.choose")}}}
	for _, l := range d.Lines {
		in.Options = append(in.Options, view.Opt{Value: l.ID, Label: itoa(l.Seq) + " " + l.Name.For(ctx)})
	}
	return in
}

func bodyIn(ctx context.Context) view.In {
	return view.In{Name: "body", Label: i18n.T(ctx, "grant.object.body"), Hint: i18n.T(ctx, "grant.object.body_hint"), Required: true, MaxLength: 1000, Rows: 4}
}
