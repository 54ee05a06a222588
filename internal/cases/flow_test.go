package cases_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// accepted is a case that a window of the zone has taken in.
func (b bench) accepted(t *testing.T, item string) cases.Case {
	t.Helper()
	k := b.submitted(t, item)
	return b.must(t)(b.Cases.Accept(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID}))
}

func (b bench) must(t *testing.T) func(cases.Case, error) cases.Case {
	return func(k cases.Case, err error) cases.Case {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
}

// last is the newest event of a case as staff see it.
func (b bench) last(t *testing.T, id cases.ID) cases.Event {
	t.Helper()
	v, err := b.Cases.View(b.ctx, auth.SystemActor(), id)
	if err != nil || len(v.Events) == 0 {
		t.Fatalf("%v %v", v, err)
	}
	return v.Events[len(v.Events)-1]
}

// A case goes to another department: the open desks go with it, the limit and
// the window stay, and both departments go on to see it.
func TestTransfer(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		must := b.must(t)
		k := b.accepted(t, "KJ-0005")
		due, window := k.DueAt, k.WindowID
		b.Clock.Advance(3 * 24 * time.Hour)
		ref, boss := cases.Ref{ID: k.ID}, b.Actor(t, "head-kj")
		for name, in := range map[string]cases.TransferInput{
			"to itself": {Department: "kj", Reason: "x"}, "to nowhere": {Department: "nowhere", Reason: "x"}, "where nobody decides": {Department: "cd-zw", Reason: "x"},
		} {
			if _, err := b.Cases.Transfer(b.ctx, boss, ref, in); !errors.Is(err, cases.ErrDepartment) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := b.Cases.Transfer(b.ctx, boss, ref, cases.TransferInput{Department: "sc"}); !errors.Is(err, cases.ErrReason) {
			t.Errorf("without a reason: %v", err)
		}
		if _, err := b.Cases.Transfer(b.ctx, b.Actor(t, "handler-kj"), ref, cases.TransferInput{Department: "sc", Reason: "x"}); !errors.Is(err, cases.ErrForbidden) {
			t.Errorf("by a handler: %v", err)
		}
		if _, err := b.Cases.Transfer(b.ctx, b.Actor(t, "clerk"), ref, cases.TransferInput{Department: "sc", Reason: "x"}); !errors.Is(err, cases.ErrState) {
			t.Errorf("by a window after acceptance: %v", err)
		}
		k = must(b.Cases.Transfer(b.ctx, boss, ref, cases.TransferInput{Department: "sc", Reason: "职能划转"}))
		if k.DepartmentID != "sc" || !k.DueAt.Equal(due) || k.WindowID != window {
			t.Fatalf("%+v", k)
		}
		if e := b.last(t, k.ID); e.Command != cases.CmdTransfer || !e.Public || e.Detail["from"] != "kj" || e.Detail["to"] != "sc" || e.Reason == "" {
			t.Errorf("%+v", e)
		}
		if v, err := b.Cases.View(b.ctx, boss, k.ID); err != nil || v.May(cases.CmdTransfer) {
			t.Errorf("the first department: %v", err)
		}
		for _, login := range []string{"head-kj", "handler-kj", "approver"} {
			if _, err := b.Cases.Note(b.ctx, b.Actor(t, login), ref, "x"); !errors.Is(err, cases.ErrForbidden) {
				t.Errorf("%s of the first department writes a note: %v", login, err)
			}
		}
		// The new department does what is left and decides.
		for b.stage(t, k.ID) != "decide" {
			must(b.Cases.Endorse(b.ctx, b.Actor(t, "handler-sc"), ref, cases.EndorseInput{Opinion: "同意"}))
		}
		if _, err := b.Cases.Decide(b.ctx, b.Actor(t, "approver"), ref, cases.DecideInput{Outcome: cases.Granted}); err == nil {
			t.Error("the first department decided")
		}
		k = must(b.Cases.Decide(b.ctx, b.Actor(t, "approver-sc"), ref, cases.DecideInput{Outcome: cases.Granted}))
		credit, err := db.List(b.ctx, d.Read(b.ctx), db.Scalar[string], `SELECT part || ':' || department_id FROM cases_v_credit WHERE case_id=$1 ORDER BY 1`, string(k.ID))
		if err != nil || !slices.Contains(credit, "passed_on:kj") || !slices.Contains(credit, "decided:sc") || !slices.Contains(credit, "received:") {
			t.Errorf("credit %v %v", credit, err)
		}
	})
}

