package cases_test

import (
	"errors"
	"testing"
	"time"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity/mandate"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestListsShowWhatPagesShow holds the two readings of the table of rights
// against each other: for people of every role and every case of a lived-through
// past, a list shows the case exactly when its page does not say "not found".
func TestListsShowWhatPagesShow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		b.Clock.Set(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC))
		if err := b.FillHistory(b.ctx, 40, func(int, int) {}); err != nil {
			t.Fatal(err)
		}
		draft := b.start(t, b.Actor(t, "applicant"), "KJ-0004")
		narrowed := b.start(t, b.Actor(t, "agent"), "KJ-0004") // and then his authorisation is
		limit(t, b, "agent", mandate.Grant{Items: []string{"KJ-0001", "KJ-0002"}, Until: "2026-12-31"})
		limit(t, b, "talent", mandate.Grant{ReadOnly: true})
		b.carted(t) // of no desk
		all, err := db.List(b.ctx, d.Read(b.ctx), db.Scalar[string], `SELECT id FROM cases_case ORDER BY id`)
		if err != nil {
			t.Fatal(err)
		}
		z, err := demo.Load()
		if err != nil {
			t.Fatal(err)
		}
		var logins []string
		for _, s := range z.Staff {
			logins = append(logins, s.Login)
		}
		for _, p := range z.People[:12] {
			logins = append(logins, p.Login)
		}
		actors := []auth.Actor{{}, {Kind: auth.Client, ID: "client", Scopes: auth.Scopes}}
		for _, l := range logins {
			actors = append(actors, b.Actor(t, l))
		}
		seenByNone := map[string]bool{}
		for _, id := range all {
			seenByNone[id] = true
		}
		delete(seenByNone, string(narrowed.ID)) // who leads the firm is offered it as left behind
		for _, a := range actors {
			listed := map[cases.ID]bool{}
			for _, l := range []cases.ListName{cases.ListAll, cases.ListDraftsMine} {
				rows, err := b.Cases.List(b.ctx, a, cases.Filter{List: l, Request: pageOf(200)})
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range rows.Rows {
					listed[r.ID] = true
				}
			}
			for _, id := range all {
				_, err := b.Cases.View(b.ctx, a, cases.ID(id))
				if err != nil && !errors.Is(err, cases.ErrNotFound) {
					t.Fatal(err)
				}
				if (err == nil) != listed[cases.ID(id)] {
					t.Errorf("%s (%s): page shows %v, list shows %v", a.Name, id, err == nil, listed[cases.ID(id)])
				}
				if err == nil {
					delete(seenByNone, id)
				}
			}
		}
		if _, err := b.Cases.View(b.ctx, b.Actor(t, "clerk"), draft.ID); !errors.Is(err, cases.ErrNotFound) {
			t.Errorf("a clerk sees somebody's draft: %v", err)
		}
		if len(seenByNone) > 0 {
			t.Errorf("nobody sees %v", seenByNone)
		}
	})
}

// TestCommandsOfStrangers: whoever may not see a case finds nothing, whoever
// may see it but not do the thing is refused, and nothing changes.
func TestCommandsOfStrangers(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	k := b.submitted(t, "KJ-0001")
	before := k.Version
	ref := cases.Ref{ID: k.ID}
	try := map[string]struct {
		login string
		do    func(a auth.Actor) error
		want  error
	}{
		"another person withdraws":    {"talent", func(a auth.Actor) error { _, err := b.Cases.Withdraw(b.ctx, a, ref, "x"); return err }, cases.ErrNotFound},
		"another department endorses": {"handler-rs", func(a auth.Actor) error { _, err := b.Cases.Endorse(b.ctx, a, ref, cases.EndorseInput{}); return err }, cases.ErrNotFound},
		"the applicant accepts":       {"applicant", func(a auth.Actor) error { _, err := b.Cases.Accept(b.ctx, a, ref); return err }, cases.ErrForbidden},
		"a clerk decides":             {"clerk", func(a auth.Actor) error { _, err := b.Cases.Decide(b.ctx, a, ref, cases.DecideInput{}); return err }, cases.ErrForbidden},
		"the approver decides too early": {"approver", func(a auth.Actor) error {
			_, err := b.Cases.Decide(b.ctx, a, ref, cases.DecideInput{Outcome: cases.Granted})
			return err
		}, cases.ErrForbidden},
		"the system administrator accepts": {"system-admin", func(a auth.Actor) error { _, err := b.Cases.Accept(b.ctx, a, ref); return err }, cases.ErrNotFound},
		"somebody with an old page": {"clerk", func(a auth.Actor) error {
			_, err := b.Cases.Accept(b.ctx, a, cases.Ref{ID: k.ID, Version: 1})
			return err
		}, cases.ErrStale},
		"a refusal without a reason":     {"clerk", func(a auth.Actor) error { _, err := b.Cases.Refuse(b.ctx, a, ref, "  "); return err }, cases.ErrReason},
		"a notice that asks for nothing": {"clerk", func(a auth.Actor) error { _, err := b.Cases.AskSupplement(b.ctx, a, ref, cases.AskInput{}); return err }, cases.ErrNothing},
		"delivery before the decision": {"clerk", func(a auth.Actor) error {
			_, err := b.Cases.Deliver(b.ctx, a, ref, cases.DeliverInput{How: cases.ByPost, Receiver: "x", Tracking: "1"})
			return err
		}, cases.ErrState},
	}
	for name, tt := range try {
		if err := tt.do(b.Actor(t, tt.login)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	after, err := b.Cases.Find(b.ctx, k.ID)
	if err != nil || after.Version != before || after.State != cases.Submitted {
		t.Errorf("something changed: %+v %v", after, err)
	}
}

// TestOnlyADeskWithATaskStopsTheClock: a department whose part is done, or not
// yet begun, has no say over the clock.
func TestOnlyADeskWithATaskStopsTheClock(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	ref := cases.Ref{ID: b.submitted(t, "KJ-0001").ID}
	if _, err := b.Cases.Accept(b.ctx, b.Actor(t, "clerk"), ref); err != nil {
		t.Fatal(err)
	}
	hb := b.Actor(t, "handler-hb")
	if _, err := b.Cases.Endorse(b.ctx, hb, ref, cases.EndorseInput{Opinion: "同意"}); err != nil {
		t.Fatal(err)
	}
	for _, a := range []auth.Actor{hb, b.Actor(t, "approver")} {
		if _, err := b.Cases.Pause(b.ctx, a, ref, "expert", "专家评审"); !errors.Is(err, cases.ErrNoTask) {
			t.Errorf("%s stopped the clock: %v", a.Name, err)
		}
	}
}
