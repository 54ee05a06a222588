package throttle_test

import (
	"errors"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/throttle"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const window = 15 * time.Minute

func setup(d *db.DB) (*throttle.Throttle, *clock.Moved) {
	c := clock.At(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC))
	return throttle.New(d, c), c
}

func TestForgiveTakesBackOneTry(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		th, _ := setup(d)
		for i := range 10 { // each of them a success
			if err := errors.Join(th.Hit(t.Context(), "a", 3, window), th.Forgive(t.Context(), "a")); err != nil {
				t.Fatalf("try %d: %v", i+1, err)
			}
		}
		for range 3 {
			if err := th.Hit(t.Context(), "a", 3, window); err != nil {
				t.Fatal(err)
			}
		}
		if err := th.Hit(t.Context(), "a", 3, window); !errors.Is(err, throttle.ErrTooMany) {
			t.Errorf("the fourth: %v", err)
		}
		if err := th.Forgive(t.Context(), "unknown"); err != nil {
			t.Error(err)
		}
	})
}

func TestHit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		th, c := setup(d)
		hit := func(key string) error { return th.Hit(t.Context(), key, 3, window) }
		for i := range 3 {
			if err := hit("a"); err != nil {
				t.Fatalf("try %d: %v", i+1, err)
			}
			c.Advance(time.Minute)
		}
		err := hit("a")
		if !errors.Is(err, throttle.ErrTooMany) || errs.KindOf(err) != errs.TooMany {
			t.Fatalf("the fourth: %v", err)
		}
		if e, _ := errors.AsType[*errs.Error](err); e.Params["minutes"] != 12 {
			t.Errorf("wait %v minutes, want 12", e.Params["minutes"])
		}
		if err := hit("b"); err != nil {
			t.Errorf("another key: %v", err)
		}
		c.Advance(12*time.Minute - time.Millisecond) // the window began with the first try; tries in vain do not move it
		if err := hit("a"); !errors.Is(err, throttle.ErrTooMany) {
			t.Errorf("just before the end: %v", err)
		}
		c.Advance(time.Millisecond)
		for i := range 3 {
			if err := hit("a"); err != nil {
				t.Errorf("try %d of the next window: %v", i+1, err)
			}
		}
		if err := hit("a"); !errors.Is(err, throttle.ErrTooMany) {
			t.Errorf("the next window has no limit: %v", err)
		}
	})
}

func TestWaitIsAtLeastAMinute(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		th, c := setup(d)
		for wait, want := range map[time.Duration]int{0: 15, time.Second: 15, 14 * time.Minute: 1, 15*time.Minute - time.Second: 1} {
			key, start := wait.String(), c.Now()
			_ = th.Hit(t.Context(), key, 1, window)
			c.Advance(wait)
			if e, ok := errors.AsType[*errs.Error](th.Hit(t.Context(), key, 1, window)); !ok || e.Params["minutes"] != want {
				t.Errorf("after %s: %v, want %d", wait, e, want)
			}
			c.Set(start)
		}
	})
}

func TestClearAndSweep(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		th, c := setup(d)
		ctx := t.Context()
		_, _ = th.Hit(ctx, "a", 1, window), th.Hit(ctx, "b", 1, window)
		if err := th.Clear(ctx, "a"); err != nil {
			t.Fatal(err)
		}
		if err := th.Hit(ctx, "a", 1, window); err != nil {
			t.Errorf("after a success: %v", err)
		}
		if err := th.Hit(ctx, "b", 1, window); !errors.Is(err, throttle.ErrTooMany) {
			t.Errorf("the other key was cleared too: %v", err)
		}
		count := func() int {
			n, err := db.One(ctx, d.Read(ctx), db.Scalar[int], `SELECT count(*) FROM throttle_window`)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if err := throttle.Sweep(ctx, d, c.Now()); err != nil || count() != 2 {
			t.Errorf("swept too early: %d %v", count(), err)
		}
		if err := throttle.Sweep(ctx, d, c.Advance(window)); err != nil || count() != 0 {
			t.Errorf("not swept: %d %v", count(), err)
		}
	})
}

// TestTwoProcesses: the count lies in the database, so a restart does not forget it.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		one, c := setup(d)
		two := throttle.New(d, c)
		if err := errors.Join(one.Hit(t.Context(), "a", 2, window), two.Hit(t.Context(), "a", 2, window)); err != nil {
			t.Fatal(err)
		}
		if err := one.Hit(t.Context(), "a", 2, window); !errors.Is(err, throttle.ErrTooMany) {
			t.Error(err)
		}
	})
}

func TestManyAtOnceGetNoMoreThanTheLimit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		th, _ := setup(d)
		var passed, refused atomic.Int64
		var wg sync.WaitGroup
		for range 24 {
			wg.Go(func() {
				switch err := th.Hit(t.Context(), "a", 10, window); {
				case err == nil:
					passed.Add(1)
				case errors.Is(err, throttle.ErrTooMany):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if passed.Load() != 10 || refused.Load() != 14 {
			t.Errorf("%d passed, %d refused", passed.Load(), refused.Load())
		}
	})
}

func TestAnyKeyIsAKey(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		th, _ := setup(d)
		for _, key := range []string{"", "'; DROP TABLE throttle_window; --", "张三", strings.Repeat("x", 5000)} {
			if err := th.Hit(t.Context(), key, 1, window); err != nil {
				t.Errorf("%.30q: %v", key, err)
			}
			if err := th.Hit(t.Context(), key, 1, window); !errors.Is(err, throttle.ErrTooMany) {
				t.Errorf("%.30q again: %v", key, err)
			}
		}
	})
}
