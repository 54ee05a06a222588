package casesweb_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMyStart(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	c := b.As(t, "applicant")
	firm := b.Actor(t, "applicant").Firms[0]
	first := c.Post("/my/start", url.Values{"item": {"KJ-0002"}, "party": {firm}})
	want(t, first, http.StatusOK, "高新技术企业认定")
	if again := c.Post("/my/start", url.Values{"item": {"KJ-0002"}, "party": {firm}}); again.Path != first.Path {
		t.Errorf("a second draft: %s, %s", first.Path, again.Path)
	}
	p := c.Post("/my/start", url.Values{"item": {"KJ-0002"}, "party": {"person"}})
	want(t, p, http.StatusUnprocessableEntity, "现在不能开始办理", "不能以这个身份办理", "回到事项指南")
	webtest.A11y(t, p.Doc())
	want(t, c.Post("/my/start", url.Values{"item": {"NO-SUCH"}, "party": {firm}}), http.StatusNotFound)
	want(t, c.Post("/my/start", url.Values{"item": {"KJ-0002"}, "party": {"somebody-elses"}}), http.StatusNotFound)
	want(t, c.Post("/my/start", url.Values{"item": {""}}), http.StatusUnprocessableEntity)
	want(t, b.As(t, "clerk").Post("/my/start", url.Values{"item": {"KJ-0002"}, "party": {firm}}), http.StatusForbidden)
	want(t, b.As(t, "").Post("/my/start", url.Values{"item": {"KJ-0002"}, "party": {firm}}), http.StatusUnauthorized)
	want(t, c.Get("/my/start"), http.StatusMethodNotAllowed)
}

func TestMyCases(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	c := b.As(t, "applicant")
	for _, list := range []string{"", "needs_me", "running", "ended", "drafts"} {
		looks(t, c, "/my/cases?list="+list, "去找要办的事")
	}
	draft := b.started("applicant", "KJ-0001")
	running := b.submitted("applicant", "KJ-0002")
	needs := b.submitted("applicant", "KJ-0004")
	b.must(b.Cases.AskSupplement(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: needs.ID}, cases.AskInput{Note: "补一份说明"}))
	ended := b.submitted("applicant", "KJ-0003")

	p := looks(t, c, "/my/cases", "等您补充", "请补充要求的内容", "接着填写并提交", running.Number, needs.Number, ended.Number, "渤海智联传感科技有限公司")
	if webtest.Find(p.Doc(), "a", "href", myPath(draft, "/form")) == nil {
		t.Error("a draft does not lead to its form")
	}
	for list, number := range map[string]string{"needs_me": needs.Number, "running": running.Number, "ended": ended.Number} {
		p := looks(t, c, "/my/cases?list="+list, number)
		if list != "running" && p.Has(running.Number) {
			t.Errorf("%s shows %s", list, running.Number)
		}
	}
	looks(t, c, "/my/cases?list=drafts", "未提交")
	looks(t, c, "/my/cases?list=running", "填了还没有提交")
	want(t, c.Get("/my/cases?list=to_accept"), http.StatusOK, running.Number) // no list of the applicant: all of his
	want(t, c.Get("/my/cases?after=rubbish"), http.StatusOK)
	if p := c.Get("/my"); p.Path != "/my/cases" {
		t.Errorf("/my leads to %s", p.Path)
	}
	want(t, b.As(t, "talent").Get("/my/cases"), http.StatusOK, "您还没有办过事")
	want(t, b.As(t, "clerk").Get("/my/cases"), http.StatusForbidden)
	if p := c.Get(myPath(draft, "")); p.Path != myPath(draft, "/form") {
		t.Errorf("a draft opens at %s", p.Path)
	}
	looks(t, c, myPath(ended, ""), "已办结", "决定批准", "再办一次", "查看和打印")
	looks(t, c, myPath(ended, "/receipt"), "已经办好", ended.Number)
}

