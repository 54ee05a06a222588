package grantweb_test

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/matching/grant"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// TestFromTheListToTheAccount goes the way of a batch through the pages: a handler
// makes the list, an approver publishes it, a citizen objects, the firm answers.
func TestFromTheListToTheAccount(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	a.Clock.Set(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC))
	handler, approver, owner, citizen := a.As(t, "handler-rs"), a.As(t, "approver-rs"), a.As(t, "luzhengping"), a.As(t, "citizen")
	lib, err := a.Policies.Library(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	clause, _ := lib.Entry("rs-2026-02-1")
	looks := func(c *webtest.Client, path string, want ...string) *webtest.Page {
		t.Helper()
		c.Header.Set("Accept-Language", "en")
		webtest.A11y(t, c.Get(path).Doc())
		c.Header.Set("Accept-Language", "zh-CN")
		p := c.Get(path)
		webtest.A11y(t, p.Doc())
		for _, w := range want {
			if !p.Has(w) {
				t.Errorf("%s: no %q", path, w)
			}
		}
		return p
	}
	looks(owner, "/my/grants", "现在没有要发给您企业的资金")
	looks(citizen, "/publicity/grants", "现在没有公示的名单")
	looks(handler, "/work/grants", "可以拟定名单的政策", clause.Title.ZH)
	p := handler.Post("/work/grants", url.Values{"clause": {"rs-2026-02-1"}})
	if p.Status != http.StatusOK || !p.Has("名单已拟定") {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	path := p.Path
	if x := a.As(t, "handler-sc").Get(path); x.Status != http.StatusNotFound {
		t.Errorf("another department: %d", x.Status)
	}
	sheet, err := a.Grants.Batch(t.Context(), a.Actor(t, "handler-rs"), strings.TrimPrefix(path, "/work/grants/"), grant.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	firm := a.Actor(t, "luzhengping").Firms[0]
	other, mine := "", ""
	for _, l := range sheet.Lines.Rows {
		if l.FirmID == firm {
			mine = l.ID
		} else {
			other = l.ID
		}
	}
	if mine == "" {
		t.Fatal("the firm of the applicant is not on the list")
	}
	p = looks(handler, path+"?line="+other, "移出、暂缓或者保留都要写理由")
	if p = handler.Submit(p, "/lines/"+other+"?line="+other, url.Values{"do": {"remove"}, "reason": {""}}); p.Status != http.StatusUnprocessableEntity || !p.Has("填写理由") {
		t.Errorf("without a reason: %d", p.Status)
	}
	if p = handler.Submit(p, "/lines/"+other+"?line="+other, url.Values{"do": {"remove"}, "reason": {"已迁出"}}); p.Status != http.StatusOK || !p.Has("已移出") || !p.Has("已迁出") {
		t.Errorf("removed: %d %s", p.Status, p.Text())
	}
	p = handler.Submit(handler.Get(path), "/do/check", nil)
	if !p.Has("待发布") {
		t.Error(p.Text())
	}
	p = looks(approver, path, "发布公示")
	if p = approver.Submit(p, "/do/return", nil); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("returned without a reason: %d", p.Status)
	}
	p = approver.Submit(approver.Get(path), "/do/release", nil)
	if !p.Has("公示中") {
		t.Fatal(p.Text())
	}
	looks(approver, path)

	public := grant.PublicPath(sheet.ID)
	looks(a.As(t, ""), public, "登录以后可以提出异议")
	looks(citizen, "/publicity/grants", clause.Title.ZH)
	looks(citizen, public+"?q=91", "公示到", "提出异议")
	looks(citizen, public+"?q="+url.QueryEscape("没有这家企业"), "名单上没有找到")
	if p = citizen.Post(public, url.Values{"body": {"这家企业已经搬走了"}}); p.Status != http.StatusUnprocessableEntity || !p.Has("先在名单里选择") {
		t.Errorf("without a firm: %d", p.Status)
	}
	p = looks(citizen, public+"?line="+mine, "对", "您的名字不会公开")
	if p = citizen.Submit(p, public, url.Values{"line": {mine}, "body": {"x"}}); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, ">x</textarea>") {
		t.Errorf("too short: %d", p.Status)
	}
	if p = citizen.Submit(p, public, url.Values{"line": {mine}, "body": {"这家企业已经搬走了"}}); !p.Has("异议已收到") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	looks(owner, "/my/grants", "有人提出异议，正在核实")
	at := "/my/grants/" + mine
	p = looks(owner, at, "确认收款账户")
	if p = owner.Submit(p, at, url.Values{"bank": {"渤海银行"}, "account": {"1234"}}); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, `value="1234"`) {
		t.Errorf("a bad account: %d", p.Status)
	}
	if p = owner.Submit(p, at, url.Values{"bank": {"渤海银行"}, "account": {"6222 0000 1111 2222"}}); !p.Has("账户已确认") || p.Has("6222000011112222") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	if p := citizen.Get(at); p.Status != http.StatusNotFound {
		t.Errorf("somebody else: %d", p.Status)
	}
	p = looks(approver, path, "这家企业已经搬走了", "有异议，暂停")
	objection := webtest.Attr(webtest.Find(p.Doc(), "a", "href", path+"?objection="+objectionOf(t, a, sheet.ID)), "href")
	p = looks(approver, objection, "异议是否成立")
	if p = approver.Submit(p, "/objections/"+objectionOf(t, a, sheet.ID), url.Values{"reason": {"地址没有变"}}); p.Status != http.StatusUnprocessableEntity || !p.Has("地址没有变") {
		t.Errorf("without a choice: %d", p.Status)
	}
	if p = approver.Submit(p, "/objections/"+objectionOf(t, a, sheet.ID), url.Values{"upheld": {"no"}, "reason": {"地址没有变"}}); !p.Has("不成立") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	told, err := db.One(t.Context(), a.DB.Read(t.Context()), db.Scalar[int], `SELECT count(*) FROM notify_message WHERE kind='grant_objection' AND account_id=$1`, a.Actor(t, "citizen").ID)
	if err != nil || told != 1 {
		t.Errorf("who objected was told %d times, %v", told, err)
	}
}

func objectionOf(t *testing.T, a *apptest.App, id string) string {
	t.Helper()
	s, err := a.Grants.Batch(t.Context(), a.Actor(t, "approver-rs"), id, grant.Filter{})
	if err != nil || len(s.Objections) != 1 {
		t.Fatalf("%d objections, %v", len(s.Objections), err)
	}
	return s.Objections[0].ID
}