func (b bench) stage(t *testing.T, id cases.ID) string {
	t.Helper()
	k, err := b.Cases.Find(b.ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return k.Stage
}

// The time with a body that was not competent leaves the clock by the ledger.
func TestTransferFromTheWrongBody(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		k := b.accepted(t, "KJ-0005")
		item, err := b.Catalogue.Item("KJ-0005")
		if err != nil {
			t.Fatal(err)
		}
		b.Clock.Advance(4 * 24 * time.Hour) // Friday 6 March
		k = b.must(t)(b.Cases.Transfer(b.ctx, b.Actor(t, "approver"), cases.Ref{ID: k.ID}, cases.TransferInput{Department: "sc", WrongBody: true, Reason: "不属于本部门职权"}))
		want, _ := workday.Official().Due(b.Clock.Now(), item.Promised)
		if !k.DueAt.Equal(want) || k.Paused {
			t.Errorf("due %v, want %v as if accepted today", k.DueAt, want)
		}
		v, err := b.Cases.View(b.ctx, b.Actor(t, "applicant"), k.ID)
		if err != nil || len(v.Pauses) != 1 || v.Pauses[0].Kind != cases.PauseWrongBody || v.Pauses[0].To.IsZero() {
			t.Errorf("%+v %v", v.Pauses, err)
		}
	})
}

func TestReassign(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		k := b.accepted(t, "KJ-0001")
		ref, head, two := cases.Ref{ID: k.ID}, b.Actor(t, "head-kj"), b.Actor(t, "handler-kj2")
		if _, err := b.Cases.Reassign(b.ctx, head, ref, cases.ReassignInput{To: b.Actor(t, "handler-sc").ID}); !errors.Is(err, cases.ErrColleague) {
			t.Errorf("to another department: %v", err)
		}
		if _, err := b.Cases.Reassign(b.ctx, head, ref, cases.ReassignInput{To: b.Actor(t, "approver").ID}); !errors.Is(err, cases.ErrColleague) {
			t.Errorf("to another post: %v", err)
		}
		if _, err := b.Cases.Reassign(b.ctx, two, ref, cases.ReassignInput{To: two.ID}); !errors.Is(err, cases.ErrForbidden) {
			t.Errorf("by a handler: %v", err)
		}
		b.must(t)(b.Cases.Claim(b.ctx, b.Actor(t, "handler-kj"), ref))
		b.must(t)(b.Cases.Reassign(b.ctx, head, ref, cases.ReassignInput{To: two.ID, Reason: "宋嘉树出差"}))
		v, err := b.Cases.View(b.ctx, head, k.ID)
		if err != nil {
			t.Fatal(err)
		}
		people, err := b.Cases.Colleagues(b.ctx, cases.Reassignable(head, v))
		if err != nil || len(people) != 2 || people[1].ID != two.ID || people[1].Open != 1 || people[0].Open != 0 {
			t.Errorf("%+v %v", people, err)
		}
		if _, err := b.Cases.Endorse(b.ctx, b.Actor(t, "handler-kj"), ref, cases.EndorseInput{Opinion: "同意"}); !errors.Is(err, cases.ErrTaken) {
			t.Errorf("by the one it was taken from: %v", err)
		}
		b.must(t)(b.Cases.Endorse(b.ctx, two, ref, cases.EndorseInput{Opinion: "同意"}))
	})
}

