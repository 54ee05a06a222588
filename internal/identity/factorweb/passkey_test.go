package factorweb_test

import (
	"fmt"
	"net"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/identity/factor"
	"github.com/tongban/tongban/internal/platform/config"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/browser"
)

// TestPasskeysInTheBrowser makes a passkey, shows it as the second step, and
// signs in with it alone; once it is taken off it opens nothing.
func TestPasskeysInTheBrowser(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := fmt.Sprintf("http://localhost:%d", l.Addr().(*net.TCPAddr).Port)
	a := apptest.Changed(t, func(c *config.Config) { c.BaseURL = base })
	srv := httptest.NewUnstartedServer(a.Handler)
	_ = srv.Listener.Close()
	srv.Listener = l
	srv.Start()
	t.Cleanup(srv.Close)

	p := browser.Start(t, base).Page(t, "citizen", 390, 844)
	p.Authenticator()
	signIn := func() {
		p.Open("/sign-in")
		p.Type("login", "citizen")
		p.Type("password", app.DemoPassword)
		p.ClickOn(`form[action="/sign-in"] button`)
	}
	signIn()
	p.Open(security)
	p.Axe()
	p.Click("添加通行密钥")
	p.Type("name", "我的手机")
	p.Type("password_passkey", "wrong")
	p.Click("在这台设备上添加")
	p.Wait("密码不对")
	p.Type("password_passkey", app.DemoPassword)
	p.Click("在这台设备上添加")
	p.Wait("只显示这一次")
	p.Open(security)
	p.Wait("我的手机")
	p.Forget()

	signIn()
	p.WaitPath("/sign-in/second")
	p.Axe()
	p.Click("使用通行密钥")
	p.Until("be signed in", `!location.pathname.startsWith("/sign-in")`)
	p.Forget()

	p.Open("/sign-in?next=" + url.QueryEscape(security))
	p.Click("用通行密钥登录")
	p.WaitPath(security)
	p.Wait("密码 + 通行密钥") // the sign-in before, in the list
	acc, err := a.Identity.AccountByLogin(t.Context(), "citizen")
	if err != nil {
		t.Fatal(err)
	}
	state, err := a.Factor.Of(t.Context(), acc.ID)
	if err != nil || len(state.Passkeys) != 1 || state.Passkeys[0].UsedAt.IsZero() || state.Codes != 10 {
		t.Fatalf("%+v %v", state, err)
	}
	if step, err := a.Factor.After(t.Context(), acc.ID); err != nil || step != factor.Ask {
		t.Errorf("%v %v", step, err)
	}
	if err := a.Factor.DropPasskey(t.Context(), a.Actor(t, "applicant"), state.Passkeys[0].ID, app.DemoPassword); err == nil {
		t.Error("somebody else takes it off")
	}
	if err := a.Factor.DropPasskey(t.Context(), a.Actor(t, "citizen"), state.Passkeys[0].ID, app.DemoPassword); err != nil {
		t.Fatal(err)
	}
	p.Forget()
	p.Open("/sign-in")
	p.Click("用通行密钥登录")
	p.Wait("通行密钥没有通过")
}
