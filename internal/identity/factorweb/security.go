package factorweb

import (
	"errors"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/factor"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
	"github.com/tongban/tongban/internal/platform/throttle"
	"github.com/tongban/tongban/internal/platform/view"
)

// signInsShown are how many past tries the page lists.
const signInsShown = 10

// Parts of the page that hold a form of their own; a complaint stands in its part.
const (
	partApp     = "app"
	partCodes   = "codes"
	partPasskey = "passkey"
)

type securityPage struct {
	staff    bool
	part     string // that the form was about, "" for none
	id       string // of the passkey, where it was about one
	form     *form.Form
	state    factor.State
	must     bool // the installation wants a factor of the reader
	origin   string
	here     string // id of this session
	sessions []session.Session
	tries    []identity.SignInTry
	more     []templ.Component
	baseURL  string
}

// formOf is the form of a part: what was filled in only where it was.
func (d securityPage) formOf(part, id string) *form.Form {
	if d.part == part && d.id == id {
		return d.form
	}
	return form.New()
}

// security is the page of everything about the safety of the reader's account.
func (p *Pages) security(w http.ResponseWriter, r *http.Request) error {
	return p.renderSecurity(w, r, http.StatusOK, form.New(), "", "")
}

func (p *Pages) renderSecurity(w http.ResponseWriter, r *http.Request, status int, f *form.Form, part, id string) (err error) {
	ctx, actor := r.Context(), auth.From(r.Context())
	d := securityPage{staff: actor.Kind == auth.Staff, part: part, id: id, form: f, must: p.Factor.Policy.Wants(actor), origin: p.Factor.Origin(), here: p.Sessions.ID(ctx), baseURL: p.Factor.BaseURL}
	if d.state, err = p.Factor.Of(ctx, actor.ID); err != nil {
		return err
	}
	if d.sessions, err = p.Sessions.List(ctx, actor.ID); err != nil {
		return err
	}
	if d.tries, err = p.Identity.SignIns(ctx, actor, signInsShown); err != nil {
		return err
	}
	for _, section := range p.Sections {
		c, err := section(ctx, actor)
		if err != nil {
			return err
		}
		d.more = append(d.more, c)
	}
	return view.Render(w, r, status, securityView(d))
}

// rejected shows the page again with a complaint in one part.
func (p *Pages) rejected(w http.ResponseWriter, r *http.Request, f *form.Form, err error, part, id string) error {
	if !f.Reject(inPart(err, part, id)) {
		return err
	}
	status := f.Status()
	if errors.Is(err, throttle.ErrTooMany) {
		status = http.StatusTooManyRequests
	}
	return p.renderSecurity(w, r, status, f, part, id)
}

// passwordField is the name of the password in the form of a part: there are
// several on the page.
func passwordField(part, id string) string { return "password_" + part + id }

// inPart puts complaints about the password at the input of a part.
func inPart(err error, part, id string) error {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || len(e.Fields) == 0 {
		return err
	}
	c := *e
	c.Fields = slices.Clone(e.Fields)
	for i := range c.Fields {
		if c.Fields[i].Name == "password" {
			c.Fields[i].Name = passwordField(part, id)
		}
	}
	return &c
}

// withPassword reads the password of a part and does something with it.
func (p *Pages) withPassword(w http.ResponseWriter, r *http.Request, part, id string, do func(actor auth.Actor, f *form.Form, password string) error) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	password := f.Secret(passwordField(part, id), form.Required)
	if !f.OK() {
		return p.renderSecurity(w, r, f.Status(), f, part, id)
	}
	if err := do(auth.From(r.Context()), f, password); err != nil {
		return p.rejected(w, r, f, err, part, id)
	}
	return nil
}

// beginApp makes the secret of a new app.
func (p *Pages) beginApp(w http.ResponseWriter, r *http.Request) error {
	return p.withPassword(w, r, partApp, "", func(actor auth.Actor, _ *form.Form, password string) error {
		kept, err := p.Factor.BeginApp(r.Context(), actor, password)
		if err != nil {
			return err
		}
		p.Sessions.Keep(r.Context(), keptApp, kept)
		return httpx.SeeOther(w, r, SecurityPath+"/app")
	})
}

