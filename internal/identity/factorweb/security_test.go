package factorweb_test

import (
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/factor"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/session"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const (
	security = "/settings/security"
	secret   = "TONGBANDEMOTONGBANDEMOTONGBANDEM" // of security-admin2
)

func password(c *webtest.Client, login, password, next string) *webtest.Page {
	return c.Post("/sign-in", url.Values{"login": {login}, "password": {password}, "next": {next}})
}

func code(t *testing.T, a *apptest.App, secret string) string {
	t.Helper()
	c, err := factor.CodeAt(secret, a.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func second(c *webtest.Client, code string) *webtest.Page {
	return c.Post("/sign-in/second", url.Values{"code": {code}})
}

// cookie is the session that a page set.
func cookie(t *testing.T, p *webtest.Page) string {
	t.Helper()
	for _, k := range (&http.Response{Header: p.Header}).Cookies() {
		if k.Name == session.CookieName {
			return k.Name + "=" + k.Value
		}
	}
	t.Fatalf("%s sets no session", p.Path)
	return ""
}

// with is a browser that holds a session and takes no new one.
func with(t *testing.T, a *apptest.App, cookie string) *webtest.Client {
	c := a.As(t, "")
	c.Follow = false
	c.Header.Set("Cookie", cookie)
	return c
}

func TestTheSecondStep(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "")
	c.Follow = false
	p := password(c, "security-admin2", app.DemoPassword, "/admin/factors")
	if p.Status != http.StatusSeeOther || p.Location() != "/sign-in/second" {
		t.Fatalf("%d %s", p.Status, p.Location())
	}
	half := cookie(t, p)
	for _, path := range []string{"/work", "/admin/factors", security, "/my/account", "/settings/contact", security + "/app", "/sign-in/set-up"} {
		if p := c.Get(path); p.Status != http.StatusSeeOther {
			t.Errorf("half signed in, %s: %d", path, p.Status)
		}
	}
	if p := c.Post(security+"/sessions/end-others", nil); p.Status != http.StatusUnauthorized {
		t.Errorf("half signed in, a form: %d", p.Status)
	}
	for _, l := range i18n.Locales {
		c.Header.Set("Accept-Language", string(l))
		p := c.Get("/sign-in/second")
		webtest.A11y(t, p.Doc())
		if p.Status != http.StatusOK || !p.Has(map[i18n.Locale]string{i18n.Chinese: "二次验证", i18n.English: "Second step"}[l]) || p.Has(secret) {
			t.Errorf("%s: %d %s", l, p.Status, p.Text())
		}
	}
	c.Header.Del("Accept-Language")
	for _, wrong := range []string{"", "000000", "abc", strings.Repeat("9", 60)} {
		if p := second(c, wrong); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", wrong, p.Status)
		}
	}
	right := code(t, a, secret)
	p = second(c, right)
	if p.Status != http.StatusSeeOther || p.Location() != "/admin/factors" {
		t.Fatalf("%d %s %s", p.Status, p.Location(), p.Text())
	}
	if whole := cookie(t, p); whole == half {
		t.Error("the session keeps its token over the second step")
	}
	if p := with(t, a, half).Get("/admin/factors"); p.Status != http.StatusSeeOther {
		t.Errorf("the session of before the second step: %d", p.Status)
	}
	if p := c.Get("/admin/factors"); p.Status != http.StatusOK {
		t.Errorf("signed in: %d", p.Status)
	}

	thief := a.As(t, "")
	thief.Follow = false
	password(thief, "security-admin2", app.DemoPassword, "")
	if p := second(thief, right); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("a code that was looked at over the shoulder: %d", p.Status)
	}
	a.Clock.Advance(11 * time.Minute)
	if p := second(thief, code(t, a, secret)); p.Status != http.StatusSeeOther || p.Location() != "/sign-in" {
		t.Errorf("ten minutes later: %d %s", p.Status, p.Location())
	}
	if p := a.As(t, "").Post("/sign-in/second", url.Values{"code": {code(t, a, secret)}}); p.Path != "/sign-in" {
		t.Errorf("without a password: %s", p.Path)
	}
}