func TestMyCaseThroughItsLife(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	c := b.As(t, "applicant")
	k := b.submitted("applicant", "KJ-0001")
	looks(t, c, myPath(k, ""), "等待受理", "受理前不计时", "提交了申请", "动物房平面布局图", "您填写的内容", "撤回申请", "已收到您的申请")
	looks(t, c, myPath(k, "/papers/receipt"), "接收回执", k.Number, k.PickupCode, "五个工作日内")
	k = b.must(b.Cases.Accept(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID}))
	p := looks(t, c, myPath(k, ""), "还剩 8 个工作日", "承诺 8 个工作日，法定 20 个工作日", "科技创新局正在办理", "预计 2026年3月12日")
	if p.Has("林巧云") {
		t.Error("the applicant reads the name of a clerk")
	}
	looks(t, c, myPath(k, "/papers/acceptance"), "受理通知书", "2026年3月12日")
	hb := b.Actor(t, "approver")
	b.must(b.Cases.Note(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID}, "内部情况"))
	if c.Get(myPath(k, "")).Has("内部情况") {
		t.Error("the applicant reads an internal note")
	}
	b.must(b.Cases.Pause(b.ctx, b.Actor(t, "handler-kj"), cases.Ref{ID: k.ID}, "inspection", "动物房复测"))
	looks(t, c, myPath(k, ""), "暂停计时", "动物房复测")
	looks(t, c, myPath(k, "/papers/special"), "特殊程序审查期限告知书", "动物房复测", "不计算在办理期限内")
	b.Clock.Advance(24 * time.Hour)
	b.must(b.Cases.Resume(b.ctx, b.Actor(t, "handler-kj"), cases.Ref{ID: k.ID}, ""))
	b.must(b.Cases.Extend(b.ctx, b.Actor(t, "head-kj"), cases.Ref{ID: k.ID}, 5, "需要补充检测"))
	looks(t, c, myPath(k, ""), "延长期限 5 个工作日")
	looks(t, c, myPath(k, "/papers/extension"), "延长办理期限通知书", "5 个工作日", "需要补充检测")
	b.collect(k, cases.AtWindow)
	looks(t, c, myPath(k, ""), "到窗口领取")
	for b.state(k).Stage != "decide" {
		for _, login := range []string{"handler-hb", "handler-wj", "handler-kj"} {
			b.must(b.Cases.Endorse(b.ctx, b.Actor(t, login), cases.Ref{ID: k.ID}, cases.EndorseInput{Opinion: "同意"}))
		}
	}
	b.must(b.Cases.Decide(b.ctx, hb, cases.Ref{ID: k.ID}, cases.DecideInput{Outcome: cases.Granted}))
	looks(t, c, myPath(k, ""), "可以去领取", k.PickupCode, "决定批准", "签发了", "查看和打印")
	looks(t, c, myPath(k, "/papers/grant"), "批准决定书", "同时发给")
	b.must(b.Cases.Deliver(b.ctx, b.Actor(t, "clerk2"), cases.Ref{ID: k.ID}, cases.DeliverInput{How: cases.AtWindow, Receiver: "赵启明", Pickup: k.PickupCode}))
	looks(t, c, myPath(k, ""), "已办结", "结果已在窗口领取")
	p = looks(t, c, myPath(k, "/papers/delivery"), "送达回执", "赵启明", "接收人签字")
	if p.Has(k.PickupCode) {
		t.Error("the pick-up code stands on a paper that is handed on")
	}
	looks(t, b.As(t, "clerk2"), workPath(k, "/papers/delivery"), "送达回执")
	want(t, b.As(t, "applicant").Get(myPath(k, "/withdraw")), http.StatusConflict)
}

