package identityweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/session"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func signIn(c *webtest.Client, login, password, next string) *webtest.Page {
	return c.Post("/sign-in", url.Values{"login": {login}, "password": {password}, "next": {next}})
}

// TestSignInLeadsOn takes a second: each sign-in hashes a password, slowly on purpose.
func TestSignInLeadsOn(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	for _, tt := range []struct{ login, next, want string }{
		{"applicant", "", "/"},
		{"applicant", "/my/account", "/my/account"},
		{"13900010001", "", "/"},
		{"371602198803120011", "/items?q=%E9%AB%98", "/items?q=%E9%AB%98"},
		{"APPLICANT", "", "/"},
		{"clerk", "", "/work"},
		{"clerk", "/admin/staff", "/admin/staff"},
		{"clerk", "//evil.example", "/work"},
		{"applicant", "https://evil.example/", "/"},
		{"applicant", `\\evil.example`, "/"},
		{"applicant", `/\evil.example`, "/"},
		{"applicant", "javascript:alert(1)", "/"},
		{"applicant", "evil.example", "/"},
		{"applicant", "/\tevil", "/"},
		{"applicant", "/sign-out", "/"},
	} {
		c := a.As(t, "")
		c.Follow = false
		if p := signIn(c, tt.login, app.DemoPassword, tt.next); p.Status != http.StatusSeeOther || p.Location() != tt.want {
			t.Errorf("%+v: %d %s", tt, p.Status, p.Location())
		}
	}
	c := a.As(t, "")
	for _, next := range []string{"//evil.example", "https://evil.example", `\\evil.example`} {
		p := c.Get("/sign-in?next=" + url.QueryEscape(next))
		if in := webtest.Find(p.Doc(), "input", "name", "next"); in != nil {
			t.Errorf("%s is kept in the form", next)
		}
		for _, link := range webtest.FindAll(webtest.Find(p.Doc(), "main", "", ""), "a", "", "") {
			if strings.Contains(webtest.Attr(link, "href"), "evil.example") {
				t.Errorf("%s is kept in %s", next, webtest.Attr(link, "href"))
			}
		}
	}
	signed := a.As(t, "clerk")
	signed.Follow = false
	if p := signed.Get("/sign-in?next=%2Fwork%2Finbox"); p.Location() != "/work/inbox" {
		t.Errorf("signed in already: %d %s", p.Status, p.Location())
	}
}

func TestSignInNeverSaysWhatWasWrong(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "")
	body := func(login, password string) string {
		p := signIn(c, login, password, "/my/account")
		webtest.A11y(t, p.Doc())
		if p.Status != http.StatusUnprocessableEntity || !p.Has("登录名或密码不对") {
			t.Errorf("%s: %d %s", login, p.Status, p.Text())
		}
		if webtest.Attr(webtest.Find(p.Doc(), "input", "name", "login"), "value") != login || strings.Contains(p.Body, password) {
			t.Errorf("%s: the login is lost or the password is shown", login)
		}
		if webtest.Attr(webtest.Find(p.Doc(), "input", "name", "next"), "value") != "/my/account" {
			t.Errorf("%s: where to go on is lost", login)
		}
		return strings.ReplaceAll(p.Body, login, "LOGIN")
	}
	wrong := body("applicant", "Wr0ng-pass")
	for _, login := range []string{"nobody-at-all", "13900019999", "371602198803120038", "' OR '1'='1"} {
		if got := body(login, "Wr0ng-pass"); got != strings.ReplaceAll(wrong, "' OR '1'='1", "LOGIN") && !strings.Contains(login, "'") {
			t.Errorf("%s is answered otherwise than a wrong password", login)
		}
	}
	if p := c.Post("/sign-in", url.Values{"login": {"applicant"}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("without a password: %d", p.Status)
	}
}

