package visit

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/platform/jobs"
)

type sweepArgs struct{}

// Kind names the job.
func (sweepArgs) Kind() string { return "visit.sweep" }

// Workers adds the jobs of the package to the queue.
func (s *Service) Workers(q *jobs.Queue) {
	jobs.Handle(q, func(ctx context.Context, _ sweepArgs) error {
		_, err := s.Sweep(ctx)
		return err
	})
	jobs.Every(q, time.Hour, sweepArgs{})
}
