package casesweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cases"
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
