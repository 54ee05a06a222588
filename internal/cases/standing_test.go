package cases_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/calendar"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// toldOf counts the messages of a kind to somebody about a case.
func (b bench) toldOf(t *testing.T, d *db.DB, login, kind string, id cases.ID) int {
	t.Helper()
	n, err := db.One(b.ctx, d.Read(b.ctx), db.Scalar[int], `SELECT count(*) FROM notify_message WHERE account_id=$1 AND kind=$2 AND link LIKE $3`,
		b.Actor(t, login).ID, kind, "%"+string(id))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (b bench) sweep(t *testing.T) {
	t.Helper()
	for range 2 { // it may run twice
		if err := b.Cases.Sweep(b.ctx); err != nil {
			t.Fatal(err)
		}
	}
}

// stalledFor says whether a case stands in the list of what stands still too long.
func (b bench) stalledFor(t *testing.T, login string, id cases.ID) bool {
	t.Helper()
	return slices.ContainsFunc(b.all(t, b.Actor(t, login), cases.Filter{List: cases.ListStalled}, 50), func(r cases.Row) bool { return r.ID == id })
}

// A special procedure ends as of the end that was told, however late the job
// looks; both sides hear of it once. What is asked of the applicant meanwhile
// keeps the clock still from then on.
func TestASpecialProcedurePastItsEnd(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		kj := b.Actor(t, "handler-kj")
		k, asked := b.accepted(t, "KJ-0005"), b.accepted(t, "KJ-0005")
		until := workday.MustParse("2026-03-06")
		for _, id := range []cases.ID{k.ID, asked.ID} {
			b.must(t)(b.Cases.PauseFor(b.ctx, kj, cases.Ref{ID: id}, cases.PauseInput{Kind: "expert", Until: until.String(), Reason: "专家论证"}))
		}
		b.must(t)(b.Cases.SendBack(b.ctx, kj, cases.Ref{ID: asked.ID}, cases.AskInput{Note: "请说明"}))
		b.Clock.Set(workday.EndOf(until).Add(-time.Minute))
		b.sweep(t)
		if k, _ := b.Cases.Find(b.ctx, k.ID); !k.Paused {
			t.Fatal("ended before its end")
		}
		b.Clock.Set(workday.EndOf(until).Add(3 * day)) // the platform was down for days
		if !b.stalledFor(t, "handler-kj", k.ID) {
			t.Error("it stands in no list")
		}
		b.sweep(t)
		v := b.view(t, b.Actor(t, "applicant"), k.ID)
		if v.Paused || len(v.Pauses) != 1 || !v.Pauses[0].To.Equal(workday.EndOf(until)) {
			t.Fatalf("paused %v, %+v", v.Paused, v.Pauses)
		}
		// Tuesday 3 to Friday 6 are taken: four working days more than from Monday 2.
		if want := workday.EndOf(b.Cases.Calendar.Add(workday.DateOf(v.AcceptedAt), workday.Days(v.Item.Promised.N)+4)); !v.DueAt.Equal(want) {
			t.Errorf("due %v, want %v", v.DueAt, want)
		}
		if r := b.reckoned(t, kj, k.ID); r.Parts[0].Days != 4 {
			t.Errorf("%+v", r.Parts)
		}
		if e := b.last(t, k.ID); e.Command != cases.CmdResume || e.ActorKind != string(auth.System) || !e.Public || e.Reason == "" {
			t.Errorf("%+v", e)
		}
		for login, kind := range map[string]string{"applicant": "case_resume_planned", "handler-kj": "case_special_over", "head-kj": "case_special_over"} {
			if n := b.toldOf(t, d, login, kind, k.ID); n != 1 {
				t.Errorf("%s was told %d times", login, n)
			}
		}
		if b.stalledFor(t, "handler-kj", k.ID) {
			t.Error("it still stands in the list")
		}
		x := b.view(t, kj, asked.ID)
		if !x.Paused || len(x.Pauses) != 2 || x.Pauses[1].Kind != "applicant" || !x.Pauses[1].From.Equal(workday.EndOf(until)) {
			t.Errorf("%+v", x.Pauses)
		}
		b.reckoned(t, kj, asked.ID)
		for _, p := range v.Pauses {
			if p.Until.IsZero() {
				t.Errorf("no end is kept: %+v", p)
			}
		}
	})
}

