package queueweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/queue"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// TestQueuesAreSetUp: a system administrator adds a queue, changes and closes it;
// what is wrong is said at the input and nothing typed is lost; nobody else may.
func TestQueuesAreSetUp(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := apptest.NewOn(t, d)
		c := a.As(t, "system-admin")
		for _, path := range []string{"/admin/halls", "/admin/halls/main", "/admin/halls/main/lanes/new", "/admin/halls/main/lanes/A"} {
			for _, lang := range []string{"en", "zh-CN"} {
				c.Header.Set("Accept-Language", lang)
				p := c.Get(path)
				if p.Status != http.StatusOK || strings.Contains(p.Text(), "queue.setup") {
					t.Fatalf("%s: %d %s", path, p.Status, p.Text())
				}
				webtest.A11y(t, p.Doc())
			}
		}
		lane := func(kv ...string) url.Values {
			v := url.Values{
				"letter": {"D"}, "name": {"公安户政"}, "name_en": {"Police"}, "windows": {"main/A09", "main/A10"}, "hours": {"9:00-12:00，13:30-17:00"},
				"slot": {"20"}, "per_slot": {"2"}, "per_day": {"24"}, "tickets": {"0"},
			}
			for i := 0; i+1 < len(kv); i += 2 {
				v[kv[i]] = strings.Split(kv[i+1], ",")
			}
			return v
		}
		const fresh = "/admin/halls/main/lanes/new"
		for name, kv := range map[string][]string{
			"letter": {"letter", "A"}, "name": {"name", ""}, "windows": {"windows", "east/C01"}, "hours": {"hours", "13:30-17:00 09:00-12:00"}, "slot": {"slot", "2"}, "per_day": {"per_day", "0"},
		} {
			p := c.Post(fresh, lane(kv...))
			if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, "Police") || !strings.Contains(p.Body, `id="f-`+name) {
				t.Errorf("%s: %d", name, p.Status)
			}
		}
		c.Post(fresh, lane())
		h, err := a.Queue.Hall(t.Context(), "main")
		if err != nil {
			t.Fatal(err)
		}
		l, ok := h.Lane("main/D")
		if !ok || l.Name.ZH != "公安户政" || len(l.Windows) != 2 || queue.HoursText(l.Hours) != "09:00-12:00 13:30-17:00" || len(h.Lanes) != 4 || !h.Appointments || h.HorizonDays != 10 {
			t.Fatalf("%+v", h)
		}
		kiosk := auth.Actor{From: "192.0.2.7"}
		a.Clock.Advance(2 * time.Hour) // eleven o'clock on a Monday
		x, err := a.Queue.Take(t.Context(), kiosk, queue.TakeInput{Kiosk: h.KioskKey, LaneID: "main/D"})
		if err != nil || x.Number != "D001" {
			t.Fatal(x.Number, err)
		}
		c.Post("/admin/halls/main/lanes/D", lane("hours", ""))
		if _, err := a.Queue.Take(t.Context(), kiosk, queue.TakeInput{Kiosk: h.KioskKey, LaneID: "main/D"}); err == nil {
			t.Error("a closed queue gave a number")
		}
		if p := c.Post("/admin/halls/main", url.Values{"appointments": {"on"}, "horizon": {"0"}}); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("no day ahead: %d", p.Status)
		}
		c.Post("/admin/halls/main", url.Values{"appointments": {"on"}, "horizon": {"5"}, "miss_limit": {"3"}, "miss_days": {"60"}})
		if h, err = a.Queue.Hall(t.Context(), "main"); err != nil || h.HorizonDays != 5 || h.MissLimit != 3 || len(h.Lanes) != 4 {
			t.Errorf("%+v %v", h, err)
		}

		if p := a.As(t, "head-kj").Get("/admin/halls/main"); p.Status != http.StatusNotFound {
			t.Errorf("a head of elsewhere sees it: %d", p.Status)
		}
		if p := a.As(t, "clerk").Get("/admin/halls"); p.Status != http.StatusForbidden {
			t.Errorf("a clerk sees it: %d", p.Status)
		}
		for text, want := range map[string]string{"": "", "8:30-12:00": "08:30-12:00", "09:00–12:00、13:00至17:00": "09:00-12:00 13:00-17:00", "9-12": "!", "12:00-09:00": "!", "25:00-26:00": "!", "23:00-24:30": "!"} {
			got, err := queue.ParseHours(text)
			if (err != nil) != (want == "!") || err == nil && queue.HoursText(got) != want {
				t.Errorf("%q: %v %v", text, got, err)
			}
		}
	})
}
