package casesweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/calendar"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// both opens a page in both languages, checks it, and returns the Chinese one.
func both(t *testing.T, c *webtest.Client, path string) *webtest.Page {
	t.Helper()
	var out *webtest.Page
	for _, lang := range []string{"en", "zh-CN"} {
		c.Header.Set("Accept-Language", lang)
		out = c.Get(path)
		want(t, out, http.StatusOK)
		webtest.A11y(t, out.Doc())
		for _, prefix := range []string{"lists.", "work.", "cases.", "error."} {
			for word := range strings.FieldsSeq(out.Text()) {
				if strings.HasPrefix(word, prefix) && len(word) > len(prefix) && word[len(word)-1] != '.' {
					t.Errorf("%s in %s: no text for %s", path, lang, word)
				}
			}
		}
	}
	return out
}

// TestListAndCaseCountTheSameDays: where the region closes for a day, the list
// and the case tell of the same time that is left.
func TestListAndCaseCountTheSameDays(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	if err := b.Calendar.Decide(b.ctx, b.Actor(t, "system-admin"), calendar.Input{Region: "371671", On: "2026-03-04", Reason: "办公楼停电检修"}); err != nil {
		t.Fatal(err)
	}
	k := b.submitted("applicant", "KJ-0001")
	c := b.As(t, "clerk")
	want(t, c.Get("/work/cases/"+string(k.ID)), http.StatusOK, "还剩 5 个工作日，2026年3月10日")
	if p := c.Get("/work/lists/to_accept"); !p.Has("5 天") || p.Has("6 天") {
		t.Errorf("the list says otherwise: %s", p.Text())
	}
}

func TestListsAreNarrowedSortedAndKept(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	fresh, handled := b.submitted("applicant", "KJ-0001"), b.accepted("KJ-0002")
	c := b.As(t, "approver")
	full := "/work/lists/all?q=" + handled.Number + "&state=handling&light=normal&department=kj&item=KJ-0002&region=371671&window=zone&channel=online&kind=enterprise" +
		"&submitted_from=2026-03-02&submitted_to=2026-03-02&due_from=2026-03-01&sort=-number&cols=item&cols=phone&cols=assignee&cols=code"
	p := both(t, c, strings.Replace(full, "&window=zone", "", 1))
	want(t, p, http.StatusOK, handled.Number, "91371671MA3TB0009L", "在谁手里")
	if p.Has(fresh.Number) || strings.Contains(p.Body, ">科技局<") {
		t.Error("the filter or the columns let too much through")
	}
	if phone := b.Actor(t, "applicant").Name; phone == "" || strings.Contains(p.Body, "13800000001") {
		t.Error("a phone number stands unmasked in a list")
	}
	want(t, c.Get("/work/lists/all?submitted_to=2026-03-01"), http.StatusOK, "没有符合条件的件")
	for _, by := range []string{"submitted", "-submitted", "number", "-number", "party", "-party"} {
		want(t, c.Get("/work/lists/all?sort="+by), http.StatusOK, handled.Number, fresh.Number)
	}

	// kept under a name, for the department, first of its list
	p = c.Submit(c.Get("/work/lists/all?state=handling&cols=item,due"), "/work/views", url.Values{"name": {"在办"}, "share": {"kj"}, "default": {"on"}})
	want(t, p, http.StatusOK, "视图已保存", "在办", handled.Number)
	if p = c.Get("/work/lists/all"); !strings.Contains(p.Path, "state=handling") || p.Has(fresh.Number) {
		t.Errorf("the view does not come first: %s", p.Path)
	}
	if p = c.Get("/work/lists/all?view=none"); !p.Has(fresh.Number) {
		t.Error("the first view cannot be left")
	}
	colleague := b.As(t, "handler-kj")
	want(t, colleague.Get("/work/lists/all"), http.StatusOK, "在办", fresh.Number)
	p = both(t, colleague, "/work/views")
	want(t, p, http.StatusOK, "在办", "设为先看")
	if webtest.Find(p.Doc(), "input", "name", "name") != nil {
		t.Error("a handler may rename what the approver shares")
	}
	if p := b.As(t, "handler-hb").Get("/work/views"); p.Has("在办") {
		t.Error("another department sees the view")
	}
	mine := both(t, c, "/work/views")
	action := ""
	for _, f := range webtest.FindAll(mine.Doc(), "form", "", "") {
		if a := webtest.Attr(f, "action"); strings.HasPrefix(a, "/work/views/") {
			action = a
		}
	}
	want(t, c.Post(action, url.Values{"do": {"rename"}, "name": {""}}), http.StatusUnprocessableEntity, "请填写名称")
	want(t, c.Post(action, url.Values{"do": {"rename"}, "name": {"在办的"}}), http.StatusOK, "名称已改", "在办的")
	want(t, colleague.Post(action, url.Values{"do": {"delete"}}), http.StatusForbidden)
	want(t, b.As(t, "handler-hb").Post(action, url.Values{"do": {"delete"}}), http.StatusNotFound)
	want(t, colleague.Post(action, url.Values{"do": {"default"}}), http.StatusOK, "已设置")
	want(t, c.Post(action, url.Values{"do": {"delete"}}), http.StatusOK, "还没有保存的视图")
	want(t, c.Post("/work/views", url.Values{"list": {"all"}, "name": {strings.Repeat("长", 31)}}), http.StatusUnprocessableEntity)
	want(t, colleague.Post("/work/views", url.Values{"list": {"all"}, "name": {"x"}, "share": {"kj"}}), http.StatusForbidden)
}

