package calendarweb_test

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

func TestCalendarPage(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "system-admin")
	look := func(path string, texts ...string) {
		t.Helper()
		for _, lang := range []string{"en", "zh-CN"} {
			c.Header.Set("Accept-Language", lang)
			p := c.Get(path)
			if p.Status != http.StatusOK {
				t.Fatalf("%s: %d", path, p.Status)
			}
			webtest.A11y(t, p.Doc())
		}
		p := c.Get(path)
		for _, s := range texts {
			if !strings.Contains(p.Text(), s) {
				t.Errorf("%s does not say %s", path, s)
			}
		}
	}
	look("/admin/calendar", "国务院办公厅", "补班", "这一年没有本地调整")
	look("/admin/calendar?year=2027", "2027 年还没有放假通知", "录入放假通知")
	if p := c.Get("/admin/calendar?year=1999"); p.Status != http.StatusNotFound {
		t.Errorf("a year far away: %d", p.Status)
	}
	for _, login := range []string{"clerk", "catalogue-admin", "applicant"} {
		if p := a.As(t, login).Get("/admin/calendar"); p.Status != http.StatusForbidden {
			t.Errorf("%s: %d", login, p.Status)
		}
	}
	in := url.Values{"region": {"371671"}, "on": {"2026-03-11"}, "kind": {"off"}, "reason": {"暴雪停工"}}
	for name, bad := range map[string]url.Values{
		"no reason": {"region": {"371671"}, "on": {"2026-03-11"}, "kind": {"off"}}, "no region": {"region": {"999999"}, "on": {"2026-03-11"}, "kind": {"off"}, "reason": {"x"}},
		"a Sunday off": {"region": {"371671"}, "on": {"2026-03-08"}, "kind": {"off"}, "reason": {"x"}}, "far away": {"region": {"371671"}, "on": {"2031-03-11"}, "kind": {"off"}, "reason": {"x"}},
		"made up in the past": {"region": {"371671"}, "on": {"2026-03-01"}, "kind": {"work"}, "reason": {"x"}}, "no date": {"region": {"371671"}, "on": {"soon"}, "kind": {"off"}, "reason": {"x"}},
	} {
		if p := c.Post("/admin/calendar", bad); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, p.Status)
		} else if v := bad.Get("on"); v != "soon" && !strings.Contains(p.Body, v) {
			t.Errorf("%s: what was typed is lost", name)
		}
	}
	if p := c.Post("/admin/calendar", in); p.Status != http.StatusOK || !strings.Contains(p.Text(), "暴雪停工") {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	look("/admin/calendar", "暴雪停工", "渤海科技创新区", "有效")
	if p := c.Post("/admin/calendar", in); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("twice: %d", p.Status)
	}
	y, err := a.Calendar.Year(t.Context(), a.Actor(t, "system-admin"), 2026)
	if err != nil || len(y.Overrides) != 1 {
		t.Fatalf("%+v %v", y, err)
	}
	end := "/admin/calendar/" + y.Overrides[0].ID + "/end"
	if p := c.Post(end, url.Values{"version": {"1"}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("taken back without a reason: %d", p.Status)
	}
	if p := c.Post(end, url.Values{"version": {"1"}, "end_reason": {"天气转好"}, "day": {"2026-03-11"}}); p.Status != http.StatusOK || !strings.Contains(p.Text(), "天气转好") {
		t.Errorf("%d", p.Status)
	}
	if p := c.Post(end, url.Values{"version": {"1"}, "end_reason": {"天气转好"}}); p.Status != http.StatusPreconditionFailed {
		t.Errorf("taken back twice: %d", p.Status)
	}
	if p := c.Post("/admin/calendar/notice", url.Values{"year": {"2027"}, "text": {"什么都没有"}}); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, "什么都没有") {
		t.Errorf("no notice: %d", p.Status)
	}
	if p := c.Post("/admin/calendar/notice", url.Values{"year": {"2026"}, "text": {"2026 通知\n  元旦 off 01-01"}}); p.Status != http.StatusConflict && p.Status != http.StatusUnprocessableEntity {
		t.Errorf("a year that is known: %d", p.Status)
	}
	if p := c.Post("/admin/calendar/notice", url.Values{"year": {"2027"}, "text": {"2027 关于2027年部分节假日安排的通知\r\n  元旦 off 01-01..01-03 work 2026-12-27"}}); p.Status != http.StatusOK || !strings.Contains(p.Text(), "关于2027年部分节假日安排的通知") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
}