func TestSetUpAtSigningInWhereItIsAsked(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	a.Factor.Policy = factor.Admins
	c := a.As(t, "")
	if p := password(c, "clerk", app.DemoPassword, ""); p.Path != "/work" {
		t.Errorf("a clerk is led to %s", p.Path)
	}
	c = a.As(t, "")
	p := password(c, "system-admin", app.DemoPassword, "/admin/clients")
	webtest.A11y(t, p.Doc())
	if p.Path != "/sign-in/set-up" {
		t.Fatalf("led to %s", p.Path)
	}
	c.Follow = false
	for _, path := range []string{"/work", "/admin/clients", security} {
		if p := c.Get(path); p.Status != http.StatusSeeOther {
			t.Errorf("%s is open before the set-up: %d", path, p.Status)
		}
	}
	if p := second(c, "123456"); p.Location() != "/sign-in/set-up" {
		t.Errorf("the second step without one: %s", p.Location())
	}
	if p := c.Post("/sign-in/set-up", url.Values{"code": {"000000"}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong first code: %d", p.Status)
	}
	made := strings.ReplaceAll(regexp.MustCompile(`[A-Z2-7]{4}( [A-Z2-7]{4}){7}`).FindString(p.Body), " ", "")
	p = c.Post("/sign-in/set-up", url.Values{"code": {code(t, a, made)}})
	webtest.A11y(t, p.Doc())
	if p.Status != http.StatusOK || len(webtest.FindAll(webtest.Find(p.Doc(), "ol", "class", "tb-factor-codes"), "li", "", "")) != 10 || p.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("recovery codes: %d %s", p.Status, p.Text())
	}
	if p := c.Get("/admin/clients"); p.Status != http.StatusOK {
		t.Errorf("signed in after the set-up: %d", p.Status)
	}
}

