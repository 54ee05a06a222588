package cases_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/calendar"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestStepLooksAtItsOwnForm: a step that lacks a required answer or a paper is
// not granted by itself; its desk gets it and is told why.
func TestStepLooksAtItsOwnForm(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(b bench, ctx context.Context, k *cases.View) error{
		"answer": func(b bench, ctx context.Context, k *cases.View) error {
			delete(k.Answers, "fund_rate")
			_, err := b.DB.Exec(ctx, `UPDATE cases_snapshot SET answers=$2 WHERE case_id=$1`, string(k.ID), db.ToJSON(k.Answers))
			return err
		},
		"paper": func(b bench, ctx context.Context, k *cases.View) error {
			_, err := b.DB.Exec(ctx, `UPDATE cases_file SET removed_at=1 WHERE case_id=$1 AND key='licence'`, string(k.ID))
			return err
		},
		"": func(bench, context.Context, *cases.View) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, dbtest.New(t))
			who := b.Actor(t, "talent")
			b.bundle(t, "YJS-9003", []string{"RS-0101"}, []string{"GJJ-0101"})
			k := b.orderedAs(t, who, "YJS-9003", map[string]string{"has_staff": "yes", "staff_count": "100"}, "")
			if err := b.DB.InTx(b.ctx, func(ctx context.Context) error { return spoil(b, ctx, b.view(t, who, k.ID)) }); err != nil {
				t.Fatal(err)
			}
			b.finish(t, b.view(t, who, k.ID).Steps[0], granted)
			st := b.view(t, who, k.ID).Steps[1]
			x := b.view(t, auth.SystemActor(), st.CaseID)
			told := slices.ContainsFunc(x.Events, func(e cases.Event) bool {
				return e.Command == cases.CmdNote && !e.Public && strings.HasPrefix(e.Reason, "没有自动办理")
			})
			if lacks := name != ""; (x.State == cases.Handling) != lacks || told != lacks {
				t.Errorf("%s, told %v, %+v", x.State, told, x.Materials)
			}
		})
	}
}

// TestItemBecomesABundle: a draft from before cannot be submitted; beginning
// again gives a new one.
func TestItemBecomesABundle(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who := b.Actor(t, "talent")
		it, err := b.Catalogue.Item("SC-0001")
		if err != nil {
			t.Fatal(err)
		}
		plain := it.Definition
		plain.Code = "SC-9001"
		b.publish(t, plain)
		old, err := b.Cases.Start(b.ctx, who, cases.StartInput{ItemCode: "SC-9001"})
		if err != nil {
			t.Fatal(err)
		}
		b.bundle(t, "SC-9001", []string{"RS-0101"}, []string{"GJJ-0101"})
		if err := b.Cases.TypeSample(b.ctx, who, old.ID, 7, manyStaff); err != nil {
			t.Fatal(err)
		}
		if err := b.Cases.AttachSample(b.ctx, who, old.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Cases.Submit(b.ctx, who, cases.Ref{ID: old.ID}); !errors.Is(err, cases.ErrRemade) {
			t.Fatalf("submitted as what it no longer is: %v", err)
		}
		if k := b.orderedAs(t, who, "SC-9001", manyStaff, ""); k.ID == old.ID || !k.Bundle || len(running(b.view(t, who, k.ID))) != 1 {
			t.Errorf("%+v", k)
		}
		if k, err := b.Cases.Find(b.ctx, old.ID); err != nil || k.State != cases.Withdrawn {
			t.Errorf("the old draft is %s, %v", k.State, err)
		}
	})
}

func newsOf(v *cases.View) string {
	var out []string
	for _, e := range v.Events {
		if e.Command == cases.CmdStep {
			out = append(out, fmt.Sprint(e.Detail["what"]))
		}
	}
	return strings.Join(out, " ")
}

