package oidcweb_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/identity/factor"
	"github.com/tongban/tongban/internal/identity/oidc"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/config"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/oidctest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const (
	with     = "/sign-in/with/province"
	link     = "/settings/security/links/province"
	security = "/settings/security"
)

// provider writes the file of providers with one, and the setting that names it.
func provider(t *testing.T, issuer, claim string) func(*config.Config) {
	t.Helper()
	dir := t.TempDir()
	secret, file := filepath.Join(dir, "secret"), filepath.Join(dir, "oidc.yaml")
	text := "providers:\n  - {key: province, name: {zh: 省统一身份认证, en: Provincial login}, issuer: " + issuer + ", client-id: " + oidctest.ClientID + ", secret-file: " + secret + ", scopes: [profile], id-number-claim: " + claim + "}\n"
	for name, content := range map[string]string{secret: oidctest.Secret + "\n", file: text} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return func(c *config.Config) { c.OIDC = file }
}

type site struct {
	*apptest.App
	provider *oidctest.Provider
}

func start(t *testing.T, claim string) site {
	t.Helper()
	p := oidctest.Start(t, []oidctest.Person{
		{Subject: "s-citizen", Login: "citizen", IDNumber: "371602198803120011"},
		{Subject: "s-other", Login: "other", IDNumber: "371602199001010018"},
		{Subject: "s-plain", Login: "plain"},
	}, "http://tongban.test"+with+"/back")
	return site{apptest.Changed(t, provider(t, p.Issuer, claim)), p}
}

// go through the provider and come back.
func (s site) through(t *testing.T, c *webtest.Client, path, as string) *webtest.Page {
	t.Helper()
	c.Follow = false
	p := c.Get(path)
	if p.Status != http.StatusSeeOther || !strings.HasPrefix(p.Location(), s.provider.Issuer) {
		t.Fatalf("%s: %d %s", path, p.Status, p.Location())
	}
	q, err := url.Parse(p.Location())
	if err != nil || q.Query().Get("code_challenge_method") != "S256" || q.Query().Get("nonce") == "" || q.Query().Get("state") == "" {
		t.Fatalf("%s", p.Location())
	}
	back := s.provider.SignIn(t, p.Location(), as)
	c.Follow = true
	return c.Get(back)
}

func TestSignInOverARealProvider(t *testing.T) {
	t.Parallel()
	a := start(t, "id_number")
	for _, l := range i18n.Locales {
		c := a.As(t, "")
		c.Header.Set("Accept-Language", string(l))
		p := c.Get("/sign-in?next=%2Fmy%2Faccount")
		webtest.A11y(t, p.Doc())
		if !strings.Contains(p.Body, with+"?next=%2Fmy%2Faccount") {
			t.Errorf("%s: no button", l)
		}
	}
	c := a.As(t, "")
	p := a.through(t, c, with+"?next=%2Fmy%2Faccount", "citizen")
	webtest.A11y(t, p.Doc())
	if p.Path != "/sign-in/link" || !p.Has("绑定您的账号") {
		t.Fatalf("%s %s", p.Path, p.Text())
	}
	if p := c.Get("/my/account"); !strings.HasPrefix(p.Path, "/sign-in") {
		t.Errorf("a stranger is let in: %s", p.Path)
	}
	post := func(login, password string) *webtest.Page {
		return c.Post("/sign-in/link", url.Values{"login": {login}, "password": {password}})
	}
	wrong := post("applicant", "wrong-pass")
	webtest.A11y(t, wrong.Doc())
	if other := post("nobody", "wrong-pass"); wrong.Status != http.StatusUnprocessableEntity || strings.ReplaceAll(other.Body, "nobody", "applicant") != wrong.Body {
		t.Error("it tells who has an account")
	}
	if p := post("citizen", app.DemoPassword); p.Status != http.StatusConflict && !p.Has("不一样") {
		t.Errorf("an account of another person: %d %s", p.Status, p.Text())
	}
	if p := post("clerk", app.DemoPassword); p.Path == "/work" || !p.Has("工作人员") {
		t.Errorf("an account of staff: %d %s", p.Status, p.Text())
	}
	if p := post("applicant", app.DemoPassword); p.Path != "/my/account" {
		t.Fatalf("%s %s", p.Path, p.Text())
	}
	c = a.As(t, "")
	if p := a.through(t, c, with+"?next=%2Fmy%2Faccount", "citizen"); p.Path != "/my/account" {
		t.Errorf("the second time: %s", p.Path)
	}
	if p := c.Get("/my/account"); !p.Has("统一身份认证已核实") || !p.Has("省统一身份认证") {
		t.Errorf("real name: %s", p.Text())
	}
	if p := c.Get(security); !p.Has("统一登录") || !p.Has("已绑定") {
		t.Errorf("%s", p.Text())
	}
	for _, next := range []string{"//evil.example", "https://evil.example/", `/\evil.example`, "/sign-out"} {
		if p := a.through(t, a.As(t, ""), with+"?next="+url.QueryEscape(next), "citizen"); p.Path != "/" {
			t.Errorf("next=%s leads to %s", next, p.Path)
		}
	}
}

