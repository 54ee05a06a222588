package cases_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/budget"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// subsidy is a case of the subsidy for wan × 10,000 yuan, accepted.
func (b bench) subsidy(t *testing.T, wan string) cases.Case {
	t.Helper()
	who := b.Actor(t, "applicant")
	k := b.start(t, who, "KJ-0004")
	if err := b.Cases.TypeSample(b.ctx, who, k.ID, 7, map[string]string{"requested_wan": wan}); err != nil {
		t.Fatal(err)
	}
	if err := b.Cases.AttachSample(b.ctx, who, k.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}); err != nil {
		t.Fatal(err, errs.FieldsOf(err))
	}
	k, err := b.Cases.Accept(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// handled brings a case to its decision.
func (b bench) handled(t *testing.T, id cases.ID) {
	t.Helper()
	for range 6 {
		v := b.view(t, auth.SystemActor(), id)
		i := slices.IndexFunc(v.Tasks, func(x cases.Task) bool { return x.State == cases.TaskOpen })
		if i < 0 || v.Tasks[i].Decides {
			return
		}
		if _, err := b.Cases.Endorse(b.ctx, b.Actor(t, v.Tasks[i].Role+"-"+v.Tasks[i].DepartmentID), cases.Ref{ID: id}, cases.EndorseInput{Opinion: "同意"}); err != nil {
			t.Fatal(err)
		}
	}
}

func (b bench) fund(t *testing.T) budget.Fund {
	t.Helper()
	f, err := b.Budget.Fund(b.ctx, b.Actor(t, "head-kj"), "rd-subsidy")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestSubsidy: a module takes part in the commands on a case: the money is
// reserved at acceptance, granted with the decision or not at all, and returned.
func TestSubsidy(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		total := b.fund(t).Total
		k := b.subsidy(t, "10")
		if f := b.fund(t); f.Reserved != 10_000_000 || f.Left() != total-10_000_000 {
			t.Fatalf("after acceptance %+v", f)
		}
		b.handled(t, k.ID)
		approver := b.Actor(t, "approver")
		v := b.view(t, approver, k.ID)
		if len(v.Procedure) < 3 {
			t.Errorf("facts for the approver: %+v", v.Procedure)
		}
		if x := b.view(t, b.Actor(t, "applicant"), k.ID); len(x.Procedure) != 0 {
			t.Errorf("facts for the applicant before the decision: %+v", x.Procedure)
		}
		for amount, want := range map[string]error{"100000.01": budget.ErrInvalid, "0": cases.ErrIncomplete, "": cases.ErrIncomplete, "viel": cases.ErrIncomplete} {
			_, err := b.Cases.Decide(b.ctx, approver, cases.Ref{ID: k.ID}, cases.DecideInput{Outcome: cases.Granted, Said: cases.Typed{"amount": {amount}}})
			if !errors.Is(err, want) || len(errs.FieldsOf(err)) != 1 || errs.FieldsOf(err)[0].Name != "procedure.amount" {
				t.Errorf("granted %q: %v %v", amount, err, errs.FieldsOf(err))
			}
		}
		if now := b.view(t, approver, k.ID); now.State != cases.Handling || now.Version != v.Version || b.fund(t).Reserved != 10_000_000 {
			t.Fatalf("a refused decision left %s, version %d", now.State, now.Version)
		}
		if _, err := b.Cases.Decide(b.ctx, approver, cases.Ref{ID: k.ID}, cases.DecideInput{Outcome: cases.Granted, Said: cases.Typed{"amount": {"80,000"}}}); err != nil {
			t.Fatal(err, errs.FieldsOf(err))
		}
		if f := b.fund(t); f.Reserved != 0 || f.Granted != 8_000_000 {
			t.Errorf("after the decision %+v", f)
		}
		v = b.view(t, b.Actor(t, "applicant"), k.ID)
		if text := v.Decision.Text.ZH; !bytes.Contains([]byte(text), []byte("企业研发投入补助资金中给予补助80,000.00元")) {
			t.Error(text)
		}
		if len(v.Procedure) != 1 {
			t.Errorf("facts for the applicant: %+v", v.Procedure)
		}

		denied := b.subsidy(t, "20")
		b.handled(t, denied.ID)
		if _, err := b.Cases.Decide(b.ctx, approver, cases.Ref{ID: denied.ID}, cases.DecideInput{Outcome: cases.Denied, Reason: "不符合条件"}); err != nil {
			t.Fatal(err)
		}
		left := b.subsidy(t, "30")
		if _, err := b.Cases.Withdraw(b.ctx, b.Actor(t, "applicant"), cases.Ref{ID: left.ID}, ""); err != nil {
			t.Fatal(err)
		}
		if f := b.fund(t); f.Reserved != 0 || f.Granted != 8_000_000 {
			t.Errorf("after a denial and a withdrawal %+v", f)
		}

		if _, err := b.Cases.Revoke(b.ctx, b.Actor(t, "handler-kj"), cases.Ref{ID: k.ID}, "材料不实"); !errors.Is(err, cases.ErrForbidden) {
			t.Errorf("revoked by a handler: %v", err)
		}
		r, err := b.Cases.Revoke(b.ctx, approver, cases.Ref{ID: k.ID}, "材料不实")
		if err != nil || r.State != cases.Revoked {
			t.Fatal(r.State, err)
		}
		if f := b.fund(t); f.Granted != 0 || f.Left() != total {
			t.Errorf("after the revocation %+v", f)
		}
		if _, err := b.Cases.Revoke(b.ctx, approver, cases.Ref{ID: k.ID}, "再来一次"); !errors.Is(err, cases.ErrState) {
			t.Errorf("revoked twice: %v", err)
		}
		if n, err := db.One(b.ctx, d.Read(b.ctx), db.Scalar[int], `SELECT count(*) FROM budget_fund f WHERE
			f.reserved_fen <> (SELECT COALESCE(SUM(CASE kind WHEN 'reserve' THEN fen WHEN 'release' THEN -fen ELSE 0 END), 0) FROM budget_entry e WHERE e.fund_id=f.id) OR
			f.granted_fen <> (SELECT COALESCE(SUM(CASE kind WHEN 'grant' THEN fen WHEN 'return' THEN -fen ELSE 0 END), 0) FROM budget_entry e WHERE e.fund_id=f.id) OR
			f.total_fen <> (SELECT COALESCE(SUM(CASE kind WHEN 'total' THEN fen ELSE 0 END), 0) FROM budget_entry e WHERE e.fund_id=f.id)`); err != nil || n != 0 {
			t.Errorf("%d funds disagree with their ledger, %v", n, err)
		}
	})
}

