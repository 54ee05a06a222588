package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/catalogue/mapping"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/sheet"
)

// Progress of a run, in rows.
type Progress struct{ Done, Total int }

type checkArgs struct {
	ID string `json:"id"`
}

// Kind names the job.
func (checkArgs) Kind() string { return "catalogue.import_check" }

type applyArgs struct {
	ID string `json:"id"`
}

// Kind names the job.
func (applyArgs) Kind() string { return "catalogue.import_apply" }

// longest is how long one step of an import may take.
const longest = 4 * time.Minute

// tries of a step: a sheet that ends the process is not tried for ever.
const tries = 2

// Workers adds the jobs of imports to the queue.
func (s *Service) Workers(q *jobs.Queue) {
	jobs.HandleFor(q, longest, func(ctx context.Context, a checkArgs) error { return s.check(ctx, a.ID) })
	jobs.HandleFor(q, longest, func(ctx context.Context, a applyArgs) error { return s.apply(ctx, a.ID) })
	jobs.Handle(q, func(ctx context.Context, _ sweepArgs) error { return s.Sweep(ctx) })
	jobs.Every(q, 5*time.Minute, sweepArgs{})
}

// planOf checks the file of a run. The progress is kept in memory for the
// pages of this process, and now and then in the row for those of others.
func (s *Service) planOf(ctx context.Context, r Run) (*Plan, error) {
	m, faults := mapping.Parse(r.Mapping)
	if len(faults) > 0 {
		return nil, ErrMappingBad
	}
	content, f, err := s.file(ctx, r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = content.Close() }()
	at, ok := content.(io.ReaderAt)
	if !ok {
		return nil, fmt.Errorf("intake: file %s cannot be read at random", f.ID)
	}
	return s.Check(ctx, sheet.Source{ReaderAt: at, Size: f.Size}, m, r.Options, s.teller(ctx, r))
}

// everyRows is how often the progress is written to the database.
const everyRows = 1000

func (s *Service) teller(ctx context.Context, r Run) func(done, total int) {
	return func(done, total int) {
		s.progress.Store(r.ID, Progress{done, total})
		if done%everyRows == 0 && (r.State == Checking || s.DB.ManyWriters()) {
			_ = s.DB.InTx(ctx, func(ctx context.Context) error { return s.store.noteProgress(ctx, r, Progress{done, total}) }) // the next one will do
		}
	}
}

// check is the job behind Upload and Again. It may be run again.
func (s *Service) check(ctx context.Context, id string) error {
	r, err := s.store.run(ctx, id)
	if err != nil || r.State != Checking {
		return dropMissing(err)
	}
	defer s.progress.Delete(id)
	plan, err := s.planOf(ctx, r)
	if err != nil {
		return s.fail(ctx, r, err)
	}
	r.State = Checked
	return s.keep(ctx, r, plan)
}

// keep writes what a check found, unless somebody discarded the run meanwhile.
func (s *Service) keep(ctx context.Context, r Run, plan *Plan) error {
	r.Counts, r.Digest, r.Progress = plan.Counts, plan.Digest, Progress{plan.Read, plan.Read}
	moved, failure := r.Result.MovedOn, r.Result.Failure
	r.Result = bounded(plan)
	r.Result.MovedOn, r.Result.Failure = moved, failure
	blob, err := s.putChanges(ctx, r, plan)
	if err != nil {
		return s.fail(ctx, r, err)
	}
	return s.unlessStale(s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.Files.Remove(ctx, r.ChangesID); err != nil {
			return err
		}
		r.ChangesID = ""
		if blob.Size > 0 {
			f, err := s.Files.Register(ctx, blob, changesName, r.CheckedBy)
			if err != nil {
				return err
			}
			r.ChangesID = f.ID
		}
		return s.store.saveRun(ctx, r)
	}))
}

// apply is the job behind Release. The catalogue and the state of the run change
// in one transaction, so that running it again finds it done.
func (s *Service) apply(ctx context.Context, id string) error {
	r, err := s.store.run(ctx, id)
	if err != nil || r.State != Approved && r.State != Applying {
		return dropMissing(err)
	}
	defer s.progress.Delete(id)
	if r.State == Approved {
		r.State = Applying
		if err := s.DB.InTx(ctx, func(ctx context.Context) error { return s.store.saveRun(ctx, r) }); err != nil {
			return s.unlessStale(err)
		}
		r.Version++
	}
	plan, err := s.planOf(ctx, r)
	if err != nil {
		return s.fail(ctx, r, err)
	}
	if plan.Digest != r.Digest { // not what was released
		r.State, r.Result.MovedOn = Checked, true
		return s.keep(ctx, r, plan)
	}
	actor, err := s.Identity.Actor(ctx, r.ApprovedBy)
	if err != nil {
		return s.fail(ctx, r, err)
	}
	err = s.write(ctx, actor, r, plan)
	if errors.Is(err, db.ErrStale) || errors.Is(err, db.ErrDuplicate) {
		return s.fail(ctx, r, errMoved)
	}
	if err != nil {
		return s.fail(ctx, r, err)
	}
	return nil
}

func (s *Service) write(ctx context.Context, actor auth.Actor, r Run, plan *Plan) error {
	tell, total := s.teller(ctx, r), plan.Created+plan.Updated
	tell(0, total)
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		by := catalogue.Hands{Brought: r.CreatedBy, Checked: r.CheckedBy, Mapped: r.MappingBy, Released: r.ApprovedBy}
		if err := s.Apply(ctx, actor, by, plan, "import:"+r.ID, func(done int) { s.progress.Store(r.ID, Progress{min(done, total), total}) }); err != nil {
			return err
		}
		r.State, r.FinishedAt, r.Progress = Done, s.Clock.Now(), Progress{total, total}
		return s.store.saveRun(ctx, r)
	})
}

// fail ends a run with an error that people are told. A job that was cut off is
// tried again.
func (s *Service) fail(ctx context.Context, r Run, err error) error {
	if ctx.Err() != nil {
		return err
	}
	code := errs.CodeOf(err)
	if errs.KindOf(err) == errs.Internal {
		code = errFailed.Code
	}
	r.State, r.FinishedAt, r.Result.Failure = Failed, s.Clock.Now(), code
	saved := s.DB.InTx(ctx, func(ctx context.Context) error { return s.store.saveRun(ctx, r) })
	if err := s.unlessStale(saved); err != nil {
		return err
	}
	if code == errFailed.Code {
		return fmt.Errorf("intake: run %s: %w", r.ID, err) // for the log; the next try finds it failed
	}
	return nil
}

// unlessStale forgets that somebody changed the run meanwhile: his word counts.
func (s *Service) unlessStale(err error) error {
	if errors.Is(err, db.ErrStale) {
		return nil
	}
	return err
}

// dropMissing forgets a job whose run is not there.
func dropMissing(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
