package factorweb_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/identity/factor"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

const forgot = "/sign-in/forgot"

// TestForgottenPassword: a code that goes to a proven telephone or address makes
// a new password; who asks learns nothing about who has an account.
func TestForgottenPassword(t *testing.T) {
	t.Parallel()
	a := apptest.Reaching(t, dbtest.New(t))
	if err := a.Jobs.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Jobs.Stop(context.WithoutCancel(t.Context())) }()
	for _, l := range i18n.Locales {
		c := a.As(t, "")
		c.Header.Set("Accept-Language", string(l))
		for _, path := range []string{"/sign-in", forgot, forgot + "/code"} {
			p := c.Get(path)
			webtest.A11y(t, p.Doc())
			if p.Status != http.StatusOK || strings.Contains(p.Text(), "factor.") {
				t.Errorf("%s %s: %d %s", l, path, p.Status, p.Text())
			}
		}
	}
	ask := func(login, way string) string {
		c := a.As(t, "")
		p := c.Post(forgot, url.Values{"login": {login}, "way": {way}})
		webtest.A11y(t, p.Doc())
		if p.Status != http.StatusOK || p.Path != forgot+"/code" {
			t.Errorf("%s: %d %s", login, p.Status, p.Path)
		}
		return strings.ReplaceAll(p.Body, login, "LOGIN")
	}
	known := ask("citizen", "phone")
	for _, login := range []string{"nobody", "13900019999", "371602198803120038"} {
		if ask(login, "phone") != known {
			t.Errorf("%s is answered otherwise", login)
		}
	}
	acc, err := a.Identity.AccountByLogin(t.Context(), "citizen")
	if err != nil {
		t.Fatal(err)
	}
	code := ""
	for range 600 { // the queue polls once a second
		if x, ok := a.Outbox.LastTo(acc.Phone); ok {
			if code = regexp.MustCompile(`[0-9]{8}`).FindString(x.Text); code != "" {
				break
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	if code == "" {
		t.Fatal("no code came")
	}
	signed := a.As(t, "citizen")
	c := a.As(t, "")
	try := func(login, code, password string) *webtest.Page {
		return c.Post(forgot+"/code", url.Values{"login": {login}, "code": {code}, "new_password": {password}})
	}
	wrong := try("citizen", "00000000", "another long pass")
	webtest.A11y(t, wrong.Doc())
	if wrong.Status != http.StatusUnprocessableEntity || strings.Contains(wrong.Body, "another long pass") {
		t.Errorf("a wrong code: %d", wrong.Status)
	}
	if p := try("nobody", "00000000", "another long pass"); p.Status != wrong.Status || strings.ReplaceAll(p.Body, "nobody", "citizen") != wrong.Body {
		t.Error("a login that nobody has is answered otherwise")
	}
	if p := try("citizen", code, "another long pass"); p.Path != "/sign-in" || !p.Has("新密码已经设好") {
		t.Fatalf("%s %s", p.Path, p.Text())
	}
	if p := signed.Get(security); p.Path == security {
		t.Error("a session outlives the new password")
	}
	if p := try("citizen", code, "a third long pass"); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("the code again: %d", p.Status)
	}
	if p := password(c, "citizen", app.DemoPassword, ""); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("the old password: %d", p.Status)
	}
	if p := password(c, "citizen", "another long pass", security); p.Path != security {
		t.Errorf("the new password: %s", p.Path)
	}
}

func TestAskingIsLimited(t *testing.T) {
	t.Parallel()
	a := apptest.Reaching(t, dbtest.New(t))
	c := a.As(t, "")
	for range 10 {
		if p := c.Post(forgot, url.Values{"login": {"nobody"}, "way": {"mail"}}); p.Status != http.StatusOK {
			t.Fatalf("%d", p.Status)
		}
	}
	if p := c.Post(forgot, url.Values{"login": {"citizen"}, "way": {"mail"}}); p.Status != http.StatusTooManyRequests {
		t.Errorf("the eleventh: %d", p.Status)
	}
}

func TestTheWindowPrintsACode(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	acc, err := a.Identity.AccountByLogin(t.Context(), "citizen")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range i18n.Locales {
		c := a.As(t, "clerk")
		c.Header.Set("Accept-Language", string(l))
		webtest.A11y(t, c.Get("/work/password-code").Doc())
	}
	c := a.As(t, "clerk")
	p := c.Post("/work/password-code", url.Values{"name": {acc.Name.ZH}, "id_number": {acc.IDNumber}})
	webtest.A11y(t, p.Doc())
	if p.Status != http.StatusUnprocessableEntity || !p.Has("查验身份证原件") {
		t.Errorf("without the card: %d", p.Status)
	}
	p = c.Post("/work/password-code", url.Values{"name": {acc.Name.ZH}, "id_number": {acc.IDNumber}, "looked": {"on"}})
	webtest.A11y(t, p.Doc())
	code := regexp.MustCompile(`[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}`).FindString(p.Text())
	if p.Status != http.StatusOK || code == "" || p.Has(acc.IDNumber) || p.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	person := a.As(t, "")
	if p := person.Post(forgot+"/code", url.Values{"login": {acc.IDNumber}, "code": {code}, "new_password": {"another long pass"}}); p.Path != "/sign-in" {
		t.Errorf("%d %s", p.Status, p.Text())
	}
}

func TestEveryNoticeHasItsText(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	for _, kind := range factor.Notices() {
		for _, l := range i18n.Locales {
			for _, part := range []string{".title", ".body"} {
				if key := "notify." + kind + part; a.Texts.Text(l, key) == key {
					t.Errorf("%s has no text in %s", key, l)
				}
			}
		}
	}
}
