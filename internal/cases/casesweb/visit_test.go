package casesweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/visit"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// TestVisit is one visitor with two items who lacks a paper, from the search to
// the sheet he takes home, in a browser without script.
func TestVisit(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "clerk")
	who, clerk := a.Actor(t, "applicant"), a.Actor(t, "clerk")
	account, err := a.Identity.Account(t.Context(), who.ID)
	if err != nil {
		t.Fatal(err)
	}
	p := c.Get("/work/desk?q=" + url.QueryEscape(account.IDNumber))
	webtest.A11y(t, p.Doc())
	p = c.Submit(p, "/work/visits", nil)
	at := p.Path
	if p.Status != http.StatusOK || !strings.HasPrefix(at, "/work/visits/") || !p.Has("接待 "+account.Name.ZH) || !p.Has("已有证照") {
		t.Fatalf("%d %s", p.Status, at)
	}
	webtest.A11y(t, p.Doc())
	p = c.Post(at+"/party", url.Values{"party": {who.Firms[0]}})
	for _, code := range []string{"KJ-0004", "KJ-0005"} {
		p = c.Get(at + "?q=" + code)
		webtest.A11y(t, p.Doc())
		p = c.Submit(p, "/items", nil)
	}
	if !p.Has("2 个事项合并为一张表") {
		t.Errorf("not merged: %s", p.Text())
	}
	p = c.Submit(p, "/start", nil)
	webtest.A11y(t, p.Doc())
	if !p.Has("申请表还差") || !p.Has("合并办理 2 个事项") {
		t.Errorf("%s", p.Text())
	}
	v, ok, err := a.Visits.Current(t.Context(), clerk)
	if err != nil || !ok || len(v.Cases) != 1 {
		t.Fatalf("%+v %v", v, err)
	}
	k := v.Cases[0].CaseID
	one := at + "/cases/" + string(k)
	// The form of the case leads back to the visit.
	if f := c.Get("/work/cases/" + string(k) + "/form"); webtest.Find(f.Doc(), "a", "href", at) == nil {
		t.Error("the form has forgotten the visit")
	}
	// Not complete: the page says so and keeps everything.
	if p = c.Post(one+"/accept", url.Values{"version": {"1"}, "promises": {"1"}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("accepted without the signature: %d", p.Status)
	}
	if p = c.Post(one+"/accept", url.Values{"version": {"1"}, "promises": {"1"}, "promise": {"on"}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("accepted with gaps: %d", p.Status)
	}
	webtest.A11y(t, p.Doc())
	// Asked once: everything missing is ticked already.
	p = c.Get(one + "/do/ask")
	webtest.A11y(t, p.Doc())
	_, values := webtest.Form(p.Doc(), "/do/ask")
	if len(values["point"]) == 0 {
		t.Fatal("nothing is ticked")
	}
	p = c.Submit(p, "/do/ask", nil)
	x, err := a.Cases.Find(t.Context(), k)
	if err != nil || x.State != cases.Supplementing {
		t.Fatalf("%+v %v", x, err)
	}
	webtest.A11y(t, p.Doc())
	// Everything is there after all: accepted in the same visit.
	a.Fill(t, clerk, k)
	p = c.Post(one+"/accept", url.Values{"version": {"0"}, "promises": {"1"}, "promise": {"on"}})
	if x, err = a.Cases.Find(t.Context(), k); err != nil || x.State != cases.Handling {
		t.Fatalf("%d %+v %v", p.Status, x, err)
	}
	p = c.Get(at + "/slips")
	webtest.A11y(t, p.Doc())
	if !p.Has(x.Number) || !p.Has(x.PickupCode) {
		t.Error("the sheet lacks number or code")
	}
	if p = a.As(t, "clerk2").Get(at); p.Status != http.StatusNotFound {
		t.Errorf("a clerk of another hall reads the visit: %d", p.Status)
	}
	if p = c.Submit(c.Get(at), "/park", nil); !p.Has("没有结束的接待") || !p.Has("已暂放") {
		t.Errorf("%s", p.Text())
	}
	p = c.Submit(p, "/resume", nil)
	p = c.Submit(p, "/end", nil)
	if p.Path != "/work/desk" || p.Has("没有结束的接待") {
		t.Errorf("%s %s", p.Path, p.Text())
	}
}

// A paper is seen or scanned, several at once; a note and somebody unknown.
func TestVisitPapersAndPeople(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c, who, clerk := a.As(t, "clerk"), a.Actor(t, "applicant"), a.Actor(t, "clerk")
	v, err := a.Visits.Begin(t.Context(), clerk, visit.BeginInput{})
	if err != nil {
		t.Fatal(err)
	}
	at := "/work/visits/" + string(v.ID)
	webtest.A11y(t, c.Get(at).Doc())
	if p := c.Get(at + "?q=nobody"); !p.Has("登记") {
		t.Errorf("%s", p.Text())
	}
	account, err := a.Identity.Account(t.Context(), who.ID)
	if err != nil {
		t.Fatal(err)
	}
	p := c.Submit(c.Get(at+"?q="+account.Phone), "/person", nil)
	if !p.Has(account.Name.ZH) {
		t.Fatalf("%s", p.Text())
	}
	if p = c.Post(at+"/note", url.Values{"note": {strings.Repeat("长", 501)}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("%d", p.Status)
	}
	if p = c.Post(at+"/note", url.Values{"note": {"下午再来"}}); !p.Has("下午再来") {
		t.Errorf("%s", p.Text())
	}
	if p = c.Post(at+"/items", url.Values{"item": {"KJ-0001"}}); p.Status != http.StatusUnprocessableEntity || !p.Has("不能由这位申请人") {
		t.Errorf("a firm's licence for a person: %d", p.Status)
	}
	c.Post(at+"/party", url.Values{"party": {who.Firms[0]}})
	c.Post(at+"/items", url.Values{"item": {"KJ-0001"}})
	c.Post(at+"/start", nil)
	v, err = a.Visits.Visit(t.Context(), clerk, v.ID)
	if err != nil || len(v.Cases) != 1 {
		t.Fatalf("%+v %v", v, err)
	}
	k := v.Cases[0].CaseID
	form, err := a.Cases.Form(t.Context(), clerk, k)
	if err != nil {
		t.Fatal(err)
	}
	var missing []string
	for _, m := range form.Materials {
		if m.How == cases.Missing {
			missing = append(missing, m.Key)
		}
	}
	if len(missing) < 2 {
		t.Fatalf("%v", missing)
	}
	pdf := []byte("%PDF-1.4\n%âãÏÓ\n1 0 obj\n<<>>\nendobj\n%%EOF\n")
	p = c.Upload(at+"/cases/"+string(k)+"/papers", url.Values{"shown": missing, "seen": missing[:1]}, webtest.File{Field: "material." + missing[1], Name: "a.pdf", Content: pdf})
	if form, err = a.Cases.Form(t.Context(), clerk, k); err != nil {
		t.Fatal(err)
	}
	how := map[string]cases.How{}
	for _, m := range form.Materials {
		how[m.Key] = m.How
	}
	if how[missing[0]] != cases.BySight || how[missing[1]] != cases.ByUpload {
		t.Errorf("%d %v", p.Status, how)
	}
	p = c.Upload(at+"/cases/"+string(k)+"/papers", nil, webtest.File{Field: "material." + missing[1], Name: "a.exe", Content: []byte("MZ")})
	if p.Status != http.StatusUnprocessableEntity {
		t.Errorf("took a program for a paper: %d", p.Status)
	}
	p = c.Get(at + "/cases/" + string(k) + "/do/refuse")
	webtest.A11y(t, p.Doc())
	if p = c.Submit(p, "/do/refuse", nil); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("refused without a reason: %d", p.Status)
	}
	if p = c.Submit(p, "/do/refuse", url.Values{"reason": {"不属于本区"}}); p.Path != at {
		t.Errorf("%d %s", p.Status, p.Path)
	}
	if p = c.Get(at + "/slips"); !p.Has("不属于本区") || !p.Has("行政复议") {
		t.Errorf("%s", p.Text())
	}
}
