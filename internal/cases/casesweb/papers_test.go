package casesweb_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/testkit/browser"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// withGap is an accepted licence of the applicant whose tolerated paper is still to come.
func (b workBench) withGap() cases.Case {
	b.t.Helper()
	who := b.Actor(b.t, "applicant")
	k := b.started("applicant", "KJ-0001")
	b.fill(who, k.ID)
	f, err := b.Cases.Form(b.ctx, who, k.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, m := range f.Materials {
		for _, x := range m.Files {
			if m.Material.Need == catalogue.Tolerated {
				if err := b.Cases.Detach(b.ctx, who, k.ID, x.ID); err != nil {
					b.t.Fatal(err)
				}
			}
		}
	}
	return b.must(b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}))
}

// TestPapersGivenBefore: the form offers what was handed in before, and one
// click uses it; at a window the clerk says that he saw the original.
func TestPapersGivenBefore(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	first := b.submitted("applicant", "KJ-0004")
	second := b.started("agent", "KJ-0005")
	c := b.As(t, "agent")
	page := looks(t, c, myPath(second, "/form"), "以前交过，可以直接用", first.Number, "2026年3月2日", "用这份")
	button := webtest.Find(page.Doc(), "button", "name", "earlier")
	at, value := webtest.Attr(button, "formaction"), webtest.Attr(button, "value")
	want(t, b.As(t, "talent").Post(at, url.Values{"earlier": {value}}), http.StatusNotFound)
	want(t, c.Post(at, url.Values{"earlier": {string(first.ID) + "/no_such"}}), http.StatusNotFound)
	typed := typedOf(t, c, second)
	typed.Set("earlier", value)
	p := c.Post(at, typed)
	want(t, p, http.StatusOK, "已用上以前交过的材料", "用以前交过的 1 个文件", "来自 "+first.Number)

	// Staff read the level, what it means, and check the original.
	clerk := b.As(t, "clerk")
	looks(t, clerk, workPath(first, ""), "可信等级 C", "使用前要核对原件", "可信等级是什么意思", "核对原件")
	looks(t, clerk, workPath(first, "/do/check"), "核对的是哪份材料", "上一年度财务审计报告")
	do := workPath(first, "/do/check")
	version := strconv.Itoa(b.state(first).Version)
	want(t, clerk.Post(do, url.Values{"version": {version}}), http.StatusUnprocessableEntity, "核对的是哪份材料")
	want(t, clerk.Post(do, url.Values{"version": {version}, "material": {"audit_report"}}), http.StatusOK, "已记录：原件核对过了", "可信等级 B", "核对过原件")
	want(t, b.As(t, "applicant").Get(myPath(first, "")), http.StatusOK, "已核对原件：上一年度财务审计报告")

	// In a form that the clerk fills in for a visitor.
	who := b.Actor(t, "applicant")
	k := b.must(b.Cases.Start(b.ctx, b.Actor(t, "clerk"), cases.StartInput{ItemCode: "KJ-0004", EnterpriseID: who.Firms[0], AccountID: who.ID}))
	b.attach(b.Actor(t, "clerk"), k.ID, "deduction_return")
	page = looks(t, clerk, workPath(k, "/form"), "已核对原件")
	seen := workPath(k, "/materials/deduction_return/checked")
	if webtest.Find(page.Doc(), "button", "formaction", seen) == nil {
		t.Fatal("no button for the original")
	}
	want(t, clerk.Post(seen, nil), http.StatusOK, "已记录：原件核对过了", "核对过原件")
	want(t, c.Post(seen, nil), http.StatusForbidden)
}

