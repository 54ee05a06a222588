package identityweb

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/signup"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
)

// Deps of the pages.
type Deps struct {
	Service  *identity.Service
	SignUps  *signup.Service
	Sessions *session.Manager
	Audit    *audit.Log
	BaseURL  string

	// Papers shows the page behind the code of a document that is no
	// certificate; an unknown code is NotFound. Nil where there are none.
	Papers func(w http.ResponseWriter, r *http.Request, code string) error

	// Create opens an account of staff and says whether its post waits for a second
	// person.
	Create func(ctx context.Context, actor auth.Actor, in identity.StaffInput, reason string) (identity.Account, bool, error)

	// Enter leads on from a right password: to the second factor where there is
	// one, else into the account. Nil: nobody has one.
	Enter func(w http.ResponseWriter, r *http.Request, account, next string) error

	// More is what the sign-in page offers besides the password; nil: nothing.
	More func(next string) templ.Component

	// Left is what left for an address last, shown to who has to prove it; nil
	// unless messages stay in memory, so that there is no other way to a code.
	Left func(address string) string

	// Spared counts the papers that holders did not have to bring; nil shows none.
	Spared func(ctx context.Context, holders []string) (int, error)

	Demo         bool     // a demonstration: the sign-in page offers its accounts
	DemoLogins   []string // the accounts offered, in this order
	DemoPassword string   // of all of them
}

// Pages are the pages of the module.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// Routes of the module.
func (p *Pages) Routes() []httpx.Route {
	admin := auth.AsRole(auth.SystemAdmin)
	auditor := auth.AsRole(auth.SecurityAdmin, auth.AuditAdmin)
	reader := auth.AsRole(identity.Separate...)
	return []httpx.Route{
		httpx.Get("/sign-in", auth.Public, p.showSignIn),
		httpx.Post("/sign-in", auth.Public, p.signIn),
		httpx.Post("/sign-out", auth.Public, p.signOut),
		httpx.Get("/sign-up", auth.Public, p.showSignUp),
		httpx.Post("/sign-up", auth.Public, p.signUp),
		httpx.Get(signUpCodePath, auth.Public, p.showSignUpCode),
		httpx.Post(signUpCodePath, auth.Public, p.finishSignUp),

		httpx.Get("/my/account", auth.AsPerson, p.account),
		httpx.Get(contactPath, auth.SignedIn, p.contact),
		httpx.Post(contactPath+"/{kind}", auth.SignedIn, p.askContact),
		httpx.Post(contactPath+"/{kind}/code", auth.SignedIn, p.proveContact),
		httpx.Post(contactPath+"/{kind}/drop", auth.SignedIn, p.dropContact),
		httpx.Get("/my/certificates", auth.AsPerson, p.certificates),
		httpx.Get("/my/certificates/{id}/print", auth.AsPerson, p.certificateSheet),
		httpx.Get("/my/certificates/{id}/pdf", auth.AsPerson, p.certificateFile),
		httpx.Get(deskCodePath, auth.AsPerson, p.deskCode),
		httpx.Post(deskCodePath, auth.AsPerson, p.makeDeskCode),

		httpx.Get("/verify", auth.Public, p.showVerify),
		httpx.Post("/verify", auth.Public, p.findVerify),
		httpx.Get("/verify/{token}", auth.Public, p.verify),

		httpx.Get("/admin/staff", reader, p.staff),
		httpx.Get("/admin/staff/new", admin, p.showNewStaff),
		httpx.Post("/admin/staff/new", admin, p.newStaff),
		httpx.Get("/admin/clients", admin, p.clients),
		httpx.Get("/admin/clients/new", admin, p.showNewClient),
		httpx.Post("/admin/clients/new", admin, p.newClient),
		httpx.Post("/admin/clients/{id}/revoke", admin, p.revokeClient),

		httpx.Get("/admin/audit", auditor, p.auditLog),
		httpx.Post("/admin/audit/verify", auditor, p.verifyAudit),
	}
}

// roleName is what a role is called.
func roleName(ctx context.Context, r auth.Role) string {
	return i18n.T(ctx, "role."+string(r))
}

// postWords is a post in words: "综合窗口人员 · 科创区政务服务中心 A01".
func (p *Pages) postWords(ctx context.Context, post auth.Post) string {
	return i18n.T(ctx, "identity.post", "role", roleName(ctx, post.Role), "place", p.Service.Directory().Place(post).For(ctx))
}
