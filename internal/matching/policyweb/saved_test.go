package policyweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// TestSaved: a person saves from the list and from a clause, finds both in a list of
// his own, also what is there no more, and takes them off.
func TestSaved(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	ctx := t.Context()
	doc := policy.Document{
		Key: "kj-2026-96", Number: "渤科发〔2026〕96号", Title: i18n.Text{ZH: "短命办法", EN: "Short measures"}, Issuer: i18n.Text{ZH: "科技创新局", EN: "Bureau"}, Department: "kj",
		Level: policy.Zone, Region: "371671", Issued: "2026-01-01", From: "2026-01-01", Text: i18n.Text{ZH: "样本。", EN: "A sample."}, Source: "https://zone.example/96",
	}
	clause := policy.Clause{
		Key: "kj-2026-96-1", Title: i18n.Text{ZH: "短命奖励", EN: "Short prize"}, Summary: i18n.Text{ZH: "给奖励。", EN: "A prize."},
		Benefit: policy.Benefit{Kind: policy.Grant, Amount: 1_000_000, Per: policy.Once}, Way: policy.Apply, Item: "KJ-0004", Topics: []string{"rd"},
	}
	if _, err := a.Policies.Import(ctx, auth.SystemActor(), []policy.Seed{{Document: doc, Clauses: []policy.Clause{clause}}}); err != nil {
		t.Fatal(err)
	}
	if p := a.As(t, "").Get("/policies"); p.Has("收藏") {
		t.Error("a visitor has something to save with")
	}
	c := a.As(t, "applicant")
	if p := c.Get("/my/policies/saved"); !p.Has("还没有收藏的政策") {
		t.Error(p.Text())
	}
	p := c.Submit(c.Get("/policies?q="+url.QueryEscape("短命奖励")), "/policies/clauses/kj-2026-96-1/save", nil)
	if !strings.HasPrefix(p.Path, "/policies?q=") || !p.Has("已收藏，有变化时提醒您") {
		t.Errorf("%s %s", p.Path, p.Text())
	}
	p = c.Submit(c.Get("/policies/clauses/zw-2026-01-1"), "/save", nil)
	if p.Path != "/policies/clauses/zw-2026-01-1" || !p.Has("和收藏的政策对比") {
		t.Errorf("%s %s", p.Path, p.Text())
	}
	if p := a.As(t, "citizen").Get("/my/policies/saved"); p.Has("短命奖励") {
		t.Error("somebody else's")
	}
	for _, l := range []string{"zh-CN", "en"} {
		c.Header.Set("Accept-Language", l)
		p := c.Get("/my/policies/saved")
		if len(webtest.FindAll(p.Doc(), "a", "class", "tb-row")) != 2 || strings.Contains(p.Text(), "policy.") {
			t.Errorf("%s: %s", l, p.Text())
		}
		webtest.A11y(t, p.Doc())
	}
	c.Header.Set("Accept-Language", "zh-CN")
	keeper := a.Actor(t, "catalogue-admin")
	x, _, err := a.Policies.Paper(ctx, keeper, policy.KindDocument, doc.Key)
	if err == nil {
		err = a.Policies.Withdraw(ctx, keeper, x.Ref(), "文件有误")
	}
	if err != nil {
		t.Fatal(err)
	}
	if p = c.Get("/my/policies/saved"); !p.Has("已撤下的条款") || !p.Has("短命奖励") {
		t.Error(p.Text())
	}
	if p = c.Submit(p, "/policies/clauses/kj-2026-96-1/unsave", nil); p.Has("短命奖励") || p.Path != "/my/policies/saved" {
		t.Errorf("%s %s", p.Path, p.Text())
	}
	if p = c.Submit(p, "/policies/clauses/zw-2026-01-1/unsave", nil); !p.Has("还没有收藏的政策") {
		t.Error(p.Text())
	}
	if p := c.Post("/policies/clauses/gone/save", nil); p.Status != http.StatusNotFound {
		t.Errorf("a clause that is not there: %d", p.Status)
	}
	if p := a.As(t, "handler-kj").Post("/policies/clauses/zw-2026-01-1/save", nil); p.Status != http.StatusForbidden {
		t.Errorf("staff: %d", p.Status)
	}
}