// TestNoMoneyNoGrant: two cases want what is there for one; both are accepted,
// one is granted, the other is not until there is more.
func TestNoMoneyNoGrant(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		head, approver := b.Actor(t, "head-kj"), b.Actor(t, "approver")
		f := b.fund(t)
		if _, err := b.Budget.Change(b.ctx, approver, f.Key, budget.ChangeInput{Version: f.Version, Total: 1, Reason: "没有权限"}); !errors.Is(err, budget.ErrForbidden) {
			t.Errorf("changed by an approver: %v", err)
		}
		if _, err := b.Budget.Fund(b.ctx, b.Actor(t, "head-sc"), f.Key); !errors.Is(err, budget.ErrNotFound) {
			t.Errorf("seen by another department: %v", err)
		}
		f, err := b.Budget.Change(b.ctx, head, f.Key, budget.ChangeInput{Version: f.Version, Total: 60_000_000, Reason: "预算调整"})
		if err != nil {
			t.Fatal(err)
		}
		first, second := b.subsidy(t, "50"), b.subsidy(t, "40")
		if f = b.fund(t); f.Reserved != 50_000_000 {
			t.Fatalf("%+v", f)
		}
		b.handled(t, first.ID)
		b.handled(t, second.ID)
		_, err = b.Cases.Decide(b.ctx, approver, cases.Ref{ID: second.ID}, granted)
		if !errors.Is(err, budget.ErrExhausted) {
			t.Fatalf("granted without money: %v", err)
		}
		if _, err := b.Budget.Change(b.ctx, head, f.Key, budget.ChangeInput{Version: f.Version, Total: 40_000_000, Reason: "压减"}); !errors.Is(err, budget.ErrCut) {
			t.Errorf("cut below what is reserved: %v", err)
		}
		if _, err := b.Budget.Change(b.ctx, head, f.Key, budget.ChangeInput{Version: f.Version - 1, Total: 90_000_000, Reason: "旧页面"}); !errors.Is(err, budget.ErrStale) {
			t.Errorf("changed from an old page: %v", err)
		}
		if _, err := b.Cases.Decide(b.ctx, approver, cases.Ref{ID: first.ID}, granted); err != nil { // as proposed
			t.Fatal(err)
		}
		if _, err := b.Budget.Change(b.ctx, head, f.Key, budget.ChangeInput{Version: b.fund(t).Version, Total: 90_000_000, Reason: "追加"}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Cases.Decide(b.ctx, approver, cases.Ref{ID: second.ID}, granted); err != nil {
			t.Fatal(err)
		}
		if f = b.fund(t); f.Reserved != 0 || f.Left() != 0 {
			t.Errorf("%+v", f)
		}
	})
}

