package identityweb_test

import (
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
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// codeTo returns what left for an address last, and the code in it.
func codeTo(t *testing.T, a *apptest.App, address string) (text, code string) {
	t.Helper()
	type row struct {
		kind   string
		params map[string]any
	}
	x, ok, err := db.Maybe(t.Context(), a.DB.Read(t.Context()), func(r db.Scanner) (x row, err error) {
		return x, r.Scan(&x.kind, db.JSON[map[string]any]{V: &x.params})
	},
		`SELECT m.kind, m.params FROM notify_delivery d JOIN notify_message m ON m.id = d.message_id WHERE d.address=$1 ORDER BY d.id DESC LIMIT 1`, address)
	if err != nil || !ok {
		return "", ""
	}
	text, _ = a.Notify.Text(i18n.Chinese, notify.Message{Kind: x.kind, Params: x.params})
	return text, regexp.MustCompile(`[0-9]{6}`).FindString(text)
}

// TestContactsAreProven: a new mail address and phone count once the code that
// went there comes back; the old one is told; wrong codes, wrong passwords and
// too many of either change nothing.
func TestContactsAreProven(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := apptest.Reaching(t, d)
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
		_, code := codeTo(t, a, "neu@example.com")
		if code == "" {
			t.Fatal("no code left")
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
		if text, _ := codeTo(t, a, old.Email); !strings.Contains(text, "已改为") {
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
			_, code := codeTo(t, a, phone)
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
		if text, _ := codeTo(t, a, old.Phone); !strings.Contains(text, "已改为") {
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