// A deputy sees and does the tasks of the one who is away, in his name and for
// the time named; what either of them examined the other does not decide for him.
func TestDeputies(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		away, deputy := b.Actor(t, "handler-kj"), b.Actor(t, "approver-kj2")
		k := b.accepted(t, "KJ-0001")
		ref := cases.Ref{ID: k.ID}
		b.must(t)(b.Cases.Claim(b.ctx, away, ref))
		day := 24 * time.Hour
		now := b.Clock.Now()
		for name, in := range map[string]cases.DeputyInput{
			"another department": {DeputyID: b.Actor(t, "handler-sc").ID, From: now, To: now.Add(day)},
			"himself":            {DeputyID: away.ID, From: now, To: now.Add(day)},
			"backwards":          {DeputyID: deputy.ID, From: now.Add(day), To: now},
			"over":               {DeputyID: deputy.ID, From: now.Add(-2 * day), To: now.Add(-day)},
			"too long":           {DeputyID: deputy.ID, From: now, To: now.Add(200 * day)},
		} {
			if _, err := b.Cases.NameDeputy(b.ctx, away, in); !errors.Is(err, cases.ErrDeputy) && !errors.Is(err, cases.ErrPeriod) {
				t.Errorf("%s: %v", name, err)
			}
		}
		x, err := b.Cases.NameDeputy(b.ctx, away, cases.DeputyInput{DeputyID: deputy.ID, From: now.Add(day), To: now.Add(3 * day), Reason: "年休假"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Cases.NameDeputy(b.ctx, away, cases.DeputyInput{DeputyID: deputy.ID, From: now.Add(2 * day), To: now.Add(4 * day)}); !errors.Is(err, cases.ErrPeriod) {
			t.Errorf("a second one at the same time: %v", err)
		}
		if a := b.Actor(t, "approver-kj2"); len(a.StandsInFor()) != 0 {
			t.Error("stands in before it begins")
		}
		b.Clock.Advance(day)
		deputy = b.Actor(t, "approver-kj2")
		if got := deputy.StandsInFor(); !slices.Equal(got, []string{away.ID}) {
			t.Fatalf("stands in for %v", got)
		}
		rows, err := b.Cases.List(b.ctx, deputy, cases.Filter{List: cases.ListMine})
		if err != nil || len(rows.Rows) != 1 || rows.Rows[0].Task == nil || rows.Rows[0].Task.Key != "site" {
			t.Fatalf("%+v %v", rows, err)
		}
		b.must(t)(b.Cases.Endorse(b.ctx, deputy, ref, cases.EndorseInput{Opinion: "核查合格"}))
		if e := b.last(t, k.ID); e.ActorID != deputy.ID || e.Detail["for_id"] != away.ID {
			t.Errorf("%+v", e)
		}
		b.must(t)(b.Cases.Endorse(b.ctx, b.Actor(t, "handler-hb"), ref, cases.EndorseInput{Opinion: "同意"}))
		b.must(t)(b.Cases.Endorse(b.ctx, b.Actor(t, "handler-wj"), ref, cases.EndorseInput{Opinion: "同意"}))
		if _, err := b.Cases.Decide(b.ctx, deputy, ref, cases.DecideInput{Outcome: cases.Granted}); !errors.Is(err, cases.ErrOwnCase) {
			t.Errorf("decided what he examined for another: %v", err)
		}
		list, err := b.Cases.Deputies(b.ctx, deputy)
		if err != nil || len(list) != 1 || !list[0].Active(b.Clock.Now()) {
			t.Fatalf("%+v %v", list, err)
		}
		if err := b.Cases.EndDeputy(b.ctx, b.Actor(t, "handler-sc"), x.ID, 1); !errors.Is(err, cases.ErrNotFound) {
			t.Errorf("ended by a stranger: %v", err)
		}
		if err := b.Cases.EndDeputy(b.ctx, away, x.ID, 7); !errors.Is(err, cases.ErrStale) {
			t.Errorf("stale: %v", err)
		}
		if err := b.Cases.EndDeputy(b.ctx, away, x.ID, 1); err != nil {
			t.Fatal(err)
		}
		if a := b.Actor(t, "approver-kj2"); len(a.StandsInFor()) != 0 {
			t.Error("stands in after it was ended")
		}
	})
}

// A deputy of an approver does not decide what the approver examined himself.
func TestADeputyIsBoundAsThePrincipal(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	k := b.accepted(t, "KJ-0005")
	ref, now := cases.Ref{ID: k.ID}, b.Clock.Now()
	approver, handler := b.Actor(t, "approver"), b.Actor(t, "handler-kj")
	name := func(from, to auth.Actor) {
		t.Helper()
		if _, err := b.Cases.NameDeputy(b.ctx, from, cases.DeputyInput{DeputyID: to.ID, From: now, To: now.Add(72 * time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	name(handler, approver) // the approver examines for the handler
	name(approver, handler) // and the handler decides for the approver
	approver, handler = b.Actor(t, "approver"), b.Actor(t, "handler-kj")
	for b.stage(t, k.ID) != "decide" {
		b.must(t)(b.Cases.Endorse(b.ctx, approver, ref, cases.EndorseInput{Opinion: "同意"}))
	}
	if _, err := b.Cases.Decide(b.ctx, handler, ref, cases.DecideInput{Outcome: cases.Granted}); !errors.Is(err, cases.ErrOwnCase) {
		t.Errorf("the deputy decided: %v", err)
	}
	if _, err := b.Cases.Reassign(b.ctx, b.Actor(t, "head-kj"), ref, cases.ReassignInput{To: approver.ID}); !errors.Is(err, cases.ErrOwnCase) {
		t.Errorf("given to who examined it: %v", err)
	}
	b.must(t)(b.Cases.Decide(b.ctx, b.Actor(t, "approver-kj2"), ref, cases.DecideInput{Outcome: cases.Granted}))
}
