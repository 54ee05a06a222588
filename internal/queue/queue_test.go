package queue_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases/calendar"
	"github.com/tongban/tongban/internal/cases/visit"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/queue"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

func TestOrderOfCalling(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	at := func(m int) time.Time { return now.Add(time.Duration(m) * time.Minute) }
	list := []queue.Ticket{
		{Number: "early", TakenAt: at(-40), SlotAt: at(30)},
		{Number: "second", TakenAt: at(-10)},
		{Number: "first", TakenAt: at(-20)},
		{Number: "slot", TakenAt: at(-1), SlotAt: at(-5)},
		{Number: "moved", TakenAt: at(-2), Transferred: true},
		{Number: "old", TakenAt: at(0), Priority: true},
	}
	queue.Sort(list, now)
	var got []string
	for _, x := range list {
		got = append(got, x.Number)
	}
	if want := []string{"old", "moved", "slot", "first", "second", "early"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// A day that the region takes off is not offered, the machine gives no numbers on
// it, and who had booked it gets his appointment back once and has missed nothing;
// a Saturday that is made up can be booked.
func TestADayOffOfTheRegion(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		main, err := h.Queue.Hall(h.ctx, "main")
		if err != nil {
			t.Fatal(err)
		}
		slots, err := h.Queue.Slots(h.ctx, main, main.Lanes[0], workday.MustParse("2026-03-04"))
		if err != nil {
			t.Fatal(err)
		}
		who := h.Actor(t, "applicant")
		a, err := h.Queue.Book(h.ctx, who, queue.BookInput{LaneID: h.lane, Day: "2026-03-04", Slot: slots[1].Minute})
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range []calendar.Input{{Region: main.Region, On: "2026-03-04", Reason: "暴雪停工"}, {Region: main.Region, On: "2026-03-07", Work: true, Reason: "补班"}} {
			if err := h.Calendar.Decide(h.ctx, h.Actor(t, "system-admin"), in); err != nil {
				t.Fatal(err)
			}
		}
		h.Clock.Advance(2 * time.Second)
		days := h.Queue.Days(main)
		if slices.Contains(days, workday.MustParse("2026-03-04")) || !slices.Contains(days, workday.MustParse("2026-03-07")) {
			t.Errorf("%v", days)
		}
		h.Clock.Set(workday.StartOf(workday.MustParse("2026-03-05"))) // the job was late by a day
		for range 2 {
			if err := errors.Join(h.Queue.GiveBack(h.ctx), h.Queue.Sweep(h.ctx)); err != nil {
				t.Fatal(err)
			}
		}
		if a, err = h.Queue.Appointment(h.ctx, who, a.ID); err != nil || a.State != queue.Cancelled {
			t.Errorf("%+v %v", a, err)
		}
		if n, err := db.One(h.ctx, d.Read(h.ctx), db.Scalar[int], `SELECT count(*) FROM notify_message WHERE kind='queue_closed' AND account_id=$1`, who.ID); err != nil || n != 1 {
			t.Errorf("told %d times, %v", n, err)
		}
		h.Clock.Set(workday.StartOf(workday.MustParse("2026-03-07")).Add(10 * time.Hour))
		lanes, err := h.Queue.Lanes(h.ctx, main)
		if err != nil || !lanes[0].Open {
			t.Errorf("closed on a Saturday that is made up: %+v %v", lanes[0], err)
		}
	})
}

func TestEstimateIsHonest(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		ahead, windows, measured int
		want                     time.Duration
		ok                       bool
	}{
		"too little measured":        {ahead: 3, windows: 1, measured: 4},
		"no window open":             {ahead: 3, windows: 0, measured: 50},
		"nobody before":              {windows: 1, measured: 5, ok: true},
		"rounded up":                 {ahead: 1, windows: 1, measured: 5, want: 10 * time.Minute, ok: true},
		"two windows share the wait": {ahead: 4, windows: 2, measured: 5, want: 20 * time.Minute, ok: true},
	}
	for name, tt := range tests {
		if got, ok := queue.Estimate(tt.ahead, tt.windows, tt.measured, 8*time.Minute); got != tt.want || ok != tt.ok {
			t.Errorf("%s: %v %v", name, got, ok)
		}
	}
}

