package batch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/sheet"
)

// Deps of the package.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	Identity *identity.Service
	Files    *files.Store
	Jobs     *jobs.Queue
	Audit    *audit.Log
	Kinds    []Kind
}

// Service is the use cases.
type Service struct{ Deps }

// New wires the package.
func New(d Deps) *Service { return &Service{d} }

// The states of a sheet.
const (
	Checking = "checking"
	Checked  = "checked"
	Taking   = "taking"
	Done     = "done"
	Failed   = "failed"
)

// Sheet is an uploaded sheet.
type Sheet struct {
	ID           string
	Kind         string
	DepartmentID string
	FileID       string
	FileName     string
	State        string
	Counts       Counts
	Lines        []Row
	Failure      string
	CreatedBy    string
	CreatedAt    time.Time
	ReleasedBy   string
	FinishedAt   time.Time
	Version      int
}

// Working says that a job has it in hand, or will have.
func (x *Sheet) Working() bool { return x.State == Checking || x.State == Taking }

// linesKept of a sheet, those that are wrong first.
const linesKept = 300

// KindOf returns a kind by its key.
func (s *Service) KindOf(key string) (Kind, bool) {
	i := slices.IndexFunc(s.Kinds, func(k Kind) bool { return k.Key == key })
	if i < 0 {
		return Kind{}, false
	}
	return s.Kinds[i], true
}

// departments of the actor in which he has one of the roles.
func departments(a auth.Actor, roles []auth.Role) []string {
	var out []string
	if a.Kind != auth.Staff {
		return nil
	}
	for _, p := range a.PostsOf(roles...) {
		if p.DepartmentID != "" && !slices.Contains(out, p.DepartmentID) {
			out = append(out, p.DepartmentID)
		}
	}
	return out
}

// reads are the departments whose sheets the actor sees.
func (k Kind) reads(a auth.Actor) []string {
	return departments(a, append(slices.Clone(k.Bringers), k.Releasers...))
}

// Brings says whether the actor may upload sheets of the kind.
func (k Kind) Brings(a auth.Actor) bool { return len(departments(a, k.Bringers)) > 0 }

const columns = `id, kind, department_id, file_id, file_name, state, counts, lines, failure, created_by, created_at, released_by, finished_at, version`

func scan(r db.Scanner) (x Sheet, err error) {
	return x, r.Scan(&x.ID, &x.Kind, &x.DepartmentID, &x.FileID, &x.FileName, &x.State, db.JSON[Counts]{V: &x.Counts}, db.JSON[[]Row]{V: &x.Lines}, &x.Failure,
		&x.CreatedBy, db.Time{Time: &x.CreatedAt}, &x.ReleasedBy, db.Time{Time: &x.FinishedAt}, &x.Version)
}

// Upload is a sheet that somebody hands in.
type Upload struct {
	Name    string
	Content io.Reader
	Limit   int64
}

// Bring keeps a sheet and has it checked; nothing else is changed yet.
func (s *Service) Bring(ctx context.Context, actor auth.Actor, kind string, in Upload) (string, error) {
	k, ok := s.KindOf(kind)
	if !ok {
		return "", ErrNotFound
	}
	of := departments(actor, k.Bringers)
	if len(of) == 0 {
		return "", ErrForbidden
	}
	blob, err := s.Files.PutSheet(ctx, in.Content, in.Name, in.Limit)
	if e, ok := errors.AsType[*errs.Error](err); ok && e.Kind == errs.Invalid {
		return "", ErrInvalid.At("file", e.Code, flat(e.Params)...)
	}
	if err != nil {
		return "", err
	}
	now := s.Clock.Now()
	id := ids.New(now)
	return id, s.DB.InTx(ctx, func(ctx context.Context) error {
		f, err := s.Files.Register(ctx, blob, in.Name, actor.ID)
		if err != nil {
			return err
		}
		if _, err := s.DB.Exec(ctx, `INSERT INTO identity_batch (`+columns+`) VALUES ($1,$2,$3,$4,$5,'checking','{}','[]','',$6,$7,'',0,1)`,
			id, kind, of[0], f.ID, f.Name, actor.ID, db.MS(now)); err != nil {
			return fmt.Errorf("batch: bring: %w", err)
		}
		if err := s.Jobs.EnqueueTries(ctx, args{id}, tries); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "batch.bring", Object: "batch:" + id, Change: map[string]any{"kind": kind, "sha256": blob.SHA256}})
	})
}

func flat(m map[string]any) []any {
	var out []any
	for k, v := range m {
		out = append(out, k, v)
	}
	return out
}

// List returns the sheets of a kind that the actor may see, the newest first.
func (s *Service) List(ctx context.Context, actor auth.Actor, kind string) ([]Sheet, error) {
	k, ok := s.KindOf(kind)
	of := k.reads(actor)
	if !ok || len(of) == 0 {
		return nil, ErrForbidden
	}
	var args db.Args
	list, err := db.List(ctx, s.DB.Read(ctx), scan, `SELECT `+columns+` FROM identity_batch WHERE kind=`+args.Add(kind)+` AND department_id IN `+db.In(&args, of)+` ORDER BY created_at DESC, id DESC LIMIT 50`, args...)
	if err != nil {
		return nil, fmt.Errorf("batch: list: %w", err)
	}
	return list, nil
}

