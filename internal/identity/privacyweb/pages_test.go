package privacyweb_test

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/identity/privacy"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// TestWhoLookedAndWhy: a member of staff sees a number whole after he said why,
// from a case that he may see; the person reads it.
func TestWhoLookedAndWhy(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := apptest.NewOn(t, d)
		k := a.Submitted(t, "applicant", "KJ-0001")
		who, err := a.Identity.AccountByLogin(t.Context(), "applicant")
		if err != nil {
			t.Fatal(err)
		}
		path, clerk := "/work/cases/"+string(k.ID)+"/personal", a.As(t, "clerk")
		if p := clerk.Get("/work/cases/" + string(k.ID)); webtest.Find(p.Doc(), "a", "href", path) == nil {
			t.Error("no way from the case to the numbers")
		}
		for _, locale := range []string{"zh-CN", "en"} {
			clerk.Post("/settings/appearance", url.Values{"locale": {locale}})
			p := clerk.Get(path)
			webtest.A11y(t, p.Doc())
			if p.Status != http.StatusOK || p.Has(who.Phone) || p.Has(who.IDNumber) {
				t.Errorf("%s: %d shows numbers before it asks", locale, p.Status)
			}
		}
		for name, bad := range map[string]url.Values{
			"nothing": {}, "no words": {"reason": {"call"}, "words": {"  x "}}, "strange reason": {"reason": {"curious"}, "words": {"只是想看看"}}, "long": {"reason": {"call"}, "words": {strings.Repeat("长", 201)}},
		} {
			if p := clerk.Post(path, bad); p.Status != http.StatusUnprocessableEntity || p.Has(who.Phone) {
				t.Errorf("%s: %d", name, p.Status)
			}
		}
		p := clerk.Post(path, url.Values{"reason": {"call"}, "words": {"预约现场核查的时间"}})
		if p.Status != http.StatusOK || !p.Has(who.Phone) || !p.Has(who.IDNumber) || p.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%d %s", p.Status, p.Text())
		}
		if p := clerk.Get(path); p.Has(who.Phone) {
			t.Error("the numbers stay")
		}
		// Who may not see the case finds nothing; who has no need of numbers is refused.
		for login, want := range map[string]int{"handler-hb": http.StatusNotFound, "leader": http.StatusForbidden, "applicant": http.StatusForbidden} {
			if p := a.As(t, login).Post(path, url.Values{"reason": {"call"}, "words": {"预约现场核查的时间"}}); p.Status != want || p.Has(who.Phone) {
				t.Errorf("%s: %d", login, p.Status)
			}
		}
		me := a.As(t, "applicant")
		for _, locale := range []string{"en", "zh-CN"} {
			me.Post("/settings/appearance", url.Values{"locale": {locale}})
			own := me.Get("/my/privacy")
			webtest.A11y(t, own.Doc())
			if own.Status != http.StatusOK || !own.Has("预约现场核查的时间") {
				t.Errorf("%s: %d %s", locale, own.Status, own.Text())
			}
		}
		if p := a.As(t, "agent").Get("/my/privacy"); p.Has("预约现场核查的时间") {
			t.Error("somebody else reads who looked")
		}
		// Thirty in an hour.
		limited := false
		for range 31 {
			_, err := a.Privacy.Reveal(t.Context(), a.Actor(t, "clerk"), string(k.ID), "check", "核对身份信息")
			limited = limited || err != nil
		}
		if !limited {
			t.Error("somebody reads one number after the other")
		}
		a.Clock.Advance(2 * time.Hour)
		if _, err := a.Privacy.Reveal(t.Context(), a.Actor(t, "clerk"), string(k.ID), "check", "核对身份信息"); err != nil {
			t.Error(err)
		}
	})
}

func TestSuggestionsCanBeRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := apptest.NewOn(t, d)
		who, me := a.Actor(t, "applicant"), a.As(t, "applicant")
		allowed := func() bool {
			t.Helper()
			ok, err := a.Privacy.Allows(t.Context(), who.ID, privacy.Recommend)
			if err != nil {
				t.Fatal(err)
			}
			return ok
		}
		if !allowed() {
			t.Error("refused before anybody said so")
		}
		for _, want := range []bool{false, true} {
			p := me.Submit(me.Get("/my/privacy"), "/my/privacy/recommend", nil)
			if p.Status != http.StatusOK || allowed() != want {
				t.Errorf("%d, allowed %v", p.Status, allowed())
			}
		}
		if err := a.Privacy.Consent(t.Context(), auth.Actor{Kind: auth.Staff, ID: who.ID}, privacy.Recommend, false); err == nil {
			t.Error("staff agree for somebody")
		}
		entries, err := a.Audit.OfObject(t.Context(), "account:"+who.ID)
		n := 0
		for _, e := range entries {
			if e.Action == "privacy.consent" {
				n++
			}
		}
		if err != nil || n != 2 {
			t.Errorf("%d entries: %v", n, err)
		}
	})
}
