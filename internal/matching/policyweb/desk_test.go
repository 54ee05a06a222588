package policyweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func documentValues() url.Values {
	return url.Values{
		"key": {"kj-2026-77"}, "number": {"渤科发〔2026〕77号"}, "title.zh": {"开放实验办法"}, "title.en": {"Open laboratories"}, "issuer.zh": {"科技创新局"}, "department": {"kj"}, "level": {"zone"},
		"region": {"371671"}, "issued": {"2026-01-05"}, "from": {"2026-02-01"}, "text.zh": {"样本。"},
	}
}

func clauseValues() url.Values {
	return url.Values{
		"key": {"kj-2026-77-1"}, "title.zh": {"仪器共享补贴"}, "summary.zh": {"给补贴。"}, "topics": {"rd"}, "benefit.kind": {"share"}, "benefit.rate": {"10"}, "benefit.of": {"rd_cost(-1)"},
		"benefit.cap": {"200,000"}, "benefit.per": {"year"}, "way": {"apply"}, "item": {"KJ-0004"}, "windows": {"--03-01 ~ --04-30"}, "rule": {"revenue(-1) >="},
	}
}

// refs are the values of the papers that a form of a page is about.
func refs(p *webtest.Page, act string) url.Values {
	v := url.Values{}
	form := webtest.Find(p.Doc(), "form", "action", "/work/policies/documents/kj-2026-77/act/"+act)
	if form == nil {
		return v
	}
	for _, in := range webtest.FindAll(form, "input", "name", "ref") {
		v.Add("ref", webtest.Attr(in, "value"))
	}
	return v
}

