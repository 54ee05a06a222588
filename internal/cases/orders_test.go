package cases_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

const openFirm = "YJS-0001"

// ordered is an accepted order of a bundle by a person, with every step taken.
func (b bench) ordered(t *testing.T, item string) cases.Case {
	t.Helper()
	who := b.Actor(t, "talent")
	k, err := b.Cases.Start(b.ctx, who, cases.StartInput{ItemCode: item})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Cases.TypeSample(b.ctx, who, k.ID, 7, map[string]string{
		"has_staff": "yes", "wants_account": "yes", "address_kind": "rented",
		"seal_reason": "more", "invoice_limit": "more", "staff_count": "300", // so that no step is decided by itself
	}); err != nil {
		t.Fatal(err)
	}
	if err := b.Cases.AttachSample(b.ctx, who, k.ID); err != nil {
		t.Fatal(err)
	}
	if k, err = b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}); err != nil {
		t.Fatal(err)
	}
	if k, err = b.Cases.Accept(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID}); err != nil {
		t.Fatal(err)
	}
	return k
}

func (b bench) view(t *testing.T, who auth.Actor, id cases.ID) *cases.View {
	t.Helper()
	v, err := b.Cases.View(b.ctx, who, id)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// running lists the steps of an order that are in hand.
func running(v *cases.View) []cases.Step {
	return slices.DeleteFunc(slices.Clone(v.Steps), func(s cases.Step) bool { return s.State != cases.StepRunning })
}

// finish takes a step through its desks to its decision.
func (b bench) finish(t *testing.T, st cases.Step, in cases.DecideInput) {
	t.Helper()
	for range 5 {
		v := b.view(t, auth.SystemActor(), st.CaseID)
		i := slices.IndexFunc(v.Tasks, func(x cases.Task) bool { return x.State == cases.TaskOpen })
		if i < 0 {
			return
		}
		task := v.Tasks[i]
		login := task.Role + "-" + task.DepartmentID
		var err error
		if task.Decides {
			_, err = b.Cases.Decide(b.ctx, b.Actor(t, login), cases.Ref{ID: st.CaseID}, in)
		} else {
			_, err = b.Cases.Endorse(b.ctx, b.Actor(t, login), cases.Ref{ID: st.CaseID}, cases.EndorseInput{Opinion: "同意"})
		}
		if err != nil {
			t.Fatalf("%s by %s: %v", st.ItemCode, login, err)
		}
	}
}

var granted = cases.DecideInput{Outcome: cases.Granted}

// TestOrder is the story of a firm that is opened: one acceptance, then six
// cases in two groups; what the first issues is on file for the others.
func TestOrder(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who := b.Actor(t, "talent")
		k := b.ordered(t, openFirm)
		v := b.view(t, who, k.ID)
		if k.State != cases.Handling || len(v.Steps) != 6 || cases.Taken(v.Steps) != 6 || len(running(v)) != 1 || k.DueAt.IsZero() {
			t.Fatalf("%+v %+v", k, v.Steps)
		}
		first := b.view(t, who, v.Steps[0].CaseID)
		if first.Number != k.Number+"-01" || first.ParentID != k.ID || first.Order == nil || !first.SeesOrder || first.WindowID != k.WindowID || first.Party != k.Party {
			t.Fatalf("%+v", first.Case)
		}
		for _, m := range first.Materials {
			if m.How == cases.Missing || m.How == cases.ByUpload && len(m.Files) == 0 {
				t.Errorf("paper %s did not come down to the step: %+v", m.Key, m)
			}
			for _, f := range m.Files {
				if _, err := b.Cases.File(b.ctx, b.Actor(t, "handler-sc"), first.ID, f.ID); err != nil {
					t.Errorf("the handler cannot open %s: %v", f.Name, err)
				}
			}
		}
		if _, strange := first.Answers["has_staff"]; strange || first.Answers["company_name"] == nil {
			t.Errorf("answers of the first step: %v", first.Answers)
		}
		if _, err := b.Cases.Withdraw(b.ctx, who, cases.Ref{ID: first.ID}, "不要了"); !errors.Is(err, cases.ErrOthersWait) || first.May(cases.CmdWithdraw) {
			t.Errorf("a step that others wait for was withdrawn: %v, offered %v", err, first.May(cases.CmdWithdraw))
		}
		if _, err := b.Cases.View(b.ctx, b.Actor(t, "handler-ga"), k.ID); !errors.Is(err, cases.ErrNotFound) {
			t.Errorf("who has no part in the order sees it: %v", err)
		}
		b.finish(t, v.Steps[0], granted)
		if v = b.view(t, who, k.ID); len(running(v)) != 5 || v.State != cases.Handling {
			t.Fatalf("%+v", v.Steps)
		}
		for i, st := range running(v) {
			x := b.view(t, who, st.CaseID)
			j := slices.IndexFunc(x.Materials, func(m cases.MaterialState) bool { return m.Key == "licence" })
			if j < 0 || x.Materials[j].How != cases.ByCertificate {
				t.Errorf("%s asks for the licence that the first step issued: %+v", st.ItemCode, x.Materials)
			}
			seen := b.view(t, b.Actor(t, "handler-"+st.DepartmentID), st.CaseID)
			if seen.SeesOrder || len(seen.Steps) != 6 || seen.Steps[0].Open || !seen.Steps[i+1].Open {
				t.Errorf("what a handler of %s sees: %v %+v", st.DepartmentID, seen.SeesOrder, seen.Steps)
			}
			b.finish(t, st, granted)
		}
		v = b.view(t, who, k.ID)
		if v.State != cases.Delivered || v.Outcome != cases.Granted || v.Decision == nil || !strings.Contains(v.Decision.Text.ZH, "公章刻制备案（准予）") || strings.Contains(v.Decision.Text.ZH, "{") {
			t.Fatalf("%+v %+v", v.Case, v.Decision)
		}
		feed, err := b.Notify.Feed(b.ctx, who.ID, pageOf(100))
		if err != nil {
			t.Fatal(err)
		}
		count := map[string]int{}
		for _, m := range feed.Rows {
			count[m.Kind]++
		}
		if count["case_accept"] != 1 || count["case_decide_granted"] != 7 || count["rate"] != 1 {
			t.Errorf("told: %v", count)
		}
		list, err := b.Cases.List(b.ctx, who, cases.Filter{List: cases.ListApplicant, Request: pageOf(50)})
		if err != nil || len(list.Rows) != 1 || list.Rows[0].ID != k.ID {
			t.Errorf("my cases: %d, %v", len(list.Rows), err)
		}
		staff, err := b.Cases.List(b.ctx, b.Actor(t, "approver-sw"), cases.Filter{List: cases.ListDone, Request: pageOf(50)})
		if err != nil || len(staff.Rows) != 1 || staff.Rows[0].Step == nil || staff.Rows[0].Step.N != 3 || staff.Rows[0].Step.Of != 6 || staff.Rows[0].Step.SeesOrder {
			t.Errorf("%+v %v", staff.Rows, err)
		}
		b.checkOrders(t, d)
	})
}

