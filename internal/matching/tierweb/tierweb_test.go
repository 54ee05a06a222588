package tierweb_test

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

func TestPages(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	ctx := t.Context()
	if err := a.Tiers.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	firm := a.Actor(t, "applicant").Firms[0]
	inCare := a.Actor(t, "commissioner").Portfolio[0]
	for _, l := range []string{"zh-CN", "en"} {
		is := map[string]int{"zh-CN": 0, "en": 1}[l]
		for _, x := range []struct {
			login, path string
			want        [2]string
		}{
			{"", "/tiers", [2]string{"科技型中小企业", "Technology-based SME"}},
			{"", "/tiers/tech_sme", [2]string{"总分 60 分以上", "At least 60 points in all"}},
			{"", "/tiers/high_tech", [2]string{"刚好 70 分不够", "70 itself is not enough"}},
			{"", "/tiers/huangpu_gazelle", [2]string{"瞪羚", "Gazelle"}},
			{"applicant", "/my/tiers", [2]string{"必须满足的条件", "What everybody has to meet"}},
			{"applicant", "/my/tiers?rung=tech_sme&firm=" + firm, [2]string{"科技人员占职工总数的比例", "Technical staff by all staff"}},
			{"applicant", "/my/tiers?rung=high_tech", [2]string{"由专家评定", "Judged by experts"}},
			{"applicant", "/my/tiers?rung=huangpu_gazelle", [2]string{"外地标准", "Another zone"}},
			{"talent", "/my/tiers", [2]string{"还没有代办的企业", "do not act for a business"}},
			{"leader", "/work/tiers", [2]string{"历年变化", "Year by year"}},
			{"leader", "/work/tiers/lists/high_tech/held", [2]string{"服务专员", "Commissioner"}},
			{"leader", "/work/tiers/lists/unicorn/ready", [2]string{"没有企业", "No businesses"}},
			{"commissioner", "/work/tiers/firms/" + inCare, [2]string{"企业档案", "Business file"}},
			{"commissioner", "/work/tiers/firms/" + inCare + "?rung=gazelle", [2]string{"瞪羚", "Gazelle"}},
		} {
			b := a.As(t, x.login)
			b.Header.Set("Accept-Language", l)
			p := b.Get(x.path)
			webtest.A11y(t, p.Doc())
			if p.Status != http.StatusOK || !p.Has(x.want[is]) {
				t.Errorf("%s %s %s: %d, no %q", l, x.login, x.path, p.Status, x.want[is])
			}
			if i := strings.Index(p.Text(), "tier."); i >= 0 {
				t.Errorf("%s %s: a key shows: %.40s", l, x.path, p.Text()[i:])
			}
		}
	}
	for _, x := range []struct {
		login, path string
		want        int
	}{
		{"talent", "/my/tiers?firm=" + firm, http.StatusNotFound},
		{"applicant", "/my/tiers?rung=nothing", http.StatusNotFound},
		{"", "/tiers/nothing", http.StatusNotFound},
		{"clerk", "/work/tiers", http.StatusForbidden},
		{"leader", "/work/tiers/lists/high_tech/nothing", http.StatusNotFound},
		{"leader", "/work/tiers/lists/high_tech/held/sheet", http.StatusOK},
		{"leader", "/work/tiers/lists/nothing/held/sheet", http.StatusNotFound},
	} {
		if p := a.As(t, x.login).Get(x.path); p.Status != x.want {
			t.Errorf("%s %s: %d, want %d", x.login, x.path, p.Status, x.want)
		}
	}
}

func TestTarget(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	head := a.As(t, "head-kj")
	head.Header.Set("Accept-Language", "zh-CN")
	head.Get("/work/tiers")
	if p := head.Post("/work/tiers/targets", url.Values{"rung": {"high_tech"}, "number": {"viele"}}); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, `value="viele"`) {
		t.Errorf("no number: %d, or it is lost", p.Status)
	}
	if p := head.Post("/work/tiers/targets", url.Values{"rung": {"high_tech"}, "number": {"40"}}); p.Status != http.StatusOK || !p.Has("目标已保存") || !p.Has("科技创新局") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	if p := head.Post("/work/tiers/targets", url.Values{"rung": {"specialized"}, "number": {"40"}}); p.Status != http.StatusForbidden {
		t.Errorf("another department's: %d", p.Status)
	}
	if p := a.As(t, "commissioner").Post("/work/tiers/targets", url.Values{"rung": {"high_tech"}, "number": {"40"}}); p.Status != http.StatusForbidden {
		t.Errorf("a commissioner: %d", p.Status)
	}
}
