package cases_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/budget"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// awarding of the subsidy to the firm of the applicant.
func (b bench) awarding(t *testing.T, key string) cases.Awarding {
	t.Helper()
	who := b.Actor(t, "applicant")
	return cases.Awarding{
		Key: key, Item: "KJ-0004", Firm: firmOf(who), Account: who.ID, Amount: 12_345_600,
		Basis: i18n.Text{ZH: "《支持企业创新若干措施》第三条，公示名单二〇二六年第一批，公示期满没有异议。", EN: "Measures for innovation, clause 3, first list of 2026, shown without objections."}, Link: "/grants/1",
	}
}

// TestAward: a firm gets a case that it did not ask for, granted and over, with a
// number, a decision, papers and news; the procedure of the item has no part in it.
func TestAward(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		system, who, approver := auth.SystemActor(), b.Actor(t, "applicant"), b.Actor(t, "approver")
		before := b.fund(t)
		k, err := b.Cases.Award(b.ctx, system, b.awarding(t, "grant:1"))
		if err != nil {
			t.Fatal(err)
		}
		again, err := b.Cases.Award(b.ctx, approver, b.awarding(t, "grant:1"))
		if err != nil || again.ID != k.ID || again.LastSeq != k.LastSeq {
			t.Errorf("a second call: %s for %s, %v", again.ID, k.ID, err)
		}
		if k.State != cases.Delivered || k.Outcome != cases.Granted || k.Number == "" || k.DataVersion != 0 || !k.AcceptedAt.IsZero() || !k.DueAt.IsZero() ||
			!k.SubmittedAt.Equal(k.DecidedAt) || !k.ClosedAt.Equal(k.DecidedAt) || k.Channel != cases.ByAward || k.AccountID != who.ID {
			t.Errorf("%+v", k)
		}
		v := b.view(t, who, k.ID)
		a, ok := v.Award()
		if !ok || a.Amount != 12_345_600 || a.Link != "/grants/1" || a.Key != "grant:1" || !strings.Contains(a.Basis.EN, "clause 3") {
			t.Errorf("%v %+v", ok, a)
		}
		if v.Decision == nil || !strings.Contains(v.Decision.Text.ZH, "123,456.00元") || !strings.Contains(v.Decision.Text.EN, "clause 3") || !strings.Contains(v.Decision.Reason, "第三条") {
			t.Errorf("%+v", v.Decision)
		}
		if len(v.Events) != 2 || v.Events[0].From != cases.Draft || v.Events[0].To != cases.Decided || v.Events[1].To != cases.Delivered || len(v.Materials) != 0 || len(v.Procedure) != 0 || len(v.Can) != 0 || !v.Unopened() {
			t.Errorf("events %+v, materials %v, procedure %v, can %v", v.Events, v.Materials, v.Procedure, v.Can)
		}
		if f := b.fund(t); f != before {
			t.Errorf("the fund of the item took part: %+v", f)
		}
		n, err := db.One(b.ctx, d.Read(b.ctx), db.Scalar[int], `SELECT count(*) FROM notify_message WHERE kind='case_award' AND link=$1`, "/my/cases/"+string(k.ID))
		if err != nil || n != 1 {
			t.Errorf("told %d times, %v", n, err)
		}
		if n, err = db.One(b.ctx, d.Read(b.ctx), db.Scalar[int], `SELECT count(*) FROM feedback_invitation WHERE case_id=$1`, string(k.ID)); err != nil || n != 1 {
			t.Errorf("asked for a rating %d times, %v", n, err)
		}
		papers, err := b.Cases.Papers(b.ctx, who, v)
		if err != nil || len(papers) != 1 || papers[0].Key != "award" {
			t.Fatalf("papers %+v, %v", papers, err)
		}
		paper, err := b.Cases.Issue(b.ctx, v, papers[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Cases.Open(b.ctx, who, k.ID); err != nil {
			t.Error(err)
		}
		if v = b.view(t, who, k.ID); v.Unopened() || len(v.Events) != 3 {
			t.Errorf("opened: %+v", v.Events)
		}
		if _, _, err := b.Cases.Copy(b.ctx, who, k.ID); !errors.Is(err, cases.ErrState) {
			t.Errorf("copied: %v", err)
		}
		if _, _, err := b.Cases.Revisions(b.ctx, who, k.ID); !errors.Is(err, cases.ErrNotFound) {
			t.Errorf("revisions: %v", err)
		}
		b.awardListed(t, k)

		// What the caller booked for it goes back with the decision, whoever undoes it.
		if err := b.Budget.Grant(b.ctx, system, budget.Booking{Fund: "rd-subsidy", Key: "grant:1", CaseID: string(k.ID), CaseNumber: k.Number, Party: k.Party.Name, Amount: 12_345_600, Reason: "名单"}); err != nil {
			t.Fatal(err)
		}
		if f := b.fund(t); f.Granted != before.Granted+12_345_600 {
			t.Errorf("booked: %+v", f)
		}
		if _, err := b.Cases.Unaward(b.ctx, b.Actor(t, "head-sc"), "grant:1", "不是本部门"); !errors.Is(err, cases.ErrNotFound) {
			t.Errorf("undone by another department: %v", err)
		}
		if _, err := b.Cases.Unaward(b.ctx, approver, "grant:1", ""); !errors.Is(err, cases.ErrReason) {
			t.Errorf("undone without a reason: %v", err)
		}
		if _, err := b.Cases.Unaward(b.ctx, approver, "grant:none", "没有"); !errors.Is(err, cases.ErrNotFound) {
			t.Errorf("undone what there is not: %v", err)
		}
		k, err = b.Cases.Unaward(b.ctx, approver, "grant:1", "事后发现企业已经迁出")
		if err != nil || k.State != cases.Revoked {
			t.Fatal(k.State, err)
		}
		if f := b.fund(t); f.Granted != before.Granted || f.Reserved != before.Reserved {
			t.Errorf("after it was undone: %+v", f)
		}
		if x, err := b.Cases.Unaward(b.ctx, approver, "grant:1", "再来一次"); err != nil || x.Version != k.Version {
			t.Errorf("undone twice: %d after %d, %v", x.Version, k.Version, err)
		}
		if x, err := b.Cases.VerifyDocument(b.ctx, auth.Actor{From: "192.0.2.1"}, paper.Code); err != nil || x.Standing != cases.StandsRevoked {
			t.Errorf("the paper: %s, %v", x.Standing, err)
		}
		if r, err := b.Audit.Verify(b.ctx); err != nil || r.Broken != nil {
			t.Errorf("audit: %+v %v", r.Broken, err)
		}
	})
}