func TestTheSecurityPage(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	for login, want := range map[string][2]string{"applicant": {"账号安全", "Account security"}, "clerk": {"登录的设备", "Signed-in devices"}, "security-admin2": {"恢复码", "Recovery codes"}} {
		for i, l := range i18n.Locales {
			c := a.As(t, login)
			c.Header.Set("Accept-Language", string(l))
			for _, path := range []string{security, security + "/password"} {
				p := c.Get(path)
				webtest.A11y(t, p.Doc())
				if p.Status != http.StatusOK || path == security && !p.Has(want[i]) || strings.Contains(p.Text(), "sessions.") || strings.Contains(p.Text(), "factor.") {
					t.Errorf("%s %s %s: %d %s", login, l, path, p.Status, p.Text())
				}
			}
		}
	}
	c := a.As(t, "applicant")
	p := c.Post(security+"/app/begin", url.Values{"password_app": {"wrong"}})
	webtest.A11y(t, p.Doc())
	if p.Status != http.StatusUnprocessableEntity || !p.Has("密码不对") {
		t.Errorf("a wrong password: %d", p.Status)
	}
	p = c.Post(security+"/app/begin", url.Values{"password_app": {app.DemoPassword}})
	webtest.A11y(t, p.Doc())
	if p.Path != security+"/app" {
		t.Fatalf("led to %s", p.Path)
	}
	made := strings.ReplaceAll(regexp.MustCompile(`[A-Z2-7]{4}( [A-Z2-7]{4}){7}`).FindString(p.Body), " ", "")
	p = c.Post(security+"/app", url.Values{"code": {code(t, a, made)}})
	if !p.Has("只显示这一次") {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	if p := c.Get(security + "/app"); p.Path != security || p.Has(made) {
		t.Errorf("the secret is shown again at %s", p.Path)
	}
	if p := c.Post(security+"/codes", url.Values{"password_codes": {app.DemoPassword}}); !p.Has("只显示这一次") {
		t.Errorf("new codes: %s", p.Text())
	}
	if p := c.Post(security+"/app/drop", url.Values{"password_app": {app.DemoPassword}}); !p.Has("已经取消") {
		t.Errorf("taken off: %s", p.Text())
	}
}

// TestStolenSessions: whoever copied a cookie loses it with the session it is of.
func TestStolenSessions(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	signedIn := func(login string) (*webtest.Client, string) {
		c := a.As(t, "")
		c.Follow = false
		return c, cookie(t, password(c, login, app.DemoPassword, ""))
	}
	alive := func(cookie string) bool { return with(t, a, cookie).Get(security).Status == http.StatusOK }
	here, own := signedIn("citizen")
	_, stolen := signedIn("citizen")
	_, stranger := signedIn("talent")
	if !alive(own) || !alive(stolen) || !alive(stranger) {
		t.Fatal("not signed in")
	}

	p := here.Get(security)
	ends := regexp.MustCompile(security+`/sessions/([^/]+)/end`).FindAllStringSubmatch(p.Body, -1)
	if len(ends) != 1 || !p.Has("就是这台") {
		t.Fatalf("%d other sessions in the list", len(ends))
	}
	other, _ := signedIn("talent")
	if p := other.Post(ends[0][0], nil); p.Status != http.StatusNotFound || !alive(stolen) {
		t.Errorf("somebody else ends it: %d", p.Status)
	}
	if p := here.Post(ends[0][0], nil); p.Status != http.StatusSeeOther || alive(stolen) || !alive(own) {
		t.Errorf("ended: %d", p.Status)
	}

	_, stolen = signedIn("citizen")
	if p := here.Post(security+"/sessions/end-others", nil); p.Status != http.StatusSeeOther || alive(stolen) || !alive(own) || !alive(stranger) {
		t.Errorf("all others: %d", p.Status)
	}

	_, stolen = signedIn("citizen")
	p = here.Post(security+"/password", url.Values{"password": {app.DemoPassword}, "new_password": {"another long pass"}})
	if p.Status != http.StatusSeeOther || alive(stolen) {
		t.Errorf("after a new password: %d", p.Status)
	}
	if alive(own) {
		t.Error("the copied cookie of the very session outlives the new password")
	}
	if p := here.Get(security); p.Status != http.StatusOK {
		t.Errorf("who changed the password is signed out: %d", p.Status)
	}
	renewed := cookie(t, p)
	here.Post("/sign-out", nil)
	if alive(renewed) {
		t.Error("the cookie outlives signing out")
	}

	_, last := signedIn("talent")
	acc, err := a.Identity.AccountByLogin(t.Context(), "talent")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.DB.Pool().ExecContext(t.Context(), `UPDATE identity_account SET state='closed' WHERE id=$1`, acc.ID); err != nil {
		t.Fatal(err)
	}
	if alive(last) || alive(stranger) {
		t.Error("a session outlives the closing of its account")
	}
}

func TestAfterSigningInOneHearsOfFailedTries(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "")
	if p := password(c, "citizen", app.DemoPassword, "/my/account"); p.Has("上次登录") {
		t.Errorf("the first time: %s", p.Text())
	}
	a.Clock.Advance(time.Hour)
	if p := password(c, "citizen", app.DemoPassword, "/my/account"); !p.Has("上次登录：2026年3月2日") {
		t.Errorf("the second time: %s", p.Text())
	}
	a.Clock.Advance(time.Hour)
	stranger := a.As(t, "")
	password(stranger, "citizen", "guess", "")
	password(stranger, "citizen", "guess again", "")
	a.Clock.Advance(time.Hour)
	if p := password(c, "citizen", app.DemoPassword, "/my/account"); !p.Has("有 2 次登录没有成功") {
		t.Errorf("after two guesses: %s", p.Text())
	}
	if p := c.Get(security); !p.Has("没有成功") {
		t.Errorf("the list: %s", p.Text())
	}
}

func TestResetPage(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "security-admin")
	for _, l := range i18n.Locales {
		c.Header.Set("Accept-Language", string(l))
		webtest.A11y(t, c.Get("/admin/factors?q=security").Doc())
	}
	c.Header.Del("Accept-Language")
	p := c.Get("/admin/factors?q=security-admin2")
	p = c.Submit(p, "/reset", url.Values{"reason": {"x"}})
	webtest.A11y(t, p.Doc())
	if p.Status != http.StatusUnprocessableEntity || !p.Has("请写明原因") || webtest.Attr(webtest.Find(p.Doc(), "input", "id", "f-reason"), "value") != "x" {
		t.Errorf("without a reason: %d %s", p.Status, p.Text())
	}
	p = c.Submit(p, "/reset", url.Values{"reason": {"手机丢失，当面核实"}})
	if p.Status != http.StatusOK || !p.Has("已经取消") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	if p := password(a.As(t, ""), "security-admin2", app.DemoPassword, "/my/feed"); p.Path != "/my/feed" || !p.Has("您的二次验证已被取消") {
		t.Errorf("afterwards: %s %s", p.Path, p.Text())
	}
}