// TestSignInIsThrottledForKnownAndUnknownAlike takes a second for the same reason.
func TestSignInIsThrottledForKnownAndUnknownAlike(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "")
	for _, login := range []string{"applicant", "nobody"} {
		for range 10 {
			if p := signIn(c, login, "wrong-pass", ""); p.Status != http.StatusUnprocessableEntity {
				t.Fatalf("%s: %d", login, p.Status)
			}
		}
		p := signIn(c, login, app.DemoPassword, "")
		webtest.A11y(t, p.Doc())
		if p.Status != http.StatusTooManyRequests || !p.Has("分钟再试") {
			t.Errorf("%s: %d %s", login, p.Status, p.Text())
		}
	}
	for _, login := range []string{"13900010001", "371602198803120011", "371602 19880312 0011"} { // the same person
		if p := signIn(c, login, app.DemoPassword, ""); p.Status != http.StatusTooManyRequests {
			t.Errorf("%s gets round the throttle: %d", login, p.Status)
		}
	}
}

// TestSessionIsNewAfterSigningIn: whoever planted a session in a browser does
// not get into the account that signs in there later.
func TestSessionIsNewAfterSigningIn(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	cookie := func(p *webtest.Page) *http.Cookie {
		for _, k := range (&http.Response{Header: p.Header}).Cookies() {
			if k.Name == session.CookieName {
				return k
			}
		}
		t.Fatalf("%s sets no session", p.Path)
		return nil
	}
	attacker := a.As(t, "")
	attacker.Follow = false
	planted := cookie(signIn(attacker, "citizen", app.DemoPassword, ""))
	if !planted.HttpOnly || planted.SameSite != http.SameSiteLaxMode || planted.Path != "/" || planted.MaxAge > 0 {
		t.Errorf("%+v", planted)
	}
	victim := a.As(t, "")
	victim.Follow = false
	victim.Header.Set("Cookie", planted.Name+"="+planted.Value)
	own := cookie(signIn(victim, "applicant", app.DemoPassword, ""))
	if own.Value == planted.Value {
		t.Error("the session token stays the same over signing in")
	}
	if p := attacker.Get("/my/account"); p.Status == http.StatusOK {
		t.Errorf("the planted session is alive: %s", p.Text())
	}
	made := a.As(t, "")
	made.Follow = false
	made.Header.Set("Cookie", session.CookieName+"=chosen-by-the-attacker")
	if k := cookie(signIn(made, "applicant", app.DemoPassword, "")); k.Value == "chosen-by-the-attacker" {
		t.Error("a made-up token is taken over")
	}

	holder := a.As(t, "")
	holder.Follow = false
	holder.Header.Set("Cookie", own.Name+"="+own.Value)
	if p := holder.Get("/my/account"); p.Status != http.StatusOK {
		t.Fatalf("signed in: %d", p.Status)
	}
	if p := holder.Post("/sign-out", nil); p.Status != http.StatusSeeOther || p.Location() != "/" {
		t.Errorf("sign out: %d %s", p.Status, p.Location())
	}
	if p := holder.Get("/my/account"); p.Status != http.StatusSeeOther {
		t.Errorf("the session outlives signing out: %d", p.Status)
	}
	if p := a.As(t, "").Post("/sign-out", nil); p.Status != http.StatusOK && p.Status != http.StatusNotFound { // the home page, where there is one
		t.Errorf("signing out twice: %d", p.Status)
	}
}

func TestFormsOfStrangersAreRefused(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "system-admin")
	for _, path := range []string{"/sign-in", "/sign-out", "/sign-up", "/verify", "/admin/staff/new", "/admin/clients/new", "/admin/clients/x/revoke", "/admin/audit/verify"} {
		for header, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
			h := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, header: {value}}
			if header == "Origin" {
				h.Set("Sec-Fetch-Site", "same-site")
			}
			if p := c.Do(http.MethodPost, path, strings.NewReader("login=x"), h); p.Status != http.StatusForbidden {
				t.Errorf("%s with %s: %d", path, header, p.Status)
			}
		}
	}
	if p := c.Get("/admin/staff"); p.Status != http.StatusOK {
		t.Error("a stranger signed the administrator out")
	}
}

