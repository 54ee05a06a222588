package identityweb_test

import (
	"context"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestAdministrationIsForItsRoles(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	for path, may := range map[string]string{
		"/admin/staff": "system-admin security-admin audit-admin", "/admin/staff/new": "system-admin", "/admin/clients": "system-admin", "/admin/clients/new": "system-admin", "/admin/audit": "security-admin audit-admin",
	} {
		for _, login := range []string{"applicant", "clerk", "approver", "leader", "catalogue-admin", "system-admin", "security-admin", "audit-admin"} {
			want := http.StatusForbidden
			if strings.Contains(may, login) {
				want = http.StatusOK
			}
			if p := a.As(t, login).Get(path); p.Status != want {
				t.Errorf("%s at %s: %d, want %d", login, path, p.Status, want)
			}
		}
	}
	for path, login := range map[string]string{"/admin/staff/new": "security-admin", "/admin/clients/new": "audit-admin", "/admin/clients/x/revoke": "security-admin", "/admin/audit/verify": "system-admin"} {
		if p := a.As(t, login).Post(path, nil); p.Status != http.StatusForbidden {
			t.Errorf("%s posts to %s: %d", login, path, p.Status)
		}
	}
}

func TestStaff(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "system-admin")
	p := show(t, c, i18n.Chinese, "/admin/staff", "工作人员", "顾维民", "审批人员 · 科技创新局", "下一页")
	next := webtest.Attr(webtest.Find(p.Doc(), "a", "rel", "next"), "href")
	if p2 := show(t, c, i18n.Chinese, next); p2.Has("顾维民") || len(webtest.FindAll(p.Doc(), "tbody", "", "")) != 1 {
		t.Error("the second page begins anew")
	}
	show(t, c, i18n.English, "/admin/staff", "Staff", "Approver")
	p = show(t, c, i18n.Chinese, "/admin/staff?role=clerk&department=zw", "林巧云")
	if p.Has("顾维民") {
		t.Error("the filter lets an approver through")
	}
	show(t, c, i18n.Chinese, "/admin/staff?q=%E9%A1%BE%E7%BB%B4", "顾维民")
	show(t, c, i18n.Chinese, "/admin/staff?q=nobody", "没有符合条件的工作人员")
	show(t, c, i18n.English, "/admin/staff/new", "Add a member of staff")

	form := show(t, c, i18n.Chinese, "/admin/staff/new", "新增工作人员")
	for name, change := range map[string]url.Values{
		"nothing":           {},
		"clerk at no desk":  {"login": {"new-clerk"}, "name": {"白露"}, "password": {"first-pass"}, "role": {"clerk"}, "department": {"zw"}, "region": {"371671"}},
		"unknown role":      {"login": {"new-clerk"}, "name": {"白露"}, "password": {"first-pass"}, "role": {"god"}, "department": {"zw"}, "region": {"371671"}},
		"unknown window":    {"login": {"new-clerk"}, "name": {"白露"}, "password": {"first-pass"}, "role": {"clerk"}, "department": {"zw"}, "region": {"371671"}, "window": {"main/Z99"}},
		"short password":    {"login": {"new-clerk"}, "name": {"白露"}, "password": {"short"}, "role": {"clerk"}, "department": {"zw"}, "region": {"371671"}, "window": {"main/A02"}},
		"login of somebody": {"login": {"clerk"}, "name": {"白露"}, "password": {"first-pass"}, "role": {"clerk"}, "department": {"zw"}, "region": {"371671"}, "window": {"main/A02"}},
	} {
		p := c.Submit(form, "/admin/staff/new", change)
		webtest.A11y(t, p.Doc())
		if p.Status != http.StatusUnprocessableEntity || webtest.Attr(webtest.Find(p.Doc(), "input", "name", "name"), "value") != change.Get("name") || strings.Contains(p.Body, "first-pass") {
			t.Errorf("%s: %d", name, p.Status)
		}
	}
	p = c.Submit(form, "/admin/staff/new", url.Values{
		"login": {"new-clerk"}, "name": {"白露"}, "name_en": {"Bai Lu"}, "phone": {"13900015555"}, "password": {"first-pass"},
		"role": {"clerk"}, "department": {"zw"}, "region": {"371671"}, "window": {"main/A02"}, "kind": {"person"}, "state": {"closed"},
	})
	if p.Status != http.StatusOK || p.Path != "/admin/staff?q=new-clerk" || !p.Has("白露") || !p.Has("139****5555") {
		t.Errorf("%d %s %s", p.Status, p.Path, p.Text())
	}
	actor := a.Actor(t, "new-clerk")
	if want := (auth.Post{Role: auth.Clerk, DepartmentID: "zw", Region: "371671", HallID: "main", WindowID: "main/A02"}); actor.Kind != auth.Staff || len(actor.Posts) != 1 || !reflect.DeepEqual(actor.Posts[0], want) {
		t.Errorf("%+v", actor)
	}
	// Only clerks sit at a window.
	c.Submit(form, "/admin/staff/new", url.Values{"login": {"new-handler"}, "name": {"白霜"}, "password": {"first-pass"}, "role": {"handler"}, "department": {"kj"}, "region": {"371671"}, "window": {"main/A02"}})
	if actor := a.Actor(t, "new-handler"); actor.Posts[0].WindowID != "" || actor.Posts[0].HallID != "" {
		t.Errorf("%+v", actor)
	}
}