// awardListed looks for the case in the lists of the firm and of staff.
func (b bench) awardListed(t *testing.T, k cases.Case) {
	t.Helper()
	for login, f := range map[string]cases.Filter{
		"applicant": {List: cases.ListApplicant},
		"approver":  {List: cases.ListAll, Channel: cases.ByAward},
		"leader":    {List: cases.ListAll, Outcome: cases.Granted},
	} {
		f.Request = page.Request{Size: 100}
		r, err := b.Cases.List(b.ctx, b.Actor(t, login), f)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, row := range r.Rows {
			found = found || row.ID == k.ID
		}
		if !found {
			t.Errorf("%s does not find it among %d", login, len(r.Rows))
		}
	}
	r, err := b.Cases.List(b.ctx, b.Actor(t, "clerk"), cases.Filter{List: cases.ListToAccept, Request: page.Request{Size: 100}})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range r.Rows {
		if row.ID == k.ID {
			t.Error("somebody is to accept it")
		}
	}
}

// TestAwardWhat: items off the shelves by somebody's word are refused by name, a
// closed window is not; who confirms and does not act for the firm is nobody.
func TestAwardWhat(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		system := auth.SystemActor()
		a := b.awarding(t, "grant:1")
		for what, bad := range map[string]func(a *cases.Awarding){
			"no key":           func(a *cases.Awarding) { a.Key = "" },
			"no firm":          func(a *cases.Awarding) { a.Firm = "" },
			"no amount":        func(a *cases.Awarding) { a.Amount = 0 },
			"no basis":         func(a *cases.Awarding) { a.Basis = i18n.Text{ZH: " "} },
			"a link elsewhere": func(a *cases.Awarding) { a.Link = "//example.com" },
			"a bundle":         func(a *cases.Awarding) { a.Item = "YJS-0019" },
		} {
			x := a
			bad(&x)
			if _, err := b.Cases.Award(b.ctx, system, x); !errors.Is(err, cases.ErrAward) {
				t.Errorf("%s: %v", what, err)
			}
		}
		x := a
		x.Item = "KJ-9999"
		if _, err := b.Cases.Award(b.ctx, system, x); !errors.Is(err, catalogue.ErrNotFound) {
			t.Errorf("no such item: %v", err)
		}

		// Nobody confirmed, or somebody who does not act for the firm: all who do are told.
		x = a
		x.Key, x.Account = "grant:2", b.Actor(t, "citizen").ID
		k, err := b.Cases.Award(b.ctx, system, x)
		if err != nil || k.AccountID != "" {
			t.Fatal(k.AccountID, err)
		}
		b.view(t, b.Actor(t, "applicant"), k.ID)
		if n, err := db.One(b.ctx, d.Read(b.ctx), db.Scalar[int], `SELECT count(*) FROM notify_message WHERE kind='case_award' AND account_id=$1`, b.Actor(t, "applicant").ID); err != nil || n != 1 {
			t.Errorf("told %d times, %v", n, err)
		}

		// An offer whose last day is over is kept; what the department suspended is not.
		keeper := b.Actor(t, "catalogue-admin")
		b.Renew(t, "KJ-0005", func(def *catalogue.Definition) { def.Channels = []catalogue.Channel{catalogue.AtWindow} })
		x.Key, x.Item = "grant:3", "KJ-0005"
		if _, err := b.Cases.Award(b.ctx, system, x); err != nil {
			t.Errorf("an item that is asked for at windows only: %v", err)
		}
		record, _, err := b.Catalogue.History(b.ctx, keeper, "KJ-0005")
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Catalogue.SuspendFor(b.ctx, keeper, "KJ-0005", record.Version, catalogue.Stop{Reason: "政策调整"}); err != nil {
			t.Fatal(err)
		}
		x.Key = "grant:4"
		if _, err := b.Cases.Award(b.ctx, system, x); !errors.Is(err, catalogue.ErrSuspended) {
			t.Errorf("suspended: %v", err)
		}
		if _, ok, err := b.Cases.Awarded(b.ctx, "grant:4"); ok || err != nil {
			t.Errorf("what was refused left a case, %v", err)
		}
	})
}

