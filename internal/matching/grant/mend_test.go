package grant_test

import (
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/matching/grant"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// newReal makes cases with the engine of cases itself.
func newReal(t *testing.T, d *db.DB) *bench {
	b := newBench(t, d)
	b.Grants.Ports.Award, b.Grants.Ports.Unaward = b.real.Award, b.real.Unaward
	return b
}

// revokes undoes the case of a line on the page of cases.
func (b *bench) revokes(l grant.Line) {
	b.t.Helper()
	k, err := b.Cases.View(b.ctx, b.approver, cases.ID(l.CaseID))
	b.must(err)
	_, err = b.Cases.Revoke(b.ctx, b.approver, cases.Ref{ID: k.Case.ID, Version: k.Case.Version}, "依据有误")
	b.must(err)
}

func (b *bench) told(kind string) int {
	b.t.Helper()
	n, err := db.One(b.ctx, b.DB.Read(b.ctx), db.Scalar[int], `SELECT count(DISTINCT link) FROM notify_message WHERE kind=$1`, kind)
	b.must(err)
	return n
}

func (b *bench) clawNotes() int {
	b.t.Helper()
	n, err := db.One(b.ctx, b.DB.Read(b.ctx), db.Scalar[int], `SELECT count(*) FROM audit_entry WHERE action='grant.claw'`)
	b.must(err)
	return n
}

func (b *bench) pays(x grant.Batch, list string) grant.Batch {
	b.t.Helper()
	x, err := b.Grants.Paid(b.ctx, b.approver, grant.Payment{Ref: ref(x), List: list, On: b.today(), Voucher: "GK-1"})
	b.must(err)
	return x
}

// TestACaseUndoneElsewhere: who undoes the case on its own page stops the payment;
// what was paid is owed, and is not the fund's until it is back. Taking back from
// the list does the same once.
func TestACaseUndoneElsewhere(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newReal(t, d)
		s, before := b.Grants, b.fund().Granted
		x, lines := b.settled(4)
		b.must(s.Sweep(b.ctx))
		all := b.byFirm(x.ID)
		at := func(i int) grant.Line { return b.byFirm(x.ID)[lines[i].FirmID] }
		if at(0).CaseID == "" || len(all) < 4 {
			t.Fatalf("%+v", at(0))
		}
		// Before any list: no payment, and the money is back at once.
		b.revokes(at(0))
		if l := at(0); l.State != grant.Clawed || l.Owed != 0 || b.fund().Granted != before+3*l.Sum || b.told("grant_undone") != 1 {
			t.Errorf("undone before a list: %+v, %s granted", l, b.fund().Granted-before)
		}
		// On an open list: the list is paid without it.
		y, err := s.MakeList(b.ctx, b.handler, ref(b.sheet(x.ID).Batch))
		b.must(err)
		if n := b.sheet(y.ID).Lists[0].Lines; n != 3 {
			t.Errorf("%d lines on the list", n)
		}
		b.revokes(at(1))
		y = b.pays(b.sheet(x.ID).Batch, b.sheet(x.ID).Lists[0].ID)
		if l := at(1); l.State != grant.Clawed || l.Owed != 0 || l.PaidOn != "" || b.fund().Granted != before+2*l.Sum || at(2).State != grant.PaidOut || y.State != grant.Paid {
			t.Errorf("undone on a list: %+v, %s granted, %s", l, b.fund().Granted-before, y.State)
		}
		// Paid: the firm owes it, and the fund has it when it is back.
		b.revokes(at(2))
		if l := at(2); l.State != grant.Clawed || l.Owed != l.Sum || b.fund().Granted != before+2*l.Sum || b.told("grant_clawed") != 1 {
			t.Errorf("undone when it was paid: %+v, %s granted", l, b.fund().Granted-before)
		}
		if n := b.clawNotes(); n != 3 {
			t.Errorf("%d notes", n)
		}
		// From the list: the reaction finds it done.
		y, err = s.ClawBack(b.ctx, b.approver, ref(b.sheet(x.ID).Batch), lines[3].ID, "材料不实")
		b.must(err)
		k, err := b.Cases.View(b.ctx, b.approver, cases.ID(at(3).CaseID))
		b.must(err)
		if l := at(3); l.State != grant.Clawed || l.Owed != l.Sum || l.Reason != "材料不实" || k.Case.State != cases.Revoked || b.clawNotes() != 4 || b.told("grant_clawed") != 2 || b.fund().Granted != before+2*l.Sum {
			t.Errorf("from the list: %+v, case %s, %s granted", l, k.Case.State, b.fund().Granted-before)
		}
		_, err = s.Recovered(b.ctx, b.handler, ref(y), lines[3].ID, b.today())
		b.must(err)
		if got := b.fund().Granted; got != before+lines[3].Sum {
			t.Errorf("when it is back: %s granted", got-before)
		}
	})
}

