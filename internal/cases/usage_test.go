package cases_test

import (
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestUsage: what the catalogue asks before it changes or judges an item.
func TestUsage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		k := b.submitted(t, "KJ-0001")
		gone := b.submitted(t, "KJ-0001")
		b.start(t, b.Actor(t, "applicant"), "KJ-0001")
		if _, err := b.Cases.Withdraw(b.ctx, b.Actor(t, "applicant"), cases.Ref{ID: gone.ID}, "不办了"); err != nil {
			t.Fatal(err)
		}
		open, err := b.Cases.OpenCases(b.ctx, k.ItemID)
		if err != nil || open.Total() != 1 || open.States[string(cases.Submitted)] != 1 || open.Drafts != 1 {
			t.Errorf("%+v %v", open, err)
		}
		touched, err := b.Catalogue.Touches(b.ctx, b.Actor(t, "catalogue-admin"), "KJ-0001")
		if err != nil || touched.Open.Total() != 1 {
			t.Errorf("the catalogue is told %+v %v", touched, err)
		}
		used, err := b.Cases.Used(b.ctx, b.Clock.Now().Add(-time.Hour))
		if err != nil || len(used) != 1 || used[k.ItemID] != 2 {
			t.Errorf("%v %v", used, err)
		}
		if used, err = b.Cases.Used(b.ctx, b.Clock.Now().Add(time.Hour)); err != nil || len(used) != 0 {
			t.Errorf("later: %v %v", used, err)
		}
	})
}
