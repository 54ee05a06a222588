package oidcweb

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/oidc"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
	"github.com/tongban/tongban/internal/platform/throttle"
	"github.com/tongban/tongban/internal/platform/view"
)

const (
	withPath     = "/sign-in/with/"
	strangerPath = "/sign-in/link"
	securityPath = "/settings/security"
	linkPath     = securityPath + "/links/"

	keptFlow     = "oidc.flow"
	keptStranger = "oidc.stranger"
	keptProven   = "oidc.proven" // which provider the reader may link now: he has just typed his password

	provenTTL = 10 * time.Minute
)

// Deps of the pages.
type Deps struct {
	Service  *oidc.Service
	Identity *identity.Service
	Sessions *session.Manager

	// Enter leads on from one shown factor; then comes back to Then when all are shown.
	Enter func(w http.ResponseWriter, r *http.Request, account, next, way, then string) error
}

// Pages are the pages of the package.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// Routes of the package; none without a provider.
func (p *Pages) Routes() []httpx.Route {
	if len(p.Service.Providers) == 0 {
		return nil
	}
	return []httpx.Route{
		httpx.Get(withPath+"{provider}", auth.Public, p.begin),
		httpx.Get(withPath+"{provider}/back", auth.Public, p.back),
		httpx.Get(strangerPath, auth.Public, p.showStranger),
		httpx.Post(strangerPath, auth.Public, p.stranger),
		httpx.Get(linkPath+"{provider}", auth.AsPerson, p.showLink),
		httpx.Post(linkPath+"{provider}", auth.AsPerson, p.link),
		httpx.Get(linkPath+"{provider}/go", auth.AsPerson, p.goLink),
		httpx.Post(linkPath+"{provider}/drop", auth.AsPerson, p.drop),
	}
}

// Buttons are the providers on the sign-in page; nil without any.
func (p *Pages) Buttons(next string) templ.Component {
	if len(p.Service.Providers) == 0 {
		return nil
	}
	return buttons(p.Service.Providers, next)
}

// Section is the part of the page of account security.
func (p *Pages) Section(ctx context.Context, actor auth.Actor) (templ.Component, error) {
	if len(p.Service.Providers) == 0 || actor.Kind != auth.Person {
		return templ.NopComponent, nil
	}
	list, err := p.Service.Of(ctx, actor.ID)
	return section(list), err
}

// leave sends the browser to a provider.
func (p *Pages) leave(w http.ResponseWriter, r *http.Request, next, link string) error {
	to, flow, err := p.Service.Begin(r.Context(), r.PathValue("provider"), next, link)
	if err != nil {
		return err
	}
	p.Sessions.Keep(r.Context(), keptFlow, oidc.Pack(flow))
	return httpx.SeeOther(w, r, to)
}

// begin signs in over a provider.
func (p *Pages) begin(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	return p.leave(w, r, httpx.LocalPath(f.Value("next"), ""), "")
}

// taken is what a session kept, once.
func (p *Pages) taken(ctx context.Context, name string) string {
	v := p.Sessions.Kept(ctx, name)
	p.Sessions.Keep(ctx, name, "")
	return v
}

// back judges what a provider sent the browser back with.
func (p *Pages) back(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	flow := oidc.UnpackFlow(p.taken(ctx, keptFlow))
	x, err := p.Service.Finish(ctx, flow, oidc.Answer{Provider: r.PathValue("provider"), State: q.Get("state"), Code: q.Get("code"), Issuer: q.Get("iss")})
	if errors.Is(err, oidc.ErrAnswer) || errors.Is(err, oidc.ErrAway) {
		p.Sessions.Flash(ctx, "oidc.needs.failed")
		return httpx.SeeOther(w, r, signInAgain(flow))
	}
	if err != nil {
		return err
	}
	actor := auth.From(ctx)
	if flow.Link != "" {
		if actor.ID != flow.Link { // signed out, or somebody else, meanwhile
			return httpx.ErrSignIn
		}
		if err := p.Service.Link(ctx, actor, actor.ID, x); err != nil {
			return err
		}
		p.Sessions.Flash(ctx, "oidc.flash.linked")
		return httpx.SeeOther(w, r, securityPath)
	}
	account, err := p.Service.AccountOf(ctx, x)
	if errors.Is(err, oidc.ErrStranger) {
		p.Sessions.Keep(ctx, keptStranger, oidc.Pack(x))
		return httpx.SeeOther(w, r, strangerPath)
	}
	if err != nil {
		return err
	}
	// What the provider asked for does not spare a second factor of the account's
	// own: who links a foreign identity must not get round it.
	return p.Enter(w, r, account.ID, flow.Next, oidc.WayProvider, "")
}

// Then links the identity that somebody came with, as soon as he has shown all
// factors of the account.
func (p *Pages) Then(ctx context.Context, from auth.Actor, account, stranger string) error {
	return p.Service.Link(ctx, from, account, oidc.UnpackStranger(stranger))
}

func signInAgain(f oidc.Flow) string {
	if f.Link != "" {
		return securityPath
	}
	return "/sign-in"
}

type strangerPage struct {
	form     *form.Form
	provider oidc.Provider
	next     string
}

