package cases_test

import (
	"context"
	"errors"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// While nobody has verified the firm everything goes on but the decision, which
// comes as soon as the reason is gone; what may only be refused is refused.
func TestDecisionIsHeld(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who, approver := b.Actor(t, "applicant"), b.Actor(t, "approver")
		hold := &cases.Hold{Staff: "claim.hold.waiting", Applicant: "claim.hold.waiting_you"}
		b.Cases.Holds = func(_ context.Context, p identity.Party, account string) (*cases.Hold, error) {
			if p.ID != firmOf(who) || account != who.ID {
				t.Errorf("asked about %+v of %s", p, account)
			}
			return hold, nil
		}
		k := b.subsidy(t, "10")
		b.handled(t, k.ID)
		ref := cases.Ref{ID: k.ID}
		grant := cases.DecideInput{Outcome: cases.Granted, Said: cases.Typed{"amount": {"60000"}}}
		deny := cases.DecideInput{Outcome: cases.Denied, Reason: "x"}
		for _, in := range []cases.DecideInput{grant, deny} {
			if _, err := b.Cases.Decide(b.ctx, approver, ref, in); !errors.Is(err, cases.ErrHeld) {
				t.Errorf("%s: %v", in.Outcome, err)
			}
		}
		v, err := b.Cases.View(b.ctx, approver, k.ID)
		if err != nil || v.State != cases.Handling {
			t.Fatalf("%s %v", v.State, err)
		}
		if h, err := b.Cases.HoldOf(b.ctx, &v.Case); h == nil || err != nil {
			t.Errorf("%v %v", h, err)
		}
		hold.Grants = true
		if _, err := b.Cases.Decide(b.ctx, approver, ref, grant); !errors.Is(err, cases.ErrHeld) {
			t.Errorf("granted: %v", err)
		}
		b.must(t)(b.Cases.Decide(b.ctx, approver, ref, deny))
		if v, err = b.Cases.View(b.ctx, approver, k.ID); err != nil {
			t.Fatal(err)
		}
		if h, err := b.Cases.HoldOf(b.ctx, &v.Case); h != nil || err != nil {
			t.Errorf("what is decided is not held: %v %v", h, err)
		}
		k = b.subsidy(t, "10")
		b.handled(t, k.ID)
		b.Cases.Holds = func(context.Context, identity.Party, string) (*cases.Hold, error) { return nil, nil }
		b.must(t)(b.Cases.Decide(b.ctx, approver, cases.Ref{ID: k.ID}, grant))
	})
}