// TestHaving: who has what an item gives, or is about to get it, by an application
// or by a list; what came to nothing does not count.
func TestHaving(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		firm := firmOf(b.Actor(t, "applicant"))
		asked := []string{firm, "nobody"}
		has := func(what string, since time.Time, want bool) {
			t.Helper()
			m, err := b.Cases.Having(b.ctx, "KJ-0004", asked, since)
			if err != nil || m[firm] != want || m["nobody"] || len(m) > 1 {
				t.Errorf("%s: %v, %v", what, m, err)
			}
		}
		has("nothing", time.Time{}, false)
		b.start(t, b.Actor(t, "applicant"), "KJ-0004")
		has("a draft", time.Time{}, false)
		k := b.subsidy(t, "10")
		has("running", time.Time{}, true)
		has("since it was handed in", k.SubmittedAt, true)
		has("since later", k.SubmittedAt.Add(time.Millisecond), false)
		b.handled(t, k.ID)
		if _, err := b.Cases.Decide(b.ctx, b.Actor(t, "approver"), cases.Ref{ID: k.ID}, cases.DecideInput{Outcome: cases.Denied, Reason: "不符合条件"}); err != nil {
			t.Fatal(err)
		}
		has("denied", time.Time{}, false)
		if _, err := b.Cases.Award(b.ctx, auth.SystemActor(), b.awarding(t, "grant:1")); err != nil {
			t.Fatal(err)
		}
		has("awarded", time.Time{}, true)
		for range 1200 {
			asked = append(asked, "nobody")
		}
		has("asked in parts", time.Time{}, true)
		if _, err := b.Cases.Unaward(b.ctx, auth.SystemActor(), "grant:1", "撤销"); err != nil {
			t.Fatal(err)
		}
		has("undone", time.Time{}, false)
	})
}

// TestAwardAtOnce: one key makes one case, whoever comes at the same moment.
func TestAwardAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		a := b.awarding(t, "grant:1")
		var wg sync.WaitGroup
		var mu sync.Mutex
		ids := map[cases.ID]bool{}
		for range 8 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				k, err := b.Cases.Award(b.ctx, auth.SystemActor(), a)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				ids[k.ID] = true
			}()
		}
		wg.Wait()
		n, err := db.One(b.ctx, d.Read(b.ctx), db.Scalar[int], `SELECT count(*) FROM cases_case WHERE channel='award'`)
		if err != nil || n != 1 || len(ids) != 1 {
			t.Errorf("%d cases, %v were returned, %v", n, ids, err)
		}
		// In the transaction of a caller it stands and falls with that.
		undone := errors.New("undone")
		err = b.DB.InTx(b.ctx, func(ctx context.Context) error {
			x := a
			x.Key = "grant:2"
			if _, err := b.Cases.Award(ctx, auth.SystemActor(), x); err != nil {
				return err
			}
			return undone
		})
		if _, ok, ferr := b.Cases.Awarded(b.ctx, "grant:2"); !errors.Is(err, undone) || ok || ferr != nil {
			t.Errorf("%v: %v %v", err, ok, ferr)
		}
	})
}
