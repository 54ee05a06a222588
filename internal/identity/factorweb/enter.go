package factorweb

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/factor"
	"github.com/tongban/tongban/internal/identity/identityweb"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
)

// Enter leads on from a right password: to the second factor, to setting one up
// where the installation wants it, else into the account.
func (p *Pages) Enter(w http.ResponseWriter, r *http.Request, account, next string) error {
	return p.EnterBy(w, r, account, next, identity.WayPassword, "")
}

// EnterBy is Enter for whoever was known by another way than a password, or wants
// something done (then) as soon as he has shown all that is asked, and not before.
func (p *Pages) EnterBy(w http.ResponseWriter, r *http.Request, account, next, way, then string) error {
	ctx := r.Context()
	step, err := p.Factor.After(ctx, account)
	if err != nil {
		return err
	}
	mark, err := p.Identity.PasswordMark(ctx, account)
	if err != nil {
		return err
	}
	half := session.Half{Account: account, Ways: way, Next: httpx.LocalPath(next, ""), Mark: mark, Then: then}
	switch step {
	case factor.Own:
		half.Own = true
		if err := p.Sessions.SignInHalf(ctx, half); err != nil {
			return err
		}
		return httpx.SeeOther(w, r, ownPath)
	case factor.Ask:
		if err := p.Sessions.SignInHalf(ctx, half); err != nil {
			return err
		}
		return httpx.SeeOther(w, r, secondPath)
	case factor.SetUp:
		actor, err := p.Actor(ctx, account)
		if err != nil {
			return err
		}
		app, err := p.Factor.BeginAppAfterPassword(actor)
		if err != nil {
			return err
		}
		half.SetUp = true
		if err := p.Sessions.SignInHalf(ctx, half); err != nil {
			return err
		}
		p.Sessions.Keep(ctx, keptApp, app)
		return httpx.SeeOther(w, r, setUpPath)
	default:
		to, err := p.complete(r, half, way)
		if err != nil {
			return err
		}
		return httpx.SeeOther(w, r, to)
	}
}

// complete signs somebody in who has shown all that is asked, and returns where
// to go on. The next page says when the last sign-in was, and what failed since.
func (p *Pages) complete(r *http.Request, h session.Half, ways ...string) (string, error) {
	ctx, account := r.Context(), h.Account
	a, failed, err := p.Factor.SignedIn(ctx, auth.From(ctx), account, ways...)
	if err != nil {
		return "", err
	}
	if h.Then != "" && p.Then != nil {
		if err := p.Then(ctx, auth.From(ctx), account, h.Then); err != nil {
			return "", err
		}
	}
	if err := p.Sessions.SignIn(ctx, account); err != nil {
		return "", err
	}
	last := i18n.FormatDateTime(ctx, a.SignedInAt)
	switch {
	case failed > 0 && a.SignedInAt.IsZero():
		p.Sessions.Flash(ctx, "sessions.needs.failed_first", "n", itoa(failed))
	case failed > 0:
		p.Sessions.Flash(ctx, "sessions.needs.failed", "last", last, "n", itoa(failed))
	case !a.SignedInAt.IsZero():
		p.Sessions.Flash(ctx, "sessions.flash.welcome", "last", last)
	}
	return identityweb.AfterSignIn(a.Kind, h.Next), nil
}

// halfOf returns who has shown the first factor in this session; nobody when the
// password is another one since.
func (p *Pages) halfOf(ctx context.Context) (session.Half, bool, error) {
	h, ok := p.Sessions.HalfOf(ctx)
	if !ok {
		return h, false, nil
	}
	mark, err := p.Identity.PasswordMark(ctx, h.Account)
	return h, err == nil && h.Mark == mark, err
}

// half returns who has to show a second factor, or to set one up; without
// anybody it leads back to the beginning.
func (p *Pages) half(w http.ResponseWriter, r *http.Request, setUp bool) (session.Half, bool, error) {
	h, ok, err := p.halfOf(r.Context())
	if err != nil {
		return h, false, err
	}
	if ok && setUp && h.SetUp {
		// Somebody who was quicker has set one up: it has to be shown, not replaced.
		step, err := p.Factor.After(r.Context(), h.Account)
		if err != nil {
			return h, false, err
		}
		ok = step == factor.SetUp
	}
	if ok && h.SetUp == setUp && !h.Own {
		return h, true, nil
	}
	to := "/sign-in"
	if ok && h.Own {
		to = ownPath
	} else if ok && h.SetUp {
		to = setUpPath
	} else if ok {
		to = secondPath
	}
	return h, false, httpx.SeeOther(w, r, to)
}

// ways of a half sign-in and what was shown last.
func waysOf(h session.Half, way string) []string { return append(strings.Fields(h.Ways), way) }

// SignInMore is what the sign-in page offers besides the password.
func (p *Pages) SignInMore(next string) templ.Component {
	var providers templ.Component
	if p.Providers != nil {
		providers = p.Providers(next)
	}
	return more(next, p.Factor.Origin(), providers)
}
