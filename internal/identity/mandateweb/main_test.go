package mandateweb_test

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

func TestColleagues(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	owner, agent := a.Actor(t, "applicant"), a.Actor(t, "agent")
	path := "/my/firms/" + owner.Firms[0] + "/colleagues"
	c, colleague := a.As(t, "applicant"), a.As(t, "agent")
	want(t, both(t, c, path), http.StatusOK, "负责人", "孙晓岚", "授权一位同事")
	want(t, both(t, colleague, path), http.StatusOK, "只有企业的负责人和管理人")
	want(t, a.As(t, "talent").Get(path), http.StatusNotFound)
	want(t, colleague.Get(path+"/new"), http.StatusForbidden)
	form := want(t, both(t, c, path+"/new"), http.StatusOK, "身份", "只限选中的事项")

	// what is wrong is said at its field, and nothing is lost
	bad := c.Submit(form, "/new", url.Values{"name": {"不在"}, "phone": {"13900000000"}, "scope": {"items"}, "more": {"没有这个事项"}})
	webtest.A11y(t, want(t, bad, http.StatusUnprocessableEntity, "没有找到“没有这个事项”").Doc())
	if !strings.Contains(bad.Body, "13900000000") {
		t.Error("what was typed is lost")
	}
	want(t, c.Submit(form, "/new", url.Values{"name": {"不在"}, "phone": {"13900000000"}}), http.StatusUnprocessableEntity, "没有找到这样的账号")
	// fields that the form does not have are nothing
	for _, smuggled := range []url.Values{{"level": {"owner"}}, {"level": {"system_admin"}}, {"level": {"agent", "owner"}, "kind": {"staff"}, "role": {"system_admin"}, "enterprise_id": {"x"}}} {
		v := url.Values{"name": {"沈知远"}, "phone": {"13900010003"}, "act": {"file"}, "scope": {"all"}}
		for k, x := range smuggled {
			v[k] = x
		}
		c.Post(path+"/new", v)
		if who := a.Actor(t, "talent"); who.Leads(owner.Firms[0], "owner") || len(who.Posts) > 0 || len(who.Firms) > 1 {
			t.Errorf("%v made %+v", smuggled, who)
		}
	}
	// an agent of one item for a while
	want(t, c.Submit(form, "/new", url.Values{"name": {"何桂芬"}, "phone": {"13900010004"}, "scope": {"items"}, "more": {"KJ-0002"}, "until": {"2026-03-31"}}), http.StatusOK, "已授权", "何桂芬", "2026年3月31日")
	if !a.Actor(t, "citizen").May(owner.Firms[0], "cases", "KJ-0002", true) || a.Actor(t, "citizen").May(owner.Firms[0], "cases", "KJ-0001", true) {
		t.Errorf("%+v", a.Actor(t, "citizen").Mandates)
	}

	// change and end
	var id string
	for _, m := range agent.Mandates {
		if m.Firm == owner.Firms[0] {
			id = m.ID
		}
	}
	one := want(t, both(t, c, path+"/"+id), http.StatusOK, "孙晓岚", "取消授权")
	draft := a.Draft(t, "agent", "KJ-0004")
	want(t, c.Submit(one, "/end", url.Values{}), http.StatusUnprocessableEntity, "请写明原因")
	want(t, a.As(t, "luzhengping").Post(path+"/"+id+"/end", url.Values{"reason": {"x"}}), http.StatusNotFound)
	p := c.Submit(one, "/end", url.Values{"reason": {"离职"}})
	webtest.A11y(t, want(t, p, http.StatusOK, "已取消授权", "留下 1 件", "原因：离职", "全部移交").Doc())
	want(t, c.Submit(p, "/left", url.Values{"to": {a.Actor(t, "citizen").ID}}), http.StatusUnprocessableEntity)
	want(t, c.Submit(p, "/left", url.Values{"to": {owner.ID}}), http.StatusOK, "已移交")
	if k, err := a.Cases.Find(t.Context(), draft.ID); err != nil || k.AccountID != owner.ID {
		t.Errorf("%s %v", k.AccountID, err)
	}
	want(t, colleague.Get(path), http.StatusNotFound)
}

