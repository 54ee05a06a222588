package worklist

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/notify"
)

type sweepArgs struct{}

// Kind names the job.
func (sweepArgs) Kind() string { return "cases.sweep_lists" }

// longest is how long one run of a batch or an export may take.
const longest = 4 * time.Minute

// patience is after what time a batch or an export that nobody works on is
// taken up again.
const patience = 6 * time.Minute

// Workers adds the jobs to the queue.
func (s *Service) Workers(q *jobs.Queue) {
	jobs.HandleFor(q, longest, func(ctx context.Context, a batchArgs) error { return s.runBatch(ctx, a.ID) })
	jobs.HandleFor(q, longest, func(ctx context.Context, a exportArgs) error { return s.runExport(ctx, a.ID) })
	jobs.Handle(q, func(ctx context.Context, _ sweepArgs) error { return s.Sweep(ctx) })
	jobs.Every(q, 5*time.Minute, sweepArgs{})
}

// Sweep takes up batches and exports whose process died with them, and forgets
// what is over its time.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.Clock.Now()
	return errors.Join(
		s.again(ctx, `SELECT id FROM cases_batch WHERE state='running' AND started_at < $1`, batchArgs{}.Kind(), func(id string) jobs.Args { return batchArgs{ID: id} }),
		s.again(ctx, `SELECT id FROM cases_export WHERE state IN ('waiting','running') AND created_at < $1`, exportArgs{}.Kind(), func(id string) jobs.Args { return exportArgs{ID: id} }),
		s.dropExports(ctx, now),
		s.DB.InTx(ctx, func(ctx context.Context) error {
			old := `SELECT id FROM cases_batch WHERE created_at < $1 AND state <> 'running' OR created_at < $2 AND state = 'chosen'`
			limits := []any{db.MS(now.Add(-batchTTL)), db.MS(now.Add(-24 * time.Hour))}
			if _, err := s.DB.Exec(ctx, `DELETE FROM cases_batch_row WHERE batch_id IN (`+old+`)`, limits...); err != nil {
				return err
			}
			_, err := s.DB.Exec(ctx, `DELETE FROM cases_batch WHERE id IN (`+old+`)`, limits...)
			return err
		}),
	)
}

// again makes jobs of what should be in hand and is not.
func (s *Service) again(ctx context.Context, query, kind string, args func(id string) jobs.Args) error {
	list, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string], query, db.MS(s.Clock.Now().Add(-patience)))
	if err != nil {
		return fmt.Errorf("worklist: sweep: %w", err)
	}
	for _, id := range list {
		waits, err := s.Jobs.Waits(ctx, kind, id)
		if err != nil {
			return err
		}
		if waits {
			continue
		}
		if err := s.DB.InTx(ctx, func(ctx context.Context) error { return s.Jobs.Enqueue(ctx, args(id)) }); err != nil {
			return fmt.Errorf("worklist: sweep: %w", err)
		}
	}
	return nil
}

// tellBatch says in the feed that a batch is through.
func (s *Service) tellBatch(ctx context.Context, a auth.Actor, b Batch) error {
	now, err := s.Batch(ctx, a, b.ID)
	if err != nil {
		return err
	}
	return s.tell(ctx, a.ID, notify.News{
		Key: "batch:" + b.ID, Kind: "batch_done", Link: "/work/batches/" + b.ID,
		Params: map[string]any{"done": now.Done, "refused": now.Refused, "total": now.Total},
	})
}

func (s *Service) tell(ctx context.Context, account string, n notify.News) error {
	return s.Notify.Tell(ctx, notify.Reader{AccountID: account, Locale: i18n.Source}, n)
}