func TestLinkingFromTheAccount(t *testing.T) {
	t.Parallel()
	a := start(t, `""`)
	c := a.As(t, "talent")
	for _, l := range i18n.Locales {
		c.Header.Set("Accept-Language", string(l))
		webtest.A11y(t, c.Get(link).Doc())
	}
	c.Header.Del("Accept-Language")
	c.Follow = false
	if p := c.Get(link + "/go"); p.Location() != link {
		t.Errorf("without a password: %s", p.Location())
	}
	if p := c.Post(link, url.Values{"password": {"wrong"}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("with a wrong one: %d", p.Status)
	}
	if p := c.Post(link, url.Values{"password": {app.DemoPassword}}); p.Location() != link {
		t.Fatalf("%d %s", p.Status, p.Location())
	}
	if p := a.through(t, c, link+"/go", "plain"); p.Path != security || !p.Has("已经绑定") {
		t.Fatalf("%s %s", p.Path, p.Text())
	}
	other := a.As(t, "applicant")
	other.Post(link, url.Values{"password": {app.DemoPassword}})
	if p := a.through(t, other, link+"/go", "plain"); p.Status != http.StatusConflict {
		t.Errorf("one identity opens two accounts: %d", p.Status)
	}
	if p := c.Post(link+"/drop", url.Values{"password": {"wrong"}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("unlinked with a wrong password: %d", p.Status)
	}
	if p := c.Post(link+"/drop", url.Values{"password": {app.DemoPassword}}); p.Path != security || !p.Has("已经解除") {
		t.Errorf("%s", p.Path)
	}
	if p := a.through(t, a.As(t, ""), with, "plain"); p.Path != "/sign-in/link" {
		t.Errorf("an identity opens the account after unlinking: %s", p.Path)
	}
}

// TestForgedAnswers: what comes back counts once, in the browser that asked.
func TestForgedAnswers(t *testing.T) {
	t.Parallel()
	a := start(t, "id_number")
	refused := func(what string, c *webtest.Client, back string) {
		t.Helper()
		c.Follow = true
		if p := c.Get(back); p.Path != "/sign-in" || !p.Has("没有成功") {
			t.Errorf("%s: %d %s", what, p.Status, p.Path)
		}
	}
	begun := func() (*webtest.Client, string) {
		c := a.As(t, "")
		c.Follow = false
		return c, a.provider.SignIn(t, c.Get(with).Location(), "citizen")
	}
	victim, back := begun()
	refused("in another browser", a.As(t, ""), back)
	thief, own := begun()
	u, err := url.Parse(own)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	stolen, _ := url.Parse(back)
	q.Set("code", stolen.Query().Get("code"))
	refused("a stolen code under an own state", thief, u.Path+"?"+q.Encode())
	v := stolen.Query()
	v.Set("state", "made-up")
	refused("a made-up state", victim, stolen.Path+"?"+v.Encode())
	refused("the right one after a wrong one", victim, back)
	honest, back := begun()
	honest.Follow = true
	if p := honest.Get(back); p.Path != "/sign-in/link" {
		t.Fatalf("%s", p.Path)
	}
	refused("the same answer again", honest, back)
	mixed, back := begun()
	refused("from another issuer", mixed, back+"&iss=https%3A%2F%2Fevil.example")
	late, back := begun()
	a.Clock.Advance(11 * time.Minute)
	refused("too late", late, back)
}

// TestTokensThatAreNotForUs: a provider's word counts only as far as it is signed, ours, fresh and asked for.
func TestTokensThatAreNotForUs(t *testing.T) {
	t.Parallel()
	liar := oidctest.StartLiar(t)
	a := apptest.Changed(t, provider(t, liar.Issuer, "id_number"))
	now := a.Clock.Now()
	none := base64.RawURLEncoding.EncodeToString
	for what, tt := range map[string]struct {
		change  map[string]any
		foreign bool
		raw     string
		want    error
	}{
		"an honest one":         {},
		"for another site":      {change: map[string]any{"aud": "another"}, want: oidc.ErrAnswer},
		"of another issuer":     {change: map[string]any{"iss": "https://evil.example"}, want: oidc.ErrAnswer},
		"with another nonce":    {change: map[string]any{"nonce": "replayed"}, want: oidc.ErrAnswer},
		"without a nonce":       {change: map[string]any{"nonce": ""}, want: oidc.ErrAnswer},
		"that has run out":      {change: map[string]any{"exp": now.Add(-time.Hour).Unix()}, want: oidc.ErrAnswer},
		"about nobody":          {change: map[string]any{"sub": ""}, want: oidc.ErrAnswer},
		"signed by a stranger":  {foreign: true, want: oidc.ErrAnswer},
		"that nobody signed":    {raw: none([]byte(`{"alg":"none"}`)) + "." + none([]byte(`{"iss":"`+liar.Issuer+`","sub":"x","aud":"tongban"}`)) + ".", want: oidc.ErrAnswer},
		"that is no token":      {raw: "x", want: oidc.ErrAnswer},
		"that is not there":     {raw: " ", want: oidc.ErrAnswer},
		"for us and for others": {change: map[string]any{"aud": []string{"tongban", "another"}}},
	} {
		_, flow, err := a.OIDC.Begin(t.Context(), "province", "", "")
		if err != nil {
			t.Fatal(err)
		}
		liar.Say(t, now, flow.Nonce, tt.foreign, tt.change)
		if tt.raw != "" {
			liar.SayRaw(strings.TrimSpace(tt.raw))
		}
		_, err = a.OIDC.Finish(t.Context(), flow, oidc.Answer{Provider: "province", State: flow.State, Code: "c"})
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := a.OIDC.Link(t.Context(), auth.Actor{}, a.Actor(t, "citizen").ID, oidc.Stranger{}); !errors.Is(err, oidc.ErrAnswer) {
		t.Errorf("nobody is linked: %v", err)
	}
}

// TestASecondFactorIsNotGotRoundByLinking: with the password alone nobody links an
// identity of his own, and what its provider says of factors spares none of ours.
func TestASecondFactorIsNotGotRoundByLinking(t *testing.T) {
	t.Parallel()
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	liar := oidctest.StartLiar(t)
	a := apptest.Changed(t, provider(t, liar.Issuer, "id_number"))
	ctx, owner := t.Context(), a.Actor(t, "applicant")
	acc, err := a.Identity.Account(ctx, owner.ID)
	if err == nil {
		err = a.Factor.SeedApp(ctx, owner.ID, secret)
	}
	if err != nil {
		t.Fatal(err)
	}
	through := func(c *webtest.Client, claims map[string]any) *webtest.Page {
		t.Helper()
		c.Follow = false
		u, err := url.Parse(c.Get(with).Location())
		if err != nil {
			t.Fatal(err)
		}
		liar.Say(t, a.Clock.Now(), u.Query().Get("nonce"), false, claims)
		c.Follow = true
		return c.Get(with + "/back?code=c&state=" + url.QueryEscape(u.Query().Get("state")))
	}
	linked := func() bool {
		list, err := a.OIDC.Of(ctx, owner.ID)
		return err != nil || !list[0].Since.IsZero()
	}
	shown := url.Values{"login": {"applicant"}, "password": {app.DemoPassword}}

	nameless := a.As(t, "")
	through(nameless, map[string]any{"amr": []string{"mfa"}})
	if p := nameless.Post("/sign-in/link", shown); p.Path != "/sign-in/link" || !p.Has("没有告诉我们您的身份证号") || linked() {
		t.Errorf("without an identity number: %s %s", p.Path, p.Text())
	}

	mfa := map[string]any{"amr": []string{"pwd", "mfa"}, "id_number": acc.IDNumber}
	c := a.As(t, "")
	through(c, mfa)
	if p := c.Post("/sign-in/link", shown); p.Path != "/sign-in/second" || linked() {
		t.Fatalf("linked before the second factor: %s", p.Path)
	}
	if p := through(a.As(t, ""), mfa); p.Path != "/sign-in/link" {
		t.Fatalf("the identity opens the account: %s", p.Path)
	}
	code, err := factor.CodeAt(secret, a.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if p := c.Post("/sign-in/second", url.Values{"code": {code}}); p.Path == "/sign-in/second" || !linked() {
		t.Fatalf("not linked after the second factor: %s %s", p.Path, p.Text())
	}
	if n, err := db.One(ctx, a.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM notify_message WHERE account_id=$1 AND kind='oidc_linked'`, owner.ID); err != nil || n != 1 {
		t.Errorf("the owner is told %d times: %v", n, err)
	}
	if p := through(a.As(t, ""), mfa); p.Path != "/sign-in/second" {
		t.Errorf("the word of the provider spares the second factor: %s", p.Path)
	}

	made, err := a.Factor.PrintCode(ctx, a.Actor(t, "clerk"), acc.Name.ZH, acc.IDNumber, true)
	if err == nil {
		err = a.Factor.Recover(ctx, auth.Actor{From: "192.0.2.9"}, "applicant", made.Code, "another long pass")
	}
	if err != nil || linked() {
		t.Errorf("a link from before outlives a code from a window: %v", err)
	}
}

func TestEveryNoticeHasItsText(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	for _, kind := range oidc.Notices() {
		for _, l := range i18n.Locales {
			for _, part := range []string{".title", ".body"} {
				if key := "notify." + kind + part; a.Texts.Text(l, key) == key {
					t.Errorf("%s has no text in %s", key, l)
				}
			}
		}
	}
}
