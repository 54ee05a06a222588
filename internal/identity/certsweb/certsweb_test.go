package certsweb_test

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const firstFirm = "91371671MA3TB0009L" // of applicant and agent

// show opens a page in both languages and expects it to be usable.
func show(t *testing.T, c *webtest.Client, path string, texts ...string) *webtest.Page {
	t.Helper()
	var zh *webtest.Page
	for _, l := range []i18n.Locale{i18n.English, i18n.Chinese} {
		c.Header.Set("Accept-Language", string(l))
		p := c.Get(path)
		if p.Status != http.StatusOK {
			t.Fatalf("%s: status %d: %s", path, p.Status, p.Text())
		}
		webtest.A11y(t, p.Doc())
		if s := p.Text(); strings.Contains(s, "certs.") || strings.Contains(s, "identity.certificate") {
			t.Errorf("%s shows a key: %s", path, s)
		}
		zh = p
	}
	for _, s := range texts {
		if !zh.Has(s) {
			t.Errorf("%s does not say %q: %s", path, s, zh.Text())
		}
	}
	return zh
}

func status(t *testing.T, p *webtest.Page, want int, texts ...string) {
	t.Helper()
	if p.Status != want {
		t.Errorf("%s: status %d, want %d: %s", p.Path, p.Status, want, p.Text())
	}
	for _, s := range texts {
		if !p.Has(s) {
			t.Errorf("%s does not say %q: %s", p.Path, s, p.Text())
		}
	}
}

func TestRegisterFromTheDeskToTheHolder(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	e, err := a.Identity.EnterpriseByUSCC(t.Context(), firstFirm)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := a.Identity.Issue(t.Context(), auth.SystemActor(), identity.IssueInput{Type: "lab_animal_permit", Holder: e.Party(), Issuer: "kj", Months: 60})
	if err != nil {
		t.Fatal(err)
	}
	work, mine := "/work/certificates/"+cert.ID, "/my/certificates/"+cert.ID
	handler, approver, holder := a.As(t, "handler-kj"), a.As(t, "approver"), a.As(t, "applicant")

	show(t, handler, "/work/certificates", "证照登记簿", cert.Number)
	show(t, a.As(t, "clerk"), "/work/certificates?q="+url.QueryEscape(cert.Number), cert.Number)
	show(t, a.As(t, "clerk"), "/work/certificates?q=nothing", "没有查到")
	p := show(t, handler, work, "为什么打开这份证照")
	if p.Has(cert.Number) {
		t.Error("the number is shown before a reason is given")
	}
	status(t, handler.Post(work+"/open", url.Values{"reason": {" "}}), http.StatusUnprocessableEntity)
	status(t, handler.Post(work+"/open", url.Values{"reason": {"核对存档"}}), http.StatusOK, cert.Number, "打开原因：核对存档")
	show(t, handler, work, "撤销", "变更")
	if f := handler.Get(work + "/pdf"); f.Status != http.StatusOK || !strings.HasPrefix(f.Body, "%PDF") {
		t.Errorf("copy: %d", f.Status)
	}
	status(t, a.As(t, "handler-gx").Get(work), http.StatusNotFound)
	status(t, a.As(t, "handler-gx").Get(work+"/pdf"), http.StatusNotFound)

	status(t, handler.Post(work+"/acts", url.Values{"kind": {"revoke"}, "version": {"1"}}), http.StatusUnprocessableEntity)
	status(t, handler.Post(work+"/acts", url.Values{"kind": {"revoke"}, "reason": {"提供了假材料"}, "version": {"1"}}), http.StatusOK, "等复核", "提供了假材料")
	show(t, handler, work, "不能是提出的人")
	status(t, approver.Post(work+"/open", url.Values{"reason": {"复核"}}), http.StatusOK, "同意，马上生效")
	show(t, approver, work)
	act := actOf(t, approver.Get(work).Body, work+"/acts/")
	status(t, handler.Post(work+"/acts/"+act, url.Values{"answer": {"confirm"}, "version": {"1"}}), http.StatusForbidden)
	status(t, approver.Post(work+"/acts/"+act, url.Values{"answer": {"refuse"}, "version": {"1"}}), http.StatusUnprocessableEntity)
	status(t, approver.Post(work+"/acts/"+act, url.Values{"answer": {"confirm"}, "version": {"1"}}), http.StatusOK, "已撤销")

	p = show(t, holder, mine, "已撤销", "提供了假材料", "核对存档", "工作人员下载副本", "科技创新局")
	use := actOf(t, p.Body, mine+"/uses/")
	status(t, holder.Post(mine+"/uses/"+use, url.Values{"text": {""}}), http.StatusUnprocessableEntity)
	status(t, holder.Post(mine+"/uses/"+use, url.Values{"text": {"没有必要下载"}}), http.StatusOK, "正在核查")
	status(t, a.As(t, "citizen").Get(mine), http.StatusNotFound)
	status(t, a.As(t, "citizen").Post(mine+"/uses/"+use, url.Values{"text": {"x"}}), http.StatusNotFound)

	head := a.As(t, "head-kj")
	show(t, head, "/work/certificate-complaints", "没有必要下载")
	status(t, head.Post("/work/certificate-complaints/"+use, url.Values{"upheld": {"yes"}, "answer": {""}, "version": {"1"}}), http.StatusUnprocessableEntity, "没有必要下载")
	status(t, head.Post("/work/certificate-complaints/"+use, url.Values{"upheld": {"yes"}, "answer": {"已提醒经办人"}, "version": {"1"}}), http.StatusOK, "已提醒经办人")
	show(t, holder, mine, "已提醒经办人")
	status(t, a.As(t, "").Get("/verify/"+cert.Token), http.StatusOK, "这份证照已撤销")
}

