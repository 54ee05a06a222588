package casesweb_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// TestACodeOpensTheVisitor: what the applicant shows, the clerk types; the visit
// is for the firm that the code names, and the code works once.
func TestACodeOpensTheVisitor(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	c := b.As(t, "applicant")
	p := looks(t, c, "/my/desk-code", "生成授权码")
	p = c.Submit(p, "/my/desk-code", nil)
	want(t, p, http.StatusOK, "只能用一次")
	code := regexp.MustCompile(`SQ-\w{4}-\w{4}`).FindString(p.Body)
	if code == "" || !strings.Contains(p.Header.Get("Cache-Control"), "no-store") {
		t.Fatalf("%q %v", code, p.Header)
	}
	desk := b.As(t, "clerk")
	p = desk.Get("/work/desk?q=" + url.QueryEscape(strings.ToLower(code)))
	want(t, p, http.StatusOK, "赵启明", "渤海智联传感科技有限公司")
	if strings.Contains(p.Text(), code) {
		t.Error("the code stays on the screen")
	}
	v := desk.Submit(p, "/work/visits", nil)
	want(t, v, http.StatusOK, "渤海智联传感科技有限公司")
	if !strings.HasPrefix(v.Path, "/work/visits/") {
		t.Errorf("the visit leads to %s", v.Path)
	}
	want(t, desk.Get("/work/desk?q="+code), http.StatusOK, "已用过")
	want(t, b.As(t, "agent").Post("/my/desk-code", url.Values{"firm": {"nobody"}}), http.StatusNotFound)
}
