package identityweb_test

import (
	"context"
	"net/http"
	"os"
	"testing"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/identity/identityweb"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// demoLogins are offered by the demonstration below.
var demoLogins = []string{"applicant", "agent", "talent", "citizen", "clerk", "handler-kj", "approver", "commissioner", "leader", "catalogue-admin", "system-admin", "security-admin", "audit-admin", "nobody"}

// demonstration is the pages of this module alone, as a demonstration shows them.
func demonstration(t testing.TB, a *apptest.App) http.Handler {
	t.Helper()
	edge := &httpx.Edge{
		Log: dbtest.Quiet(), Clock: a.Clock, Catalog: a.Texts, Sessions: a.Sessions, Actor: a.ActorOf,
		Chrome: func(ctx context.Context, r *http.Request) (context.Context, error) {
			return view.WithChrome(ctx, view.Chrome{Path: r.URL.RequestURI()}), nil
		},
		ErrorPage: func(w http.ResponseWriter, r *http.Request, v httpx.ErrorView) error {
			return view.Render(w, r, v.Status, view.ErrorPage(view.ErrorData{Status: v.Status, Code: v.Code, Params: v.Params, Typed: v.Typed}, false))
		},
	}
	pages := identityweb.New(identityweb.Deps{
		Service: a.Identity, Sessions: a.Sessions, Audit: a.Audit, BaseURL: a.Config.BaseURL,
		Demo: true, DemoLogins: demoLogins, DemoPassword: app.DemoPassword,
	})
	h, err := edge.Mux(pages.Routes())
	if err != nil {
		t.Fatal(err)
	}
	return h
}