func TestClients(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "system-admin")
	show(t, c, i18n.English, "/admin/clients", "No API clients yet")
	show(t, c, i18n.English, "/admin/clients/new", "Add an API client")
	show(t, c, i18n.Chinese, "/admin/clients", "还没有接口账号")
	form := show(t, c, i18n.Chinese, "/admin/clients/new", "读取事项和办事指南")
	for name, change := range map[string]url.Values{
		"nothing": {}, "no scope": {"name": {"市大数据局"}, "expires": {"2026-12-31"}}, "no such scope": {"name": {"市大数据局"}, "scopes": {"root"}, "expires": {"2026-12-31"}},
		"yesterday": {"name": {"市大数据局"}, "scopes": {"items:read"}, "expires": {"2026-03-01"}}, "too long": {"name": {"市大数据局"}, "scopes": {"items:read"}, "expires": {"2028-03-01"}},
		"no date": {"name": {"市大数据局"}, "scopes": {"items:read"}, "expires": {"31.12."}},
	} {
		p := c.Submit(form, "/admin/clients/new", change)
		webtest.A11y(t, p.Doc())
		if p.Status != http.StatusUnprocessableEntity || webtest.Attr(webtest.Find(p.Doc(), "input", "name", "name"), "value") != change.Get("name") {
			t.Errorf("%s: %d", name, p.Status)
		}
	}
	p := c.Submit(form, "/admin/clients/new", url.Values{"name": {"市大数据局"}, "scopes": {"items:read", "cases:read"}, "expires": {"2026-12-31"}})
	webtest.A11y(t, p.Doc())
	token := webtest.Text(webtest.Find(p.Doc(), "code", "id", "token"))
	if p.Status != http.StatusOK || len(p.Via) != 0 || p.Header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(token, "tb_") {
		t.Fatalf("%d %v %s %q", p.Status, p.Via, p.Header.Get("Cache-Control"), token)
	}
	has(t, p, "只显示这一次", "2026年12月31日")
	if actor, err := a.Identity.ClientByToken(t.Context(), token); err != nil || !actor.HasScope(auth.ScopeCasesRead) || actor.HasScope(auth.ScopeCasesWrite) {
		t.Errorf("%+v %v", actor, err)
	}
	list := show(t, c, i18n.Chinese, "/admin/clients", "市大数据局", "查询办件进度", "在用", "2026-12-31")
	if strings.Contains(list.Body, token) {
		t.Error("the list shows a token")
	}
	show(t, c, i18n.English, "/admin/clients", "In use", "Follow cases")
	c.Header.Set("Accept-Language", "zh-CN")
	if p := c.Submit(list, "/revoke", url.Values{"version": {"9"}}); p.Status != http.StatusPreconditionFailed {
		t.Errorf("stale: %d", p.Status)
	}
	if p := c.Submit(list, "/revoke", url.Values{"version": {"one"}}); p.Status != http.StatusBadRequest {
		t.Errorf("no version: %d", p.Status)
	}
	if p := c.Submit(list, "/revoke", nil); p.Status != http.StatusOK || p.Path != "/admin/clients" || !p.Has("已停用") {
		t.Errorf("%d %s %s", p.Status, p.Path, p.Text())
	}
	if _, err := a.Identity.ClientByToken(t.Context(), token); err == nil {
		t.Error("the token still works")
	}
	if p := c.Submit(list, "/revoke", nil); p.Status != http.StatusPreconditionFailed {
		t.Errorf("twice: %d", p.Status)
	}
}

func TestAudit(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	a.Clock.Advance(time.Minute) // newer than what filled the zone
	signUp := a.As(t, "").Post("/sign-up", person())
	if signUp.Status >= 400 && signUp.Status != http.StatusNotFound {
		t.Fatal(signUp.Status)
	}
	c := a.As(t, "audit-admin")
	p := show(t, c, i18n.Chinese, "/admin/audit", "审计日志", "identity.sign_up", "申请人 周*", "下一页")
	if strings.Contains(p.Body, "周新") {
		t.Error("the log names a citizen in full")
	}
	show(t, c, i18n.English, "/admin/audit", "Audit log", "Applicant")
	p = show(t, c, i18n.Chinese, "/admin/audit?action=identity.issue_certificate", "identity.issue_certificate")
	for strings.Contains(p.Body, `rel="next"`) {
		if strings.Contains(p.Body, "371602198803120011") {
			t.Error("a change shows an identity number")
		}
		p = c.Get(webtest.Attr(webtest.Find(p.Doc(), "a", "rel", "next"), "href"))
	}
	acc, err := a.Identity.AccountByLogin(t.Context(), "13900017777")
	if err != nil {
		t.Fatal(err)
	}
	show(t, c, i18n.Chinese, "/admin/audit?actor=person:"+acc.ID, "identity.sign_up")
	show(t, c, i18n.Chinese, "/admin/audit?object=account:"+acc.ID, "identity.sign_up")
	show(t, c, i18n.Chinese, "/admin/audit?object=none", "没有符合条件的日志")

	for l, words := range map[i18n.Locale]string{i18n.Chinese: "日志完整，没有被改动", i18n.English: "The log is complete and unchanged"} {
		c.Header.Set("Accept-Language", string(l))
		p = c.Submit(c.Get("/admin/audit"), "/verify", nil)
		webtest.A11y(t, p.Doc())
		if p.Status != http.StatusOK || !p.Has(words) {
			t.Errorf("%d %s", p.Status, p.Text())
		}
	}
	if err := a.DB.InTx(t.Context(), func(ctx context.Context) error {
		_, err := a.DB.Exec(ctx, `UPDATE audit_entry SET name='somebody else' WHERE object=$1`, "account:"+acc.ID)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	c.Header.Set("Accept-Language", "zh-CN")
	p = c.Submit(c.Get("/admin/audit"), "/verify", nil)
	webtest.A11y(t, p.Doc())
	has(t, p, "日志不完整", "内容被改动")
}
