package app_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

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
		if got := count(`state <> 'draft' AND parent_id = ''`); got < n-2 || got > n {
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
		before := count(`1=1`)
		if err := a.FillHistory(ctx, n, func(int, int) { t.Error("filled again") }); err != nil || count(`1=1`) != before {
			t.Errorf("the second start: %v", err)
		}
	})
}
