package feedbackweb_test

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/feedback"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// link ends a case of the applicant and returns the link that was told.
func link(t *testing.T, a *apptest.App, id string, cmd cases.Command) string {
	t.Helper()
	who := a.Actor(t, "applicant")
	k := cases.Case{
		ID: cases.ID(id), Number: "371671-20260302-" + id, ItemCode: "KJ-0001", ItemName: i18n.Text{ZH: "实验动物许可证", EN: "Lab animal licence"}, DepartmentID: "kj",
		Region: "371671", HallID: "main", AccountID: who.ID, Party: identity.Party{Kind: identity.HolderPerson, ID: who.ID},
	}
	if err := a.DB.InTx(t.Context(), func(ctx context.Context) error {
		return a.Feedback.Invite(ctx, cases.Happened{Case: k, Event: cases.Event{CaseID: k.ID, Command: cmd}})
	}); err != nil {
		t.Fatal(err)
	}
	feed, err := a.Notify.Feed(t.Context(), who.ID, page.Request{Size: 1})
	if err != nil || len(feed.Rows) == 0 {
		t.Fatalf("%+v %v", feed, err)
	}
	return feed.Rows[0].Link
}

func languages(c *webtest.Client, f func(locale string)) {
	for _, l := range []string{"zh-CN", "en"} {
		c.Header.Set("Accept-Language", l)
		f(l)
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	visitor := a.As(t, "") // no account is needed
	at := link(t, a, "0001", cases.CmdDeliver)
	languages(visitor, func(l string) {
		p := visitor.Get(at)
		webtest.A11y(t, p.Doc())
		for _, text := range map[string][]string{
			"zh-CN": {"请评价这次服务", "实验动物许可证", "371671-20260302-0001", "非常不满意", "匿名评价", "提交评价"},
			"en":    {"Rate this service", "Lab animal licence", "Very dissatisfied", "Rate anonymously", "Send rating"},
		}[l] {
			if p.Status != http.StatusOK || !p.Has(text) {
				t.Errorf("%s: %d, no %q", l, p.Status, text)
			}
		}
		p = visitor.Submit(p, at, url.Values{"bad": {"trips"}, "text": {"跑了三趟"}})
		webtest.A11y(t, p.Doc())
		if _, kept := webtest.Form(p.Doc(), at); p.Status != http.StatusUnprocessableEntity || kept.Get("text") != "跑了三趟" || kept.Get("bad") != "trips" {
			t.Errorf("%s: rejected with %d, kept %v", l, p.Status, kept)
		}
		if webtest.Find(p.Doc(), "a", "href", "#f-score") == nil {
			t.Errorf("%s: the summary does not lead to the stars", l)
		}
	})
	if p := visitor.Post(at, url.Values{"score": {"4"}, "good": {"bribe"}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("a box that is not offered: %d", p.Status)
	}
	visitor.Header.Set("Accept-Language", "zh-CN")
	if p := visitor.Get(at + "/thanks"); p.Path != at {
		t.Errorf("thanked before: %s", p.Path)
	}
	p := visitor.Submit(visitor.Get(at), at, url.Values{"score": {"2"}, "bad": {"trips"}, "text": {"跑了三趟"}})
	webtest.A11y(t, p.Doc())
	if p.Path != at+"/thanks" || !p.Has("谢谢您的评价") || !p.Has("不满意") || !p.Has("2026年3月3日") || !p.Has("0543-") {
		t.Errorf("%s: %s", p.Path, p.Text())
	}
	p = visitor.Get(at)
	webtest.A11y(t, p.Doc())
	if p.Status != http.StatusOK || !p.Has("已经评价过") {
		t.Errorf("used: %d %s", p.Status, p.Text())
	}
	if p = visitor.Post(at, url.Values{"score": {"5"}}); p.Status != http.StatusConflict {
		t.Errorf("rated twice: %d", p.Status)
	}
}

func TestLinksThatDoNotWork(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	visitor := a.As(t, "")
	old := link(t, a, "0001", cases.CmdRefuse)
	if p := visitor.Get(old); !p.Has("没有受理") {
		t.Errorf("a refusal: %s", p.Text())
	}
	a.Clock.Advance(feedback.Open)
	languages(visitor, func(string) {
		for path, status := range map[string]int{old: http.StatusGone, "/rate/unknown": http.StatusNotFound, "/rate/unknown/thanks": http.StatusNotFound} {
			p := visitor.Get(path)
			webtest.A11y(t, p.Doc())
			if p.Status != status || webtest.Find(p.Doc(), "form", "action", path) != nil {
				t.Errorf("%s: %d", path, p.Status)
			}
		}
		if p := visitor.Post(old, url.Values{"score": {"5"}}); p.Status != http.StatusGone {
			t.Errorf("post to an old link: %d", p.Status)
		}
	})
}

func TestRatingsOfTheDepartment(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	head := a.As(t, "head-kj")
	languages(head, func(l string) {
		p := head.Get("/work/ratings")
		webtest.A11y(t, p.Doc())
		if !p.Has(map[string]string{"zh-CN": "还没有评价", "en": "No ratings yet"}[l]) {
			t.Errorf("%s: %s", l, p.Text())
		}
	})
	visitor := a.As(t, "")
	for i, score := range []string{"5", "2", "1"} {
		at := link(t, a, "000"+score, cases.CmdDeliver)
		v := url.Values{"score": {score}, "text": {"说了" + score}}
		if i == 2 {
			v["anonymous"], v["bad"] = []string{"on"}, []string{"rude", "slow"}
		}
		if p := visitor.Post(at, v); p.Status != http.StatusOK {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
	}
	languages(head, func(l string) {
		p := head.Get("/work/ratings")
		webtest.A11y(t, p.Doc())
		for _, text := range map[string][]string{"zh-CN": {"说了5", "态度不好", "实名，最晚 2026-03-03 联系", "匿名", "平均 2.7 分", "33%"}, "en": {"Unfriendly", "2026-03-03", "2.7 out of 5"}}[l] {
			if !p.Has(text) {
				t.Errorf("%s: no %q in %s", l, text, p.Text())
			}
		}
		for _, secret := range []string{"赵启明", "Zhao Qiming", "371671-20260302", "09:00"} {
			if strings.Contains(webtest.Text(webtest.Find(p.Doc(), "main", "", "")), secret) {
				t.Errorf("%s: shows %q", l, secret)
			}
		}
		p = head.Get("/work/ratings?show=bad&department=kj&item=KJ-0001")
		webtest.A11y(t, p.Doc())
		if p.Has("说了5") || !p.Has("说了1") {
			t.Errorf("%s: bad ones: %s", l, p.Text())
		}
	})
	if p := a.As(t, "head-sc").Get("/work/ratings?department=kj"); p.Has("说了") {
		t.Error("another department reads it")
	}
	for login, status := range map[string]int{"applicant": http.StatusForbidden, "commissioner": http.StatusForbidden, "leader": http.StatusOK, "clerk": http.StatusOK, "handler-kj": http.StatusOK} {
		if p := a.As(t, login).Get("/work/ratings"); p.Status != status {
			t.Errorf("%s: %d", login, p.Status)
		}
	}
}