// TestOrderWaitsForTheApplicant: what a step asks for shows on the order, whose
// clock stands still meanwhile; what was mended there counts for later steps.
func TestOrderWaitsForTheApplicant(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who := b.Actor(t, "talent")
		k := b.ordered(t, openFirm)
		st := b.view(t, who, k.ID).Steps[0]
		ref := cases.Ref{ID: st.CaseID}
		if _, err := b.Cases.SendBack(b.ctx, b.Actor(t, "handler-sc"), ref, cases.AskInput{Points: []cases.Point{{Kind: "field", Key: "company_name", Reason: "名称已有人使用"}, {Kind: "material", Key: "articles", Reason: "请盖章"}}}); err != nil {
			t.Fatal(err)
		}
		v := b.view(t, who, k.ID)
		if !v.NeedsApplicant || !v.Paused || v.May(cases.CmdReply) {
			t.Fatalf("%+v %v", v.Case, v.Can)
		}
		if _, err := b.Cases.Form(b.ctx, who, k.ID); !errors.Is(err, cases.ErrState) {
			t.Errorf("the form of the order itself can be edited: %v", err)
		}
		if _, err := b.Cases.Reply(b.ctx, who, cases.Ref{ID: k.ID}); !errors.Is(err, cases.ErrState) {
			t.Errorf("the order itself was answered: %v", err)
		}
		n, err := b.Cases.Counts(b.ctx, who, cases.ListNeedsMe)
		if err != nil || n[cases.ListNeedsMe] != 1 {
			t.Errorf("needs me: %v %v", n, err)
		}
		f, err := b.Cases.Form(b.ctx, who, st.CaseID)
		if err != nil {
			t.Fatal(err)
		}
		f.Buffer.Typed["company_name"] = []string{"渤海新名称科技有限公司"}
		if _, err := b.Cases.SaveTyped(b.ctx, who, st.CaseID, f.Buffer.Rev, map[string][]string(f.Buffer.Typed)); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Cases.Attach(b.ctx, who, st.CaseID, "articles", "章程.pdf", bytes.NewReader(pdf), 1<<20); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Cases.Reply(b.ctx, who, ref); err != nil {
			t.Fatal(err)
		}
		if v = b.view(t, who, k.ID); v.NeedsApplicant || v.Paused {
			t.Fatalf("%+v", v.Case)
		}
		var news []string
		for _, e := range v.Events {
			if e.Command == cases.CmdStep {
				news = append(news, fmt.Sprint(e.Detail["what"]))
			}
		}
		if fmt.Sprint(news) != "[begun asked answered]" {
			t.Errorf("%v", news)
		}
		b.finish(t, st, granted)
		b.checkOrders(t, d)
	})
}

