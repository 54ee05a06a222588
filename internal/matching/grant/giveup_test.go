package grant_test

import (
	"testing"

	"github.com/tongban/tongban/internal/matching/grant"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestGivenUp: a line whose case cannot be made at all keeps neither the list open
// nor the money of the fund.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		s, cases, before := b.Grants, b.awards(), b.fund()
		x, lines := b.settled(2)
		cases.fail = func(_ int, a grant.Awarding) error {
			if a.Firm == lines[1].FirmID {
				return grant.ErrOver
			}
			return nil
		}
		b.must(s.Sweep(b.ctx))
		ours := b.byFirm(x.ID)
		good, bad := ours[lines[0].FirmID], ours[lines[1].FirmID]
		at := ref(b.sheet(x.ID).Batch)
		_, err := s.GiveUp(b.ctx, b.approver, at, good.ID, "事项已取消")
		b.want("one that has its case is given up", err, grant.ErrState)
		_, err = s.GiveUp(b.ctx, b.handler, at, bad.ID, "事项已取消")
		b.want("who drafted gives up", err, grant.ErrForbidden)
		_, err = s.GiveUp(b.ctx, b.approver, at, bad.ID, " ")
		b.want("without a reason", err, grant.ErrInvalid)
		y, err := s.GiveUp(b.ctx, b.approver, at, bad.ID, "事项已取消")
		b.must(err)
		l := b.byFirm(x.ID)[lines[1].FirmID]
		if l.State != grant.Struck || l.Fault != "" || l.Reason != "事项已取消" || b.told("grant_undone") != 1 {
			t.Errorf("%+v, %d told", l, b.told("grant_undone"))
		}
		if got := b.fund(); got.Reserved != before.Reserved || got.Granted-before.Granted != good.Sum {
			t.Errorf("%s reserved, %s granted", got.Reserved-before.Reserved, got.Granted-before.Granted)
		}
		y, err = s.MakeList(b.ctx, b.handler, ref(y))
		b.must(err)
		if y = b.pays(y, b.sheet(x.ID).Lists[0].ID); y.State != grant.Paid {
			t.Errorf("the list is %s", y.State)
		}
	})
}

// TestAListIsWithdrawn: nobody is told, nobody is paid by it, and all stand on the next.
func TestAListIsWithdrawn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		s := b.Grants
		b.awards()
		x, _ := b.settled(2)
		b.must(s.Sweep(b.ctx))
		y, err := s.MakeList(b.ctx, b.handler, ref(b.sheet(x.ID).Batch))
		b.must(err)
		list := b.sheet(x.ID).Lists[0].ID
		_, err = s.VoidList(b.ctx, b.handler, ref(y), list, "日期有误")
		b.want("who made the list withdraws it", err, grant.ErrPayer)
		_, err = s.VoidList(b.ctx, b.Actor(t, "leader"), ref(y), list, "日期有误")
		b.want("a leader withdraws it", err, grant.ErrForbidden)
		z, err := s.VoidList(b.ctx, b.approver, ref(y), list, "日期有误")
		b.must(err)
		_, err = s.VoidList(b.ctx, b.approver, ref(z), list, "日期有误")
		b.want("a second time", err, grant.ErrState)
		_, err = s.Paid(b.ctx, b.approver, grant.Payment{Ref: ref(z), List: list, On: b.today(), Voucher: "GK-1"})
		b.want("it is paid", err, grant.ErrState)
		if got := b.sheet(x.ID); got.Lists[0].State != grant.ListVoid || got.Cases.Ready.N != 2 || b.told("grant_bounced") != 0 {
			t.Errorf("%+v, %+v", got.Lists[0], got.Cases)
		}
		z, err = s.MakeList(b.ctx, b.handler, ref(z))
		b.must(err)
		got := b.sheet(x.ID)
		if len(got.Lists) != 2 || got.Lists[0].Number == got.Lists[1].Number {
			t.Fatalf("%+v", got.Lists)
		}
		for _, l := range got.Lists {
			if l.State == grant.ListOpen {
				z = b.pays(z, l.ID)
			}
		}
		if z.State != grant.Paid || b.sheet(x.ID).Tallies[grant.PaidOut].N != 2 {
			t.Errorf("%s, %+v", z.State, b.sheet(x.ID).Tallies)
		}
	})
}