// hall is the main hall with its clerks.
type hall struct {
	*apptest.App
	ctx    context.Context
	clerks []auth.Actor
	key    string
	lane   string
}

func newHall(t *testing.T, d *db.DB) hall {
	t.Helper()
	a := apptest.NewOn(t, d)
	h, err := a.Queue.Hall(t.Context(), "main")
	if err != nil {
		t.Fatal(err)
	}
	return hall{a, t.Context(), []auth.Actor{a.Actor(t, "clerk"), a.Actor(t, "clerk-a02")}, h.KioskKey, h.Lanes[0].ID}
}

func (h hall) take(t *testing.T) queue.Ticket {
	t.Helper()
	x, err := h.Queue.Take(h.ctx, auth.Actor{}, queue.TakeInput{Kiosk: h.key, LaneID: h.lane})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Many take numbers and two windows call at the same time: no number is given
// twice, and nobody is called to two windows.
func TestNobodyIsCalledTwice(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		const n = 24
		var mu sync.Mutex
		numbers, called := map[string]int{}, map[string]int{}
		var wg sync.WaitGroup
		for range n {
			wg.Go(func() {
				x, err := h.Queue.Take(h.ctx, auth.Actor{}, queue.TakeInput{Kiosk: h.key, LaneID: h.lane})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				numbers[x.Number]++
				mu.Unlock()
			})
		}
		wg.Wait()
		for _, clerk := range h.clerks {
			wg.Go(func() {
				for {
					x, err := h.Queue.Next(h.ctx, clerk)
					if errors.Is(err, queue.ErrEmpty) {
						return
					}
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					called[x.Number]++
					mu.Unlock()
					for range queue.MaxCalls - 1 {
						if err := h.Queue.Again(h.ctx, clerk); err != nil {
							t.Error(err)
						}
					}
					if err := h.Queue.NoShow(h.ctx, clerk); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if len(numbers) != n || len(called) != n {
			t.Errorf("%d numbers, %d called, want %d", len(numbers), len(called), n)
		}
		for number, times := range called {
			if times != 1 {
				t.Errorf("%s was called to %d windows", number, times)
			}
		}
	})
}

// The whole way of a number: called, served in a visit, finished with it.
func TestServed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		clerk := h.clerks[0]
		first, second := h.take(t), h.take(t)
		if st, err := h.Queue.Status(h.ctx, second.Token); err != nil || st.Ahead != 1 || st.Known {
			t.Fatalf("%+v %v", st, err)
		}
		if _, err := h.Queue.Serve(h.ctx, clerk); !errors.Is(err, queue.ErrNone) {
			t.Errorf("%v", err)
		}
		x, err := h.Queue.Next(h.ctx, clerk)
		if err != nil || x.ID != first.ID || x.WindowID != "main/A01" {
			t.Fatalf("%+v %v", x, err)
		}
		if _, err := h.Queue.Next(h.ctx, clerk); !errors.Is(err, queue.ErrBusy) {
			t.Errorf("%v", err)
		}
		if err := h.Queue.NoShow(h.ctx, clerk); !errors.Is(err, queue.ErrTwice) {
			t.Errorf("passed over after one call: %v", err)
		}
		v, err := h.Queue.Serve(h.ctx, clerk)
		if err != nil || v.TicketNumber != first.Number {
			t.Fatalf("%+v %v", v, err)
		}
		h.Clock.Advance(8 * time.Minute)
		if _, err := h.Visits.End(h.ctx, clerk, visit.Ref{ID: v.ID}); err != nil {
			t.Fatal(err)
		}
		b, err := h.Queue.Board(h.ctx, clerk)
		if err != nil || b.Ticket != nil || len(b.Waiting) != 1 {
			t.Fatalf("%+v %v", b, err)
		}
		// The other goes on to a window of another lane.
		if _, err := h.Queue.Next(h.ctx, clerk); err != nil {
			t.Fatal(err)
		}
		other := b.Hall.Lanes[1]
		if err := h.Queue.Transfer(h.ctx, clerk, other.ID, other.Windows[0]); err != nil {
			t.Fatal(err)
		}
		if st, err := h.Queue.Status(h.ctx, second.Token); err != nil || st.LaneID != other.ID || st.State != queue.Waiting || !st.Kept {
			t.Errorf("%+v %v", st, err)
		}
		if _, err := h.Queue.Next(h.ctx, h.clerks[1]); !errors.Is(err, queue.ErrEmpty) {
			t.Errorf("a number kept for a window was called to another: %v", err)
		}
		f, err := h.Queue.Figures(h.ctx, clerk, "main", first.Day)
		if err != nil || f.Served != 1 || f.MeanServe != 8*time.Minute || f.Taken != 2 {
			t.Errorf("%+v %v", f, err)
		}
		if _, err := h.Queue.Figures(h.ctx, h.Actor(t, "clerk3"), "main", first.Day); !errors.Is(err, queue.ErrNotFound) {
			t.Errorf("figures of another hall: %v", err)
		}
		// The next day begins with number 1, and nothing is left over.
		h.Clock.Advance(24 * time.Hour)
		if err := h.Queue.Sweep(h.ctx); err != nil {
			t.Fatal(err)
		}
		if st, err := h.Queue.Status(h.ctx, second.Token); err != nil || st.State != queue.Lapsed {
			t.Errorf("%+v %v", st, err)
		}
		if again := h.take(t); again.Number != first.Number || again.Day == first.Day {
			t.Errorf("%+v", again)
		}
	})
}

