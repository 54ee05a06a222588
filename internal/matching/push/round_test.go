package push_test

import (
	"context"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/matching/push"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// yearlyDocument has clauses for every firm of the zone, open from 1 to 12 March of
// each year.
func yearlyDocument(t *testing.T, a *apptest.App, per map[string]policy.Per) {
	t.Helper()
	d := policy.Document{
		Key: "kj-2026-97", Number: "渤科发〔2026〕97号", Title: i18n.Text{ZH: "每年办法", EN: "Yearly measures"}, Issuer: i18n.Text{ZH: "科技创新局", EN: "Bureau"}, Department: "kj",
		Level: policy.Zone, Region: "371671", Issued: "2026-01-01", From: "2026-01-01", Text: i18n.Text{ZH: "样本。", EN: "A sample."}, Source: "https://zone.example/97",
	}
	seed := policy.Seed{Document: d}
	for _, n := range []string{"1", "2"} {
		seed.Clauses = append(seed.Clauses, policy.Clause{
			Key: d.Key + "-" + n, Title: i18n.Text{ZH: "每年奖励" + n, EN: "Yearly prize " + n}, Summary: i18n.Text{ZH: "给奖励。", EN: "A prize."},
			Benefit: policy.Benefit{Kind: policy.Grant, Amount: 1_000_000, Per: per[n]}, Way: policy.Apply, Item: "KJ-0004",
			Windows: []policy.Window{{From: "--03-01", Until: "--03-12"}}, Rule: `region.under("3716")`, Topics: []string{"rd"},
		})
	}
	if _, err := a.Policies.Import(t.Context(), auth.SystemActor(), []policy.Seed{seed}); err != nil {
		t.Fatal(err)
	}
}

// A window that opens every year is told of once in each, whatever the firm did in
// the one before; who has what can be had once hears no more of it.
func TestClosingEveryYear(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, ctx := apptest.NewOn(t, d), t.Context()
		yearlyDocument(t, a, map[string]policy.Per{"1": policy.Year, "2": policy.Once})
		firm := a.Actor(t, "applicant").Firms[0]
		told := func(clause string, kind push.Kind) int {
			return count(t, d, `SELECT count(*) FROM matching_push WHERE enterprise_id=$1 AND clause=$2 AND kind=$3`, firm, "kj-2026-97-"+clause, string(kind))
		}
		run := func(what string, day time.Time, closing1, closing2 int) {
			t.Helper()
			a.Clock.Set(day)
			for range 2 {
				if _, err := a.Push.Run(ctx); err != nil {
					t.Fatal(err)
				}
			}
			if one, two := told("1", push.Closing), told("2", push.Closing); one != closing1 || two != closing2 {
				t.Errorf("%s: told of the end %d and %d times, want %d and %d", what, one, two, closing1, closing2)
			}
		}
		run("in the first year", apptest.Start, 1, 1)
		run("the next day", apptest.Start.AddDate(0, 0, 1), 1, 1)
		// It applies, and is granted what can be had once.
		if _, err := a.Push.Choose(ctx, a.Actor(t, "applicant"), "kj-2026-97-2"); err != nil {
			t.Fatal(err)
		}
		happen(t, a, firm, "0197", cases.CmdSubmit)
		happen(t, a, firm, "0197", cases.CmdDecide)
		if _, err := a.Push.Choose(ctx, a.Actor(t, "applicant"), "kj-2026-97-1"); err != nil {
			t.Fatal(err)
		}
		happen(t, a, firm, "0198", cases.CmdSubmit)
		run("in the same window", apptest.Start.AddDate(0, 0, 5), 1, 1)
		run("between windows", apptest.Start.AddDate(0, 6, 0), 1, 1)
		run("in the second year", apptest.Start.AddDate(1, 0, 0), 2, 1)
		run("the next day", apptest.Start.AddDate(1, 0, 1), 2, 1)
		run("in the third year", apptest.Start.AddDate(2, 0, 0), 3, 1)
		if n := told("1", push.Newly); n != 1 {
			t.Errorf("%d times newly", n)
		}
		rounds := count(t, d, `SELECT count(*) FROM matching_push WHERE enterprise_id=$1 AND clause='kj-2026-97-1' AND round IN ('2026-03-01','2027-03-01','2028-03-01')`, firm)
		if rounds != 3 {
			t.Errorf("%d rounds", rounds)
		}
		// Turned down, it is not brought up again in any year.
		marks, err := a.Push.Marks(ctx, a.Actor(t, "applicant"), firm)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Push.Decline(ctx, a.Actor(t, "applicant"), marks["kj-2026-97-1"].ID); err != nil {
			t.Fatal(err)
		}
		run("after it was turned down", apptest.Start.AddDate(3, 0, 0), 3, 1)
	})
}

// happen lets something happen to a case of the firm for the item of the yearly clauses.
func happen(t *testing.T, a *apptest.App, firm, id string, cmd cases.Command) {
	t.Helper()
	k := cases.Case{ID: cases.ID(id), ItemCode: "KJ-0004", Party: identity.Party{Kind: identity.HolderEnterprise, ID: firm}, Outcome: cases.Granted}
	if err := a.DB.InTx(t.Context(), func(ctx context.Context) error {
		return a.Push.Happened(ctx, cases.Happened{Case: k, Event: cases.Event{Command: cmd}})
	}); err != nil {
		t.Fatal(err)
	}
}

