package app_test

import (
	"testing"
	"time"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/config"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestTheMorningList: who works at a desk reads each working morning what is
// near its limit or beyond, once; nobody else, and not on a day off.
func TestTheMorningList(t *testing.T) {
	t.Parallel()
	cfg := config.Default()
	cfg.Data, cfg.SMTP = t.TempDir(), config.Memory
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	c := clock.At(apptest.Start)
	x, err := app.Wire(t.Context(), cfg, dbtest.Quiet(), c, dbtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	z, err := demo.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := x.SeedZone(t.Context(), z); err != nil {
		t.Fatal(err)
	}
	a := &apptest.App{App: x, Clock: c}
	k := a.Submitted(t, "applicant", "KJ-0001")
	if k, err = a.Cases.Accept(t.Context(), a.Actor(t, "clerk"), cases.Ref{ID: k.ID}); err != nil {
		t.Fatal(err)
	}
	briefed := func(login string) int {
		t.Helper()
		for range 2 {
			if err := a.Notify.Digests(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		n, err := db.One(t.Context(), a.DB.Read(t.Context()), db.Scalar[int], `SELECT count(*) FROM notify_message WHERE account_id=$1 AND kind='briefing'`, a.Actor(t, login).ID)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	eight := func(d workday.Date) { c.Set(workday.StartOf(d).Add(8 * time.Hour)) }
	eight(workday.DateOf(c.Now()).AddDays(1))
	if n := briefed("handler-kj"); n != 0 {
		t.Errorf("nothing is near its limit, and told %d times", n)
	}
	eight(workday.DateOf(k.DueAt.Add(-time.Second)))
	for login, want := range map[string]int{"handler-kj": 1, "head-kj": 1, "clerk": 0, "applicant": 0, "handler-hb": 1, "commissioner": 0} {
		if n := briefed(login); n != want {
			t.Errorf("%s: %d lists, want %d", login, n, want)
		}
	}
	day := workday.DateOf(c.Now())
	for day = day.AddDays(1); a.Cases.Calendar.IsWorkday(day); day = day.AddDays(1) {
	}
	eight(day)
	if n := briefed("handler-kj"); n != 1 {
		t.Errorf("told on a day off: %d", n)
	}
}
