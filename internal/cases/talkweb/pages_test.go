package talkweb_test

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/talk"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// looks opens a page in both languages; it returns the Chinese one.
func looks(t *testing.T, c *webtest.Client, path string, texts ...string) *webtest.Page {
	t.Helper()
	var p *webtest.Page
	for _, lang := range []string{"en", "zh-CN"} {
		c.Header.Set("Accept-Language", lang)
		p = c.Get(path)
		if p.Status != http.StatusOK {
			t.Fatalf("%s: %d\n%s", path, p.Status, p.Text())
		}
		webtest.A11y(t, p.Doc())
	}
	for _, s := range texts {
		if !p.Has(s) {
			t.Errorf("%s does not say %q:\n%s", path, s, p.Text())
		}
	}
	return p
}

func want(t *testing.T, p *webtest.Page, status int, texts ...string) {
	t.Helper()
	if p.Status != status {
		t.Fatalf("%s: %d, want %d\n%s", p.Path, p.Status, status, p.Text())
	}
	for _, s := range texts {
		if !p.Has(s) {
			t.Errorf("%s does not say %q:\n%s", p.Path, s, p.Text())
		}
	}
}

func TestThreadOnBothSides(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	k := a.Submitted(t, "applicant", "KJ-0001")
	if _, err := a.Cases.Accept(t.Context(), a.Actor(t, "clerk"), cases.Ref{ID: k.ID}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Cases.Note(t.Context(), a.Actor(t, "clerk"), cases.Ref{ID: k.ID}, "只给同事看的话"); err != nil {
		t.Fatal(err)
	}
	mine, theirs := "/my/cases/"+string(k.ID), "/work/cases/"+string(k.ID)
	c, staff := a.As(t, "applicant"), a.As(t, "handler-kj")
	p := looks(t, c, mine+"/messages", "还没有留言", "写留言")
	c.Header.Set("Accept-Language", "zh-CN")
	want(t, c.Submit(p, "/messages", url.Values{"text": {" "}}), http.StatusUnprocessableEntity, "请写内容")
	long := strings.Repeat("长", talk.MaxText+1)
	if p := c.Submit(p, "/messages", url.Values{"text": {long}}); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, long) {
		t.Errorf("what was typed is lost: %d", p.Status)
	}
	p = c.Submit(p, "/messages", url.Values{"text": {"请问<b>什么时候</b>来现场？"}})
	want(t, p, http.StatusOK, "留言已发送", "请问<b>什么时候</b>来现场？", "对方未读", "撤回")

	a.Clock.Advance(time.Minute)
	looks(t, staff, "/work/lists/messages", k.Number, "1 条新留言")
	looks(t, staff, theirs, "1 条新留言")
	want(t, a.As(t, "leader").Get(theirs+"/messages"), http.StatusOK, "由办理窗口和科室答复")
	p = looks(t, staff, theirs+"/messages", "请问<b>什么时候</b>来现场？", "给申请人留言")
	staff.Header.Set("Accept-Language", "zh-CN")
	want(t, staff.Submit(p, "/messages", url.Values{"text": {"哪天方便？"}, "reply_by": {"2026-01-01"}}), http.StatusUnprocessableEntity, "哪天方便？", "以内的日期")
	want(t, staff.Submit(p, "/messages", url.Values{"text": {"哪天方便？"}, "reply_by": {"2026-03-05"}}), http.StatusOK, "请在 2026年3月5日")
	a.Clock.Advance(3 * time.Minute)

	for _, page := range []string{"/", "/my/cases?list=needs_me", mine} {
		looks(t, c, page, "2026年3月5日", "1 条新留言")
	}
	p = looks(t, c, mine+"/messages", "对方已读", "哪天方便？", "科技创新局", "这条留言是")
	if p.Has("只给同事看的话") || c.Get(mine).Has("只给同事看的话") {
		t.Error("the applicant reads an internal note")
	}
	c.Header.Set("Accept-Language", "zh-CN")
	p = c.Submit(p, "/messages", url.Values{"text": {"周四上午"}})
	want(t, p, http.StatusOK, "已回复")
	if c.Get("/my/cases?list=needs_me").Has(k.Number) {
		t.Error("answered, and still to do")
	}
	want(t, a.As(t, "talent").Get(mine+"/messages"), http.StatusNotFound)
	want(t, a.As(t, "talent").Post(mine+"/messages", url.Values{"text": {"x"}}), http.StatusNotFound)
	want(t, a.As(t, "leader").Post(theirs+"/messages", url.Values{"text": {"x"}}), http.StatusForbidden)
	want(t, a.As(t, "handler-kj").Get(mine+"/messages"), http.StatusForbidden)
	want(t, a.As(t, "").Post(mine+"/messages", url.Values{"text": {"x"}}), http.StatusUnauthorized)
}

