package creditweb_test

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const firstFirm = "91371671MA3TB0009L" // of applicant and agent

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
		if s := p.Text(); strings.Contains(s, "credit.") {
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

func idAfter(t *testing.T, body, path string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, `action="`+path)
	if !ok {
		t.Fatalf("no form for %s", path)
	}
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

func TestCreditFromTheRecordToTheAnswer(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	handler, head, owner := a.As(t, "handler-kj"), a.As(t, "head-kj"), a.As(t, "applicant")
	show(t, owner, "/my/credit", "B 级", "没有信用记录")
	show(t, handler, "/work/credit", "没有等处理的")
	in := url.Values{"code": {firstFirm}, "kind": {"broken"}, "reason": {""}, "from": {"2026-02-02"}}
	status(t, handler.Post("/work/credit", in), http.StatusUnprocessableEntity, "B 级")
	in.Set("reason", "承诺的材料没有补")
	status(t, handler.Post("/work/credit", in), http.StatusOK, "D 级", "承诺的材料没有补")
	show(t, a.As(t, ""), "/credit", "承诺的材料没有补", "渤海智联传感科技有限公司", "2026.1")
	p := show(t, owner, "/my/credit", "D 级", "不能承诺", "承诺的材料没有补")
	id := idAfter(t, p.Body, "/my/credit/")
	status(t, owner.Post("/my/credit/"+id, url.Values{"ask": {"repair"}, "text": {"已经补了"}, "fulfilled_on": {"2026-02-20"}}), http.StatusUnprocessableEntity, "已经补了", "2026-05-21")
	status(t, a.As(t, "citizen").Post("/my/credit/"+id, url.Values{"ask": {"object"}, "text": {"x"}}), http.StatusNotFound)
	status(t, owner.Post("/my/credit/"+id, url.Values{"ask": {"object"}, "text": {"当天就补了"}}), http.StatusOK, "异议处理中")
	p = show(t, head, "/work/credit", "当天就补了")
	asked := idAfter(t, p.Body, "/work/credit/asked/")
	status(t, head.Post("/work/credit/asked/"+asked, url.Values{"answer": {"uphold"}, "decision": {""}, "version": {"1"}}), http.StatusUnprocessableEntity)
	status(t, a.As(t, "head-gx").Post("/work/credit/asked/"+asked, url.Values{"answer": {"uphold"}, "decision": {"x"}, "version": {"1"}}), http.StatusNotFound)
	status(t, head.Post("/work/credit/asked/"+asked, url.Values{"answer": {"uphold"}, "decision": {"经查属实"}, "version": {"1"}}), http.StatusOK, "没有等处理的")
	show(t, owner, "/my/credit", "B 级", "已撤下", "经查属实")
	if p := a.As(t, "").Get("/credit"); p.Has("承诺的材料没有补") {
		t.Error("still public")
	}
	status(t, a.As(t, "clerk").Get("/work/credit"), http.StatusForbidden)
}

// How the party stands is one line on the page of its case, for who works on it.
func TestTheGradeOnACase(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	k := a.Submitted(t, "applicant", "KJ-0002")
	path := "/work/cases/" + string(k.ID)
	show(t, a.As(t, "clerk"), path, "申请人信用", "B 级")
	if p := a.As(t, "clerk").Get(path); strings.Contains(p.Body, "/work/credit") {
		t.Error("a clerk is led where he may not go")
	}
	if p := a.As(t, "applicant").Get("/my/cases/" + string(k.ID)); p.Has("申请人信用") {
		t.Error("the line of staff stands on the applicant's page")
	}
	pdf := []byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n")
	in := url.Values{"code": {firstFirm}, "kind": {"severe_penalty"}, "reason": {"虚报研发费用"}, "from": {"2026-02-02"}}
	p := a.As(t, "handler-kj").Upload("/work/credit", in, webtest.File{Field: "file", Name: "决定书.pdf", Content: pdf})
	status(t, p, http.StatusOK, "D 级", "看依据文件")
	show(t, a.As(t, "head-kj"), path, "D 级", "不能承诺，也不能后补")
	for _, login := range []string{"commissioner", "leader"} {
		if p := a.As(t, login).Get(path); p.Status == http.StatusOK && p.Has("申请人信用") != (login == "leader") {
			t.Errorf("%s: %s", login, p.Text())
		}
	}

	// The evidence: for its subject and for the department that keeps the record.
	_, id, _ := strings.Cut(p.Body, "/work/credit/records/")
	id, _, _ = strings.Cut(id, "/")
	for login, want := range map[string]int{"handler-kj": 200, "approver": 200, "head-kj": 200, "handler-sc": 404, "head-gx": 404, "leader": 404, "clerk": 403} {
		p := a.As(t, login).Get("/work/credit/records/" + id + "/file")
		if p.Status != want || want == 200 && p.Body != string(pdf) {
			t.Errorf("%s: %d", login, p.Status)
		}
	}
	if p := a.As(t, "handler-sc").Get("/work/credit?code=" + firstFirm); p.Has("看依据文件") {
		t.Error("another department is led to the evidence")
	}
	show(t, a.As(t, "applicant"), "/my/credit", "看依据文件")
	for login, want := range map[string]int{"applicant": 200, "agent": 200, "citizen": 404} {
		if p := a.As(t, login).Get("/my/credit/records/" + id + "/file"); p.Status != want {
			t.Errorf("%s: %d", login, p.Status)
		}
	}
	status(t, a.As(t, "").Get("/my/credit/records/"+id+"/file"), http.StatusOK, "登录")
}
