package shell

import (
	"context"
	"net/http"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/session"
	"github.com/tongban/tongban/internal/platform/view"
)

// Deps of the shell.
type Deps struct {
	Clock     clock.Clock
	Identity  *identity.Service
	Catalogue *catalogue.Service
	Cases     *cases.Service
	Notify    *notify.Service
	Sessions  *session.Manager
	BaseURL   string
	Saved     func(ctx context.Context) (int, error) // papers that nobody had to bring; nil where nobody counts
	Progress  func() (done, total int)               // of filling a demonstration; 0, 0 when there is none
	Samples   []view.NavItem                         // what only a demonstration has, for system administrators
}

// Shell is navigation, home pages and what belongs to no module.
type Shell struct {
	Deps
	glances glances
}

// New makes the shell.
func New(d Deps) *Shell { return &Shell{Deps: d} }

// administrators are the roles with a page below /admin.
var administrators = []auth.Role{auth.CatalogueAdmin, auth.SystemAdmin, auth.SecurityAdmin, auth.AuditAdmin}

// Routes of the shell.
func (s *Shell) Routes() []httpx.Route {
	return []httpx.Route{
		httpx.Get("/{$}", auth.Public, s.home),
		httpx.Get("/work", auth.AsStaff, s.work),
		httpx.Get("/admin", auth.AsRole(administrators...), s.admin),
		httpx.Get("/halls", auth.Public, s.halls),
		httpx.Get("/help", auth.Public, s.help),
		httpx.Get("/my/feed", auth.SignedIn, s.feed),
		httpx.Get("/my/feed/open/{id}", auth.SignedIn, s.feedOpen),
		httpx.Post("/my/feed/read", auth.SignedIn, s.feedRead),
		httpx.Get("/progress", auth.Public, s.progress),
		httpx.Post("/settings/appearance", auth.Public, s.appearance),
		httpx.Get("/qr", auth.Public, s.qr),
		httpx.Get("/robots.txt", auth.Public, s.robots),
		httpx.Get("/favicon.ico", auth.Public, favicon),
	}
}

// ErrorPage shows an error to people: in the workbench for staff, else in the portal.
func (s *Shell) ErrorPage(w http.ResponseWriter, r *http.Request, v httpx.ErrorView) error {
	staff := auth.From(r.Context()).Kind == auth.Staff
	back := ""
	if local := referer(r); local != "" && local != r.URL.RequestURI() {
		back = local
	}
	return view.Render(w, r, v.Status, view.ErrorPage(view.ErrorData{
		Status: v.Status, Code: v.Code, Params: v.Params, Incident: v.Incident, Typed: v.Typed, SignIn: v.SignIn, Action: r.URL.RequestURI(), Back: back,
	}, staff))
}

// samples of a demonstration, for who looks after it.
func (s *Shell) samples(a auth.Actor) []view.NavItem {
	if a.Has(auth.SystemAdmin) {
		return s.Samples
	}
	return nil
}