// Find returns a sheet; that of another department is ErrNotFound.
func (s *Service) Find(ctx context.Context, actor auth.Actor, kind, id string) (Sheet, error) {
	x, ok, err := db.Maybe(ctx, s.DB.Read(ctx), scan, `SELECT `+columns+` FROM identity_batch WHERE id=$1`, id)
	if err != nil {
		return x, fmt.Errorf("batch: find: %w", err)
	}
	k, known := s.KindOf(kind)
	if !ok || !known || x.Kind != kind || !slices.Contains(k.reads(actor), x.DepartmentID) {
		return Sheet{}, ErrNotFound
	}
	return x, nil
}

// mayRelease says why the actor does not have a sheet taken in; nil when he may.
func (k Kind) mayRelease(a auth.Actor, x *Sheet) error {
	switch {
	case !slices.Contains(departments(a, k.Releasers), x.DepartmentID):
		return ErrForbidden
	case k.TwoHands && (x.CreatedBy == a.ID || slices.Contains(a.StandsInFor(), x.CreatedBy)):
		return ErrSame
	}
	return nil
}

// Releases says why the actor does not have a sheet taken in; nil when he may.
func (s *Service) Releases(actor auth.Actor, x *Sheet) error {
	k, _ := s.KindOf(x.Kind)
	return k.mayRelease(actor, x)
}

// Release has a checked sheet taken in. Rows that are wrong are left out.
func (s *Service) Release(ctx context.Context, actor auth.Actor, kind, id string, version int) error {
	x, err := s.Find(ctx, actor, kind, id)
	if err != nil {
		return err
	}
	if err := s.Releases(actor, &x); err != nil {
		return err
	}
	if x.State != Checked || x.Counts.New == 0 {
		return ErrState
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.DB.ExecOne(ctx, `UPDATE identity_batch SET state='taking', released_by=$3, version=version+1 WHERE id=$1 AND version=$2 AND state='checked'`, id, version, actor.ID); err != nil {
			if errors.Is(err, db.ErrStale) {
				return ErrStale
			}
			return err
		}
		if err := s.Jobs.EnqueueTries(ctx, args{id}, tries); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "batch.release", Object: "batch:" + id, Change: x.Counts})
	})
}

// Check reads a sheet and says what each row would do; nothing is written.
func (s *Service) Check(ctx context.Context, kind, department string, src sheet.Source, each func(Row)) (Counts, error) {
	var counts Counts
	k, ok := s.KindOf(kind)
	if !ok || !s.Identity.Directory().HasDepartment(department) {
		return counts, ErrNotFound
	}
	seen := map[string]int{}
	err := k.each(ctx, src, func(row Row, v Values, wrong []Finding) error {
		if _, err := k.judge(ctx, department, &row, v, wrong, seen); err != nil {
			return err
		}
		counts.add(row.Kind)
		each(row)
		return nil
	})
	return counts, err
}

// rowsAtOnce are written in one transaction.
const rowsAtOnce = 50

// Take takes a sheet in, some rows at a time; wrong rows are left out. The same
// sheet once more changes nothing, so that who was interrupted begins anew. Rights
// are the caller's: Release asks for them.
func (s *Service) Take(ctx context.Context, actor auth.Actor, kind, department, object string, src sheet.Source, each func(Row)) (Counts, error) {
	var counts Counts
	k, ok := s.KindOf(kind)
	if !ok || !s.Identity.Directory().HasDepartment(department) {
		return counts, ErrNotFound
	}
	type line struct {
		row   Row
		v     Values
		wrong []Finding
	}
	var lines []line
	seen := map[string]int{}
	flush := func() error {
		err := s.DB.InTx(ctx, func(ctx context.Context) error {
			for i := range lines {
				l := &lines[i]
				v, err := k.judge(ctx, department, &l.row, l.v, l.wrong, seen)
				if err != nil {
					return err
				}
				if l.row.Kind != RowNew {
					continue
				}
				if err := v.Take(ctx, actor); err != nil {
					return fmt.Errorf("batch: row %d: %w", l.row.Row, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, l := range lines {
			counts.add(l.row.Kind)
			each(l.row)
		}
		lines = lines[:0]
		return nil
	}
	err := k.each(ctx, src, func(row Row, v Values, wrong []Finding) error {
		if lines = append(lines, line{row, v, wrong}); len(lines) < rowsAtOnce {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return counts, err
	}
	return counts, s.DB.InTx(ctx, func(ctx context.Context) error {
		return s.Audit.Record(ctx, actor, audit.Note{Action: "batch.take", Object: object, Change: map[string]any{"kind": kind, "department": department, "counts": counts}})
	})
}
