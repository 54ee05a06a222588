package organisationweb_test

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// want checks a page: its status and the words on it.
func want(t *testing.T, p *webtest.Page, status int, words ...string) *webtest.Page {
	t.Helper()
	if p.Status != status {
		t.Errorf("status %d, want %d: %.300s", p.Status, status, p.Text())
	}
	for _, w := range words {
		if !p.Has(w) {
			t.Errorf("lacks %q: %.600s", w, p.Text())
		}
	}
	return p
}

// both reads a page in both languages and checks it for everybody.
func both(t *testing.T, c *webtest.Client, path string) *webtest.Page {
	t.Helper()
	c.Post("/lang", url.Values{"lang": {"en"}, "next": {path}})
	webtest.A11y(t, c.Get(path).Doc())
	c.Post("/lang", url.Values{"lang": {"zh-CN"}, "next": {path}})
	p := c.Get(path)
	webtest.A11y(t, p.Doc())
	return p
}

func TestStaffPages(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	id := func(login string) string { return a.Actor(t, login).ID }
	c, auditor := a.As(t, "system-admin"), a.As(t, "audit-admin")
	path := "/admin/staff/" + id("handler-hb")
	want(t, both(t, c, path), http.StatusOK, "童语桐", "审查人员", "未开始", "增加岗位", "停用账号")
	if p := want(t, both(t, auditor, path), http.StatusOK, "童语桐"); p.Has("增加岗位") || p.Has("停用账号") {
		t.Error("the auditor is offered what he may not")
	}
	want(t, a.As(t, "leader").Get(path), http.StatusForbidden)
	want(t, c.Get("/admin/staff/"+id("applicant")), http.StatusNotFound)
	for _, login := range []string{"security-admin", "audit-admin", "clerk"} {
		for _, more := range []string{"/post", "/state"} {
			want(t, a.As(t, login).Post(path+more, url.Values{"do": {"close"}, "reason": {"x"}, "version": {"1"}}), http.StatusForbidden)
		}
	}
	form := want(t, both(t, c, path+"/post"), http.StatusOK, "要安全管理员确认")
	in := url.Values{"role": {"commissioner"}, "department": {"kj"}, "region": {"371671"}, "from": {"2026-03-01"}, "reason": {"调岗"}}
	bad := want(t, c.Submit(form, "/post", in), http.StatusUnprocessableEntity, "请填今天或以后的日期")
	webtest.A11y(t, bad.Doc())
	if !strings.Contains(bad.Body, "调岗") {
		t.Error("what was typed is lost")
	}
	in.Set("from", "")
	in.Set("until", "2026-12-31")
	want(t, c.Submit(form, "/post", in), http.StatusOK, "岗位已经授予", "2026年12月31日")
	in.Set("role", "head")
	want(t, c.Submit(form, "/post", in), http.StatusOK, "等安全管理员确认", "等待确认")

	// the end of a post
	page := c.Get(path)
	end := ""
	for _, link := range webtest.FindAll(page.Doc(), "a", "", "") {
		if href := webtest.Attr(link, "href"); strings.HasPrefix(href, path+"/post/") {
			end = href
			break
		}
	}
	ask := want(t, both(t, c, end), http.StatusOK, "最后一天")
	want(t, c.Submit(ask, end, url.Values{}), http.StatusUnprocessableEntity)
	want(t, c.Submit(ask, end, url.Values{"reason": {"调岗"}, "until": {"2026-03-31"}}), http.StatusOK, "2026年3月31日", "原因：调岗")

	// closing and opening again
	ask = want(t, both(t, c, path+"/state"), http.StatusOK, "岗位要重新授予")
	webtest.A11y(t, want(t, c.Submit(ask, "/state", url.Values{}), http.StatusUnprocessableEntity).Doc())
	want(t, c.Submit(ask, "/state", url.Values{"reason": {"离职"}}), http.StatusOK, "账号已停用")
	ask = want(t, both(t, c, path+"/state"), http.StatusOK, "重新启用")
	want(t, c.Submit(ask, "/state", url.Values{"reason": {"返聘"}}), http.StatusOK, "账号已重新启用")
	want(t, c.Post("/admin/staff/"+id("system-admin")+"/state", url.Values{"do": {"close"}, "reason": {"x"}, "version": {"1"}}), http.StatusForbidden)
}

func TestProposals(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	system, security, auditor := a.As(t, "system-admin"), a.As(t, "security-admin"), a.As(t, "audit-admin")
	page := want(t, both(t, security, "/admin/posts"), http.StatusOK, "温俊杰", "月底退休", "确认授予", "退回")
	if p := want(t, both(t, system, "/admin/posts"), http.StatusOK, "温俊杰", "收回"); p.Has("确认授予") {
		t.Error("who proposed it is asked to confirm it")
	}
	if p := want(t, both(t, auditor, "/admin/posts"), http.StatusOK, "温俊杰"); p.Has("收回") || p.Has("确认授予") {
		t.Error("the auditor is asked")
	}
	action := webtest.Attr(webtest.Find(page.Doc(), "button", "value", "confirm").Parent, "action")
	v := url.Values{"do": {"confirm"}, "version": {"1"}}
	want(t, system.Post(action, v), http.StatusForbidden)
	want(t, auditor.Post(action, v), http.StatusForbidden)
	want(t, a.As(t, "applicant").Post(action, v), http.StatusForbidden)
	webtest.A11y(t, want(t, security.Post(action, url.Values{"do": {"refuse"}, "version": {"1"}}), http.StatusUnprocessableEntity, "请写明原因").Doc())
	want(t, security.Post(action, url.Values{"do": {"grant"}, "version": {"1"}}), http.StatusUnprocessableEntity)
	want(t, security.Post(action, v), http.StatusOK, "岗位已经授予", "已确认")
	if !a.Actor(t, "handler-zj").Has("head") {
		t.Error("he has no post")
	}
	want(t, both(t, system, "/admin/posts"), http.StatusOK, "没有等待确认的岗位")
}

