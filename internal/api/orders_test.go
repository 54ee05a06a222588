package api_test

import (
	"net/http"
	"testing"

	"github.com/tongban/tongban/internal/api"
	"github.com/tongban/tongban/internal/cases"
)

// TestAnOrderOfABundle: a program sees the steps of a bundle, files a case of it,
// and follows the steps by their own cases.
func TestAnOrderOfABundle(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	item := into[api.Item](b.do(t, http.MethodGet, v1+"/items/YJS-0007", b.token, nil).want(http.StatusOK))
	if item.Family != "bundle" || len(item.Steps) != 2 || len(item.Steps[1].Items) != 4 || item.Steps[1].Items[3].When == "" || item.Steps[0].Items[0].Department.Name.IsZero() {
		t.Fatalf("%+v", item.Steps)
	}
	answers := b.filled(t, "YJS-0007", object{"power": "high", "needs": []string{"water"}})
	k := into[api.Case](b.post(t, v1+"/cases", object{"item": "YJS-0007", "enterprise_uscc": firm, "answers": answers}, "Idempotency-Key", "o-1").want(http.StatusCreated))
	if len(k.Steps) != 5 || k.Steps[0].State != "waiting" || k.Steps[0].Case != "" {
		t.Fatalf("steps of a draft: %+v", k.Steps)
	}
	for _, m := range k.Materials {
		if m.How == "missing" {
			b.upload(t, v1+"/cases/"+k.ID+"/materials/"+m.Key, m.Key+".pdf", pdf).want(http.StatusCreated)
		}
	}
	b.post(t, v1+"/cases/"+k.ID+"/submit", object{}).want(http.StatusOK)
	if _, err := b.Cases.Accept(ctx, b.Actor(t, "clerk"), cases.Ref{ID: cases.ID(k.ID)}); err != nil {
		t.Fatal(err)
	}
	k = into[api.Case](b.do(t, http.MethodGet, v1+"/cases/"+k.ID, b.token, nil).want(http.StatusOK))
	states := ""
	for _, st := range k.Steps {
		states += st.State + " "
	}
	if states != "skipped skipped running running skipped " || k.Steps[2].Case == "" || k.Steps[2].DueAt == nil || k.Order != "" {
		t.Fatalf("%s %+v", states, k.Steps)
	}
	step := into[api.Case](b.do(t, http.MethodGet, v1+"/cases/"+k.Steps[2].Case, b.token, nil).want(http.StatusOK))
	if step.Order != k.ID || step.Item.Code != "GD-0001" || len(step.Steps) != 5 || step.Number != k.Number+"-01" {
		t.Errorf("%+v", step)
	}
	list := into[api.CaseList](b.do(t, http.MethodGet, v1+"/cases", b.token, nil).want(http.StatusOK))
	if len(list.Cases) != 1 || list.Cases[0].ID != k.ID {
		t.Errorf("the list holds the steps, too: %+v", list.Cases)
	}
	b.post(t, v1+"/cases/"+k.ID+"/withdraw", object{"reason": "不办了"}).want(http.StatusOK)
	if step = into[api.Case](b.do(t, http.MethodGet, v1+"/cases/"+step.ID, b.token, nil).want(http.StatusOK)); step.State != "withdrawn" {
		t.Errorf("a step of a withdrawn order is %s", step.State)
	}
}
