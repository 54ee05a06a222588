package jobs_test

import (
	"context"
	"errors"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

type greet struct {
	N int `json:"n"`
}

func (greet) Kind() string { return "test.greet" }

type tick struct{}

func (tick) Kind() string { return "test.tick" }

// TestConformance: what the house relies on, on both engines. It takes some
// seconds because the queue polls once a second.
func TestConformance(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q, err := jobs.New(d, dbtest.Quiet())
		if err != nil {
			t.Fatal(err)
		}
		var done, ticks, tries atomic.Int64
		jobs.Handle(q, func(_ context.Context, a greet) error {
			if a.N == 7 && tries.Add(1) == 1 {
				return errors.New("first try fails")
			}
			done.Add(int64(a.N))
			return nil
		})
		jobs.Handle(q, func(context.Context, tick) error { ticks.Add(1); return nil })
		jobs.Every(q, time.Hour, tick{})
		ctx := t.Context()
		if err := q.Enqueue(ctx, greet{1}); !errors.Is(err, db.ErrNoTx) {
			t.Fatalf("outside a transaction: %v", err)
		}
		boom := errors.New("boom")
		if err := d.InTx(ctx, func(ctx context.Context) error {
			if err := q.Enqueue(ctx, greet{100}); err != nil {
				return err
			}
			return boom
		}); !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if err := d.InTx(ctx, func(ctx context.Context) error {
			return errors.Join(q.Enqueue(ctx, greet{1}), q.Enqueue(ctx, greet{2}), q.Enqueue(ctx, greet{7}))
		}); err != nil {
			t.Fatal(err)
		}
		if c, err := q.Counts(ctx); err != nil || c["available"] != 3 {
			t.Fatalf("counts %v, %v", c, err)
		}
		if err := q.Start(ctx); err != nil {
			t.Fatal(err)
		}
		for range 300 {
			if done.Load() == 10 && ticks.Load() == 1 {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		stop, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := q.Stop(stop); err != nil {
			t.Error(err)
		}
		if done.Load() != 10 || ticks.Load() != 1 {
			t.Errorf("done %d ticks %d, want 10 and 1 (the rolled-back job must never run)", done.Load(), ticks.Load())
		}
	})
}
