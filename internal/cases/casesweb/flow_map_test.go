package casesweb_test

import (
	"net/http"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// The picture of the flow says where a case stands and what it skipped.
func TestTheFlowAsAPicture(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	a.Renew(t, "KJ-0001", func(d *catalogue.Definition) {
		d.Flow.Stages[0].Tasks[0].When = "1 > 2"
	})
	k := a.Submitted(t, "applicant", "KJ-0001")
	ref := cases.Ref{ID: k.ID}
	if _, err := a.Cases.Accept(t.Context(), a.Actor(t, "clerk"), ref); err != nil {
		t.Fatal(err)
	}
	item, err := a.Catalogue.Item("KJ-0001")
	if err != nil {
		t.Fatal(err)
	}
	who := map[string]string{"hb": "handler-hb", "wj": "handler-wj", "kj": "handler-kj"}[item.Flow.Stages[0].Tasks[1].Department]
	if _, err := a.Cases.Endorse(t.Context(), a.Actor(t, who), ref, cases.EndorseInput{Opinion: "同意"}); err != nil {
		t.Fatal(err)
	}
	c := a.As(t, "approver")
	inBoth(t, c, "/work/cases/"+string(k.ID), nil)
	p := c.Get("/work/cases/" + string(k.ID))
	want(t, p, http.StatusOK, "流程图", "这一件不符合条件，跳过", "正在办理")
	doc := p.Doc()
	for class, n := range map[string]int{"tb-stage-is-done": 1, "tb-stage-is-now": len(item.Flow.Stages[0].Tasks) - 2, "tb-stage-is-off": 1} {
		if got := len(webtest.FindAll(doc, "li", "class", class)); got != n {
			t.Errorf("%d tasks are %s, want %d", got, class, n)
		}
	}
}
