package cases_test

import (
	"errors"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/visit"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/mandate"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// endAgent ends what somebody may do for a firm.
func endAgent(b bench, by auth.Actor, firm, account string) error {
	all, err := b.Mandates.People(b.ctx, by, firm)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(p mandate.Person) bool { return p.AccountID == account && p.State == mandate.InForce })
	_, err = b.Mandates.End(b.ctx, by, firm, all[i].Mandate.ID, "离职")
	return err
}

// limit gives the agent of the first firm of the demonstration these limits.
func limit(t *testing.T, b bench, login string, g mandate.Grant) {
	t.Helper()
	owner, who := b.Actor(t, "applicant"), b.Actor(t, login)
	firm := firmOf(owner)
	g.Level = auth.LevelAgent
	all, err := b.Mandates.People(b.ctx, owner, firm)
	if err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(all, func(p mandate.Person) bool { return p.AccountID == who.ID && p.State != mandate.Over }); i >= 0 {
		err = b.Mandates.Change(b.ctx, owner, firm, all[i].Mandate.ID, all[i].Version, g)
	} else {
		acc, aerr := b.Identity.Account(b.ctx, who.ID)
		if aerr != nil {
			t.Fatal(aerr)
		}
		_, err = b.Mandates.Appoint(b.ctx, owner, firm, acc.Phone, acc.Name.ZH, g)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestAnAgentOfOneItem: who acts for one item sees, is offered, and may do
// nothing of the others, on every way.
func TestAnAgentOfOneItem(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		owner := b.Actor(t, "applicant")
		firm := firmOf(owner)
		before := b.start(t, b.Actor(t, "agent"), "KJ-0004") // a draft from when he had all
		ours, others := b.submitted(t, "KJ-0001"), b.submitted(t, "KJ-0002")
		limit(t, b, "agent", mandate.Grant{Items: []string{"KJ-0001"}, Until: "2026-03-31"})
		agent := b.Actor(t, "agent")
		if !agent.ActsFor(firm) || agent.May(firm, auth.ModuleCases, "KJ-0002", false) || !agent.May(firm, auth.ModuleCases, "KJ-0001", true) {
			t.Fatalf("%+v", agent.Mandates)
		}
		if _, err := b.Cases.View(b.ctx, agent, ours.ID); err != nil {
			t.Errorf("his own item: %v", err)
		}
		for _, id := range []cases.ID{others.ID, before.ID} {
			if _, err := b.Cases.View(b.ctx, agent, id); !errors.Is(err, cases.ErrNotFound) {
				t.Errorf("another item: %v", err)
			}
			if _, err := b.Cases.Withdraw(b.ctx, agent, cases.Ref{ID: id}, "不办了"); !errors.Is(err, cases.ErrNotFound) {
				t.Errorf("withdraws it: %v", err)
			}
			if _, _, err := b.Cases.Copy(b.ctx, agent, id); !errors.Is(err, cases.ErrNotFound) {
				t.Errorf("copies it: %v", err)
			}
			if _, err := b.Cases.SaveTyped(b.ctx, agent, id, 1, url.Values{}); !errors.Is(err, cases.ErrNotFound) {
				t.Errorf("types in it: %v", err)
			}
			if _, err := b.Talk.Thread(b.ctx, agent, id, ""); !errors.Is(err, cases.ErrNotFound) {
				t.Errorf("reads its messages: %v", err)
			}
		}
		if _, err := b.Cases.Start(b.ctx, agent, cases.StartInput{ItemCode: "KJ-0002", EnterpriseID: firm}); !errors.Is(err, cases.ErrScope) {
			t.Errorf("begins another item: %v", err)
		}
		if _, err := b.Cases.Start(b.ctx, agent, cases.StartInput{ItemCode: "YJS-0019", EnterpriseID: firm}); !errors.Is(err, cases.ErrScope) {
			t.Errorf("begins a bundle: %v", err)
		}
		if _, err := b.Cases.Start(b.ctx, agent, cases.StartInput{Cart: []string{"KJ-0001", "KJ-0004"}, EnterpriseID: firm}); !errors.Is(err, cases.ErrScope) {
			t.Errorf("orders a cart: %v", err)
		}
		clerk := b.Actor(t, "clerk")
		if _, err := b.Cases.Start(b.ctx, clerk, cases.StartInput{ItemCode: "KJ-0002", EnterpriseID: firm, AccountID: agent.ID}); !errors.Is(err, cases.ErrScope) {
			t.Errorf("a clerk begins it for him: %v", err)
		}
		rows, err := b.Cases.List(b.ctx, agent, cases.Filter{List: cases.ListAll, Request: pageOf(50)})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows.Rows {
			if r.ItemCode != "KJ-0001" {
				t.Errorf("the list shows %s", r.ItemCode)
			}
		}
		if seen, err := b.Cases.OfVisitor(b.ctx, clerk, agent, 50); err != nil || slices.ContainsFunc(seen, func(k cases.Case) bool { return k.ItemCode != "KJ-0001" }) {
			t.Errorf("the window shows more: %v %v", seen, err)
		}
		// and at the window, by the code that he shows
		code, err := b.Identity.OfferDesk(b.ctx, agent, firm)
		if err != nil {
			t.Fatal(err)
		}
		v, err := b.Visits.Begin(b.ctx, clerk, visit.BeginInput{DeskCode: code.Code})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Visits.Add(b.ctx, clerk, visit.Ref{ID: v.ID}, "KJ-0002"); !errors.Is(err, visit.ErrScope) {
			t.Errorf("the clerk adds what he may not: %v", err)
		}
		if _, err := b.Visits.TakeUp(b.ctx, clerk, visit.Ref{ID: v.ID}, others.ID); !errors.Is(err, cases.ErrNotFound) {
			t.Errorf("the clerk takes up what he may not: %v", err)
		}
		if _, err := b.Visits.Add(b.ctx, clerk, visit.Ref{ID: v.ID}, "KJ-0001"); err != nil {
			t.Errorf("what he may: %v", err)
		}
		// his draft from before can be given on
		left, err := b.Cases.LeftBehind(b.ctx, owner, firm)
		if err != nil || len(left) != 1 || left[0].Cases[0].ID != before.ID {
			t.Errorf("left behind: %+v %v", left, err)
		}
		// who may not read it is not told of it
		if told, err := b.Cases.Followers(b.ctx, &others); err != nil || slices.ContainsFunc(told, func(a identity.Account) bool { return a.ID == agent.ID }) {
			t.Errorf("he is told: %v %v", told, err)
		}
		// The period ends by itself: no job runs between these two lines.
		b.Clock.Set(time.Date(2026, 3, 31, 15, 59, 59, 0, time.UTC))
		if a := b.Actor(t, "agent"); !a.ActsFor(firm) {
			t.Error("it ended a second early")
		}
		b.Clock.Set(time.Date(2026, 3, 31, 16, 0, 0, 0, time.UTC))
		gone := b.Actor(t, "agent")
		if _, err := b.Cases.View(b.ctx, gone, ours.ID); gone.ActsFor(firm) || !errors.Is(err, cases.ErrNotFound) {
			t.Errorf("it did not end: %v", err)
		}
		if _, _, err := b.Visits.Start(b.ctx, clerk, visit.Ref{ID: v.ID}); err == nil {
			t.Error("the clerk files for who acts no more")
		}
	})
}

