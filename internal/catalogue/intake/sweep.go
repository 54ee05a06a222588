package intake

import (
	"context"
	"errors"
	"time"
)

type sweepArgs struct{}

// Kind names the job.
func (sweepArgs) Kind() string { return "catalogue.import_sweep" }

// keptFor is how long the file and the result of a run that came to nothing stay.
const keptFor = 7 * 24 * time.Hour

// Sweep ends the runs whose job has been given up, as when the process died
// with it twice, and clears those that came to nothing a week ago.
func (s *Service) Sweep(ctx context.Context) error {
	return errors.Join(s.sweepDead(ctx), s.sweepOld(ctx))
}

func (s *Service) sweepDead(ctx context.Context) error {
	list, err := s.store.inStates(ctx, Checking, Approved, Applying)
	for _, brief := range list {
		kind := checkArgs{}.Kind()
		if brief.State != Checking {
			kind = applyArgs{}.Kind()
		}
		waits, werr := s.Jobs.Waits(ctx, kind, brief.ID)
		if werr != nil || waits {
			err = errors.Join(err, werr)
			continue
		}
		err = errors.Join(err, s.end(ctx, brief, func(r *Run) {
			r.State, r.FinishedAt, r.Result.Failure = Failed, s.Clock.Now(), errDied.Code
		}))
	}
	return err
}

func (s *Service) sweepOld(ctx context.Context) error {
	list, err := s.store.inStates(ctx, Discarded, Failed)
	before := s.Clock.Now().Add(-keptFor)
	for _, brief := range list {
		if brief.FileID == "" || brief.FinishedAt.After(before) {
			continue
		}
		err = errors.Join(err, s.end(ctx, brief, func(r *Run) {
			r.State, r.Result, r.FileID, r.ChangesID = Discarded, Result{Failure: r.Result.Failure}, "", ""
		}, brief.FileID, brief.ChangesID))
	}
	return err
}

// end changes a run, unless somebody did since it was listed, and lets go of files.
func (s *Service) end(ctx context.Context, brief Run, change func(r *Run), gone ...string) error {
	return s.unlessStale(s.DB.InTx(ctx, func(ctx context.Context) error {
		r, err := s.store.run(ctx, brief.ID)
		if err != nil {
			return err
		}
		r.Version = brief.Version
		change(&r)
		if err := s.store.saveRun(ctx, r); err != nil {
			return err
		}
		return s.Files.Remove(ctx, gone...)
	}))
}
