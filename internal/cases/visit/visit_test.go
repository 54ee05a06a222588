package visit_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/visit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// desk is a window with somebody in front of it.
type desk struct {
	*apptest.App
	t          *testing.T
	ctx        context.Context
	clerk, who auth.Actor
}

func newDesk(t *testing.T, d *db.DB) desk {
	t.Helper()
	a := apptest.NewOn(t, d)
	return desk{a, t, t.Context(), a.Actor(t, "clerk"), a.Actor(t, "applicant")}
}

func (d desk) begin() visit.Visit {
	d.t.Helper()
	v, err := d.Visits.Begin(d.ctx, d.clerk, visit.BeginInput{AccountID: d.who.ID, EnterpriseID: d.who.Firms[0]})
	if err != nil {
		d.t.Fatal(err)
	}
	return v
}

func (d desk) must(v visit.Visit, err error) visit.Visit {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
	return v
}

// begun gathers items and begins them.
func (d desk) begun(v visit.Visit, codes ...string) (visit.Visit, []cases.ID) {
	d.t.Helper()
	for _, c := range codes {
		d.must(d.Visits.Add(d.ctx, d.clerk, visit.Ref{ID: v.ID}, c))
	}
	v, list, err := d.Visits.Start(d.ctx, d.clerk, visit.Ref{ID: v.ID})
	if err != nil {
		d.t.Fatal(err)
	}
	return v, list
}

func TestOneVisitorSeveralItems(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, x *db.DB) {
		d := newDesk(t, x)
		v := d.begin()
		if v.WindowID != "main/A01" || v.State != visit.Open {
			t.Fatalf("%+v", v)
		}
		v, list := d.begun(v, "KJ-0004", "KJ-0005")
		if !d.Visits.Together([]string{"KJ-0004", "KJ-0005"}) || len(list) != 1 || len(v.Items) != 0 || !v.Has(list[0]) {
			t.Fatalf("what goes together is one order with one form: %v %+v", list, v)
		}
		d.Fill(t, d.clerk, list[0])
		k, err := d.Visits.Accept(d.ctx, d.clerk, v.ID, cases.Ref{ID: list[0]})
		if err != nil {
			t.Fatal(err)
		}
		if !k.Bundle || k.State != cases.Handling || k.WindowID != "main/A01" || k.ReceiverID != d.clerk.ID || k.Channel != cases.Window {
			t.Errorf("%+v", k)
		}
		v = d.must(d.Visits.End(d.ctx, d.clerk, visit.Ref{ID: v.ID}))
		if v.State != visit.Closed || v.EndedAt.IsZero() {
			t.Errorf("%+v", v)
		}
		if _, err := d.Visits.Add(d.ctx, d.clerk, visit.Ref{ID: v.ID}, "KJ-0004"); !errors.Is(err, visit.ErrEnded) {
			t.Errorf("a visit that is over takes no more: %v", err)
		}
	})
}

// What lacks something is received as it is and everything asked for at once;
// what was asked for can be shown at the window later, and is accepted then.
func TestAskedOnceAtTheWindow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, x *db.DB) {
		d := newDesk(t, x)
		v, list := d.begun(d.begin(), "KJ-0001")
		ref := cases.Ref{ID: list[0]}
		if _, err := d.Visits.Accept(d.ctx, d.clerk, v.ID, ref); !errors.Is(err, cases.ErrIncomplete) {
			t.Fatalf("accepted with gaps: %v", err)
		}
		form, err := d.Cases.Form(d.ctx, d.clerk, ref.ID)
		if err != nil {
			t.Fatal(err)
		}
		gaps := form.Gaps()
		for i := range gaps {
			gaps[i].Reason = "请补充"
		}
		fields, papers := 0, 0
		for _, g := range gaps {
			if g.Kind == "field" {
				fields++
			} else {
				papers++
			}
		}
		if fields == 0 || papers == 0 {
			t.Fatalf("%+v", gaps)
		}
		k, err := d.Visits.Ask(d.ctx, d.clerk, v.ID, ref, cases.AskInput{Points: gaps})
		if err != nil {
			t.Fatal(err)
		}
		if k.State != cases.Supplementing || k.Number == "" || !k.NeedsApplicant || k.WindowID != "main/A01" {
			t.Fatalf("%+v", k)
		}
		if _, err := d.Cases.Accept(d.ctx, d.clerk, ref); !errors.Is(err, cases.ErrState) {
			t.Errorf("what lacks something was accepted: %v", err)
		}
		seen, err := d.Cases.View(d.ctx, d.who, ref.ID)
		if err != nil {
			t.Fatal(err)
		}
		var did []cases.Command
		for _, e := range seen.Events {
			did = append(did, e.Command)
		}
		if !slices.Equal(did, []cases.Command{cases.CmdReceive, cases.CmdAskSupplement}) {
			t.Errorf("%v", did)
		}
		// Days later, at the same window, with everything.
		d.Clock.Advance(72 * time.Hour)
		v = d.must(d.Visits.Begin(d.ctx, d.clerk, visit.BeginInput{CaseID: ref.ID}))
		if v.AccountID != d.who.ID || !v.Has(ref.ID) {
			t.Fatalf("%+v", v)
		}
		d.Fill(t, d.clerk, ref.ID)
		if k, err = d.Visits.Accept(d.ctx, d.clerk, v.ID, ref); err != nil || k.State != cases.Handling {
			t.Fatalf("%+v %v", k, err)
		}
	})
}

