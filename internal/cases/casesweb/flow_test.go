package casesweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// The head gives a task to a colleague and passes the case on, by the forms.
func TestReassignAndTransferByForm(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	k := a.Submitted(t, "applicant", "KJ-0001")
	k, err := a.Cases.Accept(t.Context(), a.Actor(t, "clerk"), cases.Ref{ID: k.ID})
	if err != nil {
		t.Fatal(err)
	}
	head, path := a.As(t, "head-kj"), "/work/cases/"+string(k.ID)
	two := a.Actor(t, "handler-kj2")
	inBoth(t, head, path+"/do/reassign", func(p *webtest.Page) {
		if !strings.Contains(p.Text(), "0") {
			t.Error("no load is shown")
		}
	})
	if p := head.Post(path+"/do/reassign", url.Values{"version": {"0"}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("without a person: %d", p.Status)
	}
	if p := head.Post(path+"/do/reassign", url.Values{"version": {"0"}, "to": {two.ID}}); p.Status >= 400 || !strings.Contains(p.Text(), "梁子安") {
		t.Errorf("%d", p.Status)
	}
	inBoth(t, head, path+"/do/transfer", nil)
	if p := head.Post(path+"/do/transfer", url.Values{"version": {"0"}, "department": {"sc"}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", p.Status)
	}
	if p := head.Post(path+"/do/transfer", url.Values{"version": {"0"}, "department": {"sc"}, "reason": {"职能划转"}}); p.Status >= 400 || !strings.Contains(p.Text(), "转交") {
		t.Errorf("%d", p.Status)
	}
	if p := a.As(t, "applicant").Get("/my/cases/" + string(k.ID)); !strings.Contains(p.Text(), "职能划转") {
		t.Error("the applicant does not see why")
	}
}

func TestDeputyPage(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c, two := a.As(t, "handler-kj"), a.Actor(t, "handler-kj2")
	inBoth(t, c, "/work/deputies", nil)
	p := c.Post("/work/deputies", url.Values{"deputy": {two.ID}, "from": {"2026-03-02"}, "to": {"2026-03-01"}, "reason": {"年休假"}})
	if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, "年休假") {
		t.Errorf("backwards: %d", p.Status)
	}
	if p = c.Post("/work/deputies", url.Values{"deputy": {two.ID}, "from": {"2026-03-02"}, "to": {"x"}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("no date: %d", p.Status)
	}
	if p = c.Post("/work/deputies", url.Values{"deputy": {two.ID}, "from": {"2026-03-02"}, "to": {"2026-03-06"}, "reason": {"年休假"}}); p.Status >= 400 || !strings.Contains(p.Text(), "代理中") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	inBoth(t, a.As(t, "handler-kj2"), "/work/deputies", func(p *webtest.Page) {
		if !strings.Contains(p.Text(), "宋嘉树") && !strings.Contains(p.Text(), "Song Jiashu") {
			t.Error("the deputy does not read for whom")
		}
	})
}

// inBoth looks at a page in both languages.
func inBoth(t *testing.T, c *webtest.Client, path string, more func(p *webtest.Page)) {
	t.Helper()
	for _, lang := range []string{"en", "zh-CN"} {
		c.Header.Set("Accept-Language", lang)
		p := c.Get(path)
		want(t, p, http.StatusOK)
		webtest.A11y(t, p.Doc())
		if raw := untranslated(p); raw != "" {
			t.Errorf("%s %s: no text for %s", path, lang, raw)
		}
		if more != nil {
			more(p)
		}
	}
}

// The kinds of tasks by their forms, and the page where everybody may object.
func TestKindsOfTasksByForm(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	k := a.Submitted(t, "applicant", "KJ-0111")
	k, err := a.Cases.Accept(t.Context(), a.Actor(t, "clerk"), cases.Ref{ID: k.ID})
	if err != nil {
		t.Fatal(err)
	}
	path, c := "/work/cases/"+string(k.ID), a.As(t, "handler-kj")
	kj, two := a.Actor(t, "handler-kj"), a.Actor(t, "handler-kj2")
	inBoth(t, c, path, nil)
	inBoth(t, c, path+"/do/arrange", nil)
	in := url.Values{"version": {"0"}, "officers": {kj.ID}, "on": {"2026-03-02"}, "place": {"实验楼三层"}}
	if p := c.Post(path+"/do/arrange", in); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, "实验楼三层") {
		t.Errorf("one officer: %d", p.Status)
	}
	in.Add("officers", two.ID)
	want(t, c.Post(path+"/do/arrange", in), http.StatusOK, "实验楼三层", "梁子安")
	want(t, a.As(t, "applicant").Get("/my/cases/"+string(k.ID)), http.StatusOK, "请安排熟悉情况的人在场")
	v, err := a.Cases.View(t.Context(), kj, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	site := cases.TaskOf(kj, v, cases.CmdArrange)
	p := c.Upload(path+"/tasks/"+site.ID+"/files", nil, webtest.File{Field: "photo", Name: "现场.pdf", Content: []byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n")})
	want(t, p, http.StatusOK, "现场.pdf")
	webtest.A11y(t, p.Doc())
	want(t, a.As(t, "handler-sc").Upload(path+"/tasks/"+site.ID+"/files", nil, webtest.File{Field: "photo", Name: "x.pdf", Content: []byte("%PDF-1.4\n%%EOF\n")}), http.StatusNotFound)
	inBoth(t, c, path+"/do/endorse", nil)
	want(t, c.Post(path+"/do/endorse", url.Values{"version": {"0"}, "result": {"agree"}, "held_on": {"2026-03-02"}, "reason": {"现场与申报一致。"}}), http.StatusOK)
	for range 20 { // on to the publicity
		for _, l := range []string{"handler-kj", "handler-fg", "handler-cz", "handler-yj", "handler-wj"} {
			who := a.Actor(t, l)
			if v, err := a.Cases.View(t.Context(), who, k.ID); err == nil && v.May(cases.CmdEndorse) && v.Stage != "notice" {
				_, _ = a.Cases.Endorse(t.Context(), who, cases.Ref{ID: k.ID}, cases.EndorseInput{Opinion: "同意"})
			}
		}
	}
	list, _, err := a.Cases.Publicities(t.Context(), auth.Actor{}, "")
	if err != nil || len(list) != 1 {
		t.Fatalf("%v %v", list, err)
	}
	visitor, public := a.As(t, ""), "/publicity/"+list[0].Token
	inBoth(t, visitor, "/publicity", nil)
	inBoth(t, visitor, public, nil)
	if p := a.As(t, "applicant").Get("/my/cases/" + string(k.ID)); !strings.Contains(p.Body, `href="`+public+`"`) || strings.Contains(p.Text(), "请安排熟悉情况的人在场") {
		t.Error("the applicant does not find the publicity, or waits for an inspection that was")
	}
	if p := visitor.Post(public, url.Values{"name": {"某居民"}, "body": {"与事实不符。"}}); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, "与事实不符") {
		t.Errorf("without a contact: %d", p.Status)
	}
	want(t, visitor.Post(public, url.Values{"name": {"某居民"}, "contact": {"13800000000"}, "body": {"与事实不符。"}}), http.StatusOK, "已收到您的异议")
	want(t, visitor.Get("/publicity/nothing"), http.StatusNotFound)
	inBoth(t, c, path+"/do/object", nil)
	inBoth(t, c, path+"/do/answer", nil)
	v, err = a.Cases.View(t.Context(), kj, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	objection := v.Facts[list[0].TaskID].Objections[0]
	want(t, c.Post(path+"/do/answer", url.Values{"version": {"0"}, "objection": {objection.ID}, "upheld": {"no"}, "reason": {"经核实属实。"}}), http.StatusOK, "不成立")
	if p := a.As(t, "applicant").Get("/my/cases/" + string(k.ID)); strings.Contains(p.Body, "某居民") || strings.Contains(p.Body, "13800000000") {
		t.Error("the applicant reads who objects")
	}
}

func TestReturnByForm(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	k := a.Submitted(t, "applicant", "KJ-0001")
	ctx, ref := t.Context(), cases.Ref{ID: k.ID}
	if _, err := a.Cases.Accept(ctx, a.Actor(t, "clerk"), ref); err != nil {
		t.Fatal(err)
	}
	for _, l := range []string{"handler-hb", "handler-wj", "handler-kj"} {
		if _, err := a.Cases.Endorse(ctx, a.Actor(t, l), ref, cases.EndorseInput{Opinion: "同意"}); err != nil {
			t.Fatal(err)
		}
	}
	c, path := a.As(t, "approver"), "/work/cases/"+string(k.ID)
	inBoth(t, c, path+"/do/return", nil)
	p := c.Get(path + "/do/return")
	desk := webtest.Attr(webtest.Find(p.Doc(), "input", "name", "desk"), "value")
	if p := c.Post(path+"/do/return", url.Values{"version": {"0"}, "desk": {desk}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", p.Status)
	}
	want(t, c.Post(path+"/do/return", url.Values{"version": {"0"}, "desk": {desk}, "reason": {"请再核对。"}}), http.StatusOK, "退回重办")
}