func TestABatchFromTheListToItsResult(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	one, two, three := b.submitted("applicant", "KJ-0002"), b.submitted("applicant", "KJ-0001"), b.submitted("talent", "RC-0001")
	c := b.As(t, "clerk")
	list := c.Get("/work/lists/to_accept")
	boxes := webtest.FindAll(list.Doc(), "input", "name", "case")
	if len(boxes) != 3 {
		t.Fatalf("%d boxes", len(boxes))
	}
	want(t, c.Submit(list, "/work/batches", url.Values{"which": {"picked"}}), http.StatusOK, "请先勾选要办的件")
	p := c.Post("/work/batches", url.Values{"list": {"to_accept"}, "which": {"all"}})
	want(t, p, http.StatusOK, "批量办理 3 件", "受理", "不予受理", "都可以办", one.Number, "沈*远")
	path := p.Path
	b.must(b.Cases.Accept(b.ctx, b.Actor(t, "clerk2"), cases.Ref{ID: two.ID})) // in between
	p = both(t, c, path+"?command=accept")
	want(t, p, http.StatusOK, "将对 2 件受理。", "另有 1 件办不了", two.Number)
	want(t, both(t, c, path+"?command=refuse"), http.StatusOK)
	want(t, c.Post(path+"/run", url.Values{"command": {"refuse"}}), http.StatusUnprocessableEntity, "请写明理由")
	want(t, c.Post(path+"/run", url.Values{"command": {"withdraw"}}), http.StatusUnprocessableEntity, "请选择要做的操作")
	want(t, b.As(t, "clerk2").Get(path), http.StatusNotFound)
	want(t, b.As(t, "clerk2").Post(path+"/run", url.Values{"command": {"accept"}}), http.StatusNotFound)
	p = c.Submit(p, "/run", url.Values{"command": {"accept"}})
	want(t, p, http.StatusOK, "办成 2 件，没有办成 1 件", "重试没有办成的 1 件", "刚才已经有人办理了这个办件")
	webtest.A11y(t, p.Doc())
	for _, k := range []cases.Case{one, two, three} {
		if got := b.state(k); got.State != cases.Handling {
			t.Errorf("%s is %s", k.Number, got.State)
		}
	}
	csv := c.Get(path + "/result.csv")
	if !strings.Contains(csv.Body, one.Number) || strings.Count(csv.Body, "办成") != 3 || strings.Contains(csv.Body, "沈知远") {
		t.Errorf("%s", csv.Body)
	}
	want(t, c.Post(path+"/run", url.Values{"command": {"accept"}}), http.StatusOK, "办成 2 件") // pressed twice
	retry := c.Submit(c.Get(path), "/retry", nil)
	want(t, retry, http.StatusOK, "批量办理 1 件", two.Number, "备注")
	want(t, both(t, c, "/work/batches"), http.StatusOK, "受理", "办成 2 件")
	want(t, b.As(t, "applicant").Get("/work/batches"), http.StatusForbidden)
}

func TestMyCasesOfMeAndMyFirm(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	owner := b.Actor(t, "applicant")
	k := b.submitted("applicant", "KJ-0001")
	b.must(b.Cases.AskSupplement(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID}, cases.AskInput{Points: []cases.Point{{Kind: "material", Key: "facility_plan", Reason: "缺少比例尺"}}}))
	done := b.accepted("KJ-0002")
	draft := b.Draft(t, "applicant", "KJ-0101")
	c := b.As(t, "applicant")
	p := both(t, c, "/my/cases")
	want(t, p, http.StatusOK, "现在要您办的", "去补充", k.Number, "预计 ", "可以代办的同事")
	p = both(t, c, "/my/cases?party="+owner.Firms[0]+"&q="+done.Number)
	want(t, p, http.StatusOK, done.Number)
	if p.Has(k.Number) {
		t.Error("the search lets everything through")
	}
	want(t, c.Get("/my/cases?party="+owner.ID), http.StatusOK, "还没有")
	want(t, c.Get("/my/cases?q=没有这样的"), http.StatusOK, "没有找到", "清除条件")
	want(t, both(t, c, "/my/cases?list=drafts"), http.StatusOK, "删除", "14 天会通知您")

	// copied into a new draft
	p = c.Submit(both(t, c, "/my/cases/"+string(done.ID)), "/copy", nil)
	want(t, p, http.StatusOK, "已把以前填的带过来")
	want(t, c.Post("/my/cases/"+string(done.ID)+"/copy", url.Values{}), http.StatusOK, "没有改动它")
	want(t, b.As(t, "talent").Post("/my/cases/"+string(done.ID)+"/copy", url.Values{}), http.StatusNotFound)

	// handed over, looked at and taken
	path := "/my/cases/" + string(draft.ID) + "/handover"
	ask := both(t, c, path)
	want(t, ask, http.StatusOK, "交给谁")
	want(t, c.Submit(ask, "/handover", url.Values{"note": {"请接着填"}}), http.StatusUnprocessableEntity, "交给谁：请选择", "请接着填")
	agent := b.Actor(t, "agent")
	p = c.Submit(ask, "/handover", url.Values{"to": {agent.ID}})
	want(t, p, http.StatusOK, "已请同事接手", "收回")
	webtest.A11y(t, p.Doc())
	colleague := b.As(t, "agent")
	want(t, colleague.Get("/my/cases"), http.StatusOK, "同事请您接手", "看看要不要接手")
	want(t, both(t, colleague, path), http.StatusOK, "接手", "不接手")
	want(t, b.As(t, "talent").Get(path), http.StatusNotFound)
	want(t, colleague.Post(path, url.Values{"do": {"take"}}), http.StatusOK, "已接手")
	if b.state(draft).AccountID != agent.ID {
		t.Error("it was not taken")
	}
	want(t, both(t, c, "/my/cases/"+string(done.ID)+"/handover"), http.StatusOK, "交给谁")
}
