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
