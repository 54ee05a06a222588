package grantweb_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

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

// TestFromTheAccountToTheMoney goes on from there with the engine of cases and the
// funds: cases are made, a payment list is made, downloaded, paid, one payment comes
// back, one grant is taken back; the firm sees where it stands all the way.
func TestFromTheAccountToTheMoney(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	a.Clock.Set(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC))
	ctx := t.Context()
	handler, approver, owner, leader := a.As(t, "handler-rs"), a.As(t, "approver-rs"), a.As(t, "luzhengping"), a.As(t, "leader")
	who := a.Actor(t, "luzhengping")
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	b, err := a.Grants.Draft(ctx, a.Actor(t, "handler-rs"), "rs-2026-02-1")
	ok(err)
	b, err = a.Grants.Check(ctx, a.Actor(t, "handler-rs"), grant.Ref{ID: b.ID, Version: b.Version})
	ok(err)
	path := "/work/grants/" + b.ID
	if p := approver.Get(path); !p.Has("就业补助资金，还剩") {
		t.Errorf("the fund is not shown: %s", p.Text())
	}
	b, err = a.Grants.Release(ctx, a.Actor(t, "approver-rs"), grant.Ref{ID: b.ID, Version: b.Version})
	ok(err)
	mine, err := a.Grants.Mine(ctx, who)
	ok(err)
	at := "/my/grants/" + mine[0].Line.ID
	looks := func(c *webtest.Client, path string, want ...string) *webtest.Page {
		t.Helper()
		c.Header.Set("Accept-Language", "en")
		en := c.Get(path)
		webtest.A11y(t, en.Doc())
		if strings.Contains(en.Text(), "grant.") {
			t.Errorf("%s shows a key in English", path)
		}
		c.Header.Set("Accept-Language", "zh-CN")
		p := c.Get(path)
		webtest.A11y(t, p.Doc())
		for _, w := range want {
			if !p.Has(w) {
				t.Errorf("%s: no %q in %s", path, w, p.Text())
			}
		}
		return p
	}
	owner.Submit(looks(owner, at, "列入名单"), at, url.Values{"bank": {"渤海银行"}, "account": {"6222 0000 1111 2222 333"}})
	for range 2 { // the days pass; the clock stays, else everybody would be signed out
		ok(a.DB.InTx(ctx, func(ctx context.Context) error {
			_, err := a.DB.Exec(ctx, `UPDATE matching_grant SET shown_until=1, remind_at=1, answer_until=1, reminded_at=1 WHERE id=$1`, b.ID)
			return err
		}))
		ok(a.Grants.Sweep(ctx))
	}
	sheet, err := a.Grants.Batch(ctx, a.Actor(t, "handler-rs"), b.ID, grant.Filter{State: grant.Confirmed})
	ok(err)
	if sheet.Cases.Made != 1 || sheet.Cases.Faults != 0 {
		t.Fatalf("%+v %+v", sheet.Cases, sheet.Lines.Rows)
	}
	l := sheet.Lines.Rows[0]
	for channel, want := range map[string]bool{"award": false, "online": true} { // what a list gave was not applied for
		ok(a.DB.InTx(ctx, func(ctx context.Context) error {
			_, err := a.DB.Exec(ctx, `UPDATE cases_case SET channel=$2 WHERE id=$1`, l.CaseID, channel)
			return err
		}))
		applied, err := a.Cases.Applied(ctx, sheet.Clause.Item, []string{l.FirmID}, time.Time{})
		ok(err)
		later, err := a.Cases.Applied(ctx, sheet.Clause.Item, []string{l.FirmID}, a.Clock.Now().Add(time.Hour))
		ok(err)
		if applied[l.FirmID] != want || later[l.FirmID] {
			t.Errorf("%s: applied for %v, later %v", channel, applied[l.FirmID], later[l.FirmID])
		}
	}
	ok(a.DB.InTx(ctx, func(ctx context.Context) error {
		_, err := a.DB.Exec(ctx, `UPDATE cases_case SET channel='award' WHERE id=$1`, l.CaseID)
		return err
	}))
	looks(owner, at, "办件已生成", l.CaseNumber)
	looks(owner, "/my/grants", "办件已生成")
	if p := looks(owner, "/my/cases/"+l.CaseID, l.CaseNumber); p.Status != http.StatusOK {
		t.Errorf("the case: %d", p.Status)
	}
	looks(leader, path, "已生成办件")
	looks(approver, path, l.CaseNumber)

	p := handler.Submit(looks(handler, path, "做付款清单", "付款结果由另一位同事登记"), "/do/list", nil)
	if !p.Has("付款清单已做好") || !p.Has("RS-2026-02-1-P01") || !p.Has("清单是您做的") {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	sheet, err = a.Grants.Batch(ctx, a.Actor(t, "handler-rs"), b.ID, grant.Filter{})
	ok(err)
	list := path + "/lists/" + sheet.Lists[0].ID
	if p = handler.Submit(looks(handler, path), list+"/file", url.Values{"file_reason": {""}, "format": {"csv"}}); p.Status != http.StatusUnprocessableEntity || !p.Has("下载原因") {
		t.Errorf("without a reason: %d", p.Status)
	}
	csv := handler.Submit(handler.Get(path), list+"/file", url.Values{"file_reason": {"送国库"}, "format": {"csv"}})
	if csv.Status != http.StatusOK || !strings.Contains(csv.Body, "\t6222000011112222333") || !strings.Contains(csv.Header.Get("Content-Disposition"), "RS-2026-02-1-P01.csv") {
		t.Errorf("%d %v %q", csv.Status, csv.Header, csv.Body)
	}
	if sum := sha256.Sum256([]byte(csv.Body)); hex.EncodeToString(sum[:]) != sheet.Lists[0].SHA256 {
		t.Error("the checksum is not that of the file")
	}
	if p = approver.Submit(looks(approver, path, "作废清单"), list+"/void", url.Values{"void_reason": {""}}); p.Status != http.StatusUnprocessableEntity || !p.Has("国库退回清单") {
		t.Errorf("withdrawn without a reason: %d", p.Status)
	}
	xlsx := handler.Submit(handler.Get(path), list+"/file", url.Values{"file_reason": {"送国库"}, "format": {"xlsx"}})
	book, err := excelize.OpenReader(strings.NewReader(xlsx.Body))
	ok(err)
	defer func() { _ = book.Close() }()
	account, err := book.GetCellValue(book.GetSheetName(0), "E2")
	ok(err)
	kind, err := book.GetCellType(book.GetSheetName(0), "E2")
	ok(err)
	if account != "6222000011112222333" || kind == excelize.CellTypeNumber || kind == excelize.CellTypeUnset {
		t.Errorf("the account: %q of type %v", account, kind)
	}
	if x := leader.Post(list+"/file", url.Values{"file_reason": {"看看"}}); x.Status != http.StatusForbidden || strings.Contains(x.Body, "6222000011112222333") {
		t.Errorf("a leader downloads it: %d", x.Status)
	}
	if x := a.As(t, "handler-sc").Post(list+"/file", url.Values{"file_reason": {"看看"}}); x.Status != http.StatusNotFound {
		t.Errorf("another department: %d", x.Status)
	}
	if p := looks(approver, path); strings.Contains(p.Body, "6222000011112222333") {
		t.Error("the account stands on the page")
	}

	// The bank sends it back, the firm gives another account, it is paid.
	p = looks(approver, path+"?line="+l.ID, "登记退款")
	p = approver.Submit(p, "/lines/"+l.ID+"?line="+l.ID, url.Values{"do": {"bounce"}, "reason": {"户名不符"}})
	if !p.Has("付款被退回") || !p.Has("已作废") || !p.Has("其中退回 1 家") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	p = looks(owner, at, "户名不符", "换一个账户")
	owner.Submit(p, at, url.Values{"bank": {"渤海银行"}, "account": {"8888 0000 1111 2222"}})
	handler.Submit(handler.Get(path), "/do/list", nil)
	sheet, err = a.Grants.Batch(ctx, a.Actor(t, "handler-rs"), b.ID, grant.Filter{})
	ok(err)
	list = path + "/lists/" + sheet.Lists[1].ID
	day := a.Clock.Now().Add(8 * time.Hour).Format("2006-01-02")
	if p = approver.Submit(looks(approver, path, "登记已付"), list+"/paid", url.Values{"paid_on": {day}, "voucher": {""}}); p.Status != http.StatusUnprocessableEntity || !p.Has("凭证号") {
		t.Errorf("without a voucher: %d", p.Status)
	}
	if p = approver.Submit(approver.Get(path), list+"/paid", url.Values{"paid_on": {day}, "voucher": {"GK-2026-77"}}); !p.Has("GK-2026-77") || !p.Has("已拨付") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	looks(owner, at, "已拨付")
	if p = looks(handler, path+"?list="+sheet.Lists[0].ID); !strings.Contains(p.Body, sheet.Lists[0].ID+"/file") || strings.Contains(p.Body, sheet.Lists[1].ID+"/file") {
		t.Error("the first list is not the one in hand")
	}
	looks(a.As(t, "citizen"), grant.PublicPath(b.ID))

	p = looks(approver, path+"?line="+l.ID, "收回资金")
	if p = approver.Submit(p, "/lines/"+l.ID+"?line="+l.ID, url.Values{"do": {"claw"}, "reason": {"材料不实"}}); !p.Has("应退回") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	looks(owner, at, "材料不实", "请退回 "+l.Sum.String()+" 元", "行政复议")
	looks(owner, "/my/grants", "已收回")
	if p := looks(owner, "/my/cases/"+l.CaseID); p.Status != http.StatusOK {
		t.Errorf("the case that was undone: %d", p.Status)
	}
	p = looks(handler, path+"?line="+l.ID, "登记已退回")
	if p = handler.Submit(p, "/lines/"+l.ID+"?line="+l.ID, url.Values{"do": {"recover"}, "on": {day}}); !p.Has("已退回") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	looks(owner, at, "您在")
}
