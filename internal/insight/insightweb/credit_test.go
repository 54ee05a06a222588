package insightweb_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/insight"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// A window of the city receives a case of the zone, two departments work on it:
// each side reads what it did.
func TestCreditOfBothSides(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	ctx, leader, head := t.Context(), a.As(t, "leader"), a.As(t, "head-kj")
	look := func(c *webtest.Client, texts map[string]string) {
		t.Helper()
		for lang, text := range texts {
			c.Header.Set("Accept-Language", lang)
			p := c.Get("/lead/credit?period=quarter")
			webtest.A11y(t, p.Doc())
			if p.Status != http.StatusOK || !p.Has(text) {
				t.Errorf("%d, no %q: %s", p.Status, text, p.Text())
			}
		}
	}
	look(leader, map[string]string{"zh-CN": "这段时间还没有", "en": "Nothing in this period"})
	k := a.Submitted(t, "applicant", "KJ-0005")
	ref := cases.Ref{ID: k.ID}
	for _, step := range []func() error{
		func() error { _, err := a.Cases.Accept(ctx, a.Actor(t, "clerk"), ref); return err },
		func() error {
			_, err := a.Cases.Endorse(ctx, a.Actor(t, "handler-kj"), ref, cases.EndorseInput{Opinion: "同意"})
			return err
		},
		func() error {
			_, err := a.Cases.Transfer(ctx, a.Actor(t, "head-kj"), ref, cases.TransferInput{Department: "sc", Reason: "职能划转"})
			return err
		},
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	look(leader, map[string]string{"zh-CN": "窗口接件", "en": "Windows"})
	look(head, map[string]string{"zh-CN": "部门办理", "en": "Departments"})
	leader.Header.Set("Accept-Language", "en")
	p := leader.Get("/lead/credit/export?period=quarter")
	book, err := excelize.OpenReader(strings.NewReader(p.Body))
	if err != nil {
		t.Fatal(err)
	}
	sheets := book.GetSheetList()
	if len(sheets) != 2 || sheets[0] != "Windows" || sheets[1] != "Departments" || !strings.Contains(p.Header.Get("Content-Disposition"), "Work on cases") {
		t.Errorf("%q %v", sheets, p.Header)
	}
	if rows, err := book.GetRows(sheets[0]); err != nil || len(rows) < 2 || rows[1][1] != "1" {
		t.Errorf("%q %v", rows, err)
	}
	c, err := a.Insight.Credit(ctx, a.Actor(t, "leader"), insight.Month)
	if err != nil || len(c.Halls) != 1 || c.Halls[0].Received != 1 || c.Halls[0].Crossed != 0 {
		t.Errorf("halls %+v %v", c.Halls, err)
	}
	if len(c.Departments) != 1 || c.Departments[0].ID != "kj" || c.Departments[0].Handled != 1 || c.Departments[0].PassedOn != 1 {
		t.Errorf("departments %+v", c.Departments)
	}
	if p := a.As(t, "clerk").Get("/lead/credit"); p.Status != http.StatusForbidden {
		t.Errorf("a clerk: %d", p.Status)
	}
	if p := leader.Get("/lead"); !strings.Contains(p.Body, "/lead/credit") {
		t.Error("no way from the cockpit")
	}
}