func TestRefusedAtTheWindow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, x *db.DB) {
		d := newDesk(t, x)
		v, list := d.begun(d.begin(), "KJ-0001")
		if _, err := d.Visits.Refuse(d.ctx, d.clerk, v.ID, cases.Ref{ID: list[0]}, " "); !errors.Is(err, cases.ErrReason) {
			t.Errorf("refused without a reason: %v", err)
		}
		if k, err := d.Cases.Find(d.ctx, list[0]); err != nil || k.State != cases.Draft || k.Number != "" {
			t.Errorf("half a refusal stayed: %+v %v", k, err)
		}
		k, err := d.Visits.Refuse(d.ctx, d.clerk, v.ID, cases.Ref{ID: list[0]}, "不属于本区职权范围")
		if err != nil || k.State != cases.Refused || k.Number == "" {
			t.Errorf("%+v %v", k, err)
		}
	})
}

// Beginning another visit parks the first; it comes back as it was, for a
// colleague of the hall too, but for nobody else.
func TestParkedAndResumed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, x *db.DB) {
		d := newDesk(t, x)
		v := d.begin()
		d.must(d.Visits.Add(d.ctx, d.clerk, visit.Ref{ID: v.ID}, "KJ-0001"))
		d.must(d.Visits.Write(d.ctx, d.clerk, visit.Ref{ID: v.ID}, "回车上取公章"))
		talent := d.Actor(t, "talent")
		second := d.must(d.Visits.Begin(d.ctx, d.clerk, visit.BeginInput{AccountID: talent.ID}))
		first := d.must(d.Visits.Visit(d.ctx, d.clerk, v.ID))
		if first.State != visit.Parked || first.ParkedAt.IsZero() {
			t.Fatalf("%+v", first)
		}
		if now, ok, err := d.Visits.Current(d.ctx, d.clerk); err != nil || !ok || now.ID != second.ID {
			t.Fatalf("%+v %v", now, err)
		}
		colleague, stranger := d.Actor(t, "clerk-a02"), d.Actor(t, "clerk3")
		if _, err := d.Visits.Resume(d.ctx, stranger, v.ID); !errors.Is(err, visit.ErrNotFound) {
			t.Errorf("a clerk of another hall: %v", err)
		}
		if _, err := d.Visits.Resume(d.ctx, colleague, second.ID); !errors.Is(err, visit.ErrForbidden) {
			t.Errorf("taken from under the hands of a colleague: %v", err)
		}
		back := d.must(d.Visits.Resume(d.ctx, colleague, v.ID))
		if back.State != visit.Open || back.ClerkID != colleague.ID || back.WindowID == "main/A01" || back.Note != "回车上取公章" || !slices.Equal(back.Items, []string{"KJ-0001"}) {
			t.Errorf("%+v", back)
		}
		if _, err := d.Visits.Add(d.ctx, d.clerk, visit.Ref{ID: v.ID}, "KJ-0004"); !errors.Is(err, visit.ErrForbidden) {
			t.Errorf("two clerks in one visit: %v", err)
		}
		if _, err := d.Visits.Write(d.ctx, colleague, visit.Ref{ID: v.ID, Version: 1}, "x"); !errors.Is(err, visit.ErrStale) {
			t.Errorf("written over: %v", err)
		}
		d.Clock.Advance(visit.SweepAge + time.Hour)
		if n, err := d.Visits.Sweep(d.ctx); err != nil || n != 2 {
			t.Errorf("%d %v", n, err)
		}
	})
}

func TestNobodyActsForAFirmThatIsNotHis(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.New(t))
	talent := d.Actor(t, "talent")
	if _, err := d.Visits.Begin(d.ctx, d.clerk, visit.BeginInput{AccountID: talent.ID, EnterpriseID: d.who.Firms[0]}); !errors.Is(err, visit.ErrNoAgent) {
		t.Errorf("%v", err)
	}
	if _, err := d.Visits.Begin(d.ctx, d.who, visit.BeginInput{AccountID: d.who.ID}); !errors.Is(err, visit.ErrForbidden) {
		t.Errorf("an applicant behind the window: %v", err)
	}
	v := d.must(d.Visits.Begin(d.ctx, d.clerk, visit.BeginInput{}))
	if _, err := d.Visits.Add(d.ctx, d.clerk, visit.Ref{ID: v.ID}, "KJ-0001"); !errors.Is(err, visit.ErrNobody) {
		t.Errorf("an item for nobody: %v", err)
	}
	v = d.must(d.Visits.Identify(d.ctx, d.clerk, visit.Ref{ID: v.ID}, talent.ID, ""))
	if _, err := d.Visits.Add(d.ctx, d.clerk, visit.Ref{ID: v.ID}, "KJ-0001"); !errors.Is(err, visit.ErrItem) {
		t.Errorf("a firm's licence for a person: %v", err)
	}
	other := d.Submitted(t, "applicant", "KJ-0001")
	if _, err := d.Visits.TakeUp(d.ctx, d.clerk, visit.Ref{ID: v.ID}, other.ID); !errors.Is(err, cases.ErrNotFound) {
		t.Errorf("somebody else's case in a visit: %v", err)
	}
	if _, err := d.Visits.Accept(d.ctx, d.clerk, v.ID, cases.Ref{ID: other.ID}); !errors.Is(err, visit.ErrNotFound) {
		t.Errorf("a case that is not part of the visit: %v", err)
	}
}
