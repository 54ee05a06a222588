package quota_test

import (
	"context"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/quota"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// TestADay: an account takes as much as a day allows, whatever it does at once,
// and begins anew at midnight; what is rolled back took nothing.
func TestADay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c, ctx := clock.At(time.Date(2026, 3, 2, 15, 59, 0, 0, time.UTC)), t.Context() // a minute to midnight in China
		b := quota.New(d, c, quota.Limits{Files: 5, MB: 2, Staff: 3})
		person := func(id string) auth.Actor { return auth.Actor{Kind: auth.Person, ID: id} }
		staff := auth.Actor{Kind: auth.Staff, ID: "clerk"}
		if err := errors.Join(b.Spend(ctx, person("a"), quota.Bytes, 2<<20), b.Spend(ctx, person("b"), quota.Bytes, 1)); err != nil {
			t.Fatal(err)
		}
		if err := b.Spend(ctx, person("a"), quota.Bytes, 1); !errors.Is(err, quota.ErrBytes) {
			t.Errorf("a byte too much: %v", err)
		}
		if err := b.Spend(ctx, person("c"), quota.Bytes, 2<<20+1); !errors.Is(err, quota.ErrBytes) {
			t.Errorf("too much at once: %v", err)
		}
		for range 1000 {
			if err := b.Spend(ctx, person("a"), quota.Messages, 1); err != nil {
				t.Fatalf("of what has no limit: %v", err)
			}
		}
		boom := errors.New("boom")
		if err := d.InTx(ctx, func(ctx context.Context) error {
			return errors.Join(b.Spend(ctx, person("a"), quota.Files, 5), boom)
		}); !errors.Is(err, boom) {
			t.Fatal(err)
		}
		var taken atomic.Int32
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() {
				switch err := b.Spend(ctx, person("a"), quota.Files, 1); {
				case err == nil:
					taken.Add(1)
				case !errors.Is(err, quota.ErrFiles):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if taken.Load() != 5 {
			t.Errorf("%d of 5 files at once", taken.Load())
		}
		if err := errors.Join(b.Spend(ctx, staff, quota.Files, 15), b.Spend(ctx, auth.SystemActor(), quota.Files, 99)); err != nil {
			t.Errorf("staff hand in for many: %v", err)
		}
		if err := b.Spend(ctx, staff, quota.Files, 1); !errors.Is(err, quota.ErrFiles) {
			t.Errorf("staff: %v", err)
		}
		admin := auth.Actor{Kind: auth.Staff, ID: "admin", Posts: []auth.Post{{Role: auth.SystemAdmin}}}
		if list, err := b.Most(ctx, admin); err != nil || len(list) != 3 || list[0].AccountID != "a" || list[1].AccountID != "clerk" || list[2].Kind != quota.Bytes {
			t.Errorf("%+v %v", list, err)
		}
		if _, err := b.Most(ctx, staff); !errors.Is(err, quota.ErrForbidden) {
			t.Errorf("a clerk looks: %v", err)
		}
		c.Advance(time.Minute)
		if err := b.Spend(ctx, person("a"), quota.Files, 1); err != nil {
			t.Errorf("the next day: %v", err)
		}
		if err := quota.Sweep(ctx, d, c.Advance(29*24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		days, err := db.List(ctx, d.Read(ctx), db.Scalar[string], `SELECT DISTINCT day FROM quota_day`)
		if err != nil || len(days) != 2 {
			t.Errorf("after 29 days: %v %v", days, err)
		}
		if err := quota.Sweep(ctx, d, c.Advance(3*24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if days, err = db.List(ctx, d.Read(ctx), db.Scalar[string], `SELECT DISTINCT day FROM quota_day`); err != nil || len(days) != 0 {
			t.Errorf("after a month: %v %v", days, err)
		}
	})
}