// TestExtendedStepMovesTheOrder: the order is due no earlier than a step that
// was given more time, also after the clock was renewed, and keeps its own
// extension.
func TestExtendedStepMovesTheOrder(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who := b.Actor(t, "talent")
		k := b.ordered(t, openFirm)
		ref := cases.Ref{ID: b.view(t, who, k.ID).Steps[0].CaseID}
		c, err := b.Cases.Extend(b.ctx, b.Actor(t, "approver-sc"), ref, 10, "情况复杂")
		if err != nil {
			t.Fatal(err)
		}
		o := b.view(t, who, k.ID)
		if o.DueAt.Before(c.DueAt) || !o.DueAt.After(k.DueAt) || o.RedAt.Before(o.DueAt) || o.WarnAt.Before(k.WarnAt) || len(o.Extensions) != 0 || newsOf(o) != "begun extended" {
			t.Errorf("step due %v, order %v (was %v), red %v, %s", c.DueAt, o.DueAt, k.DueAt, o.RedAt, newsOf(o))
		}
		b.sendBack(t, ref.ID, cases.AskInput{Note: "请说明"})
		b.Clock.Advance(50 * time.Hour)
		if err := b.Cases.Sweep(b.ctx); err != nil {
			t.Fatal(err)
		}
		b.reply(t, who, ref.ID)
		if o, c := b.view(t, who, k.ID), b.view(t, who, ref.ID); o.DueAt.Before(c.DueAt) {
			t.Errorf("after a pause: step due %v, order %v", c.DueAt, o.DueAt)
		}
		b.checkOrders(t, d)
	})
}

// TestCalendarMovesAnExtendedStep: an order that reaches as far as an extended
// step goes on to do so when a day off moves that step, and says why.
func TestCalendarMovesAnExtendedStep(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who := b.Actor(t, "talent")
		k := b.ordered(t, openFirm)
		ref := cases.Ref{ID: b.view(t, who, k.ID).Steps[0].CaseID}
		c := b.must(t)(b.Cases.Extend(b.ctx, b.Actor(t, "approver-sc"), ref, 10, "情况复杂"))
		off := workday.DateOf(c.DueAt.Add(-time.Second))
		if err := b.Calendar.Decide(b.ctx, b.Actor(t, "system-admin"), calendar.Input{Region: "371671", On: off.String(), Reason: "暴雪停工"}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := b.Cases.Recount(b.ctx, cases.RecountArgs{Region: "371671", Day: off.String(), Reason: "暴雪停工"}); err != nil {
				t.Fatal(err)
			}
		}
		step, order := b.view(t, who, ref.ID), b.view(t, who, k.ID)
		if !step.DueAt.After(c.DueAt) || order.DueAt.Before(step.DueAt) {
			t.Errorf("step due %v, order %v", step.DueAt, order.DueAt)
		}
		if e := order.Events[len(order.Events)-1]; e.Command != cases.CmdCalendar || e.Reason != "暴雪停工" {
			t.Errorf("%+v", e)
		}
		b.checkOrders(t, d)
	})
}

// TestStepWithTheWrongBody: the time that a step lay with a body that was not
// competent leaves the clock of its order, too, and says who wrote it.
func TestStepWithTheWrongBody(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who := b.Actor(t, "talent")
		k := b.ordered(t, openFirm)
		ref := cases.Ref{ID: b.view(t, who, k.ID).Steps[0].CaseID}
		b.Clock.Advance(3 * 24 * time.Hour) // Thursday: three working days lost
		b.must(t)(b.Cases.Transfer(b.ctx, b.Actor(t, "approver-sc"), ref, cases.TransferInput{Department: "sw", WrongBody: true, Reason: "不属于本部门职权"}))
		o := b.view(t, who, k.ID)
		if want := workday.EndOf(b.Cases.Calendar.Add(workday.DateOf(k.DueAt.Add(-time.Second)), 3)); !o.DueAt.Equal(want) {
			t.Errorf("the order is due %v, want %v", o.DueAt, want)
		}
		r, ok := b.Cases.Reckon(o)
		if !ok || len(r.Parts) != 1 || r.Parts[0].Days != 3 || r.Parts[0].Event == nil || r.Parts[0].Event.Detail["what"] != string(cases.StepPassedOn) {
			t.Errorf("%+v", r.Parts)
		}
		if newsOf(o) != "begun passed_on" {
			t.Errorf("the order says %s", newsOf(o))
		}
		b.checkOrders(t, d)
	})
}

