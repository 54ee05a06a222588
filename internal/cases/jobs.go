package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/jobs"
)

type sweepArgs struct{}

type sweepComposedArgs struct{}

// Kind names the job.
func (sweepComposedArgs) Kind() string { return "cases.sweep_composed" }

type sweepClocksArgs struct{}

// Kind names the job.
func (sweepClocksArgs) Kind() string { return "cases.sweep_clocks" }

type sweepDraftsArgs struct{}

// Kind names the job.
func (sweepDraftsArgs) Kind() string { return "cases.sweep_drafts" }

// Kind names the job.
func (sweepArgs) Kind() string { return "cases.sweep" }

// Workers adds the engine's jobs to the queue: what falls due is found by a
// sweep over rows, so that nothing is lost while the queue stands still.
func (s *Service) Workers(q *jobs.Queue) {
	jobs.HandleFor(q, 4*time.Minute, func(ctx context.Context, _ sweepArgs) error { return s.sweepDue(ctx) })
	jobs.Every(q, 10*time.Minute, sweepArgs{})
	jobs.HandleFor(q, 20*time.Minute, func(ctx context.Context, _ sweepClocksArgs) error { return s.sweepClocks(ctx) })
	jobs.Every(q, 2*time.Hour, sweepClocksArgs{})
	jobs.HandleFor(q, 4*time.Minute, func(ctx context.Context, _ sweepDraftsArgs) error { return s.sweepDrafts(ctx) })
	jobs.Every(q, time.Hour, sweepDraftsArgs{})
	jobs.Handle(q, func(ctx context.Context, _ sweepComposedArgs) error { return s.SweepComposed(ctx) })
	jobs.Every(q, 6*time.Hour, sweepComposedArgs{})
	jobs.HandleFor(q, 4*time.Minute, func(ctx context.Context, args RecountArgs) error { return s.Recount(ctx, args) })
}

// Sweep does what time asks for: it renews the deadlines of cases whose clock
// stands still or rests on a provisional calendar, accepts what was left
// without an answer for five working days, and throws away drafts that nobody
// touched for three months. It may be repeated at any time; one case that fails
// does not hold up the others.
//
// The jobs do it in three: what the law makes of silence and of days that are
// over never waits for the deadlines of many cases.
func (s *Service) Sweep(ctx context.Context) error {
	return errors.Join(s.sweepDue(ctx), s.sweepClocks(ctx), s.sweepDrafts(ctx))
}

// sweepDue does what a day that is over brings with it.
func (s *Service) sweepDue(ctx context.Context) error {
	return errors.Join(
		s.sweep(ctx, "unanswered", s.acceptUnanswered, `c.state='submitted' AND c.submitted_at < $1`, db.MS(s.Clock.Now().Add(-time.Duration(AnswerWithin)*24*time.Hour))),
		s.sweepRenewals(ctx),
		s.sweepGaps(ctx),
		s.EndPublicities(ctx),
		s.sweepStanding(ctx),
		s.sweepEach(ctx, "supplements", s.lapseSupplement, `c.state='supplementing' AND c.updated_at <= $1`, db.MS(s.Clock.Now().Add(-24*time.Hour))),
	)
}

// sweepClocks renews the deadlines of cases whose clock stands still, or rests
// on a calendar that is not announced yet.
func (s *Service) sweepClocks(ctx context.Context) error {
	return errors.Join(
		s.sweep(ctx, "clocks", s.renewClock, `c.paused AND c.state='handling'`),
		s.sweepEach(ctx, "provisional clocks", func(ctx context.Context, id ID) error { return s.recount(ctx, id, "", "") }, `c.provisional AND NOT c.paused AND c.state='handling'`),
	)
}

// sweepDrafts warns of drafts that nobody touches, and throws them away in the end.
func (s *Service) sweepDrafts(ctx context.Context) error {
	return errors.Join(
		s.sweep(ctx, "drafts", s.dropDraft, `c.state='draft' AND c.updated_at < $1 AND NOT EXISTS (SELECT 1 FROM cases_buffer b WHERE b.case_id=c.id AND b.saved_at >= $1)`,
			db.MS(s.Clock.Now().Add(-DraftAge))),
		s.sweep(ctx, "drafts that end soon", s.warnDraft, `c.state='draft' AND c.account_id <> '' AND c.updated_at < $1 AND NOT EXISTS (SELECT 1 FROM cases_buffer b WHERE b.case_id=c.id AND b.saved_at >= $1)`,
			db.MS(s.Clock.Now().Add(-DraftAge+DraftWarning))),
	)
}

