package identityweb_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestOnPostgres opens each page once on the other database. It takes some
// seconds, most of them to fill the zone in.
func TestOnPostgres(t *testing.T) {
	t.Parallel()
	a := apptest.NewOn(t, dbtest.NewPostgres(t))
	person := a.As(t, "")
	if p := signIn(person, "371602198803120011", app.DemoPassword, "/my/account"); p.Status != http.StatusOK || p.Path != "/my/account" {
		t.Fatalf("%d %s", p.Status, p.Path)
	}
	show(t, person, i18n.Chinese, "/my/certificates", "居民身份证")
	admin, auditor := a.As(t, "system-admin"), a.As(t, "audit-admin")
	show(t, admin, i18n.Chinese, "/admin/staff?q=%E9%A1%BE&role=approver&department=kj", "顾维民")
	show(t, admin, i18n.English, "/admin/clients")
	show(t, auditor, i18n.Chinese, "/admin/audit?action=identity.sign_in", "identity.sign_in")
	if p := auditor.Submit(auditor.Get("/admin/audit"), "/verify", nil); p.Status != http.StatusOK {
		t.Errorf("%d", p.Status)
	}
	for _, path := range []string{"/my/certificates/%ff%00/print", "/verify/%ff", "/verify/%00"} {
		if p := person.Get(path); p.Status != http.StatusBadRequest {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	if p := admin.Post("/admin/clients/%ff/revoke", url.Values{"version": {"1"}}); p.Status != http.StatusBadRequest {
		t.Errorf("revoke what cannot be: %d", p.Status)
	}
	if p := admin.Post("/admin/clients/x/revoke", url.Values{"version": {"99999999999"}}); p.Status != http.StatusBadRequest {
		t.Errorf("a version beyond the column: %d", p.Status)
	}
}
