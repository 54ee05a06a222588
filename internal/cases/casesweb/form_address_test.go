package casesweb_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/tongban/tongban/internal/testkit/webtest"
)

// TestAnAddressStepByStep: without script each level comes after the one before;
// the address of the firm's file stands there first.
func TestAnAddressStepByStep(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	c := b.As(t, "applicant")
	k := b.started("applicant", "GD-0001")
	at := myPath(k, "/form")
	p := looks(t, c, at, "选省份", "详细地址")
	_, v := webtest.Form(p.Doc(), "/form")
	if got := v["supply_address"]; len(got) != 5 || got[0] != "370000" || got[1] != "371600" || got[2] == "" || got[4] == "" {
		t.Errorf("from the file of the firm: %q", got)
	}
	p = c.Submit(p, "/form", url.Values{"supply_address": {"110000", "371600", "371671", "", "长安街1号"}, "go": {"update"}})
	want(t, p, http.StatusOK, "东城区")
	if _, v = webtest.Form(p.Doc(), "/form"); !slices.Equal(v["supply_address"], []string{"110000", "", "", "", "长安街1号"}) {
		t.Errorf("another province: %q", v["supply_address"])
	}
	p = c.Submit(p, "/form", url.Values{"supply_address": {"110000", "", "", "", "长安街1号"}, "go": {"review"}})
	want(t, p, http.StatusOK, "请选到区县一级")
	p = c.Submit(c.Get(at), "/form", url.Values{"supply_address": {"110000", "110101", "", "", "长安街1号"}, "go": {"save"}})
	want(t, p, http.StatusOK)
	f, err := b.Cases.Form(b.ctx, b.Actor(t, "applicant"), k.ID)
	if got, _ := f.Answers["supply_address"].(map[string]any); err != nil || got["code"] != "110101" || got["region"] != "北京市东城区" || got["detail"] != "长安街1号" {
		t.Errorf("%v %v", f.Answers["supply_address"], err)
	}
}