// TestCompare: clauses stand side by side for everybody; who acts for a firm sees how
// each stands towards it, and nobody else does.
func TestCompare(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	l, err := a.Policies.Library(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var one, two policy.Entry
	for _, e := range l.Entries {
		for _, o := range l.Entries {
			if one.Key == "" && e.Key != o.Key && policy.Exclude(e, o) && e.Matched() && e.Holds("2026-03-02") && o.Holds("2026-03-02") {
				one, two = e, o
			}
		}
	}
	if one.Key == "" {
		t.Fatal("no two clauses exclude each other")
	}
	path := "/policies/compare?key=" + one.Key + "&key=" + two.Key + "&key=zw-2026-01-1&key=" + one.Key
	for _, lang := range []string{"zh-CN", "en"} {
		for _, login := range []string{"", "applicant", "handler-kj"} {
			c := a.As(t, login)
			c.Header.Set("Accept-Language", lang)
			p := c.Get(path)
			if p.Status != http.StatusOK || strings.Contains(p.Text(), "policy.") {
				t.Errorf("%s %q: %d %s", lang, login, p.Status, p.Text())
			}
			if n := len(webtest.FindAll(p.Doc(), "td", "data-label", one.Title.In(i18n.Locale(lang)))); n < 10 {
				t.Errorf("%s %q: %d parts", lang, login, n)
			}
			if has := p.Has("对您的企业") || p.Has("For your business"); has != (login == "applicant") {
				t.Errorf("%s %q: held against a firm: %v", lang, login, has)
			}
			webtest.A11y(t, p.Doc())
		}
	}
	c := a.As(t, "")
	if p := c.Get(path); !p.Has("《"+one.Title.ZH+"》和《"+two.Title.ZH+"》只能选一项") && !p.Has("《"+two.Title.ZH+"》和《"+one.Title.ZH+"》只能选一项") {
		t.Error("it is not said that only one can be had")
	}
	if p := c.Get(path + "&key=gone"); !p.Has("没有找到这条政策") || !p.Has("gone") || !p.Has(two.Title.ZH) {
		t.Error(p.Text())
	}
	if p := c.Get("/policies/compare?key=gone&key=zw-2026-01-1"); p.Status != http.StatusOK || !p.Has("请选 2 至 4 条政策") {
		t.Error(p.Text())
	}
	many := "/policies/compare?"
	for _, e := range l.Entries[:6] {
		many += "&key=" + e.Key
	}
	if p := c.Get(many); !p.Has("另有 2 条没有列出") {
		t.Error(p.Text())
	}
	// The ticks of the list lead here without a script.
	list := c.Get("/policies")
	if f := webtest.Find(list.Doc(), "form", "id", "compare"); f == nil || webtest.Attr(f, "action") != "/policies/compare" || len(webtest.FindAll(list.Doc(), "input", "form", "compare")) < 5 {
		t.Error("nothing to tick")
	}
	// A stranger's firm in the address is nobody's.
	stranger := a.As(t, "luzhengping").Get(path + "&firm=" + a.Actor(t, "applicant").Firms[0])
	firm, err := a.Identity.Enterprise(t.Context(), a.Actor(t, "applicant").Firms[0])
	if err != nil || stranger.Has(firm.Name.ZH) {
		t.Errorf("somebody else's firm: %v", err)
	}
	// Who refused to have policies matched with his files sees them alone.
	if err := a.Push.Want(t.Context(), a.Actor(t, "applicant"), false); err != nil {
		t.Fatal(err)
	}
	if p := a.As(t, "applicant").Get(path); p.Status != http.StatusOK || p.Has("对您的企业") {
		t.Error("held against the firm of who refused")
	}
}
