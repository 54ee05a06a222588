package careweb_test

import (
	"net/http"
	"os"
	"testing"

	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

func TestFirmsAndFile(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	officer := a.Actor(t, "commissioner")
	firm, err := a.Identity.Enterprise(t.Context(), officer.Portfolio[0])
	if err != nil {
		t.Fatal(err)
	}
	c, leader := a.As(t, "commissioner"), a.As(t, "leader")
	for _, l := range []string{"zh-CN", "en"} {
		texts := map[string][]string{
			"zh-CN": {"我的企业", "没有在办", "还没有办过件", firm.Name.ZH, firm.Phone},
			"en":    {"My firms", "Nothing in progress", "No cases yet", firm.Name.EN, firm.Phone},
		}
		c.Header.Set("Accept-Language", l)
		leader.Header.Set("Accept-Language", l)
		p := c.Get("/care/firms")
		webtest.A11y(t, p.Doc())
		for _, text := range texts[l] {
			if p.Status != http.StatusOK || !p.Has(text) {
				t.Errorf("%s: %d, no %q", l, p.Status, text)
			}
		}
		p = c.Get("/care/firms?q=nothing-like-it")
		webtest.A11y(t, p.Doc())
		if !p.Has("nothing-like-it") || webtest.Find(p.Doc(), "table", "", "") != nil {
			t.Errorf("%s: %s", l, p.Text())
		}
		p = leader.Get("/care/firms")
		webtest.A11y(t, p.Doc())
		if !p.Has(map[string]string{"zh-CN": "唐雨薇", "en": "Tang Yuwei"}[l]) {
			t.Errorf("%s: a leader does not see the commissioners", l)
		}
		for _, who := range []*webtest.Client{c, leader} {
			p = who.Get("/care/firms/" + firm.ID)
			webtest.A11y(t, p.Doc())
			for _, text := range []string{firm.USCC, firm.LegalRepresentative, "2025", map[string]string{"zh-CN": "这家企业还没有办件", "en": "This firm has no cases yet"}[l]} {
				if p.Status != http.StatusOK || !p.Has(text) {
					t.Errorf("%s: %d, no %q", l, p.Status, text)
				}
			}
		}
	}
	for login, want := range map[string][2]int{
		"fuwu01": {http.StatusOK, http.StatusNotFound}, "clerk": {http.StatusForbidden, http.StatusForbidden}, "applicant": {http.StatusForbidden, http.StatusForbidden},
	} {
		if list, file := a.As(t, login).Get("/care/firms").Status, a.As(t, login).Get("/care/firms/"+firm.ID).Status; list != want[0] || file != want[1] {
			t.Errorf("%s: %d %d", login, list, file)
		}
	}
	if p := c.Get("/care/firms/nothing"); p.Status != http.StatusNotFound {
		t.Errorf("unknown firm: %d", p.Status)
	}
}

func TestACommissionerWithoutFirms(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	other := a.Actor(t, "fuwu01")
	for _, id := range a.Actor(t, "commissioner").Portfolio {
		if err := a.Care.Assign(t.Context(), a.Actor(t, "head-zw"), id, other.ID); err != nil {
			t.Fatal(err)
		}
	}
	c := a.As(t, "commissioner")
	for _, l := range []string{"zh-CN", "en"} {
		c.Header.Set("Accept-Language", l)
		p := c.Get("/care/firms")
		webtest.A11y(t, p.Doc())
		if !p.Has(map[string]string{"zh-CN": "还没有分给您的企业", "en": "No firms are assigned to you yet"}[l]) {
			t.Errorf("%s: %s", l, p.Text())
		}
	}
}
