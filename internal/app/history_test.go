package app_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/care"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/matching/grant"
	"github.com/tongban/tongban/internal/platform/auth"

	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// TestHistoryIsLivedThrough fills a small past, stops in the middle as a killed
// process would, and goes on. It takes some seconds: every step is a command.
func TestHistoryIsLivedThrough(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := apptest.NewOn(t, d)
		a.Clock.Set(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC))
		ctx, stop := context.WithCancel(t.Context())
		const n = 60
		err := a.FillHistory(ctx, n, func(done, _ int) {
			if done == 25 {
				stop()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped: %v", err)
		}
		if err := a.FillHistory(t.Context(), n, func(int, int) {}); err != nil {
			t.Fatal(err)
		}
		ctx = t.Context()
		count := func(where string) int {
			t.Helper()
			v, err := db.One(ctx, d.Read(ctx), db.Scalar[int], `SELECT count(*) FROM cases_case WHERE `+where)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		if got := count(`state <> 'draft' AND parent_id = '' AND channel <> 'award'`); got < n-2 || got > n {
			t.Errorf("%d cases, want %d (one may have been stopped as a draft)", got, n)
		}
		if count(`state = 'delivered'`) < n/2 || count(`outcome = 'granted'`) < n/2 || count(`channel = 'window'`) == 0 {
			t.Errorf("delivered %d, granted %d, at a window %d", count(`state = 'delivered'`), count(`outcome = 'granted'`), count(`channel = 'window'`))
		}
		if count(`id IN (SELECT x.case_id FROM cases_snapshot x JOIN cases_snapshot y ON y.case_id=x.case_id AND y.data_version=x.data_version+1 WHERE x.answers <> y.answers)`) == 0 {
			t.Error("no case with two versions that differ in what was filled in")
		}
		if got := count(`submitted_at > 1795154400000`); got != 0 {
			t.Errorf("%d cases lie in the future", got)
		}
		gaps, err := db.One(ctx, d.Read(ctx), db.Scalar[int], `SELECT count(*) FROM (SELECT case_id FROM cases_event GROUP BY case_id HAVING max(seq) <> count(*)) x`)
		if err != nil || gaps != 0 {
			t.Errorf("%d cases with a gap in their events, %v", gaps, err)
		}
		if r, err := a.Audit.Verify(ctx); err != nil || r.Broken != nil {
			t.Errorf("audit: %+v %v", r.Broken, err)
		}
		checkAttention(t, a)
		before := count(`1=1`)
		if err := a.FillHistory(ctx, n, func(int, int) { t.Error("filled again") }); err != nil || count(`1=1`) != before {
			t.Errorf("the second start: %v", err)
		}
	})
}

// checkAttention counts the running cases of every firm again, one by one, and
// reads the list of firms through its pages: urgent ones first, none twice.
func checkAttention(t *testing.T, a *apptest.App) {
	t.Helper()
	ctx, leader, now := t.Context(), a.Actor(t, "leader"), a.Clock.Now()
	ids, err := db.List(ctx, a.DB.Read(ctx), db.Scalar[string], `SELECT id FROM cases_case WHERE parent_id='' AND state IN ('submitted','supplementing','handling','decided') AND party_id IN (SELECT id FROM identity_enterprise)`)
	if err != nil || len(ids) == 0 {
		t.Fatalf("%d running cases of firms, %v", len(ids), err)
	}
	want := map[string]cases.Attention{}
	for _, id := range ids {
		v, err := a.Cases.View(ctx, auth.SystemActor(), cases.ID(id))
		if err != nil {
			t.Fatal(err)
		}
		x, ok := want[v.Party.ID]
		if !ok {
			x = cases.Attention{Party: v.Party.ID, Lights: map[workday.Light]int{}}
		}
		x.Running++
		if v.NeedsApplicant {
			x.Waiting++
		}
		if l := v.Light(now); l != workday.Normal && v.State == cases.Handling {
			x.Lights[l]++
		}
		want[v.Party.ID] = x
	}
	if got, err := a.Cases.AttentionOf(ctx, auth.SystemActor(), slices.Collect(maps.Keys(want))); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("attention %v, counted by hand %v, %v", got, want, err)
	}
	last, seen := 99, map[string]bool{}
	for after := ""; ; {
		list, err := a.Care.Firms(ctx, leader, care.Filter{Request: page.Request{Size: 9, After: after}})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range list.Rows {
			rank := 0
			switch {
			case f.Lights[workday.Red] > 0:
				rank = 5
			case f.Lights[workday.Yellow] > 0:
				rank = 4
			case f.Waiting > 0:
				rank = 3
			case f.Lights[workday.Warning] > 0:
				rank = 2
			case len(f.Expiring) > 0:
				rank = 1
			}
			if rank > last || seen[f.ID] {
				t.Errorf("%s with %d stands after %d", f.Name.ZH, rank, last)
			}
			last, seen[f.ID] = rank, true
		}
		if after = list.Next; after == "" {
			if len(seen) != list.All {
				t.Errorf("%d firms on the pages, %d in all", len(seen), list.All)
			}
			return
		}
	}
}

// TestHistoryHasListsOfGrants: of the automatic grants one list is paid with its
// cases, one is shown with an objection, one is being checked.
func TestHistoryHasListsOfGrants(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	a.Clock.Set(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC))
	if err := a.FillHistory(t.Context(), 5, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	rows, err := a.Grants.Batches(t.Context(), a.Actor(t, "leader"))
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d lists, %v", len(rows), err)
	}
	got := map[grant.State]grant.Row{}
	for _, r := range rows {
		got[r.Batch.State] = r
	}
	paid := got[grant.Paid]
	n, err := db.One(t.Context(), a.DB.Read(t.Context()), db.Scalar[int], `SELECT count(*) FROM cases_case WHERE channel='award' AND state='delivered' AND outcome='granted'`)
	if err != nil || n == 0 || paid.Tallies[grant.PaidOut].N != n || paid.Tallies[grant.Confirmed].N != 0 {
		t.Errorf("%d cases, %+v, %v", n, paid.Tallies, err)
	}
	if got[grant.Published].Open != 1 || got[grant.Drafted].Tallies.All() == 0 {
		t.Errorf("%+v", got)
	}
	if late, err := db.One(t.Context(), a.DB.Read(t.Context()), db.Scalar[int], `SELECT count(*) FROM matching_grant_list WHERE paid_at > $1`, db.MS(a.Clock.Now())); err != nil || late != 0 {
		t.Errorf("%d were paid in the future, %v", late, err)
	}
}