// TestOrderWithdrawn: with the order go its open steps, what was granted stays.
func TestOrderWithdrawn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who := b.Actor(t, "talent")
		k := b.ordered(t, openFirm)
		b.finish(t, b.view(t, who, k.ID).Steps[0], granted)
		open := running(b.view(t, who, k.ID))
		b.finish(t, open[0], granted)
		if _, err := b.Cases.Withdraw(b.ctx, who, cases.Ref{ID: k.ID}, "计划有变"); err != nil {
			t.Fatal(err)
		}
		v := b.view(t, who, k.ID)
		var got []string
		for _, st := range v.Steps {
			got = append(got, string(st.Outcome)+"/"+string(st.Case.State))
		}
		if v.State != cases.Withdrawn || fmt.Sprint(got) != "[granted/delivered granted/delivered withdrawn/withdrawn withdrawn/withdrawn withdrawn/withdrawn withdrawn/withdrawn]" {
			t.Fatalf("%s %v", v.State, got)
		}
		b.checkOrders(t, d)
	})
}

// TestOrderAtTheWindow: the results of the steps are handed over with the
// order, under one code; one that was collected before stays collected.
func TestOrderAtTheWindow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who, clerk := b.Actor(t, "talent"), b.Actor(t, "clerk2")
		k, err := b.Cases.Start(b.ctx, who, cases.StartInput{ItemCode: openFirm})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Cases.TypeSample(b.ctx, who, k.ID, 7, map[string]string{"has_staff": "no", "wants_account": "no", "address_kind": "rented", "collect": "window"}); err != nil {
			t.Fatal(err)
		}
		if err := b.Cases.AttachSample(b.ctx, who, k.ID); err != nil {
			t.Fatal(err)
		}
		if v := b.view(t, who, k.ID); len(v.Steps) != 6 || cases.Taken(v.Steps) != 6 {
			t.Errorf("the steps of a draft: %+v", v.Steps)
		}
		if _, err := b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}); err != nil {
			t.Fatal(err)
		}
		if v := b.view(t, who, k.ID); len(v.Steps) != 6 || cases.Taken(v.Steps) != 3 {
			t.Errorf("the steps that the answers choose: %+v", v.Steps)
		}
		if _, err := b.Cases.Accept(b.ctx, clerk, cases.Ref{ID: k.ID}); err != nil {
			t.Fatal(err)
		}
		first := b.view(t, who, k.ID).Steps[0]
		b.finish(t, first, granted)
		hand := cases.DeliverInput{How: cases.AtWindow, Receiver: "王思远", Pickup: b.pickup(t, k.ID)}
		if x, err := b.Cases.Deliver(b.ctx, clerk, cases.Ref{ID: first.CaseID}, hand); err != nil || x.State != cases.Delivered {
			t.Fatalf("%+v %v", x, err)
		}
		for _, st := range running(b.view(t, who, k.ID)) {
			b.finish(t, st, granted)
		}
		v := b.view(t, clerk, k.ID)
		if v.State != cases.Decided || v.Steps[1].Case.State != cases.Decided {
			t.Fatalf("%+v", v.Case)
		}
		n, err := b.Cases.Counts(b.ctx, clerk, cases.ListToDeliver)
		if err != nil || n[cases.ListToDeliver] != 1 {
			t.Errorf("to hand over: %v %v", n, err)
		}
		if _, err := b.Cases.Deliver(b.ctx, clerk, cases.Ref{ID: k.ID}, hand); err != nil {
			t.Fatal(err)
		}
		for _, st := range b.view(t, who, k.ID).Steps {
			if st.Case != nil && st.Case.State != cases.Delivered {
				t.Errorf("%s is %s", st.ItemCode, st.Case.State)
			}
		}
		b.checkOrders(t, d)
	})
}

