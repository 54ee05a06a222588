package identityweb

import (
	"math"
	"net/http"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

type clientRow struct {
	identity.Client
	State      string // live, expired, revoked
	Department string // that it works for, "" for none
}

// clients lists the programs that may call the API.
func (p *Pages) clients(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	list, err := p.Service.Clients(ctx, auth.From(ctx))
	if err != nil {
		return err
	}
	rows := make([]clientRow, len(list))
	for i, c := range list {
		rows[i] = clientRow{Client: c, State: p.Service.ClientState(c)}
		if d := p.Service.Directory(); d.HasDepartment(c.DepartmentID) {
			rows[i].Department = d.Department(c.DepartmentID).Name.For(ctx)
		}
	}
	return view.Render(w, r, http.StatusOK, clientsView(rows))
}

// showNewClient asks what a program is for and what it may do.
func (p *Pages) showNewClient(w http.ResponseWriter, r *http.Request) error {
	return view.Render(w, r, http.StatusOK, newClientView(form.New(), p.Service.Directory()))
}

// newClient registers the program. Its token is in this one answer and nowhere
// else, so there is no redirect.
func (p *Pages) newClient(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	name, expires := f.Text("name", form.Required, form.Max(80)), endOf(f, "expires")
	var scopes []auth.Scope
	for _, s := range f.All("scopes") {
		scopes = append(scopes, auth.Scope(s))
	}
	if f.OK() {
		c, token, err := p.Service.CreateClientFor(ctx, auth.From(ctx), name, f.Text("department"), scopes, expires)
		if err == nil {
			w.Header().Set("Cache-Control", "no-store")
			return view.Render(w, r, http.StatusOK, tokenView(c, token, p.BaseURL))
		}
		if !f.Reject(err) {
			return err
		}
	}
	return view.Render(w, r, f.Status(), newClientView(f, p.Service.Directory()))
}

// endOf is the last moment of a day typed as a date.
func endOf(f *form.Form, name string) time.Time {
	day, err := time.ParseInLocation(time.DateOnly, f.Text(name, form.Required), workday.Zone)
	if err != nil {
		f.Complain(name, "identity.expiry", nil)
		return time.Time{}
	}
	return day.AddDate(0, 0, 1).Add(-time.Second)
}

// revokeClient ends a token at once.
func (p *Pages) revokeClient(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	version := f.Int("version", 1, math.MaxInt32, true)
	if !f.OK() { // as no page of ours sends it
		return form.ErrUnreadable
	}
	ctx := r.Context()
	if err := p.Service.RevokeClient(ctx, auth.From(ctx), r.PathValue("id"), int(version)); err != nil {
		return err
	}
	p.Sessions.Flash(ctx, "identity.flash.client_revoked")
	return httpx.SeeOther(w, r, "/admin/clients")
}
