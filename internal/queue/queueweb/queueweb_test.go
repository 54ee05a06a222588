package queueweb_test

import (
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// A number is taken at the machine, called at a window, seen on the screen and
// the phone, and served in a visit that brings the clerk back to his queue.
func TestANumberFromTheMachineToTheWindow(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	visitor, clerk := a.As(t, ""), a.As(t, "clerk")
	machine(t, a, visitor)
	kiosk := visitor.Get("/kiosk")
	webtest.A11y(t, kiosk.Doc())
	ticket := visitor.Submit(kiosk, "/kiosk", nil)
	webtest.A11y(t, ticket.Doc())
	if !strings.HasPrefix(ticket.Path, "/ticket/") || !ticket.Has("A001") || !ticket.Has("前面还有 0 人") {
		t.Fatalf("%s %s", ticket.Path, ticket.Text())
	}
	if p := visitor.Post("/kiosk", url.Values{"code": {"000000"}}); p.Status != http.StatusUnprocessableEntity || !p.Has("没有这个预约码") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	if p := visitor.Get("/kiosk/open/guessed"); p.Status != http.StatusNotFound {
		t.Errorf("%d", p.Status)
	}
	desk := clerk.Get("/work/queue")
	webtest.A11y(t, desk.Doc())
	clerk.Post("/work/queue/sit", nil)
	desk = clerk.Post("/work/queue/next", nil)
	webtest.A11y(t, desk.Doc())
	if !desk.Has("A001") {
		t.Fatalf("%s", desk.Text())
	}
	screen := visitor.Get("/queue/main/screen")
	webtest.A11y(t, screen.Doc())
	if !screen.Has("A001") || !screen.Has("A01") {
		t.Errorf("%s", screen.Text())
	}
	if p := visitor.Get(ticket.Path); !p.Has("请到 A01 窗口") {
		t.Errorf("%s", p.Text())
	}
	if p := clerk.Post("/work/queue/next", nil); p.Status != http.StatusUnprocessableEntity || !p.Has("还在本窗口") {
		t.Errorf("%d", p.Status)
	}
	visit := clerk.Post("/work/queue/serve", nil)
	if !strings.HasPrefix(visit.Path, "/work/visits/") || !visit.Has("A001") {
		t.Fatalf("%s", visit.Path)
	}
	if p := clerk.Submit(visit, "/end", nil); p.Path != "/work/queue" || !p.Has("0 人等候") {
		t.Errorf("%s %s", p.Path, p.Text())
	}
	figures := clerk.Get("/work/queue/figures")
	webtest.A11y(t, figures.Doc())
	if p := a.As(t, "head-zw").Get("/work/queue/figures"); p.Status != http.StatusOK {
		t.Errorf("%d", p.Status)
	}
	if p := a.As(t, "handler-kj").Get("/work/queue"); p.Status != http.StatusForbidden {
		t.Errorf("%d", p.Status)
	}
}

func TestAnAppointmentIsMadeAndGivenBack(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "applicant")
	webtest.A11y(t, c.Get("/my/appointments").Doc())
	webtest.A11y(t, c.Get("/my/appointments/new").Doc())
	at := "/my/appointments/new?lane=main%2FA&day=2026-03-03"
	p := c.Get(at)
	webtest.A11y(t, p.Doc())
	if q := c.Submit(p, "/my/appointments/new", url.Values{"slot": {"1"}}); q.Status != http.StatusUnprocessableEntity {
		t.Errorf("a slot that there is not: %d", q.Status)
	}
	p = c.Submit(p, "/my/appointments/new", url.Values{"slot": {"570"}})
	if p.Path != "/my/appointments" || !p.Has("09:30") || !p.Has("预约码") {
		t.Fatalf("%s %s", p.Path, p.Text())
	}
	webtest.A11y(t, p.Doc())
	if p = c.Submit(p, "/cancel", nil); !p.Has("已取消") {
		t.Errorf("%s", p.Text())
	}
	if p := a.As(t, "talent").Get("/my/appointments"); p.Has("09:30") {
		t.Error("somebody else's appointment")
	}
}