// What was ended for a task, by hand or by its day, is not paused again for the
// same task, whatever else stands still in between.
func TestAnEndedProcedureStaysEnded(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		kj := b.Actor(t, "handler-kj")
		for name, end := range map[string]func(ref cases.Ref){
			"by hand": func(ref cases.Ref) { b.must(t)(b.Cases.Resume(b.ctx, kj, ref, "专家意见已收到")) },
			"by its day": func(ref cases.Ref) {
				b.Clock.Set(b.task(t, ref.ID, "experts").DueAt.Add(day))
				b.sweep(t)
			},
		} {
			k := b.accepted(t, "KJ-0111")
			ref := cases.Ref{ID: k.ID}
			b.toExperts(t, k.ID)
			if now, _ := b.Cases.Find(b.ctx, k.ID); !now.Paused {
				t.Fatalf("%s: %+v", name, now)
			}
			end(ref)
			if now, _ := b.Cases.Find(b.ctx, k.ID); now.Paused {
				t.Fatalf("%s: still paused", name)
			}
			b.must(t)(b.Cases.SendBack(b.ctx, kj, ref, cases.AskInput{Note: "请说明"}))
			b.Clock.Advance(day)
			if now := b.must(t)(b.Cases.Recall(b.ctx, kj, ref, "不用了")); now.Paused {
				t.Errorf("%s: paused again for what was over", name)
			}
			b.must(t)(b.Cases.PauseFor(b.ctx, kj, ref, cases.PauseInput{Kind: "hearing", Until: workday.DateOf(b.Clock.Now()).AddDays(2).String(), Reason: "听证"}))
			if now := b.must(t)(b.Cases.Resume(b.ctx, kj, ref, "")); now.Paused {
				t.Errorf("%s: paused again after another procedure", name)
			}
		}
	})
}

// toExperts brings a laboratory to its experts.
func (b bench) toExperts(t *testing.T, id cases.ID) {
	t.Helper()
	kj, two := b.Actor(t, "handler-kj"), b.Actor(t, "handler-kj2")
	b.must(t)(b.Cases.Arrange(b.ctx, kj, cases.Ref{ID: id}, cases.ArrangeInput{Officers: []string{kj.ID, two.ID}, On: workday.DateOf(b.Clock.Now()).String(), Place: "现场"}))
	for range 30 {
		if b.stage(t, id) == "experts" {
			return
		}
		for _, login := range []string{"handler-kj", "handler-fg", "handler-cz", "handler-yj", "handler-wj"} {
			who := b.Actor(t, login)
			if v, err := b.Cases.View(b.ctx, who, id); err == nil && v.May(cases.CmdEndorse) {
				_, _ = b.Cases.Endorse(b.ctx, who, cases.Ref{ID: id}, cases.EndorseInput{Opinion: "同意"}) // a lead has to wait
			}
		}
		b.Clock.Advance(2 * day)
	}
	t.Fatalf("does not come to its experts: %s", b.stage(t, id))
}

// A return names a day for the answer. When it is over nothing ends, but who
// asked and his head are told once, and the case stands in their list.
func TestAReturnNobodyAnswers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		kj := b.Actor(t, "handler-kj")
		k := b.accepted(t, "KJ-0005")
		ref := cases.Ref{ID: k.ID}
		b.must(t)(b.Cases.SendBack(b.ctx, kj, ref, cases.AskInput{Note: "请说明"}))
		due := b.Cases.AnswerDue(b.view(t, b.Actor(t, "applicant"), k.ID))
		if want, _ := workday.Official().Due(b.Clock.Now(), cases.SupplementWithin); !due.Equal(want) {
			t.Fatalf("due %v, want %v", due, want)
		}
		if err := d.InTx(b.ctx, func(ctx context.Context) error { // as of an older version
			_, err := d.Exec(ctx, `UPDATE cases_request SET due_at=0 WHERE case_id=$1`, string(k.ID))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		b.Clock.Set(due.Add(-time.Minute))
		b.sweep(t)
		if b.stalledFor(t, "handler-kj", k.ID) || b.toldOf(t, d, "handler-kj", "case_return_over", k.ID) != 0 {
			t.Error("too early")
		}
		b.Clock.Set(due.Add(5 * day))
		b.sweep(t)
		for _, login := range []string{"handler-kj", "head-kj"} {
			if n := b.toldOf(t, d, login, "case_return_over", k.ID); n != 1 || !b.stalledFor(t, login, k.ID) {
				t.Errorf("%s was told %d times", login, n)
			}
		}
		if now, _ := b.Cases.Find(b.ctx, k.ID); now.State != cases.Handling || !now.NeedsApplicant {
			t.Errorf("%+v", now)
		}
		b.must(t)(b.Cases.Recall(b.ctx, kj, ref, "按现有材料办理"))
		if b.stalledFor(t, "handler-kj", k.ID) {
			t.Error("it still stands in the list")
		}
	})
}

// A special procedure of which nobody named the end is shown after a while, and
// ends for nobody.
func TestASpecialProcedureWithoutAnEnd(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		k := b.accepted(t, "KJ-0005")
		b.must(t)(b.Cases.Pause(b.ctx, b.Actor(t, "handler-kj"), cases.Ref{ID: k.ID}, "expert", "专家论证"))
		for _, after := range []int{cases.StillAtMost - 1, cases.StillAtMost + 1} {
			b.Clock.Set(k.AcceptedAt.AddDate(0, 0, after))
			b.sweep(t)
			want := 0
			if after > cases.StillAtMost {
				want = 1
			}
			if n := b.toldOf(t, d, "handler-kj", "case_still_long", k.ID); n != want || b.stalledFor(t, "handler-kj", k.ID) != (want > 0) {
				t.Errorf("after %d days: told %d times", after, n)
			}
		}
		if now, _ := b.Cases.Find(b.ctx, k.ID); !now.Paused {
			t.Error("ended without an end")
		}
	})
}

