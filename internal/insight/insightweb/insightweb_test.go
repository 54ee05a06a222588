package insightweb_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

func TestLead(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	leader, head := a.As(t, "leader"), a.As(t, "head-kj")
	for _, l := range []string{"zh-CN", "en"} {
		leader.Header.Set("Accept-Language", l)
		p := leader.Get("/lead")
		webtest.A11y(t, p.Doc())
		if p.Status != http.StatusOK || !p.Has(map[string]string{"zh-CN": "还没有办件", "en": "No cases yet"}[l]) {
			t.Errorf("empty: %d %s", p.Status, p.Text())
		}
	}
	// A year of a few cases, so that every part of the page has something to show.
	a.Clock.Set(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC))
	if err := a.FillHistory(t.Context(), 30, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	for _, l := range []string{"zh-CN", "en"} {
		for _, c := range []*webtest.Client{leader, head} {
			c.Header.Set("Accept-Language", l)
			for _, period := range []string{"", "?period=month", "?period=quarter", "?period=year", "?period=nonsense"} {
				p := c.Get("/lead" + period)
				webtest.A11y(t, p.Doc())
				for _, text := range map[string][]string{"zh-CN": {"运行情况", "按时办结率", "差评待整改", "每周收到多少件", "全市通办占比"}, "en": {"Performance", "Decided in time", "How many cases came in each week?"}}[l] {
					if p.Status != http.StatusOK || !p.Has(text) {
						t.Errorf("%s %s: %d, no %q", l, period, p.Status, text)
					}
				}
			}
		}
	}
	p := leader.Get("/lead?period=year")
	if n := len(webtest.FindAll(webtest.Find(p.Doc(), "svg", "class", "tb-chart"), "rect", "", "")); n != 53 {
		t.Errorf("%d bars", n)
	}
	for _, k := range webtest.FindAll(p.Doc(), "a", "class", "tb-kpi") {
		href := webtest.Attr(k, "href")
		if strings.HasPrefix(href, "#") {
			continue
		}
		if d := leader.Get(href); d.Status != http.StatusOK {
			t.Errorf("%s behind a number: %d", href, d.Status)
		}
	}
	if p := head.Get("/lead?period=year"); webtest.Find(p.Doc(), "a", "href", "/work/lists/near?department=kj") == nil {
		t.Error("a head's number does not lead to the own department")
	}
	for _, login := range []string{"clerk", "commissioner", "applicant"} {
		if p := a.As(t, login).Get("/lead"); p.Status != http.StatusForbidden {
			t.Errorf("%s: %d", login, p.Status)
		}
	}
}