// machine makes a browser the ticket machine of the main hall.
func machine(t *testing.T, a *apptest.App, c *webtest.Client) {
	t.Helper()
	link, err := a.Queue.MakeMachine(t.Context(), a.Actor(t, "system-admin"), "main")
	if err != nil {
		t.Fatal(err)
	}
	if p := c.Post("/kiosk/open/"+link, nil); p.Status != http.StatusOK || p.Path != "/kiosk" {
		t.Fatalf("%d %s", p.Status, p.Path)
	}
}

// TestAMachineIsKnownByItsCookie: a link is good once and not for long, no
// address lets anybody draw numbers, and a machine that was retired draws none.
func TestAMachineIsKnownByItsCookie(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	admin, device, thief := a.As(t, "system-admin"), a.As(t, ""), a.As(t, "")
	h, err := a.Queue.Hall(t.Context(), "main")
	if err != nil {
		t.Fatal(err)
	}
	made := admin.Post("/admin/halls/main/machines", nil)
	webtest.A11y(t, made.Doc())
	link := regexp.MustCompile(`/kiosk/open/[a-z0-9]+`).FindString(made.Body)
	if made.Status != http.StatusOK || link == "" || made.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %s", made.Status, made.Text())
	}
	for range 2 { // looking uses nothing up
		p := device.Get(link)
		webtest.A11y(t, p.Doc())
		if p.Status != http.StatusOK || !p.Has("设为取号机") {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
	}
	p := device.Post(link, nil)
	if p.Status != http.StatusOK || p.Path != "/kiosk" || strings.Contains(p.Body, h.KioskKey) {
		t.Fatalf("%d %s", p.Status, p.Path)
	}
	ticket := device.Submit(p, "/kiosk", nil)
	if !ticket.Has("A001") || strings.Contains(ticket.Path, "?") || strings.Contains(ticket.Body, h.KioskKey) {
		t.Errorf("%s %s", ticket.Path, ticket.Text())
	}
	kept, err := db.List(t.Context(), a.DB.Read(t.Context()), db.Scalar[string], `SELECT link_hash || token_hash FROM queue_machine`)
	if err != nil || len(kept) != 1 || strings.Contains(kept[0], strings.TrimPrefix(link, "/kiosk/open/")) {
		t.Errorf("kept %v %v", kept, err)
	}
	for path, do := range map[string]func(string) *webtest.Page{
		link: thief.Get, "/kiosk/" + h.KioskKey: thief.Get, "/kiosk/open/" + h.KioskKey: thief.Get,
	} {
		if p := do(path); p.Status != http.StatusNotFound {
			t.Errorf("%s for somebody else: %d", path, p.Status)
		}
	}
	thief.Header.Set("Cookie", "tongban_kiosk="+h.KioskKey)
	if p := thief.Post("/kiosk", url.Values{"lane": {"main/A"}}); p.Status != http.StatusNotFound {
		t.Errorf("with the key of old: %d", p.Status)
	}
	for _, login := range []string{"clerk", "handler-kj", "applicant"} {
		if p := a.As(t, login).Post("/admin/halls/main/machines", nil); p.Status != http.StatusForbidden {
			t.Errorf("%s makes a machine: %d", login, p.Status)
		}
	}
	late, err := a.Queue.MakeMachine(t.Context(), a.Actor(t, "system-admin"), "main")
	if err != nil {
		t.Fatal(err)
	}
	a.Clock.Advance(31 * time.Minute)
	if p := thief.Post("/kiosk/open/"+late, nil); p.Status != http.StatusNotFound {
		t.Errorf("a link of half an hour ago: %d", p.Status)
	}
	set := admin.Get("/admin/halls/main")
	webtest.A11y(t, set.Doc())
	if gone := admin.Submit(set, "/end", nil); gone.Status != http.StatusOK || !gone.Has("还没有取号机") {
		t.Errorf("%d %s", gone.Status, gone.Text())
	}
	for name, c := range map[string]*webtest.Client{"a retired machine": device, "somebody else": thief} {
		p := c.Get("/kiosk")
		webtest.A11y(t, p.Doc())
		if !p.Has("这台设备不是取号机") || c.Post("/kiosk", url.Values{"lane": {"main/A"}}).Status != http.StatusNotFound {
			t.Errorf("%s: %d %s", name, p.Status, p.Text())
		}
	}
}
