package casesweb_test

import (
	"net/http"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// TestTheSameMoneyTwice: a firm that got something by a list and applies for it is
// told so before it hands in, and whoever decides is told above the decision.
func TestTheSameMoneyTwice(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	who := b.Actor(t, "applicant")
	k := b.must(b.Cases.Start(b.ctx, who, cases.StartInput{ItemCode: "KJ-0002", EnterpriseID: who.Firms[0]}))
	b.fill(who, k.ID)
	review := myPath(k, "/review")
	if p := b.As(t, "applicant").Get(review); p.Status != http.StatusOK || p.Has("不重复发放") {
		t.Fatalf("%d: told of what nobody gave: %s", p.Status, p.Text())
	}
	old := b.must(b.Cases.Award(b.ctx, auth.SystemActor(), cases.Awarding{
		Key: "grant:1", Item: "KJ-0002", Firm: who.Firms[0], Account: who.ID, Amount: 5_000_000, Basis: i18n.Text{ZH: "名单", EN: "List"},
	}))
	shows := func(login, at, base string, linked bool, texts ...string) {
		t.Helper()
		c := b.As(t, login)
		for _, lang := range []string{"en", "zh-CN"} {
			c.Header.Set("Accept-Language", lang)
			p := c.Get(at)
			want(t, p, http.StatusOK, old.Number, "50,000.00")
			webtest.A11y(t, p.Doc())
			if raw := untranslated(p); raw != "" {
				t.Errorf("%s %s: no text for %s", p.Path, lang, raw)
			}
			if got := webtest.Find(p.Doc(), "a", "href", base+string(old.ID)) != nil; got != linked {
				t.Errorf("%s at %s: linked %v", login, at, got)
			}
			if lang == "zh-CN" {
				want(t, p, http.StatusOK, texts...)
			}
		}
	}
	shows("applicant", review, "/my/cases/", true, "贵公司", "已通过免申即享获得本事项", "同一项资金不重复发放", "请在说明里写清")
	k = b.must(b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}))
	const check = "请核对是否重复"
	shows("clerk", workPath(k, ""), "/work/cases/", true, "该企业", check)
	b.must(b.Cases.Accept(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID}))
	handler, second, approver := b.Actor(t, "handler-kj"), b.Actor(t, "handler-sw"), b.Actor(t, "approver")
	b.must(b.Cases.Claim(b.ctx, handler, cases.Ref{ID: k.ID}))
	b.must(b.Cases.Endorse(b.ctx, handler, cases.Ref{ID: k.ID}, cases.EndorseInput{Opinion: "符合要求"}))
	shows("handler-sw", workPath(k, ""), "/work/cases/", false, check)
	b.must(b.Cases.Endorse(b.ctx, second, cases.Ref{ID: k.ID}, cases.EndorseInput{Opinion: "没有欠税"}))
	shows("approver", workPath(k, ""), "/work/cases/", true, check)
	shows("approver", workPath(k, "/do/decide"), "/work/cases/", true, check)
	b.must(b.Cases.Unaward(b.ctx, approver, "grant:1", "企业已经迁出"))
	if p := b.As(t, "approver").Get(workPath(k, "")); p.Has(check) {
		t.Error("what was undone is told")
	}
}