// TestOrderNobodyAnswered: the steps that begin with an order that was accepted
// by silence came in with it, also when its first group is not asked for.
func TestOrderNobodyAnswered(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	who := b.Actor(t, "talent")
	it, err := b.Catalogue.Item(openFirm)
	if err != nil {
		t.Fatal(err)
	}
	d := it.Source()
	d.Code = "YJS-9004"
	d.Bundle = &catalogue.Bundle{Same: d.Bundle.Same, Groups: []catalogue.Group{
		{Key: "ga", Name: d.Name, Items: []catalogue.Step{{Item: "RS-0101", When: "answers.has_staff == 'yes'"}}},
		{Key: "gb", Name: d.Name, Items: []catalogue.Step{{Item: "GA-0101"}}},
	}}
	b.publish(t, d)
	k, err := b.Cases.Start(b.ctx, who, cases.StartInput{ItemCode: "YJS-9004"})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Cases.TypeSample(b.ctx, who, k.ID, 7, map[string]string{"has_staff": "no", "wants_account": "no", "seal_reason": "more"}); err != nil {
		t.Fatal(err)
	}
	if err := b.Cases.AttachSample(b.ctx, who, k.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}); err != nil {
		t.Fatal(err)
	}
	b.Clock.Advance(12 * 24 * time.Hour)
	if err := b.Cases.Sweep(b.ctx); err != nil {
		t.Fatal(err)
	}
	v := b.view(t, who, k.ID)
	open := running(v)
	if len(open) != 1 || open[0].Group != 2 {
		t.Fatalf("%+v", v.Steps)
	}
	c := b.view(t, who, open[0].CaseID)
	if !c.SubmittedAt.Equal(v.SubmittedAt) || !c.AcceptedAt.Equal(v.AcceptedAt) {
		t.Errorf("order %v %v, step %v %v", v.SubmittedAt, v.AcceptedAt, c.SubmittedAt, c.AcceptedAt)
	}
}

// TestStepsWithdrawnOneByOne: with every step withdrawn the order is withdrawn;
// with some granted the decision says that part of it is.
func TestStepsWithdrawnOneByOne(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who := b.Actor(t, "talent")
		b.bundle(t, "YJS-9005", []string{"RS-0101", "GJJ-0101"})
		for _, all := range []bool{true, false} {
			k := b.orderedAs(t, who, "YJS-9005", manyStaff, "")
			for i, st := range running(b.view(t, who, k.ID)) {
				if !all && i == 0 {
					b.finish(t, st, granted)
					continue
				}
				if _, err := b.Cases.Withdraw(b.ctx, who, cases.Ref{ID: st.CaseID}, "不办了"); err != nil {
					t.Fatal(err)
				}
			}
			v := b.view(t, who, k.ID)
			feed, err := b.Notify.Feed(b.ctx, who.ID, pageOf(100))
			if err != nil {
				t.Fatal(err)
			}
			told := map[string]int{}
			for _, m := range feed.Rows {
				if m.Link == "/my/cases/"+string(k.ID) || m.Kind == "rate" {
					told[m.Kind]++
				}
			}
			if all && (v.State != cases.Withdrawn || v.Outcome != "" || v.Decision != nil || told["case_decide_denied"] != 0 || told["rate"] != 0 || v.ClosedAt.IsZero()) {
				t.Errorf("%s %s %v", v.State, v.Outcome, told)
			}
			if !all && (v.Outcome != cases.Partly || !strings.Contains(v.Decision.Text.ZH, "部分办成") || !strings.Contains(v.Decision.Text.EN, "part of your application")) {
				t.Errorf("%s %s %+v", v.State, v.Outcome, v.Decision)
			}
		}
		b.checkOrders(t, d)
	})
}

