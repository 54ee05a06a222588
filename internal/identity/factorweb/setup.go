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

// appPage sets an app up: on its own, or at signing in because it has to be.
type appPage struct {
	form    *form.Form
	pending factor.Pending
	forced  bool
	staff   bool
	action  string
}

// keptApp is where a session keeps the app that is set up in it.
const keptApp = "factor.app"

// showApp shows the code to set an app up with.
func (p *Pages) showApp(w http.ResponseWriter, r *http.Request) error {
	actor := auth.From(r.Context())
	pending, err := p.Factor.PendingApp(r.Context(), actor, p.Sessions.Kept(r.Context(), keptApp))
	if errors.Is(err, factor.ErrNoPending) {
		return httpx.SeeOther(w, r, SecurityPath)
	}
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, appView(appPage{form: form.New(), pending: pending, staff: actor.Kind == auth.Staff, action: SecurityPath + "/app"}))
}

// proveApp takes the first code of a new app.
func (p *Pages) proveApp(w http.ResponseWriter, r *http.Request) error {
	actor := auth.From(r.Context())
	codes, ok, err := p.prove(w, r, actor, appPage{staff: actor.Kind == auth.Staff, action: SecurityPath + "/app"})
	if err != nil || !ok {
		return err
	}
	if len(codes) == 0 {
		return p.done(w, r, "factor.flash.app_on")
	}
	return p.showCodes(w, r, codesPage{codes: codes, next: SecurityPath, staff: actor.Kind == auth.Staff})
}

// prove reads a code; false says that the page was shown again.
func (p *Pages) prove(w http.ResponseWriter, r *http.Request, actor auth.Actor, d appPage) ([]string, bool, error) {
	f, err := form.Parse(r)
	if err != nil {
		return nil, false, err
	}
	ctx, status := r.Context(), http.StatusUnprocessableEntity
	kept := p.Sessions.Kept(ctx, keptApp)
	if d.pending, err = p.Factor.PendingApp(ctx, actor, kept); err != nil {
		return nil, false, err
	}
	code := f.Text("code", form.Required, form.Max(20))
	if f.OK() {
		codes, err := p.Factor.ProveApp(ctx, actor, kept, code)
		if err == nil {
			p.Sessions.Keep(ctx, keptApp, "")
			return codes, true, nil
		}
		if !f.Reject(err) {
			return nil, false, err
		}
		if errors.Is(err, throttle.ErrTooMany) {
			status = http.StatusTooManyRequests
		}
	}
	d.form = f
	return nil, false, view.Render(w, r, status, appView(d))
}

// showSetUp leads whom the installation asks for a second factor to set one up.
func (p *Pages) showSetUp(w http.ResponseWriter, r *http.Request) error {
	h, ok, err := p.half(w, r, true)
	if err != nil || !ok {
		return err
	}
	actor, err := p.Actor(r.Context(), h.Account)
	if err != nil {
		return err
	}
	pending, err := p.Factor.PendingApp(r.Context(), actor, p.Sessions.Kept(r.Context(), keptApp))
	if errors.Is(err, factor.ErrNoPending) {
		return httpx.SeeOther(w, r, "/sign-in")
	}
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, appView(appPage{form: form.New(), pending: pending, forced: true, action: setUpPath}))
}

// setUp takes the first code, and signs in.
func (p *Pages) setUp(w http.ResponseWriter, r *http.Request) error {
	h, ok, err := p.half(w, r, true)
	if err != nil || !ok {
		return err
	}
	actor, err := p.Actor(r.Context(), h.Account)
	if err != nil {
		return err
	}
	actor.From, actor.RequestID = auth.From(r.Context()).From, auth.From(r.Context()).RequestID
	codes, ok, err := p.prove(w, r, actor, appPage{forced: true, action: setUpPath})
	if err != nil || !ok {
		return err
	}
	to, err := p.complete(r, h, waysOf(h, factor.WayApp)...)
	if err != nil {
		return err
	}
	if len(codes) == 0 {
		return httpx.SeeOther(w, r, to)
	}
	return p.showCodes(w, r, codesPage{codes: codes, next: to})
}

// codesPage shows recovery codes, this once.
type codesPage struct {
	codes []string
	next  string
	staff bool
}

func (p *Pages) showCodes(w http.ResponseWriter, r *http.Request, d codesPage) error {
	w.Header().Set("Cache-Control", "no-store")
	return view.Render(w, r, http.StatusOK, codesView(d))
}