// TestAHalfSignInEndsWithThePassword: who knew the old password does not get on
// with what he has shown of it.
func TestAHalfSignInEndsWithThePassword(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	ctx, owner := t.Context(), a.Actor(t, "security-admin2")
	thief := a.As(t, "")
	if p := password(thief, "security-admin2", app.DemoPassword, ""); p.Path != "/sign-in/second" {
		t.Fatalf("led to %s", p.Path)
	}
	if err := a.Factor.ChangePassword(ctx, owner, app.DemoPassword, "another long pass", ""); err != nil {
		t.Fatal(err)
	}
	if p := second(thief, code(t, a, secret)); p.Path != "/sign-in" {
		t.Errorf("the old password is good for %s", p.Path)
	}

	a.Factor.Policy = factor.Admins
	admin := a.Actor(t, "system-admin")
	late := a.As(t, "")
	if p := password(late, "system-admin", app.DemoPassword, ""); p.Path != "/sign-in/set-up" {
		t.Fatalf("led to %s", p.Path)
	}
	if err := a.Factor.SeedApp(ctx, admin.ID, secret); err != nil {
		t.Fatal(err)
	}
	if p := late.Get("/sign-in/set-up"); p.Path != "/sign-in" {
		t.Errorf("a second factor that is there can be replaced: %s", p.Path)
	}
}

// TestAPasswordOfOnesOwn: who signs in with what an administrator wrote down gets
// no further than to a password of his own, and with a post that needs a second
// person to the code that this person printed.
func TestAPasswordOfOnesOwn(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	ctx := t.Context()
	const first = "first pass of wang"
	made, err := a.Identity.CreateStaff(ctx, a.Actor(t, "system-admin"), identity.StaffInput{Login: "wang", Name: i18n.Text{ZH: "王某"}, Password: first, Posts: []auth.Post{{Role: auth.Handler, DepartmentID: "kj", Region: "371671"}}})
	if err != nil {
		t.Fatal(err)
	}
	c := a.As(t, "")
	p := password(c, "wang", first, "")
	if p.Path != "/sign-in/own" || p.Doc() == nil {
		t.Fatalf("led to %s", p.Path)
	}
	webtest.A11y(t, p.Doc())
	for _, path := range []string{"/work", "/sign-in/second", "/sign-in/set-up"} {
		if p := c.Get(path); p.Path == path && p.Status == http.StatusOK {
			t.Errorf("%s opens", path)
		}
	}
	if p := c.Post("/sign-in/own", url.Values{"new_password": {first}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("the same password: %d", p.Status)
	}
	if p := c.Post("/sign-in/own", url.Values{"new_password": {"a pass of his own"}}); p.Status != http.StatusOK || strings.HasPrefix(p.Path, "/sign-in") {
		t.Fatalf("%d %s", p.Status, p.Path)
	}
	if p := password(a.As(t, ""), "wang", first, ""); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("the first password goes on working: %d", p.Status)
	}
	security := a.Actor(t, "security-admin")
	if _, err := a.Identity.GivePost(ctx, security, identity.Held{AccountID: made.ID, Post: auth.Post{Role: auth.Approver, DepartmentID: "kj", Region: "371671"}, GivenBy: a.Actor(t, "system-admin").ID, ConfirmedBy: security.ID}); err != nil {
		t.Fatal(err)
	}
	admin := a.As(t, "security-admin")
	sheet := admin.Submit(admin.Get("/admin/factors?q=wang"), "/activation", nil)
	code := regexp.MustCompile(`[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}`).FindString(sheet.Text())
	if sheet.Status != http.StatusOK || code == "" {
		t.Fatalf("%d %s", sheet.Status, sheet.Text())
	}
	late := a.As(t, "")
	if p := password(late, "wang", "a pass of his own", ""); p.Path != "/sign-in/own" || !p.Has("启用码") {
		t.Fatalf("led to %s", p.Path)
	}
	if p := late.Post("/sign-in/own", url.Values{"new_password": {"another of his own"}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("without the code: %d", p.Status)
	}
	if p := late.Post("/sign-in/own", url.Values{"new_password": {"another of his own"}, "code": {code}}); p.Status != http.StatusOK || strings.HasPrefix(p.Path, "/sign-in") {
		t.Fatalf("%d %s", p.Status, p.Path)
	}
	if !a.Actor(t, "wang").Has(auth.Approver) {
		t.Error("the post has no effect")
	}
}