// The clock of an order goes on with that of its step, as of the same instant.
func TestAStepPastItsSpecialProcedure(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		k := b.ordered(t, openFirm)
		st := running(b.view(t, auth.SystemActor(), k.ID))[0]
		until := workday.DateOf(b.Clock.Now()).AddDays(4)
		b.must(t)(b.Cases.PauseFor(b.ctx, b.desk(t, st.CaseID), cases.Ref{ID: st.CaseID}, cases.PauseInput{Kind: "hearing", Until: until.String(), Reason: "听证"}))
		b.Clock.Set(workday.EndOf(until).Add(6 * day))
		b.sweep(t)
		for _, id := range []cases.ID{k.ID, st.CaseID} {
			v := b.view(t, auth.SystemActor(), id)
			if v.Paused || len(v.Pauses) != 1 || !v.Pauses[0].To.Equal(workday.EndOf(until)) {
				t.Errorf("%s: paused %v, %+v", v.Number, v.Paused, v.Pauses)
			}
		}
		if got := newsOf(b.view(t, auth.SystemActor(), k.ID)); !strings.Contains(got, "resumed") {
			t.Errorf("the order says %s", got)
		}
	})
}

// Who ends a special procedure before the sweep looks ends it as of the day that
// was told; and one that was not over yet as of now.
func TestAProcedureEndedByHandAfterItsEnd(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		kj := b.Actor(t, "handler-kj")
		until := workday.MustParse("2026-03-04")
		for at, want := range map[time.Time]time.Time{
			workday.EndOf(until).Add(2 * day): workday.EndOf(until),
			b.Clock.Now().Add(time.Hour):      b.Clock.Now().Add(time.Hour),
		} {
			b.Clock.Set(workday.StartOf(workday.MustParse("2026-03-02")).Add(9 * time.Hour))
			k := b.accepted(t, "KJ-0005")
			b.must(t)(b.Cases.PauseFor(b.ctx, kj, cases.Ref{ID: k.ID}, cases.PauseInput{Kind: "expert", Until: until.String(), Reason: "专家论证"}))
			b.Clock.Set(at)
			b.must(t)(b.Cases.Resume(b.ctx, kj, cases.Ref{ID: k.ID}, ""))
			if v := b.view(t, kj, k.ID); !v.Pauses[0].To.Equal(want) {
				t.Errorf("ended at %v, want %v", v.Pauses[0].To, want)
			}
			b.reckoned(t, kj, k.ID)
		}
	})
}

// A transfer to another region counts in the calendar of that region at once, so
// that the day that the applicant is told with it is the day that the page adds up to.
func TestATransferCountsInItsRegion(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		if err := d.InTx(b.ctx, func(ctx context.Context) error {
			_, err := d.Exec(ctx, `UPDATE identity_department SET region='371602' WHERE id='sw'`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(b.Identity.Load(b.ctx), b.Calendar.Decide(b.ctx, b.Actor(t, "system-admin"), calendar.Input{Region: "371602", On: "2026-03-05", Reason: "停电检修"})); err != nil {
			t.Fatal(err)
		}
		k := b.accepted(t, "KJ-0005")
		b.Clock.Advance(day)
		now := b.must(t)(b.Cases.Transfer(b.ctx, b.Actor(t, "approver"), cases.Ref{ID: k.ID}, cases.TransferInput{Department: "sw", Reason: "职责调整"}))
		if want := workday.EndOf(b.Cases.Calendar.Add(workday.DateOf(k.DueAt.Add(-time.Second)), 1)); !now.DueAt.Equal(want) {
			t.Errorf("due %v, want %v", now.DueAt, want)
		}
		b.reckoned2(t, k.ID)
	})
}

// What was late before its clock was stopped shows no light any more, but stands
// in the list; what was stopped in time does not.
func TestStoppedWhenItWasLate(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		kj := b.Actor(t, "handler-kj")
		late, inTime := b.accepted(t, "KJ-0005"), b.accepted(t, "KJ-0005")
		for k, at := range map[*cases.Case]time.Time{&inTime: late.DueAt.Add(-time.Hour), &late: late.DueAt.Add(time.Hour)} {
			b.Clock.Set(at)
			b.must(t)(b.Cases.SendBack(b.ctx, kj, cases.Ref{ID: k.ID}, cases.AskInput{Note: "请说明"}))
		}
		b.Clock.Set(late.DueAt.Add(2 * day))
		b.sweep(t)
		if !b.stalledFor(t, "handler-kj", late.ID) || b.stalledFor(t, "handler-kj", inTime.ID) {
			t.Errorf("late %t, in time %t", b.stalledFor(t, "handler-kj", late.ID), b.stalledFor(t, "handler-kj", inTime.ID))
		}
	})
}