// TestAnAgentWhoOnlyReads sees the cases of the firm and changes none.
func TestAnAgentWhoOnlyReads(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		owner := b.Actor(t, "applicant")
		k := b.submitted(t, "KJ-0001")
		limit(t, b, "agent", mandate.Grant{ReadOnly: true})
		agent := b.Actor(t, "agent")
		v, err := b.Cases.View(b.ctx, agent, k.ID)
		if err != nil || len(v.Can) != 0 {
			t.Fatalf("%v %v", v.Can, err)
		}
		if _, err := b.Cases.Withdraw(b.ctx, agent, cases.Ref{ID: k.ID}, "不办了"); !errors.Is(err, cases.ErrForbidden) {
			t.Errorf("withdraws: %v", err)
		}
		if _, err := b.Cases.Start(b.ctx, agent, cases.StartInput{ItemCode: "KJ-0002", EnterpriseID: firmOf(owner)}); !errors.Is(err, cases.ErrScope) {
			t.Errorf("begins: %v", err)
		}
		if _, err := b.Cases.HandOver(b.ctx, owner, cases.Ref{ID: k.ID}, agent.ID, ""); !errors.Is(err, cases.ErrPartner) {
			t.Errorf("is given one: %v", err)
		}
	})
}

// TestGivenToAColleague gives all that a leaver left to somebody who may go on.
func TestGivenToAColleague(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		owner, agent, heir := b.Actor(t, "applicant"), b.Actor(t, "agent"), b.Actor(t, "talent")
		firm := firmOf(owner)
		draft, handed := b.start(t, agent, "KJ-0004"), b.Submitted(t, "agent", "KJ-0002")
		limit(t, b, "talent", mandate.Grant{Items: []string{"KJ-0004"}})
		if err := endAgent(b, owner, firm, agent.ID); err != nil {
			t.Fatal(err)
		}
		n, err := b.Cases.Recover(b.ctx, owner, firm, agent.ID, heir.ID)
		if n != 1 || !errors.Is(err, cases.ErrPartner) {
			t.Fatalf("only what is within his authorisation: %d %v", n, err)
		}
		heir = b.Actor(t, "talent")
		if _, err := b.Cases.Form(b.ctx, heir, draft.ID); err != nil {
			t.Errorf("he cannot go on with the draft: %v", err)
		}
		if b.told(t, heir, "case_given") != 1 {
			t.Error("he was not told")
		}
		if n, err := b.Cases.Recover(b.ctx, owner, firm, agent.ID, owner.ID); n != 1 || err != nil {
			t.Errorf("the rest: %d %v", n, err)
		}
		after, err := b.Cases.Find(b.ctx, handed.ID)
		if err != nil || after.AccountID != owner.ID {
			t.Errorf("%+v %v", after.AccountID, err)
		}
		v, err := b.Cases.View(b.ctx, owner, draft.ID)
		if err == nil {
			e := v.Events[len(v.Events)-1]
			if e.Command != cases.CmdTakeOver || e.ActorID != owner.ID {
				t.Errorf("who acted: %+v", e)
			}
		} else if !errors.Is(err, cases.ErrNotFound) { // a draft is of who fills it in
			t.Error(err)
		}
	})
}

