package mandate_test

import (
	"errors"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/mandate"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestAnOrganisationUnderAMandate: its people act within the limits, show in
// whose service, give nothing on, and stop at once when either side ends it.
func TestAnOrganisationUnderAMandate(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		is := func(what string, err, want error) {
			t.Helper()
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", what, err, want)
			}
		}
		owner, head, worker := b.who("applicant"), b.who("luzhengping"), b.who("fanxiaoyue")
		org, err := b.Identity.Enterprise(b.ctx, head.Firms[0])
		is("the organisation", err, nil)
		g := mandate.Grant{Items: []string{"KJ-0001"}, Until: "2026-12-31"}
		is("an agent gives one", b.Mandates.Commission(b.ctx, b.who("agent"), b.firm, org.USCC, g), mandate.ErrForbidden)
		is("a stranger gives one", b.Mandates.Commission(b.ctx, head, b.firm, org.USCC, g), mandate.ErrNotFound)
		is("to nobody", b.Mandates.Commission(b.ctx, owner, b.firm, "91371600MA00000000", g), mandate.ErrNoFirm)
		is("the owner gives one", b.Mandates.Commission(b.ctx, owner, b.firm, org.USCC, g), nil)
		is("twice", b.Mandates.Commission(b.ctx, owner, b.firm, org.USCC, g), mandate.ErrMandated)
		_, held, err := b.Mandates.Commissions(b.ctx, head, org.ID)
		if err != nil || len(held) != 1 {
			t.Fatalf("%+v %v", held, err)
		}
		id := held[0].ID
		if b.who("luzhengping").ActsFor(b.firm) {
			t.Error("its head acts though nobody was named")
		}
		is("the firm names", b.Mandates.Name(b.ctx, owner, id, worker.ID), mandate.ErrForbidden)
		is("its agent names himself", b.Mandates.Name(b.ctx, worker, id, worker.ID), mandate.ErrNotFound)
		is("somebody of another firm", b.Mandates.Name(b.ctx, head, id, b.who("weihaoran").ID), mandate.ErrInvalid)
		is("its head names one", b.Mandates.Name(b.ctx, head, id, worker.ID), nil)

		worker = b.who("fanxiaoyue")
		if !worker.May(b.firm, auth.ModuleCases, "KJ-0001", true) || worker.May(b.firm, auth.ModuleCases, "KJ-0002", false) || worker.Leads(b.firm, auth.LevelAgent) {
			t.Errorf("%+v", worker.Mandates)
		}
		_, err = b.Mandates.People(b.ctx, worker, b.firm)
		is("he reads who else acts", err, mandate.ErrNotFound)
		other, err := b.Identity.Enterprise(b.ctx, b.who("weihaoran").Firms[0])
		is("a third firm", err, nil)
		is("he gives it on", b.Mandates.Commission(b.ctx, worker, b.firm, other.USCC, g), mandate.ErrForbidden)
		is("his head gives it on", b.Mandates.Commission(b.ctx, head, b.firm, other.USCC, g), mandate.ErrNotFound)
		// Under a mandate of the organisation somebody acts for it, not for those that it acts for.
		is("a mandate of the organisation", b.Mandates.Commission(b.ctx, head, org.ID, other.USCC, mandate.Grant{}), nil)
		_, held, err = b.Mandates.Commissions(b.ctx, b.who("weihaoran"), other.ID)
		is("is held", err, nil)
		is("and used", b.Mandates.Name(b.ctx, b.who("weihaoran"), held[0].ID, b.who("weihaoran").ID), nil)
		if w := b.who("weihaoran"); !w.ActsFor(org.ID) || w.ActsFor(b.firm) {
			t.Errorf("a chain: %+v", w.Mandates)
		}
		is("named by way of another", b.Mandates.Name(b.ctx, head, id, b.who("weihaoran").ID), mandate.ErrInvalid)

		k, err := b.Cases.Start(b.ctx, worker, cases.StartInput{ItemCode: "KJ-0001", EnterpriseID: b.firm})
		is("he begins", err, nil)
		b.Fill(t, worker, k.ID)
		k, err = b.Cases.Submit(b.ctx, worker, cases.Ref{ID: k.ID})
		is("and hands in", err, nil)
		v, err := b.Cases.View(b.ctx, owner, k.ID)
		is("the firm sees it", err, nil)
		if e := v.Events[0]; e.ActorID != worker.ID || e.Detail["mandate"] != id || e.Detail["via"] == nil {
			t.Errorf("who acted: %+v", e)
		}

		is("a stranger ends it", b.Mandates.EndCommission(b.ctx, b.who("talent"), id, "x"), mandate.ErrNotFound)
		is("the organisation ends it", b.Mandates.EndCommission(b.ctx, head, id, "合同到期"), nil)
		if b.who("fanxiaoyue").ActsFor(b.firm) {
			t.Error("he still acts")
		}
		_, err = b.Cases.View(b.ctx, b.who("fanxiaoyue"), k.ID)
		is("he still sees", err, cases.ErrNotFound)
		is("again", b.Mandates.EndCommission(b.ctx, owner, id, "x"), mandate.ErrOver)
		left, err := b.Cases.LeftBehind(b.ctx, owner, b.firm)
		if err != nil || len(left) != 1 || left[0].Account.ID != worker.ID {
			t.Errorf("what he had in hand: %+v %v", left, err)
		}
	})
}

// TestThreeAdministrators: nobody holds two of the three posts.
func TestThreeAdministrators(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		post := func(r auth.Role) auth.Post { return auth.Post{Role: r, DepartmentID: "zw", Region: "371671"} }
		in := identity.StaffInput{Login: "both", Password: "a long password", Posts: []auth.Post{post(auth.SystemAdmin), post(auth.AuditAdmin)}}
		in.Name.ZH = "两头"
		for _, by := range []auth.Actor{b.who("system-admin"), auth.SystemActor()} {
			if _, err := b.Identity.CreateStaff(b.ctx, by, in); !errors.Is(err, identity.ErrInvalid) {
				t.Errorf("%s: %v", by.Name, err)
			}
		}
		in.Posts = in.Posts[:1]
		if _, err := b.Identity.CreateStaff(b.ctx, b.who("system-admin"), in); !errors.Is(err, identity.ErrInvalid) { // it needs a second person
			t.Error(err)
		}
		if _, err := b.Identity.CreateStaff(b.ctx, auth.SystemActor(), in); err != nil {
			t.Error(err)
		}
	})
}