func TestPhrasesAreKeptAndPutIn(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	head := a.As(t, "head-kj")
	p := looks(t, head, "/work/phrases", "增加一条", "{applicant}（申请人）")
	head.Header.Set("Accept-Language", "zh-CN")
	want(t, head.Submit(p, "/work/phrases", url.Values{"title": {"打电话"}, "text": {"请打 {phone}"}}), http.StatusUnprocessableEntity, "请打 {phone}")
	p = head.Submit(p, "/work/phrases", url.Values{"title": {"安排核查"}, "text": {"{applicant}：{number} 的核查明天进行。"}})
	want(t, p, http.StatusOK, "安排核查", "已保存")
	p = head.Submit(p, "/work/phrases", url.Values{"use": {"reason"}, "title": {"要核查"}, "text": {"{number} 需要核查。"}})
	p = head.Submit(p, "/work/phrases", url.Values{"use": {"supplement"}, "title": {"公章"}, "text": {"缺少公章"}})
	want(t, p, http.StatusOK, "公章")
	k := a.Submitted(t, "applicant", "KJ-0001")
	if _, err := a.Cases.Accept(t.Context(), a.Actor(t, "clerk"), cases.Ref{ID: k.ID}); err != nil {
		t.Fatal(err)
	}
	staff := a.As(t, "handler-kj")
	path := "/work/cases/" + string(k.ID)
	p = looks(t, staff, path+"/messages", "安排核查")
	staff.Header.Set("Accept-Language", "zh-CN")
	var id string
	for _, o := range webtest.FindAll(p.Doc(), "option", "", "") {
		if webtest.Text(o) == "安排核查" {
			id = webtest.Attr(o, "value")
		}
	}
	p = staff.Submit(p, "/messages", url.Values{"text": {"您好"}, "insert": {"1"}, "phrase": {id}})
	want(t, p, http.StatusOK, "您好", k.Number+" 的核查明天进行。")
	if x, err := a.Talk.Thread(t.Context(), a.Actor(t, "handler-kj"), k.ID, ""); err != nil || len(x.Messages) != 0 {
		t.Errorf("putting a text in sent it: %+v %v", x, err)
	}
	want(t, staff.Submit(p, "/messages", url.Values{}), http.StatusOK, "留言已发送", k.Number+" 的核查明天进行。")
	want(t, staff.Get(path+"/do/pause"), http.StatusOK, k.Number+" 需要核查。")
	if p := staff.Get(path + "/do/send_back"); webtest.Find(p.Doc(), "option", "value", "缺少公章") == nil {
		t.Error("the text for supplements is not offered")
	}
	list := head.Get("/work/phrases")
	var change string
	for _, l := range webtest.FindAll(list.Doc(), "a", "href", "") {
		if strings.HasPrefix(webtest.Attr(l, "href"), "/work/phrases/") {
			change = webtest.Attr(l, "href")
			break
		}
	}
	p = looks(t, head, change, "修改常用语")
	want(t, head.Submit(p, change, url.Values{"title": {"改过的"}}), http.StatusOK, "改过的")
	p = head.Get("/work/phrases")
	want(t, head.Submit(p, change+"/remove", url.Values{}), http.StatusOK, "已删除")
	if head.Get("/work/phrases").Has("改过的") {
		t.Error("removed, and still there")
	}
	want(t, a.As(t, "head-hb").Get(change), http.StatusNotFound)
	want(t, a.As(t, "handler-kj").Get("/work/phrases"), http.StatusForbidden)
}
