package worklist

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Bounds of batches.
const (
	MaxBatch = 500 // cases of one batch
	atOnce   = 20  // up to so many are worked on while the reader waits
)

// BatchState of a batch.
type BatchState string

// The states of a batch.
const (
	Chosen  BatchState = "chosen"
	Running BatchState = "running"
	Done    BatchState = "done"
)

// RowState of one case of a batch.
type RowState string

// The states of a row.
const (
	Waiting  RowState = "waiting"
	RowDone  RowState = "done"
	Refused  RowState = "refused"
	batchTTL          = 90 * 24 * time.Hour // after it a batch is forgotten; what it did stands in each case
)

// Batch is one command for many cases.
type Batch struct {
	ID         string
	AccountID  string
	List       cases.ListName
	Query      string // of the list where the cases were chosen
	Command    cases.Command
	Input      Input
	State      BatchState
	Total      int
	CreatedAt  time.Time
	StartedAt  time.Time
	FinishedAt time.Time
	Version    int

	Done, Refused int // rows so far
}

// BatchRow is one case of a batch.
type BatchRow struct {
	Position      int
	Ref           cases.Ref
	State         RowState
	Code          string // of the error that refused it, "" for none
	Params        map[string]any
	cases.Ability      // of the reader, as the case is now
	Gone          bool // he may not see it (any more)
}

const batchColumns = `b.id, b.account_id, b.list, b.query, b.command, b.input, b.state, b.total, b.created_at, b.started_at, b.finished_at, b.version,
	(SELECT count(*) FROM cases_batch_row r WHERE r.batch_id = b.id AND r.state = 'done'), (SELECT count(*) FROM cases_batch_row r WHERE r.batch_id = b.id AND r.state = 'refused')`

func scanBatch(r db.Scanner) (b Batch, err error) {
	return b, r.Scan(&b.ID, &b.AccountID, &b.List, &b.Query, &b.Command, db.JSON[Input]{V: &b.Input}, &b.State, &b.Total,
		db.Time{Time: &b.CreatedAt}, db.Time{Time: &b.StartedAt}, db.Time{Time: &b.FinishedAt}, &b.Version, &b.Done, &b.Refused)
}

// Choose begins a batch of cases as the actor sees them: given ones, with the
// version that stood in the list, or with none all that the list holds, up to
// MaxBatch. What is chosen stays as it is, whatever the list does.
func (s *Service) Choose(ctx context.Context, a auth.Actor, list cases.ListName, q Query, refs []cases.Ref) (Batch, error) {
	if a.Kind != auth.Staff || !slices.Contains(cases.StaffLists, list) {
		return Batch{}, ErrForbidden
	}
	if len(refs) > MaxBatch {
		return Batch{}, ErrTooMany.With("max", MaxBatch)
	}
	if len(refs) == 0 {
		found := errors.New("enough")
		err := s.Cases.EachPage(ctx, a, q.Filter(list, a.ID), MaxBatch, func(rows []cases.Row) error {
			for _, r := range rows {
				refs = append(refs, cases.Ref{ID: r.ID, Version: r.Version})
			}
			return found
		})
		if err != nil && !errors.Is(err, found) {
			return Batch{}, err
		}
	}
	seen := map[cases.ID]bool{}
	refs = slices.DeleteFunc(slices.Clone(refs), func(r cases.Ref) bool {
		again := seen[r.ID]
		seen[r.ID] = true
		return again
	})
	if len(refs) == 0 {
		return Batch{}, ErrNobody
	}
	now := s.Clock.Now()
	b := Batch{ID: ids.New(now), AccountID: a.ID, List: list, Query: q.Values().Encode(), State: Chosen, Total: len(refs), CreatedAt: now, Version: 1}
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.DB.Exec(ctx, `INSERT INTO cases_batch (id, account_id, list, query, command, input, state, total, created_at, started_at, finished_at, version)
			VALUES ($1,$2,$3,$4,'','{}',$5,$6,$7,0,0,1)`, b.ID, a.ID, string(list), b.Query, string(Chosen), b.Total, db.MS(now)); err != nil {
			return err
		}
		for i, r := range refs {
			if _, err := s.DB.Exec(ctx, `INSERT INTO cases_batch_row (batch_id, position, case_id, case_version, state, code, params, at) VALUES ($1,$2,$3,$4,$5,'','{}',0)`,
				b.ID, i+1, string(r.ID), r.Version, string(Waiting)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Batch{}, fmt.Errorf("worklist: choose: %w", err)
	}
	return b, nil
}

// Batch returns a batch of the actor; somebody else's is ErrNotFound.
func (s *Service) Batch(ctx context.Context, a auth.Actor, id string) (Batch, error) {
	b, ok, err := db.Maybe(ctx, s.DB.Read(ctx), scanBatch, `SELECT `+batchColumns+` FROM cases_batch b WHERE b.id=$1`, id)
	switch {
	case err != nil:
		return b, fmt.Errorf("worklist: batch: %w", err)
	case !ok || a.Kind != auth.System && b.AccountID != a.ID:
		return Batch{}, ErrNotFound
	}
	return b, nil
}

// Batches returns the last batches of the actor that were run, newest first.
func (s *Service) Batches(ctx context.Context, a auth.Actor) ([]Batch, error) {
	return db.List(ctx, s.DB.Read(ctx), scanBatch, `SELECT `+batchColumns+` FROM cases_batch b WHERE b.account_id=$1 AND b.state <> 'chosen' ORDER BY b.id DESC LIMIT 50`, a.ID)
}

// BatchRows returns the cases of a batch as they stand now, with what the actor
// may do to each while it waits.
func (s *Service) BatchRows(ctx context.Context, a auth.Actor, b Batch) ([]BatchRow, error) {
	rows, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x BatchRow, err error) {
		return x, r.Scan(&x.Position, &x.Ref.ID, &x.Ref.Version, &x.State, &x.Code, db.JSON[map[string]any]{V: &x.Params})
	}, `SELECT position, case_id, case_version, state, code, params FROM cases_batch_row WHERE batch_id=$1 ORDER BY position`, b.ID)
	if err != nil {
		return nil, fmt.Errorf("worklist: rows of a batch: %w", err)
	}
	list := make([]cases.ID, len(rows))
	for i, r := range rows {
		list[i] = r.Ref.ID
	}
	now, err := s.Cases.Abilities(ctx, a, list)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		x, ok := now[rows[i].Ref.ID]
		rows[i].Ability, rows[i].Gone = x, !ok
	}
	return rows, nil
}