// actOf finds the id that follows a path on a page.
func actOf(t *testing.T, body, path string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, `action="`+path)
	if !ok {
		t.Fatalf("no form for %s", path)
	}
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

func TestPapersComeInAtTheWindow(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	clerk, holder := a.As(t, "clerk"), a.As(t, "applicant")
	show(t, clerk, "/work/certificates/new", "登记一份证照")
	in := url.Values{"holder": {firstFirm}, "type": {"test_report"}, "number": {"JC-9"}, "from": {"2026-01-05"}}
	status(t, clerk.Post("/work/certificates/new", in), http.StatusUnprocessableEntity, "没有核对原件")
	in.Set("original", "1")
	in.Set("code", "1.2.156.3005.2.12441500196720244T001.X.1.001.0")
	status(t, clerk.Post("/work/certificates/new", in), http.StatusUnprocessableEntity, "电子证照标识不对")
	in.Del("code")
	status(t, clerk.Post("/work/certificates/new", in), http.StatusOK, "JC-9")
	show(t, holder, "/my/certificates", "JC-9")
	show(t, holder, "/my/certificates/new", "把证照放进来")
	status(t, a.As(t, "handler-kj").Get("/work/certificates/new"), http.StatusForbidden)
}

func TestWhatACaseWasSpared(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	k := a.Submitted(t, "applicant", "KJ-0002")
	lent, err := a.Cases.OnFile(t.Context(), &k)
	if err != nil || len(lent) == 0 {
		t.Fatalf("%v %v", lent, err)
	}
	n, err := a.Certs.SavedFor(t.Context(), k.Party.ID)
	if err != nil || n != len(lent) {
		t.Errorf("%d saved, %d lent, %v", n, len(lent), err)
	}
	show(t, a.As(t, "leader"), "/work/certificates/saved", "免交材料", k.ItemName.ZH)
	show(t, a.As(t, "leader"), "/work/certificates/saved?since=year", "按证照")
	for _, c := range lent {
		show(t, a.As(t, "applicant"), "/my/certificates/"+c.ID, "办事免交", k.Number, "免交了 1 次材料")
	}
	if _, err := a.Cases.Withdraw(t.Context(), a.Actor(t, "applicant"), cases.Ref{ID: k.ID, Version: k.Version}, "不办了"); err != nil {
		t.Fatal(err)
	}
	if n, err := a.Certs.SavedFor(t.Context(), k.Party.ID); err != nil || n != 0 {
		t.Errorf("after the withdrawal: %d %v", n, err)
	}
	show(t, a.As(t, "commissioner"), "/work/certificates/ending", "快到期的证照")
}
