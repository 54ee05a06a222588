package cases_test

import (
	"errors"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/throttle"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

var menu = []string{"KJ-0102", "CZ-0201"} // of two departments, for firms

// carted is a submitted order of a cart by a firm.
func (b bench) carted(t *testing.T) cases.Case {
	t.Helper()
	who := b.Actor(t, "applicant")
	k, err := b.Cases.Start(b.ctx, who, cases.StartInput{Cart: menu, EnterpriseID: firmOf(who)})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Cases.TypeSample(b.ctx, who, k.ID, 7, nil); err != nil {
		t.Fatal(err)
	}
	if err := b.Cases.AttachSample(b.ctx, who, k.ID); err != nil {
		t.Fatal(err)
	}
	if k, err = b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}); err != nil {
		t.Fatal(err)
	}
	return k
}

func (b bench) count(t *testing.T, d *db.DB, sql string) int {
	t.Helper()
	n, err := db.One(b.ctx, d.Read(b.ctx), db.Scalar[int], sql)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestRefusedOrdersLeaveNothing: what is put together for an order is written
// with its draft or not at all, and goes with it.
func TestRefusedOrdersLeaveNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who := b.Actor(t, "applicant")
		const composed = `SELECT count(*) FROM catalogue_version WHERE state='composed'`
		if _, err := b.Cases.Start(b.ctx, who, cases.StartInput{Cart: menu}); !errors.Is(err, cases.ErrAudience) {
			t.Fatalf("a person orders for himself what is for firms: %v", err)
		}
		if _, err := b.Cases.Start(b.ctx, who, cases.StartInput{Cart: menu, EnterpriseID: "somebody else's"}); err == nil {
			t.Fatal("ordered for a firm of others")
		}
		if n := b.count(t, d, composed) + b.count(t, d, `SELECT count(*) FROM catalogue_item WHERE state='composed'`); n != 0 {
			t.Errorf("%d rows were left", n)
		}
		k, err := b.Cases.Start(b.ctx, who, cases.StartInput{Cart: menu, EnterpriseID: firmOf(who)})
		if err != nil || b.count(t, d, composed) != 1 {
			t.Fatalf("%+v %v", k, err)
		}
		again, err := b.Cases.Start(b.ctx, who, cases.StartInput{Cart: menu, EnterpriseID: firmOf(who)})
		if err != nil || again.ID != k.ID {
			t.Errorf("a second draft of the same: %v %v", again.ID, err)
		}
		b.Clock.Advance(2 * catalogue.ComposedAge)
		if err := b.Cases.SweepComposed(b.ctx); err != nil || b.count(t, d, composed) != 1 {
			t.Errorf("what a case names was swept: %v", err)
		}
		b.Clock.Advance(cases.DraftAge)
		if err := errors.Join(b.Cases.Sweep(b.ctx), b.Cases.SweepComposed(b.ctx)); err != nil || b.count(t, d, composed) != 0 {
			t.Errorf("it stays after its draft: %v", err)
		}
		for range 60 {
			_, err = b.Cases.Start(b.ctx, who, cases.StartInput{Cart: menu})
		}
		if !errors.Is(err, cases.ErrAudience) {
			t.Fatal(err)
		}
		if _, err = b.Cases.Start(b.ctx, who, cases.StartInput{Cart: menu}); !errors.Is(err, throttle.ErrTooMany) {
			t.Errorf("orders without end: %v", err)
		}
	})
}

// TestCartIsOfNobodysDesk: an order from a cart is of no desk; each desk
// has its own step, and of the order the ladder.
func TestCartIsOfNobodysDesk(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		k := b.carted(t)
		clerk := b.Actor(t, "clerk")
		if v := b.view(t, clerk, k.ID); len(v.Answers) == 0 || len(v.Materials) == 0 {
			t.Fatalf("the window: %+v", v.Case)
		}
		if _, err := b.Cases.Accept(b.ctx, clerk, cases.Ref{ID: k.ID}); err != nil {
			t.Fatal(err)
		}
		steps := b.view(t, clerk, k.ID).Steps
		for i, st := range steps {
			desk := b.Actor(t, "handler-"+st.DepartmentID)
			if _, err := b.Cases.View(b.ctx, desk, k.ID); !errors.Is(err, cases.ErrNotFound) {
				t.Errorf("%s sees the whole order: %v", desk.Name, err)
			}
			v := b.view(t, desk, st.CaseID)
			other := v.Steps[1-i]
			if other.Case != nil || other.Open || other.Number != steps[1-i].Number || other.CaseState != cases.Handling || other.Name.IsZero() {
				t.Errorf("%s of the other step: %+v", desk.Name, other)
			}
			if v.Steps[i].Case == nil || !v.Steps[i].Open || v.Order == nil || v.Order.Number != k.Number || v.SeesOrder {
				t.Errorf("%s of his own: %+v %+v", desk.Name, v.Steps[i], v.Order)
			}
		}
	})
}

// TestLeadDeskReadsTheLadder: the lead department of a bundle sees the order and
// how it stands, but not what was handed in for the others.
func TestLeadDeskReadsTheLadder(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	k := b.ordered(t, openFirm)
	whole := b.view(t, b.Actor(t, "clerk"), k.ID)
	lead := b.Actor(t, "handler-"+k.DepartmentID)
	v := b.view(t, lead, k.ID)
	if len(v.Steps) != 6 || v.Steps[0].Number == "" || len(v.Answers) != 0 || len(v.Materials) != 0 || len(whole.Answers) == 0 {
		t.Errorf("%v %v", v.Answers, v.Materials)
	}
	files := 0
	for _, m := range whole.Materials {
		for _, f := range m.Files {
			files++
			if _, err := b.Cases.File(b.ctx, lead, k.ID, f.ID); !errors.Is(err, cases.ErrNotFound) {
				t.Errorf("%s was opened from a desk: %v", f.Name, err)
			}
			if _, err := b.Cases.File(b.ctx, b.Actor(t, "clerk"), k.ID, f.ID); err != nil {
				t.Errorf("the window cannot open %s: %v", f.Name, err)
			}
		}
	}
	if files == 0 {
		t.Error("no files: the test has become blind")
	}
}

// TestWhatCannotBeReadIsAskedFor: a required answer under a condition that
// cannot be evaluated is asked for; one under a missing answer is not.
func TestWhatCannotBeReadIsAskedFor(t *testing.T) {
	t.Parallel()
	answers := map[string]any{"site": "rented"}
	for when, want := range map[string]bool{"answers.site > 3": true, "answers.": true, "answers.none == 'x'": false, "answers.site == 'own'": false, "": true} {
		if got := cases.Opens(catalogue.Field{ID: "x", Required: true, When: when}, answers); got != want {
			t.Errorf("%q: %v, want %v", when, got, want)
		}
	}
	if cases.Opens(catalogue.Field{ID: "x", When: "answers.site > 3"}, answers) {
		t.Error("what may be left out is asked for under a condition that cannot be read")
	}
}