// TestWithdrawnOrderStillHandsOver: what was granted before an order with a
// result to collect was withdrawn can still be collected.
func TestWithdrawnOrderStillHandsOver(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who, clerk := b.Actor(t, "talent"), b.Actor(t, "clerk")
		k, err := b.Cases.Start(b.ctx, who, cases.StartInput{ItemCode: openFirm})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Cases.TypeSample(b.ctx, who, k.ID, 7, map[string]string{"has_staff": "no", "wants_account": "no", "collect": "window"}); err != nil {
			t.Fatal(err)
		}
		if err := b.Cases.AttachSample(b.ctx, who, k.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Cases.Accept(b.ctx, clerk, cases.Ref{ID: k.ID}); err != nil {
			t.Fatal(err)
		}
		first := b.view(t, who, k.ID).Steps[0]
		b.finish(t, first, granted)
		if _, err := b.Cases.Withdraw(b.ctx, who, cases.Ref{ID: k.ID}, ""); err != nil {
			t.Fatal(err)
		}
		list, err := b.Cases.List(b.ctx, clerk, cases.Filter{List: cases.ListToDeliver, Request: pageOf(10)})
		if err != nil || len(list.Rows) != 1 || list.Rows[0].ID != first.CaseID {
			t.Fatalf("to hand over: %+v %v", list.Rows, err)
		}
		if x, err := b.Cases.Deliver(b.ctx, clerk, cases.Ref{ID: first.CaseID}, cases.DeliverInput{How: cases.AtWindow, Receiver: "沈知远", Pickup: b.pickup(t, k.ID)}); err != nil || x.State != cases.Delivered {
			t.Fatalf("%+v %v", x, err)
		}
		b.checkOrders(t, d)
	})
}

// TestRandomOutcomes decides the steps of many orders in any order, each way:
// the order ends granted exactly when all of its steps were.
func TestRandomOutcomes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		rng := rand.New(rand.NewPCG(3, 5)) //nolint:gosec // a fixed course, so that a failure repeats
		who, ends := b.Actor(t, "talent"), map[string]int{}
		for range 8 {
			k := b.ordered(t, openFirm)
			failed := false
			for range 20 {
				v := b.view(t, who, k.ID)
				open := running(v)
				if len(open) == 0 {
					break
				}
				st := open[rng.IntN(len(open))]
				switch n := rng.IntN(10); {
				case n == 0 && st.Group == 2:
					failed = true
					if _, err := b.Cases.Withdraw(b.ctx, who, cases.Ref{ID: st.CaseID}, ""); err != nil {
						t.Fatal(err)
					}
				case n <= 2:
					failed = true
					b.finish(t, st, cases.DecideInput{Outcome: cases.Outcomes[1+rng.IntN(3)], Reason: "不符合条件"})
				default:
					b.finish(t, st, granted)
				}
				b.checkOrders(t, d)
			}
			v := b.view(t, who, k.ID)
			want := cases.Granted
			if failed {
				want = cases.Denied
				if slices.ContainsFunc(v.Steps, func(st cases.Step) bool { return st.Outcome.Grants() }) {
					want = cases.Partly
				} else if !slices.ContainsFunc(v.Steps, func(st cases.Step) bool { return st.Outcome == cases.Denied }) {
					want = cases.Ended
				}
				for _, st := range v.Steps {
					if st.Outcome != "" && st.Outcome != cases.Granted && !strings.Contains(v.Decision.Reason, st.Name.ZH) {
						t.Errorf("the reason %q does not name %s", v.Decision.Reason, st.Name.ZH)
					}
				}
			}
			if v.State != cases.Delivered || v.Outcome != want {
				t.Fatalf("%s %s, want %s: %+v", v.State, v.Outcome, want, v.Steps)
			}
			ends[string(want)]++
		}
		if ends["granted"] == 0 || ends["partly"] == 0 || ends["denied"]+ends["ended"] == 0 {
			t.Errorf("only %v: the test has become blind", ends)
		}
	})
}