// Of clauses that share an item, an application is for the one from which somebody
// went on to it; where nobody did, for all of which the firm was told.
func TestAppliedByClause(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, ctx := apptest.NewOn(t, d), t.Context()
		yearlyDocument(t, a, map[string]policy.Per{"1": policy.Year, "2": policy.Year})
		who := a.Actor(t, "applicant")
		if _, err := a.Push.Run(ctx); err != nil {
			t.Fatal(err)
		}
		applied := func(firm string) (out [2]int) {
			for i, clause := range []string{"kj-2026-97-1", "kj-2026-97-2"} {
				out[i] = min(1, count(t, d, `SELECT count(*) FROM matching_push WHERE enterprise_id=$1 AND clause=$2 AND state='applied'`, firm, clause))
			}
			return out
		}
		if _, err := a.Push.Choose(ctx, a.Actor(t, "luzhengping"), "kj-2026-97-2"); err != nil { // has nothing to do with the firm
			t.Fatal(err)
		}
		if item, err := a.Push.Choose(ctx, who, "kj-2026-97-1"); err != nil || item != "KJ-0004" {
			t.Fatalf("%s %v", item, err)
		}
		if _, err := a.Push.Choose(ctx, who, "gone"); err == nil {
			t.Error("went on from a clause that is not there")
		}
		happen(t, a, who.Firms[0], "0197", cases.CmdSubmit)
		if got := applied(who.Firms[0]); got != [2]int{1, 0} {
			t.Errorf("from the first: %v", got)
		}
		happen(t, a, who.Firms[0], "0198", cases.CmdSubmit)
		if got := applied(who.Firms[0]); got != [2]int{1, 1} {
			t.Errorf("once more, for what is left: %v", got)
		}
		other, err := db.One(ctx, d.Read(ctx), db.Scalar[string], `SELECT min(enterprise_id) FROM matching_push WHERE clause='kj-2026-97-2' AND chosen_at=0 AND applied_at=0`)
		if err != nil {
			t.Fatal(err)
		}
		happen(t, a, other, "0199", cases.CmdSubmit)
		if got := applied(other); got != [2]int{1, 1} {
			t.Errorf("nobody can tell from which: %v", got)
		}
	})
}

// A list of one clause gives what that clause promises: the other one of the item
// stays what it was, also when the award is of no list that is known.
func TestAwardedByClause(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, ctx := apptest.NewOn(t, d), t.Context()
		yearlyDocument(t, a, map[string]policy.Per{"1": policy.Year, "2": policy.Year})
		firm := a.Actor(t, "applicant").Firms[0]
		if _, err := a.Push.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if err := d.InTx(ctx, func(ctx context.Context) error {
			if _, err := d.Exec(ctx, `INSERT INTO matching_grant (id, clause_id, clause_key, edition, clause, document, department_id, region, period, day, state, unknown, barred,
				drafted_by, drafted_at, checked_by, checked_at, released_by, released_at, shown_until, answer_until, remind_at, reminded_at, note, version)
				VALUES ('list','c','kj-2026-97-1',1,'{}','{}','kj','371671','2026','2026-03-02','settled',0,0,'',0,'',0,'',0,0,0,0,0,'',1)`); err != nil {
				return err
			}
			_, err := d.Exec(ctx, `INSERT INTO matching_grant_line (id, grant_id, seq, clause_key, period, enterprise_id, uscc, name, fen, why, state, live, reason, kept, bank, account, answered_by, answered_at, version)
				VALUES ('line','list',1,'kj-2026-97-1','2026',$1,'','{}',1,'[]','paid',TRUE,'','','','','',0,1)`, firm)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		award := func(key string) (out [2]int) {
			t.Helper()
			k := cases.Case{ID: "0201", ItemCode: "KJ-0004", Party: identity.Party{Kind: identity.HolderEnterprise, ID: firm}, Outcome: cases.Granted}
			if err := d.InTx(ctx, func(ctx context.Context) error {
				return a.Push.Happened(ctx, cases.Happened{Case: k, Event: cases.Event{Command: cases.CmdAward, Detail: map[string]any{"key": key}}})
			}); err != nil {
				t.Fatal(err)
			}
			for i, clause := range []string{"kj-2026-97-1", "kj-2026-97-2"} {
				out[i] = min(1, count(t, d, `SELECT count(*) FROM matching_push WHERE enterprise_id=$1 AND clause=$2 AND state='granted' AND case_id='0201'`, firm, clause))
			}
			return out
		}
		for _, key := range []string{"grant:gone", "line", ""} {
			if got := award(key); got != [2]int{} {
				t.Errorf("an award of no list, %q: %v", key, got)
			}
		}
		if got := award("grant:line"); got != [2]int{1, 0} {
			t.Errorf("the list of the first: %v", got)
		}
	})
}