// TestPapersToCome: what is tolerated is told before, promised on paper, done
// by the applicant or at a window, and waived by a desk.
func TestPapersToCome(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	c, clerk := b.As(t, "applicant"), b.As(t, "clerk")
	draft := b.started("applicant", "KJ-0001")
	looks(t, c, myPath(draft, "/form"), "受理后 15 个工作日内补交")
	looks(t, c, myPath(draft, "/review"), "提交即表示您承诺")

	k := b.withGap()
	looks(t, clerk, workPath(k, ""), "这些材料申请后补", "受理后 15 个工作日内补交")
	b.must(b.Cases.Accept(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID}))
	looks(t, c, myPath(k, ""), "还有 1 份材料要补交", "去补交", "容缺受理承诺书")
	looks(t, c, "/my/cases", "还有 1 份材料要补交")
	looks(t, c, myPath(k, "/papers/tolerance"), "容缺受理承诺书", "动物尸体和废弃物处理协议", "视为撤回申请")
	looks(t, clerk, workPath(k, ""), "容缺材料还没有补交", "替申请人补交")
	page := looks(t, c, myPath(k, "/later"), "补交材料", "动物尸体和废弃物处理协议", "要在期限内补交")
	looks(t, clerk, workPath(k, "/later"), "窗口已核验原件")
	want(t, b.As(t, "talent").Get(myPath(k, "/later")), http.StatusNotFound)

	at, values := webtest.Form(page.Doc(), "/later/waste_contract")
	want(t, c.Post(at, values), http.StatusUnprocessableEntity, "没有选择文件")
	want(t, c.Upload(at, values, webtest.File{Field: "material.waste_contract", Name: "a.png", Content: tinyPDF}), http.StatusUnprocessableEntity, "文件的内容和扩展名对不上")
	want(t, c.Upload(at, values, webtest.File{Field: "material.waste_contract", Name: "协议.pdf", Content: tinyPDF}), http.StatusOK, "已补交")
	if v, err := b.Cases.View(b.ctx, b.Actor(t, "applicant"), k.ID); err != nil || len(v.OpenGaps()) != 0 || v.DataVersion != 2 {
		t.Fatalf("%v %+v", err, v.Gaps)
	}
	want(t, clerk.Get(workPath(k, "")), http.StatusOK, "补交了材料：动物尸体和废弃物处理协议", "协议.pdf")

	// At a window, seen on paper; nothing asks for it any more.
	k = b.withGap()
	b.must(b.Cases.Accept(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID}))
	at, values = webtest.Form(clerk.Get(workPath(k, "/later")).Doc(), "/later/waste_contract")
	values.Set("how", "window")
	want(t, clerk.Post(at, values), http.StatusOK, "已补交")

	// Waived by a desk, with a reason.
	k = b.withGap()
	b.must(b.Cases.Accept(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID}))
	handler := b.As(t, "handler-kj")
	looks(t, handler, workPath(k, "/do/waive"), "免予补交哪份材料", "动物尸体和废弃物处理协议")
	version := strconv.Itoa(b.state(k).Version)
	want(t, handler.Post(workPath(k, "/do/waive"), url.Values{"version": {version}, "material": {"waste_contract"}}), http.StatusUnprocessableEntity, "请写明理由")
	want(t, handler.Post(workPath(k, "/do/waive"), url.Values{"version": {version}, "material": {"waste_contract"}, "reason": {"园区统一处理"}}), http.StatusOK, "已免予补交")

	// Too late, the applicant reads what became of it.
	k = b.withGap()
	b.must(b.Cases.Accept(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID}))
	for range 2 {
		b.Clock.Advance(40 * 24 * time.Hour)
		if err := b.Cases.Sweep(b.ctx); err != nil {
			t.Fatal(err)
		}
	}
	looks(t, c, myPath(k, ""), "视为撤回申请", "逾期没有补交")
}

// TestPagesOfTheDishonest: the firm of the demonstration with a bad record is
// told why a paper is due now, and so is the clerk who files for it.
func TestPagesOfTheDishonest(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	k := b.started("qudesheng", "KJ-0001")
	c := b.As(t, "qudesheng")
	p := looks(t, c, myPath(k, "/form"), "失信记录", "不能以后再补")
	if p.Has("以后补交") {
		t.Error("a paper may still come later")
	}
	p = c.Submit(p, "/form", url.Values{"go": {"review"}})
	want(t, p, http.StatusOK, "还没有交")
	if p := b.As(t, "applicant").Get(myPath(b.started("applicant", "KJ-0001"), "/form")); p.Has("失信记录") {
		t.Error("an honest firm reads of a bad record")
	}
}

// TestLatePaperInABrowser: a large tolerated paper goes in pieces with progress,
// and goes on after the network broke; the day that it is valid until is asked for.
func TestLatePaperInABrowser(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	who := b.Actor(t, "applicant")
	k := b.started("applicant", "WJ-0101")
	b.fill(who, k.ID)
	f, err := b.Cases.Form(b.ctx, who, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range f.Materials {
		for _, x := range m.Files {
			if m.Key == "health" {
				if err := b.Cases.Detach(b.ctx, who, k.ID, x.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	k = b.must(b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}))
	k = b.must(b.Cases.Accept(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID}))
	var pieces atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && strings.Contains(r.URL.Path, "/uploads/") && pieces.Add(1) == 2 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		b.Handler.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	p := browser.Start(t, srv.URL).Page(t, "applicant", 390, 844)
	signIn(p)
	p.Open(myPath(k, "/later"))
	file := filepath.Join(t.TempDir(), "健康证.pdf")
	if err := os.WriteFile(file, append([]byte("%PDF-1.4\n"), make([]byte, 3<<20)...), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Upload(`input[name="material.health"]`, file)
	p.ClickOn(`form[data-upload] .btn-primary`)
	p.Wait("请填写这份材料有效到哪一天")
	p.Axe()
	p.Upload(`input[name="material.health"]`, file)
	p.Type("until.health", "2026-12-31")
	p.ClickOn(`form[data-upload] .btn-primary`)
	p.WaitPath(string(k.ID))
	p.Until("be back at the case", `!location.pathname.endsWith("/later")`)
	v, err := b.Cases.View(b.ctx, who, k.ID)
	if err != nil || len(v.OpenGaps()) != 0 {
		t.Fatalf("%v %+v", err, v.OpenGaps())
	}
	if pieces.Load() < 5 {
		t.Errorf("%d pieces", pieces.Load())
	}
}