// promised is a case with its income promised instead of proved.
func (b bench) promised(t *testing.T, login string) (cases.Case, error) {
	t.Helper()
	who := b.Actor(t, login)
	k, err := b.Cases.Start(b.ctx, who, cases.StartInput{ItemCode: "ZSCQ-0204"})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Cases.TypeSample(b.ctx, who, k.ID, 7, map[string]string{"applicant_kind": "person", "has_income": "yes"}); err != nil {
		t.Fatal(err)
	}
	if err := b.Cases.Mark(b.ctx, who, k.ID, "income", cases.ByCommitment); err != nil {
		return k, err
	}
	if err := b.Cases.AttachSample(b.ctx, who, k.ID); err != nil {
		t.Fatal(err)
	}
	k, err = b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID})
	if err != nil {
		t.Fatal(err, errs.FieldsOf(err))
	}
	return k, nil
}

// TestCommitment: who promises gets the decision on the spot; it is verified
// later, and a broken promise undoes it, is on record, and costs the next one.
func TestCommitment(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		k, err := b.promised(t, "talent")
		if err != nil || k.State != cases.Delivered || k.Outcome != cases.Granted {
			t.Fatalf("%s %v", k.State, err)
		}
		due, _ := b.Cases.Calendar.Due(b.Clock.Now(), cases.VerifyWithin)
		if !k.VerifyAt.Equal(due) {
			t.Errorf("verified by %v, want %v", k.VerifyAt, due)
		}
		desk := b.Actor(t, "handler-zscq")
		listed := func() bool {
			p, err := b.Cases.List(b.ctx, desk, cases.Filter{List: cases.ListToVerify})
			if err != nil {
				t.Fatal(err)
			}
			return slices.ContainsFunc(p.Rows, func(r cases.Row) bool { return r.ID == k.ID })
		}
		if !listed() {
			t.Error("not in the list of what is to be verified")
		}
		if _, err := b.Cases.Verify(b.ctx, b.Actor(t, "handler-kj"), cases.Ref{ID: k.ID}, cases.VerifyInput{Result: cases.Kept, Reason: "属实"}); !errors.Is(err, cases.ErrNotFound) {
			t.Errorf("verified by another department: %v", err)
		}
		for what, in := range map[string]cases.VerifyInput{
			"without a reason": {Result: cases.Kept}, "with nothing": {Reason: "看过"}, "to be mended some day": {Result: cases.Mend, Reason: "没有做到"}, "in a year": {Result: cases.Mend, Reason: "没有做到", Days: 365},
		} {
			if _, err := b.Cases.Verify(b.ctx, desk, cases.Ref{ID: k.ID}, in); !errors.Is(err, cases.ErrReason) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if k, err = b.Cases.Verify(b.ctx, desk, cases.Ref{ID: k.ID}, cases.VerifyInput{Result: cases.Mend, Days: 15, Reason: "收入证明没有找到"}); err != nil || k.State != cases.Delivered || !k.VerifyAt.After(b.Clock.Now().Add(14*24*time.Hour)) {
			t.Fatalf("%v %v", k.VerifyAt, err)
		}
		if k, err = b.Cases.Verify(b.ctx, desk, cases.Ref{ID: k.ID}, cases.VerifyInput{Result: cases.Broken, Reason: "年收入超过规定"}); err != nil || k.State != cases.Revoked || !k.VerifyAt.IsZero() {
			t.Fatalf("%s %v", k.State, err)
		}
		if listed() {
			t.Error("still in the list")
		}
		if _, err := b.Cases.Verify(b.ctx, desk, cases.Ref{ID: k.ID}, cases.VerifyInput{Result: cases.Kept, Reason: "属实"}); !errors.Is(err, cases.ErrState) {
			t.Errorf("verified again: %v", err)
		}
		s, err := b.Identity.StandingOf(b.ctx, k.Party.ID)
		if err != nil || s != identity.StandingBad {
			t.Fatal(s, err)
		}
		if _, err := b.promised(t, "talent"); !errors.Is(err, cases.ErrCredit) {
			t.Errorf("promised again: %v", err)
		}
		records, err := b.Identity.CreditOf(b.ctx, k.Party.ID)
		if err != nil || len(records) != 1 || records[0].CaseID != string(k.ID) || records[0].Until > "2031-12-31" {
			t.Fatal(records, err)
		}
		b.Clock.Advance(5*366*24*time.Hour + 24*time.Hour) // nothing stands against anybody for ever
		if s, err := b.Identity.StandingOf(b.ctx, k.Party.ID); err != nil || s != identity.StandingNormal {
			t.Error(s, err)
		}
	})
}