// TestFromADraftToEverybody: a handler writes, what is wrong is told at its input and
// nothing is lost, the head proposes, an administrator publishes, visitors see it.
func TestFromADraftToEverybody(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	handler, head, admin := a.As(t, "handler-kj"), a.As(t, "head-kj"), a.As(t, "catalogue-admin")
	v := documentValues()
	v.Set("title.zh", "")
	if p := handler.Post("/work/policies/new", v); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, "渤科发〔2026〕77号") {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	if p := handler.Post("/work/policies/new", documentValues()); p.Status != http.StatusOK || !p.Has("开放实验办法") {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	at := "/work/policies/documents/kj-2026-77"
	v = clauseValues()
	v.Set("benefit.rate", "a tenth")
	p := handler.Post(at+"/clauses/new", v)
	if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, `value="a tenth"`) || !strings.Contains(p.Body, "--03-01 ~ --04-30") {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	webtest.A11y(t, p.Doc())
	p = handler.Post(at+"/clauses/new", clauseValues())
	if p.Status != http.StatusOK || !p.Has("还有 1 处要改") || !p.Has("第 1 行") || webtest.Find(p.Doc(), "div", "id", "rule-trial") == nil {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	webtest.A11y(t, p.Doc())
	v = clauseValues()
	v.Set("rule", "revenue(-1) >= 1000000")
	v.Set("version", "1")
	if p = handler.Post("/work/policies/clauses/kj-2026-77-1/edit", v); p.Status != http.StatusOK || !p.Has("可以提交") {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	if p = handler.Post("/work/policies/clauses/kj-2026-77-1/edit", v); p.Status != http.StatusPreconditionFailed {
		t.Errorf("from an old page: %d", p.Status)
	}
	if p = handler.Get(at); len(refs(p, "propose")["ref"]) != 0 {
		t.Error("a handler is offered to propose")
	}
	p = head.Get(at)
	v = refs(p, "propose")
	if len(v["ref"]) != 2 {
		t.Fatalf("%v %s", v, p.Text())
	}
	webtest.A11y(t, p.Doc())
	v.Set("reason_propose", "新办法")
	if p = head.Post(at+"/act/propose", v); p.Status != http.StatusOK || !p.Has("等管理员发布") {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	p = admin.Get(at)
	webtest.A11y(t, p.Doc())
	back := refs(p, "return")
	if p := admin.Post(at+"/act/return", back); p.Status != http.StatusUnprocessableEntity || !p.Has("请写明原因") {
		t.Errorf("given back without a reason: %d", p.Status)
	}
	if p = admin.Post(at+"/act/publish", refs(p, "publish")); p.Status != http.StatusOK || !p.Has("已发布") {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	if p = a.As(t, "").Get("/policies/clauses/kj-2026-77-1"); !p.Has("仪器共享补贴") || !p.Has("20 万元") || !p.Has("10%") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	webtest.A11y(t, p.Doc())
	if p = a.As(t, "").Get("/policies/calendar.ics?topic=rd"); !strings.Contains(p.Body, "DTSTART;VALUE=DATE:20260430") || !strings.HasPrefix(p.Header.Get("Content-Type"), "text/calendar") {
		t.Errorf("%d %s", p.Status, p.Body)
	}
	// The next edition is compared with this one.
	v = clauseValues()
	v.Set("rule", "revenue(-1) >= 2000000")
	v.Set("version", "4")
	if p = admin.Post("/work/policies/clauses/kj-2026-77-1/edit", v); p.Status != http.StatusOK {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	p = admin.Get("/work/policies/clauses/kj-2026-77-1")
	webtest.A11y(t, p.Doc())
	if !p.Has("匹配规则") || !p.Has("revenue(-1) >= 1000000") || !p.Has("revenue(-1) >= 2000000") {
		t.Error(p.Text())
	}
	if !p.Has("谁能拿") || !p.Has("不低于 100 万元") || !p.Has("不低于 200 万元") {
		t.Errorf("the rule is not in words: %s", p.Text())
	}
	// Whoever publishes sees on one page what each draft changes.
	p = a.As(t, "catalogue-admin2").Get(at)
	webtest.A11y(t, p.Doc())
	if !p.Has("改了什么：") || !p.Has("revenue(-1) >= 2000000") || !p.Has("不低于 200 万元") {
		t.Error(p.Text())
	}
	// Others see nothing of it.
	if p := a.As(t, "head-sc").Get(at); p.Status != http.StatusNotFound {
		t.Errorf("another department: %d", p.Status)
	}
	if p := a.As(t, "clerk").Get("/work/policies"); p.Status != http.StatusForbidden {
		t.Errorf("a clerk: %d", p.Status)
	}
	w := url.Values{"ref": {"document:kj-2026-77:3"}, "reason_withdraw": {"有误"}}
	if p := admin.Post(at+"/act/withdraw", w); p.Status != http.StatusOK || !p.Has("已下架") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	if p := a.As(t, "").Get("/policies/clauses/kj-2026-77-1"); p.Status != http.StatusNotFound {
		t.Errorf("withdrawn: %d", p.Status)
	}
}

// TestDeskPages: the library, the check-up and sheets in both languages.
func TestDeskPages(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "catalogue-admin")
	for _, l := range []string{"zh-CN", "en"} {
		c.Header.Set("Accept-Language", l)
		for _, path := range []string{"/work/policies", "/work/policies?state=in_force&q=zw", "/work/policies/new", "/work/policies/check", "/work/policies/sheets", "/work/policies/documents/zw-2026-01", "/work/policies/documents/zw-2026-01/clauses/new", "/work/policies/clauses/zw-2026-01-1"} {
			p := c.Get(path)
			if p.Status != http.StatusOK {
				t.Errorf("%s: %d", path, p.Status)
			}
			webtest.A11y(t, p.Doc())
		}
	}
	c.Header.Set("Accept-Language", "zh-CN")
	p := c.Upload("/work/policies/sheets", nil, webtest.File{Field: "file", Name: "rows.csv", Content: []byte("文件编码,条款编码,标题\nzw-2026-01,zw-2026-01-9,新条款\nzw-2026-01,BAD,坏编码\n")})
	if p.Status != http.StatusOK || !p.Has("新增 1 行") || !p.Has("不能导入 1 行") {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	webtest.A11y(t, p.Doc())
	if p := c.Submit(p, "/take", nil); p.Status != http.StatusOK || !p.Has("1 份草稿") {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	_, clauses, err := a.Policies.File(t.Context(), a.Actor(t, "catalogue-admin"), "zw-2026-01")
	if err != nil || len(clauses) != 2 || clauses[1].Stage != policy.Draft {
		t.Errorf("%v %+v", err, clauses)
	}
	for _, path := range []string{"/work/policies/export", "/work/policies/export?format=csv", "/work/policies/sheets/template"} {
		if p := c.Get(path); p.Status != http.StatusOK || len(p.Body) < 100 {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
}
