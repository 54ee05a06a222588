package cases_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// An instant item is accepted, decided, certified and delivered in the
// transaction of its submission.
func TestAutomaticItem(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		k := b.submitted(t, "KJ-0003")
		if k.State != cases.Delivered || k.Outcome != cases.Granted {
			t.Fatalf("%+v", k)
		}
		v, err := b.Cases.View(b.ctx, b.Actor(t, "applicant"), k.ID)
		if err != nil {
			t.Fatal(err)
		}
		var got []cases.Command
		for _, e := range v.Events {
			got = append(got, e.Command)
		}
		want := []cases.Command{cases.CmdSubmit, cases.CmdAccept, cases.CmdDecide, cases.CmdIssue, cases.CmdDeliver}
		if len(got) != len(want) {
			t.Fatalf("events %v, want %v", got, want)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("events %v, want %v", got, want)
			}
		}
	})
}

// Whoever examined a case, or filed it, does not decide it.
func TestNobodyDecidesWhatHeExamined(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	k := b.submitted(t, "KJ-0001")
	ref := cases.Ref{ID: k.ID}
	if _, err := b.Cases.Accept(b.ctx, b.Actor(t, "clerk"), ref); err != nil {
		t.Fatal(err)
	}
	both := b.Actor(t, "handler-kj") // given the approver's post as well
	both.Posts = append(both.Posts, b.Actor(t, "approver").Posts...)
	for _, a := range []auth.Actor{b.Actor(t, "handler-hb"), b.Actor(t, "handler-wj"), both} {
		if _, err := b.Cases.Endorse(b.ctx, a, ref, cases.EndorseInput{Opinion: "同意"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Cases.Decide(b.ctx, both, ref, cases.DecideInput{Outcome: cases.Granted}); !errors.Is(err, cases.ErrOwnCase) {
		t.Errorf("decided what he examined: %v", err)
	}
}

// Ten people hand in and act at once: every number is different, of ten
// acceptances of one case one wins, two departments never meet.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		var list []cases.Case
		for range 8 {
			k, err := b.Cases.Start(b.ctx, auth.Actor{Kind: auth.Client, ID: "c", Scopes: auth.Scopes}, cases.StartInput{ItemCode: "KJ-0001", USCC: "91371671MA3TB0009L"})
			if err != nil {
				t.Fatal(err)
			}
			b.Fill(t, auth.Actor{Kind: auth.Client, ID: "c", Scopes: auth.Scopes}, k.ID)
			list = append(list, k)
		}
		var wg sync.WaitGroup
		numbers := make([]string, len(list))
		for i, k := range list {
			wg.Go(func() {
				got, err := b.Cases.Submit(b.ctx, auth.Actor{Kind: auth.Client, ID: "c", Scopes: auth.Scopes}, cases.Ref{ID: k.ID})
				if err != nil {
					t.Error(err)
				}
				numbers[i] = got.Number
			})
		}
		wg.Wait()
		seen := map[string]bool{}
		for _, n := range numbers {
			if n == "" || seen[n] {
				t.Errorf("numbers %v", numbers)
			}
			seen[n] = true
		}
		clerk := b.Actor(t, "clerk")
		k, err := b.Cases.Find(b.ctx, list[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		won, lost := 0, 0
		for range 10 {
			wg.Go(func() {
				_, err := b.Cases.Accept(b.ctx, clerk, cases.Ref{ID: k.ID, Version: k.Version})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won++
				case errors.Is(err, cases.ErrStale) || errors.Is(err, cases.ErrState):
					lost++
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won != 1 || lost != 9 {
			t.Errorf("won %d lost %d", won, lost)
		}
		for _, login := range []string{"handler-hb", "handler-wj", "handler-kj"} {
			wg.Go(func() {
				if _, err := b.Cases.Endorse(context.WithoutCancel(b.ctx), b.Actor(t, login), cases.Ref{ID: k.ID}, cases.EndorseInput{Opinion: "同意"}); err != nil {
					t.Errorf("%s: %v", login, err)
				}
			})
		}
		wg.Wait()
		if k, err = b.Cases.Find(b.ctx, k.ID); err != nil || k.Stage != "decide" {
			t.Errorf("stage %q after three parallel endorsements, %v", k.Stage, err)
		}
	})
}

// Silence is acceptance: five working days without an answer (行政许可法 art. 32).
func TestSilenceIsAcceptance(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		k := b.submitted(t, "KJ-0001") // Monday 2 March: the fifth working day is Monday 9 March
		for _, step := range []struct {
			at   time.Time
			want cases.State
		}{
			{time.Date(2026, 3, 9, 23, 59, 0, 0, workday.Zone), cases.Submitted},
			{time.Date(2026, 3, 10, 0, 1, 0, 0, workday.Zone), cases.Handling},
		} {
			b.Clock.Set(step.at)
			for range 2 { // a sweep may be repeated
				if err := b.Cases.Sweep(b.ctx); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := b.Cases.Find(b.ctx, k.ID); err != nil || got.State != step.want {
				t.Fatalf("%v: %s, %v", step.at, got.State, err)
			}
		}
	})
}

func TestAbandonedDraftsGo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who := b.Actor(t, "applicant")
		k := b.start(t, who, "KJ-0001")
		again := b.start(t, who, "KJ-0001")
		if again.ID != k.ID {
			t.Error("a second draft of the same item was opened")
		}
		b.Clock.Advance(cases.DraftAge - time.Hour)
		if err := b.Cases.Sweep(b.ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Cases.Find(b.ctx, k.ID); err != nil {
			t.Fatalf("gone too early: %v", err)
		}
		b.Clock.Advance(2 * time.Hour)
		if err := b.Cases.Sweep(b.ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Cases.Find(b.ctx, k.ID); !errors.Is(err, cases.ErrNotFound) {
			t.Errorf("still there: %v", err)
		}
	})
}

// Two tabs: the one that saved last is not overwritten by the one loaded first.
func TestTwoTabsLoseNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	who := b.Actor(t, "applicant")
	k := b.start(t, who, "KJ-0001")
	f, err := b.Cases.Form(b.ctx, who, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Cases.SaveTyped(b.ctx, who, k.ID, f.Buffer.Rev, map[string][]string{"contact_name": {"第一个"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Cases.SaveTyped(b.ctx, who, k.ID, f.Buffer.Rev, map[string][]string{"contact_name": {"第二个"}}); !errors.Is(err, cases.ErrTyped) {
		t.Errorf("the older tab won: %v", err)
	}
}

func TestClockOfACase(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	k := b.submitted(t, "KJ-0001")
	ref := cases.Ref{ID: k.ID}
	k, err := b.Cases.Accept(b.ctx, b.Actor(t, "clerk"), ref)
	if err != nil {
		t.Fatal(err)
	}
	day := func(end time.Time) string { return workday.DateOf(end.Add(-time.Second)).String() }
	if got := day(k.DueAt); got != "2026-03-12" { // eight working days from Monday 2 March
		t.Errorf("due %s", got)
	}
	if got := day(k.StatutoryAt); got != "2026-03-30" {
		t.Errorf("statutory %s", got)
	}
	if l := k.Light(b.Clock.Now()); l != workday.Normal {
		t.Errorf("light %v", l)
	}
	if l := k.Light(time.Date(2026, 3, 13, 1, 0, 0, 0, time.UTC)); l != workday.Yellow {
		t.Errorf("light on the day after %v", l)
	}
	approver := b.Actor(t, "approver")
	if _, err := b.Cases.Extend(b.ctx, approver, ref, 11, "复杂"); !errors.Is(err, cases.ErrExtension) {
		t.Errorf("eleven days: %v", err)
	}
	if k, err = b.Cases.Extend(b.ctx, approver, ref, 10, "需要专家论证"); err != nil || day(k.DueAt) != "2026-03-26" {
		t.Errorf("extended to %s, %v", day(k.DueAt), err)
	}
	if _, err := b.Cases.Extend(b.ctx, approver, ref, 1, "再延"); !errors.Is(err, cases.ErrExtension) {
		t.Errorf("a second extension: %v", err)
	}
	b.Clock.Set(time.Date(2026, 3, 5, 2, 0, 0, 0, time.UTC))
	handler := b.Actor(t, "handler-kj")
	if k, err = b.Cases.Pause(b.ctx, handler, ref, "expert", "专家评审"); err != nil || !k.Paused {
		t.Fatalf("%+v %v", k, err)
	}
	if _, err := b.Cases.Pause(b.ctx, handler, ref, "hearing", "听证"); !errors.Is(err, cases.ErrPaused) {
		t.Errorf("paused twice: %v", err)
	}
	b.Clock.Set(time.Date(2026, 3, 16, 2, 0, 0, 0, time.UTC))
	if k, err = b.Cases.Resume(b.ctx, handler, ref, ""); err != nil || k.Paused || day(k.DueAt) != "2026-04-07" {
		t.Errorf("after the pause due %s (paused %v), %v", day(k.DueAt), k.Paused, err)
	}
}
