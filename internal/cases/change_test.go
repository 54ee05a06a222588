package cases_test

import (
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestAChangeIssuesTheNextEdition: who asked for a change of a certificate and is
// granted it holds that very one in its next version; the former is replaced, in
// the transaction of the decision.
func TestAChangeIssuesTheNextEdition(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		sys, who := auth.SystemActor(), b.Actor(t, "applicant")
		e, err := b.Identity.Enterprise(b.ctx, who.Firms[0])
		if err != nil {
			t.Fatal(err)
		}
		was, err := b.Identity.Issue(b.ctx, sys, identity.IssueInput{Type: "lab_animal_permit", Holder: e.Party(), Issuer: "kj", Until: "2030-12-31", CaseID: "first"})
		if err != nil {
			t.Fatal(err)
		}
		b.Clock.Advance(time.Minute)
		k := b.accepted(t, "KJ-0113")
		b.handled(t, k.ID)
		b.Clock.Advance(24 * time.Hour)
		if _, err := b.Cases.Decide(b.ctx, b.Actor(t, "approver"), cases.Ref{ID: k.ID}, cases.DecideInput{Outcome: cases.Granted}); err != nil {
			t.Fatal(err)
		}
		now, ok, err := b.Identity.CertificateOfCase(b.ctx, string(k.ID))
		if err != nil || !ok || now.ID != was.ID || now.Number != was.Number || now.Edition != 2 || now.ValidTo != "2030-12-31" || now.Token == was.Token || now.Code == was.Code || now.State != identity.CertValid {
			t.Fatalf("%+v %v", now, err)
		}
		if first, ok, err := b.Identity.CertificateOfCase(b.ctx, "first"); err != nil || !ok || first.ID != was.ID {
			t.Errorf("the first case lost its certificate: %+v %v", first, err)
		}
		list, err := b.Identity.Certificates(b.ctx, []string{e.ID})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, c := range list {
			if c.Type == "lab_animal_permit" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d permits in force", n)
		}
		former, err := b.Identity.Verify(b.ctx, auth.Actor{From: "x"}, was.Token)
		if err != nil || former.State != identity.CertReplaced || !former.ReplacedAt.Equal(now.IssuedAt) {
			t.Errorf("%+v %v", former, err)
		}
		// Undoing the change does not take away what was there before it.
		if n, err := b.Identity.RevokeCertificates(b.ctx, sys, string(k.ID), "x"); err != nil || n != 1 {
			t.Errorf("%d %v", n, err)
		}
		if c, err := b.Identity.CertificateByID(b.ctx, was.ID); err != nil || c.State != identity.CertSuspended {
			t.Errorf("%+v %v", c, err)
		}
		if n, err := b.Identity.RevokeCertificates(b.ctx, sys, "first", "x"); err != nil || n != 1 {
			t.Errorf("%d %v", n, err)
		}
		if c, err := b.Identity.CertificateByID(b.ctx, was.ID); err != nil || c.State != identity.CertRevoked {
			t.Errorf("%+v %v", c, err)
		}
	})
}
