package cases_test

import (
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/calendar"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// A day off moves the due days of live cases out where it lies between, with an
// event and a notice; a day made up and a day off taken back move none nearer.
func TestTheCalendarChanges(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		admin := b.Actor(t, "system-admin")
		k := b.accepted(t, "KJ-0005") // 7 working days from Monday 2 March: Wednesday 11
		other := b.must(t)(b.Cases.Pause(b.ctx, b.Actor(t, "handler-kj"), cases.Ref{ID: b.accepted(t, "KJ-0005").ID}, "expert", "专家论证"))
		due := func(id cases.ID) workday.Date {
			t.Helper()
			now, err := b.Cases.Find(b.ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			return workday.DateOf(now.DueAt.Add(-time.Second))
		}
		change := func(on string, work bool) {
			t.Helper()
			b.Clock.Advance(2 * time.Second) // so that the next look is due
			if err := b.Calendar.Decide(b.ctx, admin, calendar.Input{Region: "371671", On: on, Work: work, Reason: "暴雪停工"}); err != nil {
				t.Fatal(err)
			}
			for range 2 { // a job can run twice
				if err := b.Cases.Recount(b.ctx, cases.RecountArgs{Region: "371671", Day: on, Reason: "暴雪停工"}); err != nil {
					t.Fatal(err)
				}
			}
		}
		change("2026-03-20", false) // after the due day
		if e := b.last(t, k.ID); e.Command == cases.CmdCalendar || due(k.ID) != workday.MustParse("2026-03-11") {
			t.Errorf("a day that does not touch it: %+v, due %v", e, due(k.ID))
		}
		change("2026-03-04", false)
		if got := due(k.ID); got != workday.MustParse("2026-03-12") {
			t.Errorf("due %v, want a working day later", got)
		}
		n := 0
		for _, e := range b.events(t, k.ID) {
			if e.Command == cases.CmdCalendar {
				n++
				if !e.Public || e.Reason != "暴雪停工" || e.Detail["day"] != "2026-03-04" {
					t.Errorf("%+v", e)
				}
			}
		}
		if n != 1 {
			t.Errorf("%d events for one change", n)
		}
		feed, err := b.Notify.Feed(b.ctx, b.Actor(t, "applicant").ID, pageOf(20))
		if err != nil || !slices.ContainsFunc(feed.Rows, func(m notify.Message) bool { return m.Kind == "case_calendar" }) {
			t.Errorf("the applicant was not told: %v", err)
		}
		b.reckoned2(t, k.ID)
		change("2026-03-07", true) // made up: not for what was accepted before
		if got := due(k.ID); got != workday.MustParse("2026-03-12") {
			t.Errorf("due %v: a day made up moved it", got)
		}
		if later := b.accepted(t, "KJ-0005"); due(later.ID) != workday.MustParse("2026-03-11") { // 3, 5, 6, 7, 9, 10, 11
			t.Errorf("what is accepted afterwards is due %v", due(later.ID))
		}
		y, err := b.Calendar.Year(b.ctx, admin, 2026)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range y.Overrides {
			if o.On == workday.MustParse("2026-03-04") {
				b.Clock.Advance(2 * time.Second)
				if err := b.Calendar.TakeBack(b.ctx, admin, o.ID, o.Version, "天气转好"); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := b.Cases.Recount(b.ctx, cases.RecountArgs{Region: "371671", Day: "2026-03-04"}); err != nil {
			t.Fatal(err)
		}
		if got := due(k.ID); got != workday.MustParse("2026-03-12") {
			t.Errorf("due %v: what was told is taken back", got)
		}
		// A clock that stands still is renewed by the sweep, without an event of the calendar.
		if e := b.last(t, other.ID); e.Command != cases.CmdPause {
			t.Errorf("%+v", e)
		}
		if r, err := b.Audit.Verify(b.ctx); err != nil || r.Broken != nil {
			t.Errorf("%+v %v", r, err)
		}
		if n, err := db.One(b.ctx, d.Read(b.ctx), db.Scalar[int], `SELECT count(*) FROM river_job WHERE kind='cases.recount'`); err != nil || n != 4 {
			t.Errorf("%d jobs, %v", n, err)
		}
	})
}

// reckoned2 is reckoned in the calendar of the case.
func (b bench) reckoned2(t *testing.T, id cases.ID) {
	t.Helper()
	v, err := b.Cases.View(b.ctx, b.Actor(t, "applicant"), id)
	if err != nil {
		t.Fatal(err)
	}
	r, ok := b.Cases.Reckon(v)
	due := b.Cases.CalendarOf(&v.Case).Add(workday.DateOf(r.Accepted), r.Sum)
	if !ok || sum(r) != r.Sum || !workday.EndOf(due).Equal(v.DueAt) {
		t.Errorf("%+v", r)
	}
}

// Another process changed the calendar within the second: the recount looks for
// itself. What no region decided has a reason, too.
func TestARecountLooksFirst(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		k := b.accepted(t, "KJ-0005")
		b.Cases.CalendarOf(&k) // it has just looked
		other := b.Again(t)
		if err := other.Calendar.Decide(b.ctx, b.Actor(t, "system-admin"), calendar.Input{Region: "371671", On: "2026-03-04", Reason: "暴雪停工"}); err != nil {
			t.Fatal(err)
		}
		if err := b.Cases.Recount(b.ctx, cases.RecountArgs{Region: "371671", Day: "2026-03-04", Reason: "暴雪停工"}); err != nil {
			t.Fatal(err)
		}
		now, err := b.Cases.Find(b.ctx, k.ID)
		if want := workday.EndOf(workday.MustParse("2026-03-12")); err != nil || !now.DueAt.Equal(want) {
			t.Errorf("due %v, want %v, %v", now.DueAt, want, err)
		}
	})
}