// Offers is a command with how many cases of a batch it can be given to.
type Offers struct {
	Command cases.Command
	N       int
}

// Offer counts for each command of batches how many cases it can be given to now.
func Offer(rows []BatchRow) []Offers {
	var out []Offers
	for _, c := range BatchCommands {
		n := 0
		for _, r := range rows {
			if r.State == Waiting && slices.Contains(r.Can, c) && r.Case.Version == r.Ref.Version {
				n++
			}
		}
		if n > 0 {
			out = append(out, Offers{c, n})
		}
	}
	return out
}

// Why says why a command cannot be given to the case now; nil when it can, as far
// as can be known before it is tried.
func (r BatchRow) Why(a auth.Actor, c cases.Command) error {
	switch {
	case r.Gone:
		return cases.ErrNotFound
	case r.Case.Version != r.Ref.Version:
		return cases.ErrStale
	default:
		return r.Refusal(a, c)
	}
}

// Run gives a command to the cases of a batch: a few at once, more of them in
// the background. It returns the batch as it stands then.
func (s *Service) Run(ctx context.Context, a auth.Actor, id string, c cases.Command, in Input) (Batch, error) {
	if !slices.Contains(BatchCommands, c) {
		return Batch{}, ErrCommand
	}
	if err := in.check(c); err != nil {
		return Batch{}, err
	}
	b, err := s.Batch(ctx, a, id)
	if err != nil {
		return b, err
	}
	if b.State != Chosen {
		return b, ErrRunning
	}
	b.Command, b.Input, b.State = c, in, Running
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		// Two presses start it once: the second meets another version.
		if err := s.DB.ExecOne(ctx, `UPDATE cases_batch SET command=$3, input=$4, state=$5, started_at=$6, version=version+1 WHERE id=$1 AND version=$2 AND state='chosen'`,
			b.ID, b.Version, string(c), db.ToJSON(in), string(Running), db.MS(s.Clock.Now())); err != nil {
			return err
		}
		if err := s.Audit.Record(ctx, a, audit.Note{Action: "cases.batch", Object: "batch:" + b.ID, Reason: in.Reason, Change: map[string]any{"command": c, "cases": b.Total}}); err != nil {
			return err
		}
		if b.Total > atOnce {
			return s.Jobs.Enqueue(ctx, batchArgs{ID: b.ID})
		}
		return nil
	})
	if errors.Is(err, db.ErrStale) {
		return b, ErrRunning
	}
	if err != nil {
		return b, fmt.Errorf("worklist: run: %w", err)
	}
	if b.Total <= atOnce {
		if err := s.work(ctx, a, b); err != nil {
			return b, err
		}
	}
	return s.Batch(ctx, a, id)
}

type batchArgs struct {
	ID string `json:"id"`
}