func TestAppointments(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		who, clerk := h.Actor(t, "applicant"), h.clerks[0]
		main, err := h.Queue.Hall(h.ctx, "main")
		if err != nil {
			t.Fatal(err)
		}
		days := h.Queue.Days(main)
		if len(days) != main.HorizonDays || days[1].String() != "2026-03-03" {
			t.Fatalf("%v", days)
		}
		slots, err := h.Queue.Slots(h.ctx, main, main.Lanes[0], days[1])
		if err != nil || len(slots) == 0 {
			t.Fatal(err)
		}
		in := queue.BookInput{LaneID: h.lane, Day: days[1].String(), Slot: slots[1].Minute}
		if _, err := h.Queue.Book(h.ctx, who, queue.BookInput{LaneID: h.lane, Day: "2026-03-07", Slot: slots[1].Minute}); !errors.Is(err, queue.ErrSlot) {
			t.Errorf("booked on a Saturday: %v", err)
		}
		// No more than the slot holds, also when all press at once.
		people := []auth.Actor{who, h.Actor(t, "agent"), h.Actor(t, "talent")}
		for _, login := range []string{"citizen", "luzhengping", "weihaoran", "xiaruoyun"} {
			people = append(people, h.Actor(t, login))
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		booked := map[string]queue.Appointment{}
		for _, p := range people {
			wg.Go(func() {
				a, err := h.Queue.Book(h.ctx, p, in)
				if err != nil && !errors.Is(err, queue.ErrFullSlot) {
					t.Error(err)
				}
				if err == nil {
					mu.Lock()
					booked[p.ID] = a
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if len(booked) != main.Lanes[0].PerSlot {
			t.Fatalf("%d in a slot for %d", len(booked), main.Lanes[0].PerSlot)
		}
		var owner auth.Actor
		for _, p := range people {
			if _, ok := booked[p.ID]; ok {
				owner = p
				break
			}
		}
		a := booked[owner.ID]
		if _, err := h.Queue.Book(h.ctx, owner, queue.BookInput{LaneID: h.lane, Day: in.Day, Slot: slots[2].Minute}); !errors.Is(err, queue.ErrAgain) {
			t.Errorf("twice on a day: %v", err)
		}
		if err := h.Queue.Cancel(h.ctx, auth.Actor{Kind: auth.Person, ID: "somebody"}, a.ID); !errors.Is(err, queue.ErrNotFound) {
			t.Errorf("another's: %v", err)
		}
		if a, err = h.Queue.Move(h.ctx, owner, a.ID, queue.BookInput{LaneID: h.lane, Day: in.Day, Slot: slots[2].Minute}); err != nil || a.Slot != slots[2].Minute {
			t.Fatalf("%+v %v", a, err)
		}
		if err := h.Queue.Remind(h.ctx); err != nil {
			t.Fatal(err)
		}
		n, err := db.One(h.ctx, d.Read(h.ctx), db.Scalar[int], `SELECT count(*) FROM notify_message WHERE kind='queue_reminder'`)
		if err != nil || n != len(booked) {
			t.Errorf("%d reminded, %v", n, err)
		}
		// He comes in time, and goes before those who took a number earlier.
		if _, err := h.Queue.CheckIn(h.ctx, auth.Actor{}, h.key, a.Code); !errors.Is(err, queue.ErrCode) {
			t.Errorf("a day early: %v", err)
		}
		day, _ := workday.Parse(a.Day)
		h.Clock.Set(queue.At(day, a.Slot-90))
		if _, err := h.Queue.CheckIn(h.ctx, auth.Actor{}, h.key, a.Code); !errors.Is(err, queue.ErrEarly) {
			t.Errorf("%v", err)
		}
		h.Clock.Set(queue.At(day, a.Slot-5))
		walkIn := h.take(t)
		x, err := h.Queue.CheckIn(h.ctx, auth.Actor{}, h.key, a.Code)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := h.Queue.CheckIn(h.ctx, auth.Actor{}, h.key, a.Code); err != nil || again.ID != x.ID {
			t.Errorf("a second number for one appointment: %+v %v", again, err)
		}
		h.Clock.Set(queue.At(day, a.Slot+1))
		if got, err := h.Queue.Next(h.ctx, clerk); err != nil || got.ID != x.ID || walkIn.ID == got.ID {
			t.Errorf("%+v %v", got, err)
		}
		if v, err := h.Queue.Serve(h.ctx, clerk); err != nil || v.AccountID != owner.ID {
			t.Errorf("the visit does not know who came: %+v %v", v, err)
		}
		// Those who did not come have missed it; the second time bars them.
		h.Clock.Advance(24 * time.Hour)
		if err := h.Queue.Sweep(h.ctx); err != nil {
			t.Fatal(err)
		}
		missed, err := db.One(h.ctx, d.Read(h.ctx), db.Scalar[int], `SELECT count(*) FROM queue_appointment WHERE state='missed'`)
		if err != nil || missed != len(booked)-1 {
			t.Errorf("%d missed, %v", missed, err)
		}
	})
}

func TestAHallWithoutAppointmentsDoesNotLimit(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	h, err := a.Queue.Hall(t.Context(), "main")
	if err != nil {
		t.Fatal(err)
	}
	h.Appointments, h.Lanes[0].Tickets = false, 50
	if err := a.Queue.SaveHall(t.Context(), auth.SystemActor(), h); !errors.Is(err, queue.ErrCap) {
		t.Errorf("%v", err)
	}
	h.Lanes[0].Tickets = 0
	if err := a.Queue.SaveHall(t.Context(), auth.SystemActor(), h); err != nil {
		t.Error(err)
	}
	if err := a.Queue.SaveHall(t.Context(), a.Actor(t, "clerk"), h); !errors.Is(err, queue.ErrForbidden) {
		t.Errorf("%v", err)
	}
}
