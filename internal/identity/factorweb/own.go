package factorweb

import (
	"errors"
	"net/http"

	"github.com/tongban/tongban/internal/identity/factor"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/throttle"
	"github.com/tongban/tongban/internal/platform/view"
)

type ownPage struct {
	form *form.Form
	code bool // that a second person handed over is needed
}

// showOwn asks whose account somebody else opened for a password of his own.
func (p *Pages) showOwn(w http.ResponseWriter, r *http.Request) error {
	return p.renderOwn(w, r, form.New(), http.StatusOK)
}

func (p *Pages) renderOwn(w http.ResponseWriter, r *http.Request, f *form.Form, status int) error {
	h, ok, err := p.halfOf(r.Context())
	if err != nil {
		return err
	}
	if !ok || !h.Own {
		return httpx.SeeOther(w, r, "/sign-in")
	}
	waits, code, err := p.Factor.Activation(r.Context(), h.Account)
	if err != nil {
		return err
	}
	if !waits { // done in another window
		return httpx.SeeOther(w, r, "/sign-in")
	}
	return view.Render(w, r, status, ownView(ownPage{f, code}))
}

// own takes the password, and goes on as after any sign-in.
func (p *Pages) own(w http.ResponseWriter, r *http.Request) error {
	h, ok, err := p.halfOf(r.Context())
	if err != nil {
		return err
	}
	if !ok || !h.Own {
		return httpx.SeeOther(w, r, "/sign-in")
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, status := r.Context(), http.StatusUnprocessableEntity
	code, password := f.Text("code", form.Max(30)), f.Secret("new_password", form.Required)
	if f.OK() {
		err := p.Factor.Activate(ctx, auth.From(ctx), h.Account, code, password)
		if err == nil {
			return p.EnterBy(w, r, h.Account, h.Next, h.Ways, h.Then)
		}
		if !f.Reject(err) {
			return err
		}
		if errors.Is(err, throttle.ErrTooMany) {
			status = http.StatusTooManyRequests
		}
	}
	return p.renderOwn(w, r, f, status)
}

// printActivation prints a code for the owner of an account, this once.
func (p *Pages) printActivation(w http.ResponseWriter, r *http.Request) error {
	made, err := p.Factor.PrintActivation(r.Context(), auth.From(r.Context()), r.PathValue("id"))
	if errors.Is(err, factor.ErrOpener) {
		p.Sessions.Flash(r.Context(), "error.factor.opener")
		return httpx.SeeOther(w, r, adminPath)
	}
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return view.Render(w, r, http.StatusOK, activationSheet(made, p.Factor.BaseURL+"/sign-in"))
}
