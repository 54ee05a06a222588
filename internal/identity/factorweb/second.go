package factorweb

import (
	"errors"
	"net/http"

	"github.com/tongban/tongban/internal/identity/factor"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
	"github.com/tongban/tongban/internal/platform/throttle"
	"github.com/tongban/tongban/internal/platform/view"
)

// Names under which a session keeps what a passkey has to answer.
const (
	keptSecond = "passkey.second"
	keptAnyone = "passkey.anyone"
	keptNew    = "passkey.new"
)

type secondPage struct {
	form   *form.Form
	state  factor.State
	wrong  bool   // a passkey was not accepted
	demo   string // the code that the app shows now, in a demonstration
	origin string // address under which passkeys work, "" where they do not
}

// showSecond asks for the second factor.
func (p *Pages) showSecond(w http.ResponseWriter, r *http.Request) error {
	h, ok, err := p.half(w, r, false)
	if err != nil || !ok {
		return err
	}
	return p.renderSecond(w, r, h, form.New(), http.StatusOK, false)
}

func (p *Pages) renderSecond(w http.ResponseWriter, r *http.Request, h session.Half, f *form.Form, status int, wrong bool) error {
	state, err := p.Factor.Of(r.Context(), h.Account)
	if err != nil {
		return err
	}
	d := secondPage{form: f, state: state, wrong: wrong, origin: p.Factor.Origin()}
	if p.DemoCode != nil {
		d.demo = p.DemoCode(h.Account)
	}
	return view.Render(w, r, status, secondView(d))
}

// second takes a code of the app, or a recovery code.
func (p *Pages) second(w http.ResponseWriter, r *http.Request) error {
	h, ok, err := p.half(w, r, false)
	if err != nil || !ok {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	code, status := f.Text("code", form.Required, form.Max(40)), http.StatusUnprocessableEntity
	if f.OK() {
		way, err := p.Factor.CheckCode(ctx, auth.From(ctx), h.Account, code)
		if err == nil {
			to, err := p.complete(r, h, waysOf(h, way)...)
			if err != nil {
				return err
			}
			return httpx.SeeOther(w, r, to)
		}
		if !f.Reject(err) {
			return err
		}
		if errors.Is(err, throttle.ErrTooMany) {
			status = http.StatusTooManyRequests
		}
	}
	return p.renderSecond(w, r, h, f, status, false)
}

// askSecond asks the browser for a passkey of who has shown the password.
func (p *Pages) askSecond(w http.ResponseWriter, r *http.Request) error {
	h, ok, err := p.halfOf(r.Context())
	if err != nil {
		return err
	}
	if !ok || h.SetUp || h.Own {
		return httpx.ErrSignIn
	}
	c, err := p.Factor.AskPasskey(r.Context(), h.Account)
	return p.ask(w, r, keptSecond, c, err)
}

// askPasskey asks the browser for anybody's passkey.
func (p *Pages) askPasskey(w http.ResponseWriter, r *http.Request) error {
	c, err := p.Factor.AskPasskey(r.Context(), "")
	return p.ask(w, r, keptAnyone, c, err)
}

func (p *Pages) ask(w http.ResponseWriter, r *http.Request, name string, c factor.Ceremony, err error) error {
	if err != nil {
		return err
	}
	p.Sessions.Keep(r.Context(), name, c.Kept)
	w.Header().Set("Content-Type", "application/json")
	_, err = w.Write(c.Options)
	return err
}

// taken is what a session kept for a passkey; it is good for one answer.
func (p *Pages) taken(r *http.Request, name string) string {
	kept := p.Sessions.Kept(r.Context(), name)
	p.Sessions.Keep(r.Context(), name, "")
	return kept
}

// secondPasskey takes a passkey as the second factor.
func (p *Pages) secondPasskey(w http.ResponseWriter, r *http.Request) error {
	h, ok, err := p.half(w, r, false)
	if err != nil || !ok {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	account, err := p.Factor.CheckPasskey(ctx, auth.From(ctx), p.taken(r, keptSecond), f.Value("answer"))
	if err == nil && account != h.Account {
		err = factor.ErrPasskey
	}
	if errors.Is(err, factor.ErrPasskey) {
		return p.renderSecond(w, r, h, form.New(), http.StatusUnprocessableEntity, true)
	}
	if err != nil {
		return err
	}
	to, err := p.complete(r, h, waysOf(h, factor.WayPasskey)...)
	if err != nil {
		return err
	}
	return httpx.SeeOther(w, r, to)
}

// passkey signs in without a password: the device has asked for a finger, a face
// or a number, so it is two factors.
func (p *Pages) passkey(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, next := r.Context(), f.Value("next")
	account, err := p.Factor.CheckPasskey(ctx, auth.From(ctx), p.taken(r, keptAnyone), f.Value("answer"))
	if errors.Is(err, factor.ErrPasskey) {
		p.Sessions.Flash(ctx, "factor.needs.passkey")
		return httpx.SeeOther(w, r, withNext("/sign-in", next))
	}
	if err != nil {
		return err
	}
	to, err := p.complete(r, session.Half{Account: account, Next: next}, factor.WayPasskey)
	if err != nil {
		return err
	}
	return httpx.SeeOther(w, r, to)
}