func TestBrokenRequests(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "")
	raw := func(path, body string) int {
		return c.Do(http.MethodPost, path, strings.NewReader(body), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}).Status
	}
	big := "name=" + strings.Repeat("a", 10<<20)
	for _, path := range []string{"/sign-in", "/sign-up", "/verify"} {
		for body, want := range map[string]int{"login=%ff%fe&password=x": 400, "code=a%00b": 400, "login=%zz": 400, big: 413} {
			if got := raw(path, body); got != want {
				t.Errorf("%s %.30q: %d, want %d", path, body, got, want)
			}
		}
	}
	for _, path := range []string{"/sign-in?next=%ff", "/sign-in?login=%00"} {
		if p := c.Get(path); p.Status != http.StatusBadRequest {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	if p := c.Get("/sign-out"); p.Status != http.StatusMethodNotAllowed {
		t.Errorf("signing out by a link: %d", p.Status)
	}
}

func person() url.Values {
	return url.Values{"name": {"周新"}, "id_number": {"371602199001010018"}, "phone": {"139 0001 7777"}, "password": {"a long pass"}, "email": {""}, "login": {""}}
}

func TestSignUp(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "")
	show(t, c, i18n.Chinese, "/sign-up", "注册个人账号")
	show(t, c, i18n.English, "/sign-up", "Create an account")
	c.Header.Set("Accept-Language", "zh-CN")

	bad := url.Values{"name": {""}, "id_number": {"123"}, "phone": {"1"}, "email": {"x@"}, "login": {"' OR"}, "password": {"short"}}
	p := c.Submit(c.Get("/sign-up?next=%2Fmy%2Faccount"), "/sign-up", bad)
	webtest.A11y(t, p.Doc())
	has(t, p, "有 5 处需要改一下", "密码需要您再填一次")
	if p.Status != http.StatusUnprocessableEntity || strings.Contains(p.Body, "short") {
		t.Errorf("%d", p.Status)
	}
	for _, name := range []string{"name", "id_number", "phone", "email", "password"} {
		in := webtest.Find(p.Doc(), "input", "name", name)
		if webtest.Attr(in, "aria-invalid") != "true" {
			t.Errorf("%s is not marked", name)
		}
		if name != "password" && webtest.Attr(in, "value") != bad.Get(name) {
			t.Errorf("%s is lost: %q", name, webtest.Attr(in, "value"))
		}
	}

	// What is no field of the form changes nothing (mass assignment).
	in := person()
	for k, v := range map[string]string{"kind": "staff", "state": "closed", "role": "system_admin", "posts": "system_admin", "id": "1", "version": "9", "registered_by": "x"} {
		in.Set(k, v)
	}
	p = c.Submit(p, "/sign-up", in)
	webtest.A11y(t, p.Doc())
	if p.Status != http.StatusOK || p.Path != "/sign-in?next=%2Fmy%2Faccount" || !p.Has("您的信息已经收到") {
		t.Fatalf("%d %s %s", p.Status, p.Path, p.Text())
	}
	p = c.Submit(p, "/sign-in", url.Values{"login": {in.Get("phone")}, "password": {in.Get("password")}})
	if p.Status != http.StatusOK || p.Path != "/my/account" {
		t.Fatalf("%d %s %s", p.Status, p.Path, p.Text())
	}
	has(t, p, "周新", "371602********0018", "139****7777")
	acc, err := a.Identity.AccountByLogin(t.Context(), "13900017777")
	if err != nil || acc.Kind != auth.Person || acc.State != "active" || acc.Version != 1 || acc.ID == "1" {
		t.Errorf("%+v %v", acc, err)
	}
	if actor := a.Actor(t, "13900017777"); len(actor.Posts) != 0 || len(actor.Firms) != 0 {
		t.Errorf("%+v", actor)
	}

	// Whoever has an account hears the same, and has no second one: not the
	// password, not the name changes.
	in.Set("password", "another long pass")
	if p := a.As(t, "").Post("/sign-up", in); p.Status != http.StatusOK || !p.Has("您的信息已经收到") {
		t.Errorf("twice: %d %s", p.Status, p.Text())
	}
	if _, err := a.Identity.CheckSignIn(t.Context(), auth.Actor{From: "192.0.2.1"}, "13900017777", "another long pass"); err == nil {
		t.Error("somebody else has taken the account")
	}
	// Who was at a window proves it with the code of a receipt.
	if _, err := a.Identity.RegisterVisitor(t.Context(), a.Actor(t, "clerk"), identity.VisitorInput{Name: "周新", IDNumber: "371602199203040020", Phone: "13900017778"}); err != nil {
		t.Fatal(err)
	}
	in.Set("id_number", "371602199203040020")
	in.Set("phone", "13900017778")
	in.Set("receipt", "000000")
	p = a.As(t, "").Post("/sign-up", in)
	if p.Status != http.StatusOK || !p.Has("您的信息已经收到") {
		t.Errorf("without a receipt: %d %s", p.Status, p.Text())
	}
	if x, found, err := a.Identity.ToSignIn(t.Context(), "371602199203040020"); err != nil || !found || x.HasSecret {
		t.Errorf("taken over without a receipt: %v", err)
	}
	c.Follow = false
	if p := c.Get("/sign-up?next=%2F%2Fevil.example"); p.Location() != "/" {
		t.Errorf("signed in already: %d %s", p.Status, p.Location())
	}
}