// spy is a procedure that does what a test says.
type spy struct {
	before, after func(a *cases.Act) error
}

func (*spy) Kind() string { return "spy" }

func (*spy) Check(context.Context, catalogue.Procedure, catalogue.Definition) []errs.Field {
	return nil
}

func (*spy) Asks(context.Context, *cases.Act) ([]catalogue.Field, cases.Typed, error) {
	return nil, nil, nil
}

func (s *spy) Before(_ context.Context, a *cases.Act) error { return s.before(a) }

func (s *spy) After(_ context.Context, a *cases.Act) error { return s.after(a) }

func (*spy) Facts(context.Context, *cases.Act) ([]cases.Fact, error) { return nil, nil }

// TestProcedureRefuses: what a procedure refuses leaves no trace, whether it
// refuses before the command or after it.
func TestProcedureRefuses(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	boom := errors.New("boom")
	var seen []cases.Command
	p := &spy{before: func(a *cases.Act) error {
		if a.Command == cases.CmdClaim {
			return cases.ErrTaken
		}
		return nil
	}, after: func(a *cases.Act) error {
		seen = append(seen, a.Command)
		if a.Command == cases.CmdPause {
			return boom
		}
		return nil
	}}
	b.Cases.Register(p)
	it, err := b.Catalogue.Item("KJ-0001")
	if err != nil {
		t.Fatal(err)
	}
	d := it.Source()
	d.Code, d.Procedure.Kind = "KJ-9001", "spy"
	b.publish(t, d)
	k := b.submitted(t, "KJ-9001")
	if _, err := b.Cases.Accept(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(seen, []cases.Command{cases.CmdSubmit, cases.CmdAccept}) {
		t.Errorf("%v", seen)
	}
	who := b.desk(t, k.ID)
	before := b.view(t, who, k.ID)
	if _, err := b.Cases.Claim(b.ctx, who, cases.Ref{ID: k.ID}); !errors.Is(err, cases.ErrTaken) {
		t.Errorf("claimed: %v", err)
	}
	if _, err := b.Cases.Pause(b.ctx, who, cases.Ref{ID: k.ID}, "expert", "评审"); !errors.Is(err, boom) {
		t.Errorf("paused: %v", err)
	}
	after := b.view(t, who, k.ID)
	if after.Version != before.Version || len(after.Events) != len(before.Events) || len(after.Pauses) != 0 || after.Paused {
		t.Errorf("%+v", after.Case)
	}
	d.Code, d.Procedure.Kind = "KJ-9002", "nothing"
	if err := b.Catalogue.Obstacles(b.ctx, d); err == nil || errs.FieldsOf(err)[0].Name != "procedure.kind" {
		t.Errorf("an unknown kind is published: %v", err)
	}
}

// TestProcedureOfAStep: what is done to a step along with its order is asked
// about like a command on the step; a refusal names the step, and nothing of the
// order is done.
func TestProcedureOfAStep(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		var refused cases.Command
		var of string // item of the step that refuses
		b.Cases.Register(&spy{before: func(a *cases.Act) error {
			if a.Command == refused && a.Case.ParentID != "" && a.Case.ItemCode == of {
				return cases.ErrTaken
			}
			return nil
		}, after: func(*cases.Act) error { return nil }})
		for _, code := range []string{"RS-9101", "RS-9102"} {
			it, err := b.Catalogue.Item("RS-0101")
			if err != nil {
				t.Fatal(err)
			}
			x := it.Source()
			x.Code, x.Procedure.Kind, x.Situation = code, "spy", nil // its questions stand in the form already
			i := slices.IndexFunc(x.Materials, func(m catalogue.Material) bool { return m.Key == "staff_list" })
			x.Materials[i].Kind = "document" // a form is filled in for one item, a document serves for both
			b.publish(t, x)
		}
		b.bundle(t, "YJS-9101", []string{"RS-9101", "RS-9102"})
		who, clerk := b.Actor(t, "talent"), b.Actor(t, "clerk")
		given := func() cases.Case {
			k, err := b.Cases.Start(b.ctx, who, cases.StartInput{ItemCode: "YJS-9101"})
			if err != nil {
				t.Fatal(err)
			}
			if err := b.Cases.TypeSample(b.ctx, who, k.ID, 7, map[string]string{"has_staff": "yes", "staff_count": "300", "collect": "window"}); err != nil {
				t.Fatal(err)
			}
			if err := b.Cases.AttachSample(b.ctx, who, k.ID); err != nil {
				t.Fatal(err)
			}
			b.leaveLater(t, who, k.ID)
			if k, err = b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}); err != nil {
				t.Fatal(err, errs.FieldsOf(err))
			}
			return k
		}
		// refuses gives the command twice: refused by the second step, then not.
		refuses := func(cmd cases.Command, order cases.ID, give func() error) {
			t.Helper()
			before := b.view(t, auth.SystemActor(), order)
			refused, of = cmd, "RS-9102"
			err := give()
			e, ok := errors.AsType[*errs.Error](err)
			if !errors.Is(err, cases.ErrStepRefused) || !errors.Is(err, cases.ErrTaken) || !ok || e.Params["step"] != before.Steps[1].Name {
				t.Errorf("%s: %v", cmd, err)
			}
			after := b.view(t, auth.SystemActor(), order)
			if after.Version != before.Version || after.State != before.State || len(after.Events) != len(before.Events) {
				t.Errorf("%s was refused, yet the order went from %s to %s", cmd, before.State, after.State)
			}
			for i, st := range before.Steps {
				if i >= len(after.Steps) {
					t.Fatalf("%s: steps are gone", cmd)
				}
				if now := after.Steps[i]; now.State != st.State || now.CaseID != st.CaseID {
					t.Errorf("%s was refused, yet a step went from %s to %s", cmd, st.State, now.State)
				}
			}
			refused = ""
			if err := give(); err != nil {
				t.Errorf("%s: %v", cmd, err)
			}
		}
		k := given()
		refuses(cases.CmdAccept, k.ID, func() error { _, err := b.Cases.Accept(b.ctx, clerk, cases.Ref{ID: k.ID}); return err })
		refuses(cases.CmdHandIn, k.ID, func() error {
			st := b.view(t, who, k.ID).Steps[0].CaseID
			in, err := b.Cases.Receive(b.ctx, who, st, "staff_list", "名单.pdf", bytes.NewReader(pdf), 1<<20)
			if err != nil {
				return err
			}
			_, err = b.Cases.HandIn(b.ctx, who, cases.Ref{ID: st}, cases.HandInInput{Key: "staff_list", Files: []cases.Received{in}})
			return err
		})
		for _, st := range running(b.view(t, who, k.ID)) {
			if gaps := b.view(t, who, st.CaseID).OpenGaps(); len(gaps) != 0 {
				t.Errorf("the paper did not come to %s", st.ItemCode)
			}
			b.finish(t, st, granted)
		}
		refuses(cases.CmdDeliver, k.ID, func() error {
			_, err := b.Cases.Deliver(b.ctx, clerk, cases.Ref{ID: k.ID}, cases.DeliverInput{How: cases.AtWindow, Receiver: "沈知远", Pickup: b.pickup(t, k.ID)})
			return err
		})
		k = given()
		if _, err := b.Cases.Accept(b.ctx, clerk, cases.Ref{ID: k.ID}); err != nil {
			t.Fatal(err)
		}
		refuses(cases.CmdWithdraw, k.ID, func() error { _, err := b.Cases.Withdraw(b.ctx, who, cases.Ref{ID: k.ID}, "不办了"); return err })
	})
}

