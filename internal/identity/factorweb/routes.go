package factorweb

import (
	"context"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/factor"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
)

// Paths of the package.
const (
	SecurityPath = "/settings/security"
	secondPath   = "/sign-in/second"
	setUpPath    = "/sign-in/set-up"
	ownPath      = "/sign-in/own"
	passkeyPath  = "/sign-in/passkey"
	adminPath    = "/admin/factors"
)

// Deps of the pages.
type Deps struct {
	Factor   *factor.Service
	Identity *identity.Service
	Sessions *session.Manager
	Clock    clock.Clock

	// Actor is who acts under an account, with everything that counts on a page.
	Actor func(ctx context.Context, account string) (auth.Actor, error)

	// DemoCode is the code that the app of an account of a demonstration shows
	// now, "" for others; nil elsewhere.
	DemoCode func(account string) string

	// Left is what left for an address last, where nothing leaves the house; nil elsewhere.
	Left func(address string) string

	// Then does, for an account that has shown all that is asked, what EnterBy was told; nil for nothing.
	Then func(ctx context.Context, from auth.Actor, account, what string) error

	// Providers are the buttons of single sign-on for the sign-in page; nil for none.
	Providers func(next string) templ.Component

	// Sections are further parts of the security page, from other packages.
	Sections []func(ctx context.Context, actor auth.Actor) (templ.Component, error)
}

// Pages are the pages of the package.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// Routes of the package.
func (p *Pages) Routes() []httpx.Route {
	security, clerk := auth.AsRole(auth.SecurityAdmin), auth.AsRole(auth.Clerk)
	return []httpx.Route{
		httpx.Get(secondPath, auth.Public, p.showSecond),
		httpx.Post(secondPath, auth.Public, p.second),
		httpx.Post(secondPath+"/ask", auth.Public, p.askSecond),
		httpx.Post(secondPath+"/passkey", auth.Public, p.secondPasskey),
		httpx.Get(setUpPath, auth.Public, p.showSetUp),
		httpx.Post(setUpPath, auth.Public, p.setUp),
		httpx.Get(ownPath, auth.Public, p.showOwn),
		httpx.Post(ownPath, auth.Public, p.own),
		httpx.Post(passkeyPath+"/ask", auth.Public, p.askPasskey),
		httpx.Post(passkeyPath, auth.Public, p.passkey),

		httpx.Get(forgotPath, auth.Public, p.showForgot),
		httpx.Post(forgotPath, auth.Public, p.forgot),
		httpx.Get(forgotPath+"/code", auth.Public, p.showCode),
		httpx.Post(forgotPath+"/code", auth.Public, p.recover),
		httpx.Get(windowPath, clerk, p.showWindow),
		httpx.Post(windowPath, clerk, p.window),

		httpx.Get(SecurityPath, auth.SignedIn, p.security),
		httpx.Get(SecurityPath+"/password", auth.SignedIn, p.showPassword),
		httpx.Post(SecurityPath+"/password", auth.SignedIn, p.changePassword),
		httpx.Post(SecurityPath+"/app/begin", auth.SignedIn, p.beginApp),
		httpx.Get(SecurityPath+"/app", auth.SignedIn, p.showApp),
		httpx.Post(SecurityPath+"/app", auth.SignedIn, p.proveApp),
		httpx.Post(SecurityPath+"/app/drop", auth.SignedIn, p.dropApp),
		httpx.Post(SecurityPath+"/codes", auth.SignedIn, p.newCodes),
		httpx.Post(SecurityPath+"/passkeys/ask", auth.SignedIn, p.beginPasskey),
		httpx.Post(SecurityPath+"/passkeys", auth.SignedIn, p.addPasskey),
		httpx.Post(SecurityPath+"/passkeys/{id}/drop", auth.SignedIn, p.dropPasskey),
		httpx.Post(SecurityPath+"/sessions/{id}/end", auth.SignedIn, p.endSession),
		httpx.Post(SecurityPath+"/sessions/end-others", auth.SignedIn, p.endOthers),

		httpx.Get(adminPath, security, p.admin),
		httpx.Post(adminPath+"/{id}/reset", security, p.reset),
		httpx.Post(adminPath+"/{id}/activation", security, p.printActivation),
	}
}