// TestNothingTypedIsRun puts markup and SQL into every text field and looks at
// what comes back.
func TestNothingTypedIsRun(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	const evil = `"><script src=x></script><img src=x onerror=alert(1)>'; DROP TABLE identity_account; --`
	check := func(p *webtest.Page) {
		t.Helper()
		webtest.A11y(t, p.Doc())
		for _, n := range webtest.FindAll(p.Doc(), "", "src", "x") {
			t.Errorf("%s runs what was typed: <%s>", p.Path, n.Data)
		}
		if p.Status >= 500 || p.Status == http.StatusNotFound {
			t.Errorf("%s: %d", p.Path, p.Status)
		}
	}
	everything := func(names ...string) url.Values {
		v := url.Values{}
		for _, n := range names {
			v.Set(n, evil)
		}
		return v
	}
	visitor, admin, auditor := a.As(t, ""), a.As(t, "system-admin"), a.As(t, "audit-admin")
	check(visitor.Post("/sign-in", everything("login", "password", "next")))
	check(visitor.Get("/sign-in?" + everything("login", "next").Encode()))
	check(visitor.Post("/sign-up", everything("name", "id_number", "phone", "email", "login", "password", "next")))
	check(visitor.Post("/verify", everything("code")))
	check(admin.Post("/admin/staff/new", everything("login", "name", "name_en", "phone", "password", "role", "department", "region", "window")))
	check(admin.Get("/admin/staff?" + everything("q", "department", "role", "after").Encode()))
	check(admin.Post("/admin/clients/new", everything("name", "scopes", "expires")))
	check(auditor.Get("/admin/audit?" + everything("object", "actor", "action").Encode()))

	// A name is free text: it is kept as typed and shown as text.
	in := person()
	in.Set("name", `<b>张</b>'; --`)
	check(visitor.Post("/sign-up", in))
	check(visitor.Post("/sign-in", url.Values{"login": {in.Get("phone")}, "password": {in.Get("password")}}))
	p := visitor.Get("/my/account")
	check(p)
	has(t, p, `<b>张</b>'; --`)
	good := url.Values{"name": {`<script src=x>`}, "scopes": {"items:read"}, "expires": {"2026-12-31"}}
	check(admin.Post("/admin/clients/new", good))
	p = admin.Get("/admin/clients")
	check(p)
	has(t, p, `<script src=x>`)
	check(auditor.Get("/admin/audit"))
	if p := a.As(t, "system-admin").Get("/admin/staff"); !p.Has("approver") {
		t.Error("the accounts are gone")
	}
}
