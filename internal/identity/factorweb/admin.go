package factorweb

import (
	"net/http"
	"net/url"

	"github.com/tongban/tongban/internal/identity/factor"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

type adminPage struct {
	form   *form.Form
	query  string
	rows   []factor.Row
	next   string
	self   string // account of the reader
	policy factor.Policy
	about  string // account that a rejected form was about
}

// admin lists staff with what they have set up.
func (p *Pages) admin(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	return p.renderAdmin(w, r, f, "")
}

func (p *Pages) renderAdmin(w http.ResponseWriter, r *http.Request, f *form.Form, about string) error {
	ctx, limit := r.Context(), page.Request{}.Limit()
	actor := auth.From(ctx)
	d := adminPage{form: f, query: f.Value("q"), self: actor.ID, policy: p.Factor.Policy, about: about}
	rows, err := p.Factor.List(ctx, actor, d.query, f.Value("after"), limit+1)
	if err != nil {
		return err
	}
	list := page.Cut(rows, limit, func(x factor.Row) string { return x.Account.Login })
	d.rows = list.Rows
	if list.Next != "" {
		d.next = adminPath + "?" + url.Values{"after": {list.Next}, "q": {d.query}}.Encode()
	}
	return view.Render(w, r, f.Status(), adminView(d))
}

// reset takes the factors of a member of staff off.
func (p *Pages) reset(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, id := r.Context(), r.PathValue("id")
	err = p.Factor.Reset(ctx, auth.From(ctx), id, f.Text("reason"))
	if err == nil {
		p.Sessions.Flash(ctx, "factor.flash.reset")
		return httpx.SeeOther(w, r, adminPath+"?"+url.Values{"q": {f.Value("q")}}.Encode())
	}
	if !f.Reject(err) {
		return err
	}
	return p.renderAdmin(w, r, f, id)
}