func TestMyRefusedAndDenied(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	c := b.As(t, "applicant")
	k := b.submitted("applicant", "KJ-0004")
	b.must(b.Cases.Refuse(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID}, "不属于本机关职权范围"))
	looks(t, c, myPath(k, ""), "不予受理", "不属于本机关职权范围", "再办一次")
	looks(t, c, myPath(k, "/papers/refusal"), "不予受理通知书", "不属于本机关职权范围", "行政复议", "行政诉讼")
	k = b.toDecide()
	b.must(b.Cases.Decide(b.ctx, b.Actor(t, "approver"), cases.Ref{ID: k.ID}, cases.DecideInput{Outcome: cases.Denied, Reason: "环境检测不合格"}))
	looks(t, c, myPath(k, ""), "未获批准", "环境检测不合格")
	looks(t, c, myPath(k, "/papers/deny"), "不予批准决定书", "环境检测不合格", "行政复议")
}

func TestMyWithdraw(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	c := b.As(t, "applicant")
	k := b.submitted("applicant", "KJ-0002")
	p := looks(t, c, myPath(k, "/withdraw"), "撤回后这份申请不再办理")
	long := c.Submit(p, "/withdraw", url.Values{"reason": {longText}})
	want(t, long, http.StatusUnprocessableEntity, "最多 500 个字")
	if _, v := webtest.Form(long.Doc(), "/withdraw"); v.Get("reason") != longText {
		t.Error("the reason is lost")
	}
	stale := c.Submit(p, "/withdraw", url.Values{"version": {"1"}})
	want(t, stale, http.StatusPreconditionFailed)
	want(t, c.Submit(p, "/withdraw", url.Values{"reason": {"不办了"}}), http.StatusOK, "已经撤回", k.Number)
	looks(t, c, myPath(k, ""), "已撤回", "不办了")
	draft := b.started("applicant", "KJ-0001")
	p = looks(t, c, myPath(draft, "/withdraw"), "删除草稿")
	want(t, c.Submit(p, "/withdraw", nil), http.StatusOK)
	if b.state(draft).State != cases.Withdrawn {
		t.Error("the draft is still there")
	}
}

var longText = func() string {
	b := make([]rune, 501)
	for i := range b {
		b[i] = '长'
	}
	return string(b)
}()

func TestTrack(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	k := b.toDecide()
	c := b.As(t, "")
	p := looks(t, c, "/track?number="+k.Number, "不用登录")
	if _, v := webtest.Form(p.Doc(), "/track"); v.Get("number") != k.Number {
		t.Error("the number of the QR code is not filled in")
	}
	wrong := "000000"
	if k.PickupCode == wrong {
		wrong = "111111"
	}
	bad := c.Submit(p, "/track", url.Values{"code": {wrong}})
	want(t, bad, http.StatusUnprocessableEntity, "编号和取件码对不上")
	webtest.A11y(t, bad.Doc())
	if _, v := webtest.Form(bad.Doc(), "/track"); v.Get("number") != k.Number {
		t.Error("the number is lost")
	}
	want(t, c.Submit(p, "/track", nil), http.StatusUnprocessableEntity, "请填写这一项")
	for _, lang := range []string{"en", "zh-CN"} {
		c.Header.Set("Accept-Language", lang)
		good := c.Submit(p, "/track", url.Values{"code": {" " + k.PickupCode + " "}})
		webtest.A11y(t, good.Doc())
		for _, secret := range []string{"渤海智联", "Zhilian", "赵启明", "Zhao", "13900010001", "91371671", "林巧云"} {
			if good.Has(secret) && secret != "" {
				t.Errorf("%s: the public page shows %s", lang, secret)
			}
		}
		if lang == "zh-CN" {
			want(t, good, http.StatusOK, "实验动物使用许可", "还剩", "提交了申请", "综合窗口")
		}
	}
	for range 12 {
		bad = c.Submit(p, "/track", url.Values{"code": {wrong}})
	}
	want(t, bad, http.StatusUnprocessableEntity)
	if !bad.Has("分钟") && !bad.Has("频繁") {
		t.Errorf("guessing goes on: %s", bad.Text())
	}
}