// A year that was provisional is announced: what is due in it moves with a reason,
// also when the sweep and not the job comes first.
func TestAProvisionalYearIsAnnounced(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		b.Clock.Set(workday.StartOf(workday.MustParse("2026-12-28")).Add(9 * time.Hour))
		k := b.accepted(t, "KJ-0005")
		if !k.Provisional {
			t.Fatalf("due %v is not provisional", k.DueAt)
		}
		if err := b.Calendar.Announce(b.ctx, b.Actor(t, "system-admin"), 2027, "2027 国务院办公厅关于2027年部分节假日安排的通知\n  元旦 off 01-01..01-04\n"); err != nil {
			t.Fatal(err)
		}
		b.Clock.Advance(2 * time.Second)
		b.sweep(t)
		e := b.last(t, k.ID)
		if now, _ := b.Cases.Find(b.ctx, k.ID); now.Provisional || !now.DueAt.After(k.DueAt) || e.Command != cases.CmdCalendar || e.Reason == "" {
			t.Errorf("due %v, before %v, %+v", now.DueAt, k.DueAt, e)
		}
	})
}

// How long an item really takes is told in days that were worked where it was
// decided.
func TestRealTimesLeaveLocalDaysOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		k := b.accepted(t, "KJ-0005")
		b.Clock.Advance(3 * day) // Thursday
		for range 5 {
			if v := b.view(t, b.Actor(t, "handler-kj"), k.ID); !v.May(cases.CmdEndorse) {
				break
			}
			b.must(t)(b.Cases.Endorse(b.ctx, b.Actor(t, "handler-kj"), cases.Ref{ID: k.ID}, cases.EndorseInput{Opinion: "同意"}))
		}
		b.must(t)(b.Cases.Decide(b.ctx, b.Actor(t, "approver"), cases.Ref{ID: k.ID}, cases.DecideInput{Outcome: cases.Granted}))
		for _, want := range []int{3, 2} {
			if r, err := b.Cases.RealTimes(b.ctx, k.ItemID); err != nil || r.N != 1 || r.Median != want {
				t.Errorf("%+v, want %d, %v", r, want, err)
			}
			if want == 3 {
				if err := b.Calendar.Decide(b.ctx, b.Actor(t, "system-admin"), calendar.Input{Region: "371671", On: "2026-03-04", Reason: "暴雪停工"}); err != nil {
					t.Fatal(err)
				}
				b.Clock.Advance(2 * time.Second)
			}
		}
	})
}