// dropApp takes the app off.
func (p *Pages) dropApp(w http.ResponseWriter, r *http.Request) error {
	return p.withPassword(w, r, partApp, "", func(actor auth.Actor, _ *form.Form, password string) error {
		if err := p.Factor.DropApp(r.Context(), actor, password); err != nil {
			return err
		}
		return p.done(w, r, "factor.flash.app_off")
	})
}

// newCodes makes new recovery codes and shows them, once.
func (p *Pages) newCodes(w http.ResponseWriter, r *http.Request) error {
	return p.withPassword(w, r, partCodes, "", func(actor auth.Actor, _ *form.Form, password string) error {
		codes, err := p.Factor.NewCodes(r.Context(), actor, password)
		if err != nil {
			return err
		}
		return p.showCodes(w, r, codesPage{codes: codes, next: SecurityPath, staff: actor.Kind == auth.Staff})
	})
}

// dropPasskey takes a passkey off.
func (p *Pages) dropPasskey(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	return p.withPassword(w, r, partPasskey, id, func(actor auth.Actor, _ *form.Form, password string) error {
		if err := p.Factor.DropPasskey(r.Context(), actor, id, password); err != nil {
			return err
		}
		return p.done(w, r, "factor.flash.passkey_off")
	})
}

// beginPasskey answers the script with what to ask the browser.
func (p *Pages) beginPasskey(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	c, err := p.Factor.BeginPasskey(r.Context(), auth.From(r.Context()), f.Secret(passwordField(partPasskey, "")))
	return p.ask(w, r, keptNew, c, err)
}

// addPasskey takes what the browser made.
func (p *Pages) addPasskey(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	actor := auth.From(r.Context())
	name := f.Text("name", form.Required, form.Max(40))
	if !f.OK() {
		return p.renderSecurity(w, r, f.Status(), f, partPasskey, "")
	}
	codes, err := p.Factor.FinishPasskey(r.Context(), actor, p.taken(r, keptNew), f.Value("answer"), name)
	if err != nil {
		return p.rejected(w, r, f, err, partPasskey, "")
	}
	if len(codes) > 0 {
		return p.showCodes(w, r, codesPage{codes: codes, next: SecurityPath, staff: actor.Kind == auth.Staff})
	}
	return p.done(w, r, "factor.flash.passkey_on")
}

// endSession ends one session of the reader; his own is signing out.
func (p *Pages) endSession(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	gone, err := p.Sessions.End(ctx, actor.ID, r.PathValue("id"))
	if err != nil {
		return err
	}
	if !gone {
		return factor.ErrNotFound
	}
	return p.done(w, r, "sessions.flash.ended")
}

// endOthers ends all sessions of the reader but this one.
func (p *Pages) endOthers(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.Sessions.EndAll(ctx, auth.From(ctx).ID, p.Sessions.ID(ctx)); err != nil {
		return err
	}
	return p.done(w, r, "sessions.flash.ended_others")
}

func (p *Pages) done(w http.ResponseWriter, r *http.Request, flash string) error {
	p.Sessions.Flash(r.Context(), flash)
	return httpx.SeeOther(w, r, SecurityPath)
}

type passwordPage struct {
	form  *form.Form
	staff bool
}

func (p *Pages) showPassword(w http.ResponseWriter, r *http.Request) error {
	return view.Render(w, r, http.StatusOK, passwordView(passwordPage{form.New(), auth.From(r.Context()).Kind == auth.Staff}))
}

// changePassword takes a new password; this session goes on under a new token.
func (p *Pages) changePassword(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, actor := r.Context(), auth.From(r.Context())
	old, password, status := f.Secret("password", form.Required), f.Secret("new_password", form.Required), http.StatusUnprocessableEntity
	if f.OK() {
		err := p.Factor.ChangePassword(ctx, actor, old, password, p.Sessions.ID(ctx))
		if err == nil {
			if err := p.Sessions.Renew(ctx); err != nil {
				return err
			}
			return p.done(w, r, "factor.flash.password")
		}
		if !f.Reject(err) {
			return err
		}
		if errors.Is(err, throttle.ErrTooMany) {
			status = http.StatusTooManyRequests
		}
	}
	return view.Render(w, r, status, passwordView(passwordPage{f, actor.Kind == auth.Staff}))
}
