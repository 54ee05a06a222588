package cases_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestEveryOutcome decides one case in each way and holds what follows: the
// reason that is asked for, the certificate, the money, the notice, the paper
// and what a revocation can undo.
func TestEveryOutcome(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who, approver := b.Actor(t, "applicant"), b.Actor(t, "approver")
		granted := b.fund(t).Granted
		for _, o := range cases.Outcomes {
			k := b.subsidy(t, "10")
			b.handled(t, k.ID)
			ref, in := cases.Ref{ID: k.ID}, cases.DecideInput{Outcome: o, Said: cases.Typed{"amount": {"60000"}}}
			if _, err := b.Cases.Decide(b.ctx, approver, ref, in); o.NeedsReason() != errors.Is(err, cases.ErrReason) {
				t.Fatalf("%s without a reason: %v", o, err)
			}
			if o.NeedsReason() {
				in.Reason = "第三年度费用没有凭证"
				b.must(t)(b.Cases.Decide(b.ctx, approver, ref, in))
			}
			v, list, keys := b.papers(t, who, k.ID)
			if v.Outcome != o || v.Decision == nil || v.Decision.Outcome != o || strings.Contains(v.Decision.Text.ZH, "{") || strings.Contains(v.Decision.Text.EN, "{") {
				t.Fatalf("%s: %s %+v", o, v.Outcome, v.Decision)
			}
			if o.NeedsReason() && !strings.Contains(v.Decision.Text.ZH+v.Decision.Reason, "第三年度") {
				t.Errorf("%s: the reason stands nowhere: %+v", o, v.Decision)
			}
			want := map[cases.Outcome]string{cases.Granted: "grant", cases.Partly: "grant_part", cases.Denied: "deny", cases.Ended: "ending"}[o]
			i := slices.Index(keys, want)
			if i < 0 {
				t.Fatalf("%s: papers %v, want %s", o, keys, want)
			}
			doc, err := b.Cases.Issue(b.ctx, v, list[i])
			if err != nil {
				t.Fatal(err)
			}
			accepted, err := b.Cases.Issue(b.ctx, v, list[slices.Index(keys, "acceptance")])
			if err != nil {
				t.Fatal(err)
			}
			anybody := auth.Actor{From: "192.0.2.1"}
			if x, err := b.Cases.VerifyDocument(b.ctx, anybody, accepted.Code); err != nil || (x.Standing == cases.StandsChanged) != (o == cases.Ended) {
				t.Errorf("%s: the acceptance stands %s, %v", o, x.Standing, err)
			}
			if n := b.told(t, who, "case_decide_"+string(o)); n != 1 {
				t.Errorf("%s: told %d times", o, n)
			}
			if o.Grants() {
				granted += 6_000_000
			}
			if f := b.fund(t); f.Granted != granted || f.Reserved != 0 {
				t.Errorf("%s: the fund stands at %+v, want %d granted", o, f, granted)
			}
			_, err = b.Cases.Revoke(b.ctx, approver, ref, "材料不实")
			if o.Grants() != (err == nil) {
				t.Errorf("%s: revoked: %v", o, err)
			}
			if !o.Grants() {
				continue
			}
			granted -= 6_000_000
			if x, err := b.Cases.VerifyDocument(b.ctx, anybody, doc.Code); err != nil || x.Standing != cases.StandsRevoked {
				t.Errorf("%s: after the revocation its paper stands %s, %v", o, x.Standing, err)
			}
		}
		if _, err := b.Cases.Decide(b.ctx, approver, cases.Ref{ID: b.subsidy(t, "10").ID}, cases.DecideInput{Outcome: cases.OutcomeWithdrawn, Reason: "x"}); err == nil {
			t.Error("decided with what is no outcome of a decision")
		}
	})
}

// TestGrantedInPartHasItsCertificate: what an item issues with a grant it issues
// with a grant in part, and with nothing else.
func TestGrantedInPartHasItsCertificate(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who := b.Actor(t, "applicant")
		for _, o := range []cases.Outcome{cases.Partly, cases.Ended} {
			k := b.accepted(t, "KJ-0001")
			b.handled(t, k.ID)
			b.must(t)(b.Cases.Decide(b.ctx, b.Actor(t, "approver"), cases.Ref{ID: k.ID}, cases.DecideInput{Outcome: o, Reason: "二号动物房不符合环境标准"}))
			v := b.view(t, who, k.ID)
			c, ok, err := b.Cases.Certificate(b.ctx, v)
			if err != nil || ok != (o == cases.Partly) || ok && c.CaseID != string(k.ID) {
				t.Errorf("%s: certificate %+v %v %v", o, c, ok, err)
			}
		}
	})
}
