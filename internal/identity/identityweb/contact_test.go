package identityweb_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// letters is what left for addresses, as far as it was read.
type letters map[string]string

// next waits for what leaves for an address, and returns it with the code in it.
func (l letters) next(a *apptest.App, address string) (text, code string) {
	for range 600 { // the queue polls once a second
		if x, ok := a.Outbox.LastTo(address); ok && x.Subject+x.Text != l[address] {
			l[address] = x.Subject + x.Text
			return l[address], regexp.MustCompile(`[0-9]{6}`).FindString(l[address])
		}
		time.Sleep(20 * time.Millisecond)
	}
	return "", ""
}

// TestContactsAreProven: a new mail address and phone count once the code that
// went there comes back; the old one is told; wrong codes, wrong passwords and
// too many of either change nothing.
func TestContactsAreProven(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, post := apptest.Reaching(t, d), letters{}
		if err := a.Jobs.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = a.Jobs.Stop(context.WithoutCancel(t.Context())) }()
		c, who := a.As(t, "applicant"), a.Actor(t, "applicant")
		account := func() identity.Account {
			t.Helper()
			x, err := a.Identity.Account(t.Context(), who.ID)
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		old := account()
		const path = "/settings/contact"
		page := func() *webtest.Page {
			t.Helper()
			var p *webtest.Page
			for _, lang := range []string{"en", "zh-CN"} {
				c.Header.Set("Accept-Language", lang)
				p = c.Get(path)
				if p.Status != http.StatusOK || strings.Contains(p.Text(), "identity.contact") {
					t.Fatalf("%d %s", p.Status, p.Text())
				}
				webtest.A11y(t, p.Doc())
			}
			return p
		}
		page()
		if p := c.Post(path+"/mail", url.Values{"address_mail": {"neu@example.com"}, "password_mail": {"falsch"}}); p.Status != http.StatusUnprocessableEntity || !p.Has("密码不对") || !strings.Contains(p.Body, "neu@example.com") {
			t.Errorf("with a wrong password: %d %s", p.Status, p.Text())
		}
		if p := c.Post(path+"/mail", url.Values{"address_mail": {"nicht"}, "password_mail": {app.DemoPassword}}); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("an address that is none: %d", p.Status)
		}
		if p := c.Post(path+"/fax", url.Values{"address_fax": {"1"}, "password_fax": {app.DemoPassword}}); p.Status != http.StatusNotFound {
			t.Errorf("a way that is none: %d", p.Status)
		}
		c.Post(path+"/mail", url.Values{"address_mail": {"neu@example.com"}, "password_mail": {app.DemoPassword}})
		if account().Email != old.Email {
			t.Fatal("changed before it was proven")
		}
		if p := page(); !p.Has("neu@example.com") || !p.Has("确认修改") {
			t.Error(p.Text())
		}
		_, code := post.next(a, "neu@example.com")
		if code == "" {
			t.Fatal("no code left")
		}
		// Nobody but who gets the mail sees the code; a demonstration shows it him.
		kept, err := db.List(t.Context(), d.Read(t.Context()), db.Scalar[string], `SELECT CAST(params AS TEXT) FROM notify_message UNION ALL SELECT code_hash FROM identity_contact`)
		if err != nil || len(kept) < 2 || strings.Contains(strings.Join(kept, " "), code) {
			t.Errorf("the code stands in a table: %v %v", kept, err)
		}
		admin := a.As(t, "system-admin")
		for _, at := range []string{"/admin/notices/outbox", "/admin/notices"} {
			if p := admin.Get(at); p.Status != http.StatusOK || strings.Contains(p.Body, code) {
				t.Errorf("the code stands on %s: %d", at, p.Status)
			}
		}
		if p := admin.Get("/admin/notices/outbox"); !p.Has("验证码 ······") {
			t.Errorf("the mail is not in the outbox: %s", p.Text())
		}
		if p := page(); !p.Has("演示环境") || !p.Has(code) {
			t.Errorf("who proves the address finds no code: %s", p.Text())
		}
		wrong := "000000"
		if code == wrong {
			wrong = "111111"
		}
		if p := c.Post(path+"/mail/code", url.Values{"code_mail": {wrong}}); p.Status != http.StatusUnprocessableEntity || !p.Has("还可以试 4 次") {
			t.Errorf("a wrong code: %d %s", p.Status, p.Text())
		}
		c.Post(path+"/mail/code", url.Values{"code_mail": {code[:3] + " " + code[3:]}})
		if account().Email != "neu@example.com" {
			t.Fatalf("not changed: %+v", account())
		}
		if text, _ := post.next(a, old.Email); !strings.Contains(text, "已改为") {
			t.Errorf("the old address was told %q", text)
		}
		if p := c.Post(path+"/mail/code", url.Values{"code_mail": {code}}); p.Status != http.StatusUnprocessableEntity || !p.Has("验证码已经失效") {
			t.Errorf("a code twice: %d", p.Status)
		}

		// The phone; five wrong codes are the end of it, and so is the time.
		const phone = "13900139000"
		ask := func() string {
			t.Helper()
			c.Post(path+"/phone", url.Values{"address_phone": {phone}, "password_phone": {app.DemoPassword}})
			_, code := post.next(a, phone)
			return code
		}
		code = ask()
		for range 5 {
			c.Post(path+"/phone/code", url.Values{"code_phone": {"x"}})
		}
		if p := c.Post(path+"/phone/code", url.Values{"code_phone": {code}}); p.Status != http.StatusUnprocessableEntity || !p.Has("验证码已经失效") || account().Phone == phone {
			t.Errorf("the sixth try: %d", p.Status)
		}
		code = ask()
		a.Clock.Advance(16 * time.Minute)
		if p := c.Post(path+"/phone/code", url.Values{"code_phone": {code}}); p.Status != http.StatusUnprocessableEntity || !p.Has("验证码已经失效") || account().Phone == phone {
			t.Errorf("too late: %d", p.Status)
		}
		code = ask()
		c.Post(path+"/phone/code", url.Values{"code_phone": {code}})
		if account().Phone != phone {
			t.Fatalf("not changed: %+v", account())
		}
		if text, _ := post.next(a, old.Phone); !strings.Contains(text, "已改为") {
			t.Errorf("the old number was told %q", text)
		}
		// Nobody is flooded from here.
		for range 6 {
			c.Post(path+"/mail", url.Values{"address_mail": {"opfer@example.com"}, "password_mail": {app.DemoPassword}})
		}
		n, err := db.One(t.Context(), d.Read(t.Context()), db.Scalar[int], `SELECT count(*) FROM notify_delivery WHERE address=$1`, "opfer@example.com")
		if err != nil || n > 5 {
			t.Errorf("%d mails to one address, %v", n, err)
		}
		// Without an address there is nothing to prove.
		a.Clock.Advance(2 * time.Hour)
		c.Post(path+"/mail", url.Values{"address_mail": {""}, "password_mail": {app.DemoPassword}})
		if account().Email != "" {
			t.Error("the address is still there")
		}
		if r, err := a.Audit.Verify(t.Context()); err != nil || r.Broken != nil {
			t.Error(r, err)
		}
		for _, kind := range identity.ContactNotices() {
			for _, l := range i18n.Locales {
				for _, part := range []string{".title", ".body"} {
					if _, ok := a.Texts.Raw(l, "notify."+kind+part); !ok {
						t.Errorf("no text notify.%s%s in %s", kind, part, l)
					}
				}
			}
		}
	})
}