// Kind names the job.
func (batchArgs) Kind() string { return "cases.batch" }

// runBatch is the job behind Run, and what takes up a batch that was cut off.
func (s *Service) runBatch(ctx context.Context, id string) error {
	b, err := s.Batch(ctx, auth.SystemActor(), id)
	if errors.Is(err, ErrNotFound) || err == nil && b.State != Running {
		return nil
	}
	if err != nil {
		return err
	}
	a, err := s.ActorOf(ctx, b.AccountID)
	if err != nil {
		return fmt.Errorf("worklist: batch %s: who runs it: %w", id, err)
	}
	return s.work(ctx, a, b)
}

// work gives the command to what still waits.
func (s *Service) work(ctx context.Context, a auth.Actor, b Batch) error {
	waiting, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT position FROM cases_batch_row WHERE batch_id=$1 AND state='waiting' ORDER BY position`, b.ID)
	if err != nil {
		return fmt.Errorf("worklist: batch %s: %w", b.ID, err)
	}
	var broken []error
	for _, position := range waiting {
		if err := s.workRow(ctx, a, b, position); err != nil {
			if ctx.Err() != nil {
				return ctx.Err() // cut off: it goes on where it stopped
			}
			broken = append(broken, fmt.Errorf("worklist: batch %s, row %d: %w", b.ID, position, err))
		}
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		n, err := s.DB.Exec(ctx, `UPDATE cases_batch SET state='done', finished_at=$2, version=version+1 WHERE id=$1 AND state='running'`, b.ID, db.MS(s.Clock.Now()))
		if err != nil || n == 0 || b.Total <= atOnce {
			return err
		}
		return s.tellBatch(ctx, a, b)
	})
	return errors.Join(append(broken, err)...)
}

// workRow gives the command to one case: the command and the mark that it was
// given are one transaction. A refusal is written down in another.
func (s *Service) workRow(ctx context.Context, a auth.Actor, b Batch, position int) error {
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		ref, ok, err := s.take(ctx, b.ID, position)
		if err != nil || !ok {
			return err
		}
		if err := s.give(ctx, a, b.Command, ref, b.Input); err != nil {
			return err
		}
		return s.mark(ctx, b.ID, position, RowDone, nil)
	})
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	e, ok := errors.AsType[*errs.Error](err)
	if ok && e.Kind != errs.Internal {
		err = nil
	} else {
		e = &errs.Error{Code: "internal"} // the person is told, and the error goes where errors go
	}
	return errors.Join(err, s.DB.InTx(ctx, func(ctx context.Context) error { return s.mark(ctx, b.ID, position, Refused, e) }))
}

// take marks a waiting row as in hand by this transaction; ok is false when
// another one had it.
func (s *Service) take(ctx context.Context, batch string, position int) (ref cases.Ref, ok bool, err error) {
	return db.Maybe(ctx, s.DB.Write(ctx), func(r db.Scanner) (x cases.Ref, err error) { return x, r.Scan(&x.ID, &x.Version) },
		`UPDATE cases_batch_row SET at=$3 WHERE batch_id=$1 AND position=$2 AND state='waiting' RETURNING case_id, case_version`, batch, position, db.MS(s.Clock.Now()))
}

func (s *Service) mark(ctx context.Context, batch string, position int, state RowState, e *errs.Error) error {
	code, params := "", map[string]any{}
	if e != nil {
		code = e.Code
		if len(e.Fields) > 0 {
			code = e.Fields[0].Code
		}
		if e.Params != nil {
			params = e.Params
		}
	}
	_, err := s.DB.Exec(ctx, `UPDATE cases_batch_row SET state=$3, code=$4, params=$5, at=$6 WHERE batch_id=$1 AND position=$2 AND state='waiting'`,
		batch, position, string(state), code, db.ToJSON(params), db.MS(s.Clock.Now()))
	return err
}

// Retry begins a new batch of what a batch was refused, as those cases are now.
func (s *Service) Retry(ctx context.Context, a auth.Actor, id string) (Batch, error) {
	b, err := s.Batch(ctx, a, id)
	if err != nil {
		return b, err
	}
	if b.State != Done {
		return b, ErrRunning
	}
	rows, err := s.BatchRows(ctx, a, b)
	if err != nil {
		return b, err
	}
	var refs []cases.Ref
	for _, r := range rows {
		if r.State == Refused && !r.Gone {
			refs = append(refs, cases.Ref{ID: r.Ref.ID, Version: r.Case.Version})
		}
	}
	if len(refs) == 0 {
		return b, ErrNobody
	}
	return s.Choose(ctx, a, b.List, ParseQuery(parseValues(b.Query)), refs)
}