func TestInvitation(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	firm := a.Actor(t, "applicant").Firms[0]
	path := "/my/firms/" + firm + "/colleagues"
	c, invited, other := a.As(t, "applicant"), a.As(t, "talent"), a.As(t, "citizen")
	form := want(t, both(t, c, path+"/invite"), http.StatusOK, "移交负责人")
	want(t, a.As(t, "agent").Get(path+"/invite"), http.StatusForbidden)
	want(t, c.Submit(form, "/invite", url.Values{}), http.StatusUnprocessableEntity)
	made := want(t, c.Submit(form, "/invite", url.Values{"name": {"沈知远"}, "scope": {"items"}, "more": {"KJ-0001"}}), http.StatusOK, "邀请码只显示这一次")
	webtest.A11y(t, made.Doc())
	code := webtest.Text(webtest.Find(made.Doc(), "p", "class", "tb-desk-code-text"))
	if made.Header.Get("Cache-Control") != "no-store" || len(code) != 14 {
		t.Errorf("%q %q", code, made.Header)
	}
	want(t, both(t, c, path), http.StatusOK, "等对方接受", "收回")

	want(t, both(t, invited, "/my/authorisations"), http.StatusOK, "我的授权")
	ask := both(t, invited, "/join")
	wrong := want(t, invited.Submit(ask, "/join", url.Values{"code": {"2345-6789-ABCD"}}), http.StatusUnprocessableEntity, "邀请码不对")
	strange := want(t, other.Submit(other.Get("/join"), "/join", url.Values{"code": {code}}), http.StatusUnprocessableEntity, "邀请码不对")
	if strange.Has("智联") || wrong.Has("智联") {
		t.Error("a stranger learns of which firm it is")
	}
	seen := want(t, invited.Submit(ask, "/join", url.Values{"code": {code}}), http.StatusOK, "智联", "赵启明", "不接受")
	webtest.A11y(t, seen.Doc())
	want(t, invited.Submit(seen, "/join", url.Values{"do": {"accept"}, "level": {"owner"}, "read_only": {""}}), http.StatusOK, "已接受")
	if who := a.Actor(t, "talent"); who.Leads(firm, "owner") || !who.May(firm, "cases", "KJ-0001", true) || who.May(firm, "cases", "KJ-0002", true) {
		t.Errorf("%+v", who.Mandates)
	}
	want(t, invited.Submit(seen, "/join", url.Values{"do": {"accept"}}), http.StatusUnprocessableEntity, "已经用过")
	want(t, both(t, invited, "/my/authorisations"), http.StatusOK, "智联", "经办人")
}

func TestOrganisations(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	firm, org := a.Actor(t, "applicant").Firms[0], a.Actor(t, "luzhengping").Firms[0]
	e, err := a.Identity.Enterprise(t.Context(), org)
	if err != nil {
		t.Fatal(err)
	}
	c, head := a.As(t, "applicant"), a.As(t, "luzhengping")
	path := "/my/firms/" + firm + "/organisations"
	page := want(t, both(t, c, path), http.StatusOK, "委托一家机构")
	want(t, a.As(t, "agent").Get(path), http.StatusForbidden)
	want(t, head.Get(path), http.StatusNotFound)
	want(t, c.Submit(page, "/organisations", url.Values{"uscc": {"1"}}), http.StatusUnprocessableEntity, "没有这个统一社会信用代码")
	want(t, c.Submit(page, "/organisations", url.Values{"uscc": {e.USCC}, "scope": {"items"}, "more": {"KJ-0001"}, "level": {"owner"}}), http.StatusOK, "还没有指定办理人")
	theirs := want(t, both(t, head, "/my/firms/"+org+"/organisations"), http.StatusOK, "的委托", "指定")
	id := webtest.Attr(webtest.Find(theirs.Doc(), "input", "value", "name").Parent, "action")
	want(t, head.Post(id, url.Values{"do": {"name"}, "account": {a.Actor(t, "fanxiaoyue").ID}}), http.StatusOK, "已指定")
	if who := a.Actor(t, "fanxiaoyue"); !who.May(firm, "cases", "KJ-0001", true) || who.Leads(firm, "owner", "manager", "agent") {
		t.Errorf("%+v", who.Mandates)
	}
	acts := path + id[strings.LastIndex(id, "/"):]
	want(t, both(t, c, acts), http.StatusOK, "还没有办理记录")
	worker := a.Actor(t, "fanxiaoyue")
	k, err := a.Cases.Start(t.Context(), worker, cases.StartInput{ItemCode: "KJ-0001", EnterpriseID: firm})
	if err != nil {
		t.Fatal(err)
	}
	a.Fill(t, worker, k.ID)
	if _, err := a.Cases.Submit(t.Context(), worker, cases.Ref{ID: k.ID}); err != nil {
		t.Fatal(err)
	}
	want(t, both(t, c, acts), http.StatusOK, worker.Name, "提交申请")
	want(t, head.Get(strings.Replace(acts, firm, org, 1)), http.StatusNotFound) // the firm looks, not the organisation
	want(t, head.Get(acts), http.StatusNotFound)
	want(t, a.As(t, "agent").Get(acts), http.StatusForbidden)
	want(t, c.Get(path+"/none"), http.StatusNotFound)
	want(t, both(t, a.As(t, "fanxiaoyue"), "/my/authorisations"), http.StatusOK, "受“"+e.Name.ZH+"”委托")
	want(t, c.Post(strings.Replace(id, org, firm, 1), url.Values{"do": {"end"}}), http.StatusUnprocessableEntity, "请写明原因")
	want(t, c.Post(strings.Replace(id, org, firm, 1), url.Values{"do": {"end"}, "reason": {"合同到期"}}), http.StatusOK, "企业结束了委托：合同到期")
}