// SweepComposed throws away what was put together for orders that nobody opened.
func (s *Service) SweepComposed(ctx context.Context) error {
	return s.Catalogue.SweepComposed(ctx, func(ctx context.Context, items []string) ([]string, error) {
		var args db.Args
		return db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT DISTINCT item_version_id FROM cases_case WHERE item_id IN `+db.In(&args, items), args...)
	})
}

// sweep does one thing to every case that meets the condition, each in its own
// transaction under the lock of the case, in the order of their ids.
func (s *Service) sweep(ctx context.Context, what string, do func(ctx context.Context, k Case) error, where string, args ...any) error {
	return s.sweepEach(ctx, what, func(ctx context.Context, id ID) error {
		return s.DB.InTx(ctx, func(ctx context.Context) error {
			k, err := s.store.locked(ctx, id)
			if err != nil {
				return err
			}
			return do(ctx, k)
		})
	}, where, args...)
}

// sweepEach is sweep without a lock, for what gives a command: run locks the
// order of a step before the step.
func (s *Service) sweepEach(ctx context.Context, what string, do func(ctx context.Context, id ID) error, where string, args ...any) error {
	var failed []error
	after := ""
	for {
		n := len(args) + 1
		list, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string],
			`SELECT c.id FROM cases_case c WHERE `+where+fmt.Sprintf(` AND c.id > $%d ORDER BY c.id LIMIT 500`, n), append(slices.Clone(args), after)...)
		if err != nil {
			return fmt.Errorf("cases: sweep %s: %w", what, err)
		}
		for _, id := range list {
			err := do(ctx, ID(id))
			if err != nil && !errors.Is(err, ErrStale) && !errors.Is(err, ErrState) {
				failed = append(failed, fmt.Errorf("cases: sweep %s: %s: %w", what, id, err))
			}
			after = id
		}
		if len(list) < 500 {
			return errors.Join(failed...)
		}
	}
}

// renewClock moves the deadlines on with an open pause.
func (s *Service) renewClock(ctx context.Context, k Case) error {
	if k.State != Handling {
		return nil
	}
	item, err := s.itemOf(ctx, &k)
	if err != nil {
		return err
	}
	tasks, err := s.store.tasks(ctx, k.ID)
	if err != nil {
		return err
	}
	w := s.newWork(k, auth.SystemActor(), s.Clock.Now())
	w.item, w.tasks = item, tasks
	if err := w.tick(ctx); err != nil {
		return err
	}
	return s.store.saveClock(ctx, &w.Case)
}

// AnswerWithin is how long a window has to answer a submission, in working days.
const AnswerWithin workday.Days = 5

// acceptUnanswered takes in what nobody answered in time: silence is
// acceptance, on the day of receipt (行政许可法 art. 32(4)).
func (s *Service) acceptUnanswered(ctx context.Context, k Case) error {
	received := k.SubmittedAt
	snaps, err := s.store.snapshots(ctx, k.ID, 1)
	if err != nil {
		return err
	}
	if len(snaps) > 0 { // it counts from the last thing handed in
		received = snaps[0].SubmittedAt
	}
	if k.State != Submitted || s.Clock.Now().Before(workday.EndOf(s.CalendarOf(&k).Add(workday.DateOf(received), AnswerWithin))) {
		return nil
	}
	_, err = s.run(ctx, auth.SystemActor(), Ref{ID: k.ID, Version: k.Version}, CmdAccept, "", func(ctx context.Context, w *work) error {
		w.detail["deemed"] = true
		return w.begin(ctx, received)
	})
	return err
}

// dropDraft throws away a draft that is still one and still untouched.
func (s *Service) dropDraft(ctx context.Context, k Case) error {
	b, err := s.store.buffer(ctx, k.ID)
	if err != nil {
		return err
	}
	limit := s.Clock.Now().Add(-DraftAge)
	if k.State != Draft || !k.UpdatedAt.Before(limit) || !b.SavedAt.Before(limit) {
		return nil
	}
	return s.deleteDraft(ctx, k.ID)
}
