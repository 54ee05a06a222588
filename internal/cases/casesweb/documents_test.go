package casesweb_test

import (
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// copied is the text of a PDF file as somebody would copy it, without white space.
func copied(t *testing.T, file string) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("needs pdftotext")
	}
	path := t.TempDir() + "/x.pdf"
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), tool, "-raw", "-enc", "UTF-8", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(out)), "")
}

func TestDocumentsAsFiles(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	c := b.As(t, "applicant")
	k := b.submitted("applicant", "KJ-0001")
	p := looks(t, c, myPath(k, ""), "接收回执", "PDF")
	if webtest.Find(p.Doc(), "a", "href", myPath(k, "/papers/receipt/pdf")) == nil {
		t.Fatal("the list does not lead to the file")
	}
	f := c.Get(myPath(k, "/papers/receipt/pdf"))
	if f.Status != http.StatusOK || f.Header.Get("Content-Type") != "application/pdf" || !strings.Contains(f.Header.Get("Content-Disposition"), url.PathEscape("接收回执")) {
		t.Fatalf("%d %v", f.Status, f.Header)
	}
	text := copied(t, f.Body)
	for _, want := range []string{"接收回执", k.Number + "-SJ1", "五个工作日内", "渤海科技创新区科技创新局", "取件码", k.PickupCode, "核验码"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q cannot be copied: %s", want, text)
		}
	}
	if again := c.Get(myPath(k, "/papers/receipt/pdf")); again.Body != f.Body {
		t.Error("the second file differs")
	}
	if text := copied(t, c.Get(myPath(k, "/papers/receipt/pdf?lang=en")).Body); !strings.Contains(text, "ThisisatranslationTheChinesetextprevails") && !strings.Contains(text, "Thisisatranslation") {
		t.Errorf("in English: %s", text)
	}
	if text := copied(t, b.As(t, "clerk-a02").Get(workPath(k, "/papers/receipt/pdf")).Body); strings.Contains(text, k.PickupCode) {
		t.Error("a clerk who did not take it in has the pick-up code")
	}
	want(t, b.As(t, "talent").Get(myPath(k, "/papers/receipt/pdf")), http.StatusNotFound)
	want(t, c.Get(myPath(k, "/papers/acceptance/pdf")), http.StatusNotFound)
}

func TestVerifyingAPaper(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	c := b.As(t, "applicant")
	k := b.submitted("applicant", "KJ-0001")
	b.must(b.Cases.Accept(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID}))
	page := looks(t, c, myPath(k, "/papers/acceptance"), "受理通知书", "核验码")
	link := webtest.Find(page.Doc(), "a", "href", myPath(k, "/papers/acceptance/pdf"))
	if link == nil {
		t.Fatal("no way to the file")
	}
	file := c.Get(myPath(k, "/papers/acceptance/pdf")).Body
	_, rest, _ := strings.Cut(page.Text(), "核验码 ")
	code := rest[:19]
	anybody := b.As(t, "")
	at := anybody.Post("/verify", url.Values{"code": {strings.ToUpper(code)}})
	want(t, at, http.StatusOK, "这份文书是真的", k.Number+"-SL1", "渤海科技创新区科技创新局", "2026年3月12日", "校验值")
	webtest.A11y(t, at.Doc())
	plain := strings.ReplaceAll(code, "-", "")
	compare := func(body string) *webtest.Page {
		return anybody.Upload("/verify/"+plain+"/file", nil, webtest.File{Field: "file", Name: "x.pdf", Content: []byte(body)})
	}
	want(t, compare(file), http.StatusOK, "没有改动")
	other := compare(strings.Replace(file, "2026", "2027", 1))
	want(t, other, http.StatusOK, "不是原来发出的文件")
	webtest.A11y(t, other.Doc())
	want(t, anybody.Post("/verify/"+plain+"/file", url.Values{}), http.StatusUnprocessableEntity, "请选择")
	want(t, anybody.Get("/verify/aaaaaaaaaaaaaaaa"), http.StatusNotFound, "没有查到")
	b.must(b.Cases.Extend(b.ctx, b.Actor(t, "head-kj"), cases.Ref{ID: k.ID}, 5, "需要补充检测"))
	looks(t, anybody, "/verify/"+plain, "内容后来有变更", "延长办理期限通知书")
}

