package cases_test

import (
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// sum of the parts of a due day, with the limit.
func sum(r cases.Reckoning) workday.Days {
	n := workday.Days(r.Limit.N)
	for _, p := range r.Parts {
		n += p.Days
	}
	return n
}

func (b bench) reckoned(t *testing.T, who auth.Actor, id cases.ID) cases.Reckoning {
	t.Helper()
	v, err := b.Cases.View(b.ctx, who, id)
	if err != nil {
		t.Fatal(err)
	}
	r, ok := b.Cases.Reckon(v)
	if !ok || !r.Whole || sum(r) != r.Sum {
		t.Fatalf("limit %v and parts %+v are %d days, not %d", r.Limit, r.Parts, sum(r), r.Sum)
	}
	if due := b.Cases.Calendar.Add(workday.DateOf(r.Accepted), r.Sum); !workday.EndOf(due).Equal(v.DueAt) {
		t.Fatalf("%d days after %v are %v, but it is due %v", r.Sum, r.Accepted, due, v.DueAt)
	}
	return r
}

// A case is paused, sent back, passed on from a body that never was competent,
// extended and paused again: no day is given twice, and what the page lists adds
// up to the due day at every point.
func TestTheLedgerAddsUp(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		must := b.must(t)
		k := b.accepted(t, "KJ-0005") // Monday 2 March
		item, err := b.Catalogue.Item("KJ-0005")
		if err != nil {
			t.Fatal(err)
		}
		day := 24 * time.Hour
		who, ref, kj := b.Actor(t, "applicant"), cases.Ref{ID: k.ID}, b.Actor(t, "handler-kj")
		b.reckoned(t, who, k.ID)
		b.Clock.Advance(day) // Tuesday
		must(b.Cases.Pause(b.ctx, kj, ref, "expert", "专家论证"))
		b.Clock.Advance(2 * day) // Thursday
		b.reckoned(t, who, k.ID)
		must(b.Cases.Resume(b.ctx, kj, ref, ""))
		b.Clock.Advance(day)                                                                   // Friday
		must(b.Cases.SendBack(b.ctx, kj, ref, cases.AskInput{Note: "请说明"}))                    // open while it is passed on
		b.Clock.Advance(3 * day)                                                               // Monday 9
		transfer := cases.TransferInput{Department: "sc", WrongBody: true, Reason: "不属于本部门职权"} //
		k = must(b.Cases.Transfer(b.ctx, b.Actor(t, "approver"), ref, transfer))
		r := b.reckoned(t, kj, k.ID)
		// Everything up to the transfer is taken once: Tuesday 3 to Monday 9 are five days.
		total := workday.Days(0)
		for _, p := range r.Parts {
			total += p.Days
		}
		if total != 5 || len(r.Parts) != 3 {
			t.Errorf("the three pauses took %d days, want the five up to the transfer: %+v", total, r.Parts)
		}
		b.Clock.Advance(2 * day) // Wednesday 11
		sc := b.Actor(t, "handler-sc")
		k = must(b.Cases.Recall(b.ctx, sc, ref, "不用了"))
		b.reckoned(t, sc, k.ID)
		k = must(b.Cases.Extend(b.ctx, b.Actor(t, "approver-sc"), ref, 5, "情况复杂"))
		r = b.reckoned(t, who, k.ID)
		want := b.Cases.Calendar.Add(workday.MustParse("2026-03-11"), workday.Days(item.Promised.N)+5)
		if !k.DueAt.Equal(workday.EndOf(want)) {
			t.Errorf("due %v, want %v", k.DueAt, want)
		}
		for _, p := range r.Parts {
			if p.Event == nil {
				t.Errorf("nobody knows who wrote %+v", p)
			}
		}
		// A second body that was not competent: from acceptance once more, still no day twice.
		b.Clock.Advance(day)
		transfer.Department = "kj"
		k = must(b.Cases.Transfer(b.ctx, b.Actor(t, "approver-sc"), ref, transfer))
		b.reckoned(t, who, k.ID)
		if want := b.Cases.Calendar.Add(workday.DateOf(b.Clock.Now()), workday.Days(item.Promised.N)+5); !k.DueAt.Equal(workday.EndOf(want)) {
			t.Errorf("due %v, want %v", k.DueAt, want)
		}
	})
}