// TestNobodyLeftToPay: a list on which nothing is left to be paid is over.
func TestNobodyLeftToPay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		x, _ := b.settled(0)
		b.must(b.Grants.Sweep(b.ctx))
		if got := b.sheet(x.ID); got.Batch.State != grant.Paid || got.AwardedAt.IsZero() {
			t.Errorf("nobody answered: %s", got.Batch.State)
		}
	})
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		x, lines := b.settled(2)
		b.must(b.Grants.Sweep(b.ctx))
		y := b.sheet(x.ID).Batch
		for i, want := range []grant.State{grant.Settled, grant.Paid} {
			var err error
			y, err = b.Grants.ClawBack(b.ctx, b.approver, ref(y), lines[i].ID, "材料不实")
			b.must(err)
			if y.State != want {
				t.Errorf("%d taken back before a list: %s", i+1, y.State)
			}
		}
		if b.told("grant_undone") != 2 || b.told("grant_clawed") != 0 {
			t.Error("firms that have no money are asked for some")
		}
	})
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		cases := b.awards()
		x, lines := b.settled(2)
		cases.fail = func(_ int, a grant.Awarding) error {
			if a.Firm == lines[1].FirmID {
				return grant.ErrOver
			}
			return nil
		}
		b.must(b.Grants.Sweep(b.ctx))
		y, err := b.Grants.MakeList(b.ctx, b.handler, ref(b.sheet(x.ID).Batch))
		b.must(err)
		if y = b.pays(y, b.sheet(x.ID).Lists[0].ID); y.State != grant.Paying {
			t.Errorf("with a fault: %s", y.State)
		}
		b.having(lines[1].FirmID)
		_, err = b.Grants.Retry(b.ctx, b.handler, ref(y))
		b.must(err)
		b.must(b.Grants.Sweep(b.ctx))
		if got := b.sheet(x.ID).Batch; got.State != grant.Paid {
			t.Errorf("when the last has it already: %s", got.State)
		}
	})
}

// TestWhatStoodOnAList stays on record when a payment comes back: with its day and
// voucher, who entered it, and who had made the list.
func TestWhatStoodOnAList(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		s, head := b.Grants, b.Actor(t, "head-kj")
		x, lines := b.settled(2)
		b.must(s.Sweep(b.ctx))
		y, err := s.MakeList(b.ctx, head, ref(b.sheet(x.ID).Batch))
		b.must(err)
		first := b.sheet(x.ID).Lists[0].ID
		y = b.pays(y, first)
		in := grant.Back{Ref: ref(y), Line: lines[0].ID, Reason: "户名不符"}
		if _, err = s.Bounce(b.ctx, b.approver, in); len(errs.FieldsOf(err)) != 2 {
			t.Errorf("what was paid comes back without day and voucher: %v", err)
		}
		in.On, in.Voucher = b.today(), "TH-9"
		y, err = s.Bounce(b.ctx, b.approver, in)
		b.must(err)
		stood := b.sheet(x.ID).Stood
		if len(stood) != 2 || stood[0].Outcome != grant.WasBounced || stood[0].Voucher != "TH-9" || stood[0].Day != b.today() || stood[0].By != b.approver.ID || stood[1].Outcome != grant.WasPaid || stood[1].Voucher != "GK-1" {
			t.Errorf("%+v", stood)
		}
		_, err = s.ClawBack(b.ctx, head, ref(y), lines[0].ID, "材料不实")
		b.want("who made the list that it stood on takes back", err, grant.ErrOwn)
		b.confirms(lines[0], "8888000011112222")
		_, err = s.MakeList(b.ctx, b.approver, ref(y))
		b.want("who entered the return makes the next list", err, grant.ErrBouncer)
		y, err = s.MakeList(b.ctx, b.handler, ref(y))
		b.must(err)
		if stood = b.sheet(x.ID).Stood; len(stood) != 3 || stood[0].ListID != first || stood[0].Outcome != grant.WasBounced || stood[2].LineID != lines[0].ID || stood[2].Outcome != "" {
			t.Errorf("on the second list: %+v of %s", stood, y.ID)
		}
	})
}

// TestAListOlderThanCases gets its cases when somebody asks for them, not by itself.
func TestAListOlderThanCases(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		x, _ := b.settled(2)
		b.exec(`UPDATE matching_grant SET state='settled', awarded_at=1 WHERE id=$1`, x.ID) // as the upgrade leaves it
		b.must(b.Grants.Sweep(b.ctx))
		old := b.sheet(x.ID)
		if old.Cases.Made != 0 || old.Cases.Todo != 2 {
			t.Errorf("by itself: %+v", old.Cases)
		}
		_, err := b.Grants.Retry(b.ctx, b.handler, ref(old.Batch))
		b.must(err)
		b.must(b.Grants.Sweep(b.ctx))
		if got := b.sheet(x.ID).Cases; got.Made != 2 || got.Todo != 0 {
			t.Errorf("when somebody asks: %+v", got)
		}
	})
}
