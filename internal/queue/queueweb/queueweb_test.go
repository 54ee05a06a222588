package queueweb_test

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

// A number is taken at the machine, called at a window, seen on the screen and
// the phone, and served in a visit that brings the clerk back to his queue.
func TestANumberFromTheMachineToTheWindow(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	h, err := a.Queue.Hall(t.Context(), "main")
	if err != nil {
		t.Fatal(err)
	}
	visitor, clerk := a.As(t, ""), a.As(t, "clerk")
	kiosk := visitor.Get("/kiosk/" + h.KioskKey)
	webtest.A11y(t, kiosk.Doc())
	ticket := visitor.Submit(kiosk, "/kiosk/"+h.KioskKey, nil)
	webtest.A11y(t, ticket.Doc())
	if !strings.HasPrefix(ticket.Path, "/ticket/") || !ticket.Has("A001") || !ticket.Has("前面还有 0 人") {
		t.Fatalf("%s %s", ticket.Path, ticket.Text())
	}
	if p := visitor.Post("/kiosk/"+h.KioskKey, url.Values{"code": {"000000"}}); p.Status != http.StatusUnprocessableEntity || !p.Has("没有这个预约码") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	if p := visitor.Get("/kiosk/guessed"); p.Status != http.StatusNotFound {
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