// TestTwoClerksDecideAtOnce: the last two steps are decided at the same moment;
// both decisions stand and the order ends once.
func TestTwoClerksDecideAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who := b.Actor(t, "talent")
		k := b.ordered(t, openFirm)
		b.finish(t, b.view(t, who, k.ID).Steps[0], granted)
		open := running(b.view(t, who, k.ID))
		for _, st := range open {
			for _, x := range b.view(t, auth.SystemActor(), st.CaseID).Tasks {
				if x.State != cases.TaskOpen || x.Decides {
					continue
				}
				if _, err := b.Cases.Endorse(b.ctx, b.Actor(t, "handler-"+x.DepartmentID), cases.Ref{ID: st.CaseID}, cases.EndorseInput{}); err != nil {
					t.Fatal(err)
				}
			}
		}
		var wg sync.WaitGroup
		failed := make([]error, len(open))
		for i, st := range open {
			approver := b.Actor(t, "approver-"+st.DepartmentID)
			wg.Go(func() { _, failed[i] = b.Cases.Decide(b.ctx, approver, cases.Ref{ID: st.CaseID}, granted) })
		}
		wg.Wait()
		if err := errors.Join(failed...); err != nil {
			t.Fatal(err)
		}
		if v := b.view(t, who, k.ID); v.State != cases.Delivered || v.Outcome != cases.Granted {
			t.Fatalf("%+v", v.Case)
		}
		b.checkOrders(t, d)
	})
}

// TestOrderAndStepsAtOnce: the applicant withdraws the order while its steps are
// being decided. Either comes first, nobody waits for ever, and all agree.
func TestOrderAndStepsAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who := b.Actor(t, "talent")
		for range 3 {
			k := b.ordered(t, openFirm)
			b.finish(t, b.view(t, who, k.ID).Steps[0], granted)
			open := running(b.view(t, who, k.ID))
			var wg sync.WaitGroup
			failed := make([]error, len(open)+1)
			for i, st := range open {
				handler := b.Actor(t, "handler-"+st.DepartmentID)
				wg.Go(func() {
					_, failed[i] = b.Cases.Endorse(b.ctx, handler, cases.Ref{ID: st.CaseID}, cases.EndorseInput{Opinion: "同意"})
				})
			}
			wg.Go(func() { _, failed[len(open)] = b.Cases.Withdraw(b.ctx, who, cases.Ref{ID: k.ID}, "计划有变") })
			wg.Wait()
			for _, err := range failed {
				if k := errs.KindOf(err); err != nil && k != errs.Conflict && k != errs.Forbidden { // a withdrawn step has no task left to work on
					t.Errorf("%v", err)
				}
			}
			if v := b.view(t, who, k.ID); v.State != cases.Withdrawn {
				t.Errorf("%s", v.State)
			}
		}
		b.checkOrders(t, d)
	})
}

