package batch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/sheet"
)

type args struct {
	ID string `json:"id"`
}

// Kind names the job.
func (args) Kind() string { return "identity.batch" }

// tries of a job: a sheet that ends the process is not tried for ever.
const tries = 3

// Workers adds the jobs of the package to the queue.
func (s *Service) Workers(q *jobs.Queue) {
	jobs.HandleFor(q, 4*time.Minute, func(ctx context.Context, a args) error { return s.Work(ctx, a.ID) })
	jobs.HandleFor(q, 4*time.Minute, func(ctx context.Context, _ sweepArgs) error { return s.Sweep(ctx) })
	jobs.Every(q, 24*time.Hour, sweepArgs{})
}

// Work, which the job calls, checks a sheet or takes it in, by its state. Who was interrupted begins
// anew: what came in already is the same once more.
func (s *Service) Work(ctx context.Context, id string) error {
	x, ok, err := db.Maybe(ctx, s.DB.Read(ctx), scan, `SELECT `+columns+` FROM identity_batch WHERE id=$1`, id)
	if err != nil || !ok || !x.Working() {
		return err
	}
	f, err := s.Files.Find(ctx, x.FileID)
	if err != nil {
		return err
	}
	content, err := s.Files.Open(f)
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	at, ok := content.(io.ReaderAt)
	if !ok {
		return fmt.Errorf("batch: sheet %s cannot be read at random", id)
	}
	src, kept, next := sheet.Source{ReaderAt: at, Size: f.Size}, keeper{}, Checked
	if x.State == Checking {
		x.Counts, err = s.Check(ctx, x.Kind, x.DepartmentID, src, kept.add)
	} else {
		next = Done
		actor := auth.Actor{Kind: auth.Staff, ID: x.ReleasedBy} // who released it answers for it, whatever his posts are by now
		x.Counts, err = s.Take(ctx, actor, x.Kind, x.DepartmentID, "batch:"+id, src, kept.add)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	failure := ""
	if e, ok := errors.AsType[*errs.Error](err); ok && e.Kind != errs.Internal {
		next, failure = Failed, e.Code
	} else if err != nil {
		return errWentWrong.Because(err)
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		return s.DB.ExecOne(ctx, `UPDATE identity_batch SET state=$2, counts=$3, lines=$4, failure=$5, finished_at=$6, version=version+1 WHERE id=$1 AND version=$7`,
			id, next, db.ToJSON(x.Counts), db.ToJSON(kept.list()), failure, db.MS(s.Clock.Now()), x.Version)
	})
}

// keeper keeps the rows that a person should see: those that are wrong first.
type keeper struct{ first, rest []Row }

func (k *keeper) add(r Row) {
	switch {
	case r.Kind == RowWrong:
		if len(k.first) < linesKept {
			k.first = append(k.first, r)
		}
	case len(k.rest) < linesKept:
		k.rest = append(k.rest, r)
	}
}

func (k *keeper) list() []Row {
	all := append(append([]Row{}, k.first...), k.rest...)
	return all[:min(len(all), linesKept)]
}
