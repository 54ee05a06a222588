package identityweb

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/throttle"
	"github.com/tongban/tongban/internal/platform/view"
)

type signInPage struct {
	Form     *form.Form
	Next     string
	Password string         // filled in for an account of a demonstration only
	Demo     []view.RowView // its accounts
	More     templ.Component
}

// showSignIn asks who is there. In a demonstration ?login= fills the form in.
func (p *Pages) showSignIn(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	next := f.Value("next")
	if actor := auth.From(r.Context()); actor.SignedIn() && !p.Demo {
		return httpx.SeeOther(w, r, AfterSignIn(actor.Kind, next))
	}
	return p.renderSignIn(w, r, http.StatusOK, form.New("login", f.Value("login")), next)
}

// signIn takes login and password and goes on to where the person wanted to be.
func (p *Pages) signIn(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	login, password := f.Text("login", form.Required, form.Max(100)), f.Secret("password", form.Required)
	if !f.OK() {
		return p.renderSignIn(w, r, f.Status(), f, f.Value("next"))
	}
	account, err := p.Service.CheckSignIn(ctx, auth.From(ctx), login, password)
	if err != nil {
		if !f.Reject(err) {
			return err
		}
		return p.renderSignIn(w, r, rejected(f, err), f, f.Value("next"))
	}
	if p.Enter != nil {
		return p.Enter(w, r, account.ID, f.Value("next"))
	}
	if _, err := p.Service.NoteSignIn(ctx, auth.From(ctx), account, identity.WayPassword); err != nil {
		return err
	}
	if err := p.Sessions.SignIn(ctx, account.ID); err != nil {
		return err
	}
	return httpx.SeeOther(w, r, AfterSignIn(account.Kind, f.Value("next")))
}

// signOut ends the session; it does no harm without one.
func (p *Pages) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := p.Sessions.SignOut(r.Context()); err != nil {
		return err
	}
	return httpx.SeeOther(w, r, "/")
}

func (p *Pages) renderSignIn(w http.ResponseWriter, r *http.Request, status int, f *form.Form, next string) error {
	page := signInPage{Form: f, Next: httpx.LocalPath(next, "")}
	if p.More != nil {
		page.More = p.More(page.Next)
	}
	if p.Demo {
		var err error
		if page.Demo, err = p.demoAccounts(r.Context(), page.Next); err != nil {
			return err
		}
		if f.OK() && slices.Contains(p.DemoLogins, f.Value("login")) {
			page.Password = p.DemoPassword
		}
	}
	return view.Render(w, r, status, signInView(page))
}

// demoAccounts are links that fill the form in for an account.
func (p *Pages) demoAccounts(ctx context.Context, next string) ([]view.RowView, error) {
	var rows []view.RowView
	for _, login := range p.DemoLogins {
		account, err := p.Service.AccountByLogin(ctx, login)
		if errs.KindOf(err) == errs.NotFound {
			continue // somebody closed or renamed it
		}
		if err != nil {
			return nil, err
		}
		actor, err := p.Service.Actor(ctx, account.ID)
		if err != nil {
			return nil, err
		}
		words, err := p.whoIs(ctx, actor)
		if err != nil {
			return nil, err
		}
		q := url.Values{"login": {login}}
		if next != "" {
			q.Set("next", next)
		}
		rows = append(rows, view.RowView{Href: "/sign-in?" + q.Encode(), Title: words, Note: account.Name.For(ctx), Side: view.Text(login)})
	}
	return rows, nil
}

// whoIs says what an account of a demonstration stands for.
func (p *Pages) whoIs(ctx context.Context, actor auth.Actor) (string, error) {
	if len(actor.Posts) > 0 {
		return p.postWords(ctx, actor.Posts[0]), nil
	}
	firms, err := p.Service.FirmsOf(ctx, actor)
	if err != nil {
		return "", err
	}
	if len(firms) > 0 {
		return firmWords(ctx, firms[0]), nil
	}
	return personWords(ctx), nil
}

// AfterSignIn is where to go on: the page asked for, else home.
func AfterSignIn(kind auth.Kind, next string) string {
	home := "/"
	if kind == auth.Staff {
		home = "/work"
	}
	next = httpx.LocalPath(next, home)
	if strings.HasPrefix(next, "/sign-") {
		return home
	}
	return next
}

// rejected is the status of a rejected form: 429 when the reason is haste.
func rejected(f *form.Form, err error) int {
	if errors.Is(err, throttle.ErrTooMany) {
		return http.StatusTooManyRequests
	}
	return f.Status()
}

// filled puts a value into a password input, which else shows none.
func filled(v string) templ.Attributes {
	if v == "" {
		return nil
	}
	return templ.Attributes{"value": v}
}