// checkOrders looks for what must never be, in all orders that there are.
func (b bench) checkOrders(t *testing.T, d *db.DB) {
	t.Helper()
	for what, sql := range map[string]string{
		"a step that runs or is done without its case":      `SELECT count(*) FROM cases_step WHERE state IN ('running','done') AND case_id IS NULL`,
		"a case of a step that has not begun":               `SELECT count(*) FROM cases_step WHERE state IN ('waiting','skipped','cancelled') AND case_id IS NOT NULL`,
		"a case that is a step of no order":                 `SELECT count(*) FROM cases_case c WHERE c.parent_id <> '' AND NOT EXISTS (SELECT 1 FROM cases_step s WHERE s.case_id=c.id AND s.order_id=c.parent_id)`,
		"a step that ended unlike its case":                 `SELECT count(*) FROM cases_step s JOIN cases_case c ON c.id=s.case_id WHERE s.state='done' AND s.outcome <> (CASE WHEN c.state='withdrawn' THEN 'withdrawn' ELSE c.outcome END)`,
		"a step that runs after its case ended":             `SELECT count(*) FROM cases_step s JOIN cases_case c ON c.id=s.case_id WHERE s.state='running' AND c.state <> 'handling'`,
		"a group begun before the one before it ended":      `SELECT count(*) FROM cases_step s JOIN cases_step p ON p.order_id=s.order_id AND p.group_no < s.group_no WHERE s.state IN ('running','done') AND (p.state IN ('waiting','running','cancelled') OR p.state='done' AND p.outcome NOT IN ('granted','partly'))`,
		"an order in hand with nothing in hand":             `SELECT count(*) FROM cases_case c WHERE c.bundle AND c.state='handling' AND NOT EXISTS (SELECT 1 FROM cases_step s WHERE s.order_id=c.id AND s.state='running')`,
		"an order that ended before its steps":              `SELECT count(*) FROM cases_case c JOIN cases_step s ON s.order_id=c.id WHERE c.state IN ('decided','delivered','withdrawn') AND s.state IN ('running','waiting')`,
		"an order granted without all of its steps":         `SELECT count(*) FROM cases_case c WHERE c.bundle AND c.outcome='granted' AND EXISTS (SELECT 1 FROM cases_step s WHERE s.order_id=c.id AND (s.state='cancelled' OR s.state='done' AND s.outcome <> 'granted'))`,
		"an order denied with a step that was granted":      `SELECT count(*) FROM cases_case c WHERE c.bundle AND c.outcome IN ('denied','ended') AND EXISTS (SELECT 1 FROM cases_step s WHERE s.order_id=c.id AND s.state='done' AND s.outcome IN ('granted','partly'))`,
		"an order granted in part with all or none":         `SELECT count(*) FROM cases_case c WHERE c.bundle AND c.outcome='partly' AND (NOT EXISTS (SELECT 1 FROM cases_step s WHERE s.order_id=c.id AND s.state='done' AND s.outcome IN ('granted','partly')) OR NOT EXISTS (SELECT 1 FROM cases_step s WHERE s.order_id=c.id AND (s.state='cancelled' OR s.state='done' AND s.outcome <> 'granted')))`,
		"an order that hides who waits":                     `SELECT count(*) FROM cases_case c WHERE c.bundle AND c.state='handling' AND c.needs_applicant <> EXISTS (SELECT 1 FROM cases_case x WHERE x.parent_id=c.id AND x.needs_applicant)`,
		"an order whose clock runs while a step's is still": `SELECT count(*) FROM cases_case c WHERE c.bundle AND c.state='handling' AND c.paused <> EXISTS (SELECT 1 FROM cases_case x WHERE x.parent_id=c.id AND x.paused)`,
		"a gap in the events":                               `SELECT count(*) FROM (SELECT case_id FROM cases_event GROUP BY case_id HAVING max(seq) <> count(*)) x`,
		"a state without its event":                         `SELECT count(*) FROM cases_case c WHERE c.state <> 'draft' AND c.state <> (SELECT e.to_state FROM cases_event e WHERE e.case_id=c.id ORDER BY seq DESC LIMIT 1)`,
		"a skipped step without a record":                   `SELECT count(*) FROM cases_step s WHERE s.state='skipped' AND NOT EXISTS (SELECT 1 FROM cases_event e WHERE e.case_id=s.order_id AND e.command='step' AND e.detail->>'what'='skipped')`,
	} {
		if n, err := db.One(b.ctx, d.Read(b.ctx), db.Scalar[int], sql); err != nil || n != 0 {
			t.Errorf("%s: %d, %v", what, n, err)
		}
	}
}
