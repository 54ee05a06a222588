package shell

import (
	"context"
	"net/http"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
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
	Progress  func() (done, total int) // of filling a demonstration; 0, 0 when there is none
}

// Shell is navigation, home pages and what belongs to no module.
type Shell struct{ Deps }

// New makes the shell.
func New(d Deps) *Shell { return &Shell{d} }

// Routes of the shell.
func (s *Shell) Routes() []httpx.Route { return nil }

// Chrome adds what the layout shows to the context of a request.
func (s *Shell) Chrome(ctx context.Context, r *http.Request) (context.Context, error) {
	return view.WithChrome(ctx, view.Chrome{Path: r.URL.Path}), nil
}

// ErrorPage shows an error to people.
func (s *Shell) ErrorPage(w http.ResponseWriter, r *http.Request, v httpx.ErrorView) error {
	return view.Render(w, r, v.Status, view.ErrorPage(view.ErrorData{Status: v.Status, Code: v.Code, Params: v.Params, Incident: v.Incident, Typed: v.Typed, SignIn: v.SignIn, Action: r.URL.RequestURI(), Back: r.Referer()}, false))
}
