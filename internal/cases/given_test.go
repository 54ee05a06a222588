package cases_test

import (
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestGiven: what a firm got by a list is told with its applications for the same
// item, for two years, to who may see that case and who may not; not once it is undone.
func TestGiven(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		system, who, other := auth.SystemActor(), b.Actor(t, "applicant"), b.Actor(t, "head-sc")
		old, err := b.Cases.Award(b.ctx, system, b.awarding(t, "grant:1"))
		if err != nil {
			t.Fatal(err)
		}
		got := func(actor auth.Actor, k cases.Case) (ids []cases.ID, sees []bool) {
			t.Helper()
			list, err := b.Cases.Given(b.ctx, actor, &k)
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range list {
				if g.Amount != 12_345_600 || g.Number == "" || g.At.IsZero() {
					t.Errorf("%+v", g)
				}
				ids, sees = append(ids, g.ID), append(sees, g.Sees)
			}
			return ids, sees
		}
		draft := b.Draft(t, "applicant", "KJ-0004")
		k := draft
		k.SubmittedAt, k.State = b.Clock.Now(), cases.Submitted
		for _, x := range []cases.Case{draft, k} {
			if ids, sees := got(who, x); !slices.Equal(ids, []cases.ID{old.ID}) || !sees[0] {
				t.Errorf("%s: %v %v", x.State, ids, sees)
			}
		}
		if ids, sees := got(other, k); !slices.Equal(ids, []cases.ID{old.ID}) || sees[0] {
			t.Errorf("who may not open it: %v %v", ids, sees)
		}
		elsewhere, person, gone, foreign := k, k, k, k
		elsewhere.ItemCode, person.Party.Kind, gone.State, foreign.Party.ID = "KJ-0002", "person", cases.Withdrawn, "0"
		for what, x := range map[string]cases.Case{"another item": elsewhere, "a person": person, "withdrawn": gone, "another firm": foreign, "the award itself": old} {
			if ids, _ := got(who, x); ids != nil {
				t.Errorf("%s: %v", what, ids)
			}
		}

		// The newest first; what is long ago counts from the day of the application.
		b.Clock.Set(old.DecidedAt.AddDate(0, 23, 0))
		second, err := b.Cases.Award(b.ctx, system, b.awarding(t, "grant:2"))
		if err != nil {
			t.Fatal(err)
		}
		if ids, _ := got(who, draft); !slices.Equal(ids, []cases.ID{second.ID, old.ID}) {
			t.Errorf("two lists: %v", ids)
		}
		b.Clock.Set(old.DecidedAt.AddDate(0, 24, 0).Add(time.Minute))
		if ids, _ := got(who, draft); !slices.Equal(ids, []cases.ID{second.ID}) {
			t.Errorf("after two years: %v", ids)
		}
		if ids, _ := got(who, k); !slices.Equal(ids, []cases.ID{second.ID, old.ID}) {
			t.Errorf("handed in before: %v", ids)
		}
		if _, err := b.Cases.Unaward(b.ctx, b.Actor(t, "approver"), "grant:2", "企业已经迁出"); err != nil {
			t.Fatal(err)
		}
		if ids, _ := got(who, draft); ids != nil {
			t.Errorf("undone: %v", ids)
		}
	})
}