// TestSubsidyInAnOrder: the ledger of a fund follows what becomes of a step with
// its order.
func TestSubsidyInAnOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	b.bundle(t, "YJS-9102", []string{"KJ-0004"}, []string{"KJ-0001"})
	k := b.orderedAs(t, b.Actor(t, "applicant"), "YJS-9102", map[string]string{"requested_wan": "10"}, "")
	if f := b.fund(t); f.Reserved != 10_000_000 {
		t.Errorf("accepted with its order: %+v", f)
	}
	if _, err := b.Cases.Withdraw(b.ctx, b.Actor(t, "applicant"), cases.Ref{ID: k.ID}, "不办了"); err != nil {
		t.Fatal(err)
	}
	if f := b.fund(t); f.Reserved != 0 || f.Granted != 0 {
		t.Errorf("withdrawn with its order: %+v", f)
	}
}

// TestEveryEndGivesBack: whatever ends a case gives back what it held, also a
// command that the fund has never heard of, and once only.
func TestEveryEndGivesBack(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	after := func(id cases.ID, cmd cases.Command, state cases.State) {
		t.Helper()
		v := b.view(t, auth.SystemActor(), id)
		k := v.Case
		k.State = state
		if err := b.DB.InTx(b.ctx, func(ctx context.Context) error {
			return b.Budget.Procedure().After(ctx, &cases.Act{Case: k, Item: v.Item, Command: cmd, Actor: auth.SystemActor(), Answers: v.Answers, At: b.Clock.Now()})
		}); err != nil {
			t.Fatalf("%s, %s: %v", cmd, state, err)
		}
	}
	open := b.subsidy(t, "10")
	for _, cmd := range cases.EventKinds {
		if cmd != cases.CmdAccept && cmd != cases.CmdDecide {
			after(open.ID, cmd, cases.Handling)
		}
	}
	if f := b.fund(t); f.Reserved != 10_000_000 {
		t.Errorf("given back while the case is handled: %+v", f)
	}
	for _, cmd := range []cases.Command{cases.CmdWithdraw, cases.CmdRefuse, cases.CmdLapse, cases.CmdExpire, "a new one"} {
		for _, state := range []cases.State{cases.Withdrawn, cases.Refused} {
			k := b.subsidy(t, "20")
			after(k.ID, cmd, state)
			after(k.ID, cases.CmdNote, state)
			if f := b.fund(t); f.Reserved != 10_000_000 {
				t.Errorf("%s, %s: %+v", cmd, state, f)
			}
		}
	}
	b.handled(t, open.ID)
	b.must(t)(b.Cases.Decide(b.ctx, b.Actor(t, "approver"), cases.Ref{ID: open.ID}, granted))
	if f := b.fund(t); f.Granted != 10_000_000 || f.Reserved != 0 {
		t.Fatalf("%+v", f)
	}
	for _, cmd := range []cases.Command{cases.CmdVerify, cases.CmdRevoke, cases.CmdNote} { // a broken promise leaves two events
		after(open.ID, cmd, cases.Revoked)
	}
	if f := b.fund(t); f.Granted != 0 || f.Reserved != 0 {
		t.Errorf("revoked: %+v", f)
	}
}
