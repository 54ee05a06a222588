package factorweb

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/factor"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/throttle"
	"github.com/tongban/tongban/internal/platform/view"
)

const (
	forgotPath = "/sign-in/forgot"
	windowPath = "/work/password-code"
	keptLogin  = "forgot.login" // for whom a code was asked in this session
)

type forgotPage struct {
	form *form.Form
	ways []view.Opt
}

func (p *Pages) waysToReach(ctx context.Context) []view.Opt {
	var out []view.Opt
	for _, k := range factor.RecoverWays {
		if p.Factor.Reaches(k) {
			out = append(out, view.Opt{Value: string(k), Label: i18n.T(ctx, "factor.forgot.by."+string(k))})
		}
	}
	return out
}

// showForgot asks whose password is lost.
func (p *Pages) showForgot(w http.ResponseWriter, r *http.Request) error {
	ways, f := p.waysToReach(r.Context()), form.New()
	if len(ways) > 0 {
		f.Values().Set("way", ways[0].Value)
	}
	return view.Render(w, r, http.StatusOK, forgotView(forgotPage{f, ways}))
}

// forgot has a code sent, if there is anybody to send it to; the answer is always the same.
func (p *Pages) forgot(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, ways, status := r.Context(), p.waysToReach(r.Context()), http.StatusUnprocessableEntity
	login, way := f.Text("login", form.Required, form.Max(100)), f.Text("way", form.Required)
	if f.OK() {
		if !slices.ContainsFunc(ways, func(o view.Opt) bool { return o.Value == way }) {
			return httpx.ErrNotFound
		}
		err := p.Factor.AskRecovery(ctx, auth.From(ctx), login, identity.ContactKind(way))
		if err == nil {
			p.Sessions.Keep(ctx, keptLogin, login)
			return httpx.SeeOther(w, r, forgotPath+"/code")
		}
		if !f.Reject(err) {
			return err
		}
		if errors.Is(err, throttle.ErrTooMany) {
			status = http.StatusTooManyRequests
		}
	}
	return view.Render(w, r, status, forgotView(forgotPage{f, ways}))
}

type codePage struct {
	form  *form.Form
	asked bool   // a code was asked for in this session
	left  string // what would have left, in a demonstration
}

// showCode asks for the code, that was sent or printed, and a new password.
func (p *Pages) showCode(w http.ResponseWriter, r *http.Request) error {
	login := p.Sessions.Kept(r.Context(), keptLogin)
	return view.Render(w, r, http.StatusOK, codeView(codePage{form.New("login", login), login != "", p.sentTo(r.Context(), login)}))
}

// sentTo shows in a demonstration what left, where nothing leaves the house.
func (p *Pages) sentTo(ctx context.Context, login string) string {
	if p.Left == nil || login == "" {
		return ""
	}
	a, found, err := p.Identity.ToSignIn(ctx, login)
	if err != nil || !found {
		return ""
	}
	for _, to := range []string{a.Phone, a.Email} {
		if text := p.Left(to); to != "" && text != "" {
			return text
		}
	}
	return ""
}

// recover takes code and new password. Nobody is signed in by that: the second
// factor is still asked for.
func (p *Pages) recover(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, status := r.Context(), http.StatusUnprocessableEntity
	login, code, password := f.Text("login", form.Required, form.Max(100)), f.Text("code", form.Required, form.Max(30)), f.Secret("new_password", form.Required)
	if f.OK() {
		err := p.Factor.Recover(ctx, auth.From(ctx), login, code, password)
		if err == nil {
			p.Sessions.Keep(ctx, keptLogin, "")
			p.Sessions.Flash(ctx, "factor.flash.recovered")
			return httpx.SeeOther(w, r, "/sign-in")
		}
		if !f.Reject(err) {
			return err
		}
		if errors.Is(err, throttle.ErrTooMany) {
			status = http.StatusTooManyRequests
		}
	}
	return view.Render(w, r, status, codeView(codePage{f, p.Sessions.Kept(ctx, keptLogin) != "", p.sentTo(ctx, p.Sessions.Kept(ctx, keptLogin))}))
}

// showWindow asks a clerk for whom to print a code.
func (p *Pages) showWindow(w http.ResponseWriter, r *http.Request) error {
	return view.Render(w, r, http.StatusOK, windowView(form.New()))
}

// window prints a code, this once.
func (p *Pages) window(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, status := r.Context(), http.StatusUnprocessableEntity
	name, id := f.Text("name", form.Required, form.Max(50)), f.Text("id_number", form.Required, form.Max(30))
	if !f.Bool("looked") { // said with the rest, not in a second round
		f.Complain("looked", "factor.looked", nil)
	}
	if f.OK() {
		made, err := p.Factor.PrintCode(ctx, auth.From(ctx), name, id, true)
		if err == nil {
			w.Header().Set("Cache-Control", "no-store")
			return view.Render(w, r, http.StatusOK, windowSheet(made, p.Factor.BaseURL+forgotPath+"/code"))
		}
		if !f.Reject(err) {
			return err
		}
		if errors.Is(err, throttle.ErrTooMany) {
			status = http.StatusTooManyRequests
		}
	}
	return view.Render(w, r, status, windowView(f))
}