func TestCertificatesAsFiles(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	c := b.As(t, "applicant")
	k := b.toDecide()
	b.must(b.Cases.Decide(b.ctx, b.Actor(t, "approver"), cases.Ref{ID: k.ID}, cases.DecideInput{Outcome: cases.Granted}))
	page := c.Get(myPath(k, ""))
	at := ""
	for _, a := range webtest.FindAll(page.Doc(), "a", "", "") {
		if h := webtest.Attr(a, "href"); strings.HasPrefix(h, "/my/certificates/") && strings.HasSuffix(h, "/pdf") {
			at = h
		}
	}
	if at == "" {
		t.Fatal("the case does not lead to its certificate")
	}
	text := copied(t, c.Get(at).Body)
	for _, want := range []string{"渤海智联传感科技有限公司", "仅供办理政务服务使用", "核验码", "盖章"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not on the certificate: %s", want, text)
		}
	}
	want(t, b.As(t, "talent").Get(at), http.StatusNotFound)
	if f := b.As(t, "clerk").Get(workPath(k, "/certificate")); f.Status != http.StatusOK || f.Header.Get("Content-Type") != "application/pdf" {
		t.Errorf("who hands it over: %d", f.Status)
	}
	_, rest, _ := strings.Cut(looks(t, c, myPath(k, "/papers/grant"), "批准决定书").Text(), "核验码 ")
	code := strings.ReplaceAll(rest[:19], "-", "")
	looks(t, b.As(t, ""), "/verify/"+code, "这份文书是真的")

	b.must(b.Cases.Revoke(b.ctx, b.Actor(t, "approver"), cases.Ref{ID: k.ID}, "检测报告系伪造"))
	if text := copied(t, c.Get(at).Body); !strings.Contains(text, "已撤销，不得使用") {
		t.Errorf("a revoked certificate looks valid: %s", text)
	}
	looks(t, b.As(t, ""), "/verify/"+code, "这份文书已撤销")
	looks(t, c, myPath(k, "/papers/revocation"), "撤销决定书", "检测报告系伪造", "行政复议")
}

func TestDecisionIsPreviewed(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	k := b.toDecide()
	c := b.As(t, "approver")
	form := c.Get(workPath(k, "/do/decide"))
	want(t, form, http.StatusOK, "预览文书", "的条件。")
	p := c.Submit(form, "/do/decide", url.Values{"outcome": {"denied"}, "preview": {"1"}})
	want(t, p, http.StatusUnprocessableEntity, "请写明理由")
	p = c.Submit(form, "/do/decide", url.Values{"outcome": {"denied"}, "reason": {"动物房没有独立通风"}, "preview": {"1"}})
	want(t, p, http.StatusOK, "还没有签发", "不予批准决定书", k.Number+"-BY1", "动物房没有独立通风", "行政复议")
	webtest.A11y(t, p.Doc())
	if now := b.state(k); now.State != cases.Handling || now.Version != k.Version {
		t.Fatalf("a preview changed the case: %+v", now)
	}
	want(t, c.Submit(p, "/do/decide", nil), http.StatusOK, "未获批准")
	looks(t, b.As(t, "applicant"), myPath(k, "/papers/deny"), "动物房没有独立通风")
	want(t, c.Post(workPath(k, "/do/decide"), url.Values{"outcome": {"granted"}, "preview": {"1"}}), http.StatusConflict)
	want(t, b.As(t, "clerk").Post(workPath(b.toDecide(), "/do/decide"), url.Values{"outcome": {"granted"}, "preview": {"1"}}), http.StatusForbidden)
}