// TestAnOrderIsAllItsSteps: an authorisation for the code of a bundle alone is
// not for what it is made of, so an order is neither offered nor given on it.
func TestAnOrderIsAllItsSteps(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	owner := b.Actor(t, "applicant")
	limit(t, b, "agent", mandate.Grant{})
	order := b.start(t, owner, "YJS-0019")
	offer := func() error {
		_, err := b.Cases.HandOver(b.ctx, owner, cases.Ref{ID: order.ID}, b.Actor(t, "agent").ID, "")
		return err
	}
	if err := offer(); err != nil {
		t.Fatal(err)
	}
	limit(t, b, "agent", mandate.Grant{Items: []string{"YJS-0019"}})
	if _, err := b.Cases.TakeOver(b.ctx, b.Actor(t, "agent"), cases.Ref{ID: order.ID}); !errors.Is(err, cases.ErrScope) {
		t.Errorf("takes it over: %v", err)
	}
	if err := offer(); !errors.Is(err, cases.ErrPartner) {
		t.Errorf("is offered it: %v", err)
	}
	limit(t, b, "agent", mandate.Grant{})
	if _, err := b.Cases.TakeOver(b.ctx, b.Actor(t, "agent"), cases.Ref{ID: order.ID}); err != nil {
		t.Errorf("with all of it: %v", err)
	}
}

// TestReadingAnswersNothing: who may only read writes no message, and a result
// that he looks at stays unopened.
func TestReadingAnswersNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	k := b.submitted(t, "KJ-0001")
	limit(t, b, "agent", mandate.Grant{ReadOnly: true})
	if _, v, err := b.Cases.Voice(b.ctx, b.Actor(t, "agent"), k.ID); err != nil || v.Writes {
		t.Errorf("an agent who reads: %+v %v", v, err)
	}
	if _, v, err := b.Cases.Voice(b.ctx, b.Actor(t, "applicant"), k.ID); err != nil || !v.Writes {
		t.Errorf("the owner: %+v %v", v, err)
	}
	done := b.submitted(t, "KJ-0003") // an instant item, delivered electronically
	if err := b.Cases.Open(b.ctx, b.Actor(t, "agent"), done.ID); err != nil {
		t.Fatal(err)
	}
	if v, err := b.Cases.View(b.ctx, b.Actor(t, "applicant"), done.ID); err != nil || !v.Unopened() {
		t.Errorf("an agent who reads acknowledged it: %v", err)
	}
}