// TestTriesCountForTheWholeOrder: the numbers of its steps give no further tries
// at the code of an order.
func TestTriesCountForTheWholeOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	k := b.ordered(t, openFirm)
	tries := 0
	for i := range 24 {
		number := k.Number
		if i >= 12 {
			number += "-01"
		}
		if _, err := b.Cases.Track(b.ctx, auth.Actor{From: fmt.Sprint(i)}, number, "xxxxxx"); errors.Is(err, cases.ErrNotFound) {
			tries++
		}
	}
	if tries != 10 {
		t.Errorf("%d tries at one code by its numbers", tries)
	}
	b = newBench(t, dbtest.New(t))
	clerk := b.Actor(t, "clerk")
	k = b.orderedAs(t, b.Actor(t, "talent"), openFirm, map[string]string{"has_staff": "no", "wants_account": "no", "seal_reason": "more", "invoice_limit": "more", "collect": "window"}, "")
	for range 4 {
		for _, st := range running(b.view(t, auth.SystemActor(), k.ID)) {
			b.finish(t, st, granted)
		}
	}
	v := b.view(t, auth.SystemActor(), k.ID)
	tries = 0
	for i := range 24 {
		id := v.ID
		if i >= 12 {
			id = v.Steps[0].CaseID
		}
		if _, err := b.Cases.Deliver(b.ctx, clerk, cases.Ref{ID: id}, cases.DeliverInput{How: cases.AtWindow, Receiver: "某人", Pickup: "xxxxxx"}); errors.Is(err, cases.ErrPickup) {
			tries++
		}
	}
	if tries != 10 {
		t.Errorf("%d tries at one code by hand-overs", tries)
	}
}

// TestPauseOfAStepIsTold: the order says why its clock stands still, and for
// what, as long as one of its steps does.
func TestPauseOfAStepIsTold(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who, handler := b.Actor(t, "talent"), b.Actor(t, "handler-sc")
		k := b.ordered(t, openFirm)
		ref := cases.Ref{ID: b.view(t, who, k.ID).Steps[0].CaseID}
		kind := func() string {
			for _, p := range b.view(t, who, k.ID).Pauses {
				if p.To.IsZero() {
					return p.Kind
				}
			}
			return ""
		}
		if _, err := b.Cases.Pause(b.ctx, handler, ref, "expert", "专家评审"); err != nil {
			t.Fatal(err)
		}
		if got := kind(); got != "expert" {
			t.Errorf("paused for %q", got)
		}
		b.sendBack(t, ref.ID, cases.AskInput{Note: "请补充"})
		if _, err := b.Cases.Resume(b.ctx, handler, ref, "评审完毕"); err != nil {
			t.Fatal(err)
		}
		if got := kind(); got != "applicant" {
			t.Errorf("after the review paused for %q", got)
		}
		b.reply(t, who, ref.ID)
		v := b.view(t, who, k.ID)
		if got := newsOf(v); got != "begun paused asked resumed answered" || v.Paused || kind() != "" {
			t.Errorf("%s, %v", got, v.Paused)
		}
		b.checkOrders(t, d)
	})
}

// TestLateOrderStandsOnceInTheLists: staff see the step that is late, not its
// order beside it.
func TestLateOrderStandsOnceInTheLists(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	k := b.ordered(t, openFirm)
	b.Clock.Advance(20 * 24 * time.Hour)
	list, err := b.Cases.List(b.ctx, b.Actor(t, "approver-sc"), cases.Filter{List: cases.ListOverdue, Request: pageOf(10)})
	if err != nil || len(list.Rows) != 1 || list.Rows[0].ParentID != k.ID {
		t.Errorf("%+v %v", list.Rows, err)
	}
}