func TestDepartmentPages(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "system-admin")
	want(t, both(t, c, "/admin/departments"), http.StatusOK, "科技创新局")
	want(t, both(t, a.As(t, "audit-admin"), "/admin/departments"), http.StatusOK, "科技创新局")
	want(t, a.As(t, "audit-admin").Get("/admin/departments/kj"), http.StatusForbidden)
	want(t, c.Get("/admin/departments/none"), http.StatusNotFound)
	form := want(t, both(t, c, "/admin/departments/kj"), http.StatusOK, "统一社会信用代码")
	bad := want(t, c.Submit(form, "/admin/departments/kj", url.Values{"phone": {"请来电"}}), http.StatusUnprocessableEntity, "请填电话号码")
	webtest.A11y(t, bad.Doc())
	if !strings.Contains(bad.Body, "请来电") {
		t.Error("what was typed is lost")
	}
	want(t, c.Submit(form, "/admin/departments/kj", url.Values{"phone": {"0543-8167777"}}), http.StatusOK, "0543-8167777")
}

func TestGroupPages(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "system-admin")
	const path = "/admin/groups/kj-contract"
	want(t, both(t, c, "/admin/groups"), http.StatusOK, "技术合同登记组", "宋嘉树、梁子安", "新建工作组")
	if p := want(t, both(t, a.As(t, "audit-admin"), path), http.StatusOK, "宋嘉树"); p.Has("移出") || p.Has("增加成员") {
		t.Error("the auditor is offered what he may not")
	}
	want(t, c.Get("/admin/groups/none"), http.StatusNotFound)
	want(t, a.As(t, "security-admin").Get("/admin/groups/new"), http.StatusForbidden)
	for _, more := range []string{"", "/members", "/members/x", "/close"} {
		want(t, a.As(t, "audit-admin").Post(path+more, url.Values{"version": {"1"}}), http.StatusForbidden)
	}

	form := want(t, both(t, c, "/admin/groups/new"), http.StatusOK, "用在事项流程里")
	in := url.Values{"department": {"sc"}, "id": {"SC 1"}, "name": {"登记二组"}}
	bad := want(t, c.Submit(form, "/new", in), http.StatusUnprocessableEntity, "小写字母开头")
	webtest.A11y(t, bad.Doc())
	if !strings.Contains(bad.Body, "登记二组") {
		t.Error("what was typed is lost")
	}
	in.Set("id", "sc-second")
	p := want(t, c.Submit(form, "/new", in), http.StatusOK, "登记二组", "今天没有成员")
	want(t, c.Submit(p, "/members", url.Values{"account": {a.Actor(t, "handler-kj").ID}}), http.StatusUnprocessableEntity, "请选这个部门")
	p = want(t, c.Submit(p, "/members", url.Values{"account": {a.Actor(t, "handler-sc").ID}, "until": {"2026-12-31"}}), http.StatusOK, "贺子琪", "2026年12月31日")
	want(t, both(t, c, "/admin/groups/sc-second"), http.StatusOK, "贺子琪")
	want(t, both(t, c, "/admin/staff/"+a.Actor(t, "handler-sc").ID), http.StatusOK, "登记二组")
	p = want(t, c.Submit(p, "/sc-second", url.Values{"name": {"登记三组"}}), http.StatusOK, "登记三组")
	remove := ""
	for _, f := range webtest.FindAll(p.Doc(), "form", "", "") {
		if action := webtest.Attr(f, "action"); strings.Contains(action, "/members/") {
			remove = action
		}
	}
	p = want(t, c.Post(remove, url.Values{"version": {"1"}}), http.StatusOK, "成员已移出")
	want(t, c.Submit(p, "/close", url.Values{}), http.StatusUnprocessableEntity)
	p = want(t, c.Submit(p, "/close", url.Values{"reason": {"机构调整"}}), http.StatusOK, "已经撤销")
	if p.Has("增加成员") {
		t.Error("a closed group is changed")
	}
	webtest.A11y(t, p.Doc())
}

// TestHeir: who closes an account is asked who takes over what is in hand.
func TestHeir(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	k, err := a.Cases.Accept(t.Context(), a.Actor(t, "clerk"), cases.Ref{ID: a.Submitted(t, "applicant", "KJ-0006").ID})
	if err != nil {
		t.Fatal(err)
	}
	gone, heir := a.Actor(t, "handler-kj"), a.Actor(t, "handler-kj2")
	if _, err := a.Cases.Claim(t.Context(), gone, cases.Ref{ID: k.ID}); err != nil {
		t.Fatal(err)
	}
	c := a.As(t, "system-admin")
	path := "/admin/staff/" + gone.ID + "/state"
	form := want(t, both(t, c, path), http.StatusOK, "手里有 1 件没有办完", "梁子安（审查人员，手上 0 件）")
	webtest.A11y(t, want(t, c.Submit(form, "/state", url.Values{"reason": {"离职"}, "to": {a.Actor(t, "handler-sc").ID}}), http.StatusUnprocessableEntity, "请从名单里选一位同事").Doc())
	want(t, c.Submit(form, "/state", url.Values{"reason": {"离职"}, "to": {heir.ID}}), http.StatusOK, "账号已停用")
	want(t, both(t, a.As(t, "handler-kj2"), "/work/cases/"+string(k.ID)), http.StatusOK, "原经办人离开，转给梁子安办理")
}
