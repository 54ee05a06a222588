package cases

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/jobs"
)

type sweepArgs struct{}

// Kind names the job.
func (sweepArgs) Kind() string { return "cases.sweep" }

// Workers adds the engine's jobs to the queue: what falls due is found by a
// sweep over rows, so that nothing is lost while the queue stands still.
func (s *Service) Workers(q *jobs.Queue) {
	jobs.Handle(q, func(ctx context.Context, _ sweepArgs) error { return s.Sweep(ctx) })
	jobs.Every(q, 10*time.Minute, sweepArgs{})
}

// Sweep does what time asks for: it renews the deadlines of cases whose clock
// stands still, accepts what was left without an answer for five working days
// (行政许可法 art. 32(4): silence is acceptance), and throws away drafts that
// nobody touched for three months. It may be repeated at any time.
func (s *Service) Sweep(ctx context.Context) error {
	if err := s.sweepPaused(ctx); err != nil {
		return fmt.Errorf("cases: sweep paused: %w", err)
	}
	if err := s.sweepUnanswered(ctx); err != nil {
		return fmt.Errorf("cases: sweep unanswered: %w", err)
	}
	if err := s.sweepDrafts(ctx); err != nil {
		return fmt.Errorf("cases: sweep drafts: %w", err)
	}
	return nil
}

func (s *Service) ids(ctx context.Context, where string, args ...any) ([]string, error) {
	return db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT c.id FROM cases_case c WHERE `+where+` ORDER BY c.id LIMIT 1000`, args...)
}

func (s *Service) sweepPaused(ctx context.Context) error {
	list, err := s.ids(ctx, `c.paused AND c.state='handling' AND c.updated_at < $1`, db.MS(workday.StartOf(workday.DateOf(s.Clock.Now()))))
	if err != nil {
		return err
	}
	for _, id := range list {
		if err := s.DB.InTx(ctx, func(ctx context.Context) error {
			k, err := s.store.locked(ctx, ID(id))
			if err != nil || !k.Paused {
				return err
			}
			item, err := s.itemOf(ctx, &k)
			if err != nil {
				return err
			}
			w := &work{Case: k, svc: s, item: item, now: s.Clock.Now()}
			if err := w.tick(ctx); err != nil {
				return err
			}
			w.UpdatedAt = w.now
			return s.store.save(ctx, &w.Case)
		}); err != nil {
			return err
		}
	}
	return nil
}

// AnswerWithin is how long a window has to answer a submission, in working days.
const AnswerWithin workday.Days = 5

func (s *Service) sweepUnanswered(ctx context.Context) error {
	list, err := s.ids(ctx, `c.state='submitted' AND c.submitted_at < $1`, db.MS(s.Clock.Now().Add(-time.Duration(AnswerWithin)*24*time.Hour)))
	if err != nil {
		return err
	}
	for _, id := range list {
		k, err := s.store.find(ctx, `c.id=$1`, id)
		if err != nil {
			return err
		}
		// The fifth working day has to be over; it runs from the last thing handed in.
		last := k.SubmittedAt
		if snaps, err := s.store.snapshots(ctx, k.ID, 1); err == nil && len(snaps) > 0 {
			last = snaps[0].SubmittedAt
		}
		if s.Clock.Now().Before(workday.EndOf(s.Calendar.Add(workday.DateOf(last), AnswerWithin))) {
			continue
		}
		if _, err := s.run(ctx, auth.SystemActor(), Ref{ID: k.ID, Version: k.Version}, CmdAccept, "", func(ctx context.Context, w *work) error {
			w.detail["deemed"] = true
			if err := w.start(ctx); err != nil {
				return err
			}
			return w.enter(ctx, 0)
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) sweepDrafts(ctx context.Context) error {
	list, err := s.ids(ctx, `c.state='draft' AND c.updated_at < $1 AND NOT EXISTS (SELECT 1 FROM cases_buffer b WHERE b.case_id=c.id AND b.saved_at >= $1)`,
		db.MS(s.Clock.Now().Add(-DraftAge)))
	if err != nil {
		return err
	}
	for _, id := range list {
		if err := s.DB.InTx(ctx, func(ctx context.Context) error {
			for _, table := range []string{"cases_buffer", "cases_material", "cases_file", "cases_idempotency", "cases_event"} {
				if _, err := s.DB.Exec(ctx, `DELETE FROM `+table+` WHERE case_id=$1`, id); err != nil {
					return err
				}
			}
			if _, err := s.DB.Exec(ctx, `DELETE FROM cases_case WHERE id=$1 AND state='draft'`, id); err != nil {
				return err
			}
			return s.Audit.Record(ctx, auth.SystemActor(), audit.Note{Action: "cases.drop_draft", Object: "case:" + id})
		}); err != nil {
			return err
		}
	}
	return nil
}