// known returns the stranger of this session.
func (p *Pages) known(ctx context.Context) (oidc.Stranger, oidc.Provider, bool) {
	x := oidc.UnpackStranger(p.Sessions.Kept(ctx, keptStranger))
	provider, err := p.Service.Provider(x.Provider)
	return x, provider, err == nil && x.Subject != ""
}

// showStranger asks somebody whom we do not know to show an account of his.
func (p *Pages) showStranger(w http.ResponseWriter, r *http.Request) error {
	x, provider, ok := p.known(r.Context())
	if !ok {
		return httpx.SeeOther(w, r, "/sign-in")
	}
	return view.Render(w, r, http.StatusOK, strangerView(strangerPage{form.New(), provider, x.Next}))
}

// stranger takes the password of an account. It is linked once the second factor,
// where the account has one, is shown too.
func (p *Pages) stranger(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	x, provider, ok := p.known(ctx)
	if !ok {
		return httpx.SeeOther(w, r, "/sign-in")
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	login, password, status := f.Text("login", form.Required, form.Max(100)), f.Secret("password", form.Required), http.StatusUnprocessableEntity
	if f.OK() {
		account, err := p.Identity.CheckSignIn(ctx, auth.From(ctx), login, password)
		if err == nil {
			err = p.Service.MayLink(ctx, account.ID, x)
		}
		if err == nil {
			p.Sessions.Keep(ctx, keptStranger, "")
			return p.Enter(w, r, account.ID, x.Next, identity.WayPassword, oidc.Pack(x))
		}
		if !f.Reject(err) {
			return err
		}
		if errors.Is(err, throttle.ErrTooMany) {
			status = http.StatusTooManyRequests
		}
	}
	return view.Render(w, r, status, strangerView(strangerPage{f, provider, x.Next}))
}

type linkPage struct {
	form     *form.Form
	provider oidc.Provider
	proven   bool
	linked   bool
}

func (p *Pages) linkPage(r *http.Request, f *form.Form) (linkPage, error) {
	ctx := r.Context()
	provider, err := p.Service.Provider(r.PathValue("provider"))
	if err != nil {
		return linkPage{}, err
	}
	list, err := p.Service.Of(ctx, auth.From(ctx).ID)
	if err != nil {
		return linkPage{}, err
	}
	d := linkPage{form: f, provider: provider, proven: p.proven(ctx, p.Sessions.Kept(ctx, keptProven), provider.Key)}
	for _, x := range list {
		d.linked = d.linked || x.Key == provider.Key && !x.Since.IsZero()
	}
	return d, nil
}

// showLink asks for the password before a provider is linked, or unlinked.
func (p *Pages) showLink(w http.ResponseWriter, r *http.Request) error {
	d, err := p.linkPage(r, form.New())
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, linkView(d))
}

// link takes the password. The way to the provider is a link, because no form
// may lead to another site.
func (p *Pages) link(w http.ResponseWriter, r *http.Request) error {
	return p.withPassword(w, r, func(ctx context.Context, actor auth.Actor, password string) error {
		if err := p.Identity.ConfirmPassword(ctx, actor.ID, password); err != nil {
			return err
		}
		p.Sessions.Keep(ctx, keptProven, oidc.Pack(proof{r.PathValue("provider"), actor.ID, p.Service.Clock.Now().Add(provenTTL).UnixMilli()}))
		return httpx.SeeOther(w, r, linkPath+r.PathValue("provider"))
	})
}

// drop takes a link off.
func (p *Pages) drop(w http.ResponseWriter, r *http.Request) error {
	return p.withPassword(w, r, func(ctx context.Context, actor auth.Actor, password string) error {
		if err := p.Service.Unlink(ctx, actor, r.PathValue("provider"), password); err != nil {
			return err
		}
		p.Sessions.Flash(ctx, "oidc.flash.unlinked")
		return httpx.SeeOther(w, r, securityPath)
	})
}

func (p *Pages) withPassword(w http.ResponseWriter, r *http.Request, do func(ctx context.Context, actor auth.Actor, password string) error) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	d, err := p.linkPage(r, f)
	if err != nil {
		return err
	}
	password, status := f.Secret("password", form.Required), http.StatusUnprocessableEntity
	if f.OK() {
		err := do(r.Context(), auth.From(r.Context()), password)
		if err == nil {
			return nil
		}
		if !f.Reject(err) {
			return err
		}
		if errors.Is(err, throttle.ErrTooMany) {
			status = http.StatusTooManyRequests
		}
	}
	return view.Render(w, r, status, linkView(d))
}

// proof is that somebody typed the password of his account to link a provider.
type proof struct {
	Provider string `json:"provider"`
	Account  string `json:"account"`
	Until    int64  `json:"until"` // unix ms
}

// proven says whether what was kept proves the reader of now, for a provider.
func (p *Pages) proven(ctx context.Context, kept, provider string) bool {
	var x proof
	err := json.Unmarshal([]byte(kept), &x)
	return err == nil && x.Provider == provider && x.Account == auth.From(ctx).ID && p.Service.Clock.Now().UnixMilli() < x.Until
}

// goLink goes to the provider to link it; the password was asked for just now.
func (p *Pages) goLink(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if !p.proven(ctx, p.taken(ctx, keptProven), r.PathValue("provider")) {
		return httpx.SeeOther(w, r, linkPath+r.PathValue("provider"))
	}
	return p.leave(w, r, "", auth.From(ctx).ID)
}
