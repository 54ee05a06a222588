package dossier

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/sheet"
)

// Errors of sheets.
var (
	ErrFile       = errs.Define(errs.Invalid, "dossier.file") // no file chosen
	ErrSheetState = errs.Define(errs.Conflict, "dossier.sheet_state")
	errWentWrong  = errs.Define(errs.Internal, "dossier.went_wrong") // something that is in the log
)

// The states of a sheet.
const (
	SheetChecking = "checking"
	SheetChecked  = "checked"
	SheetApplying = "applying"
	SheetDone     = "done"
	SheetFailed   = "failed"
)

// Sheet is an uploaded sheet.
type Sheet struct {
	ID         string
	FileID     string
	FileName   string
	Options    SheetOptions
	State      string
	Counts     SheetCounts
	Lines      []SheetRow
	Failure    string
	CreatedBy  string
	CreatedAt  time.Time
	FinishedAt time.Time
	Version    int
}

// Working says that a job has it in hand, or will have.
func (s Sheet) Working() bool { return s.State == SheetChecking || s.State == SheetApplying }

// linesKept of a sheet, those that are wrong or differ first come.
const linesKept = 300

type sheetArgs struct {
	ID string `json:"id"`
}

// Kind names the job.
func (sheetArgs) Kind() string { return "dossier.sheet" }

func (s *Service) sheetWorkers(q *jobs.Queue) {
	jobs.HandleFor(q, 4*time.Minute, func(ctx context.Context, a sheetArgs) error { return s.workSheet(ctx, a.ID) })
}

// sheetTries of a job: a sheet that ends the process is not tried for ever.
const sheetTries = 3

// Upload is a sheet that somebody hands in.
type Upload struct {
	Name    string
	Content io.Reader
	Limit   int64
	Options SheetOptions
}

// TakeSheet keeps a sheet and has it checked; nothing else is changed yet.
func (s *Service) TakeSheet(ctx context.Context, actor auth.Actor, in Upload) (string, error) {
	if day, err := parseDate(in.Options.AsOf); err == nil {
		in.Options.AsOf = day
	}
	if err := s.checkOptions(actor, in.Options); err != nil {
		return "", err
	}
	blob, err := s.Files.PutSheet(ctx, in.Content, in.Name, in.Limit)
	if err != nil {
		return "", at("file", err)
	}
	id := ids.New(s.Clock.Now())
	return id, s.DB.InTx(ctx, func(ctx context.Context) error {
		f, err := s.Files.Register(ctx, blob, in.Name, actor.ID)
		if err != nil {
			return err
		}
		if _, err := s.DB.Exec(ctx, `INSERT INTO identity_sheet (id, file_id, file_name, options, state, counts, lines, failure, created_by, created_at, finished_at, version)
			VALUES ($1,$2,$3,$4,'checking','{}','[]','',$5,$6,0,1)`, id, f.ID, f.Name, db.ToJSON(in.Options), actor.ID, db.MS(s.Clock.Now())); err != nil {
			return fmt.Errorf("dossier: sheet: %w", err)
		}
		if err := s.Jobs.EnqueueTries(ctx, sheetArgs{id}, sheetTries); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "dossier.upload_sheet", Object: "sheet:" + id, Change: in.Options})
	})
}

func scanSheet(r db.Scanner) (x Sheet, err error) {
	return x, r.Scan(&x.ID, &x.FileID, &x.FileName, db.JSON[SheetOptions]{V: &x.Options}, &x.State, db.JSON[SheetCounts]{V: &x.Counts}, db.JSON[[]SheetRow]{V: &x.Lines}, &x.Failure,
		&x.CreatedBy, db.Time{Time: &x.CreatedAt}, db.Time{Time: &x.FinishedAt}, &x.Version)
}

const sheetColumns = `id, file_id, file_name, options, state, counts, lines, failure, created_by, created_at, finished_at, version`

// Sheets lists the sheets of the registers that the actor brings in, newest first.
func (s *Service) Sheets(ctx context.Context, actor auth.Actor) ([]Sheet, error) {
	var args db.Args
	var keys []string
	for _, r := range s.Registers(actor) {
		keys = append(keys, r.Key)
	}
	list, err := db.List(ctx, s.DB.Read(ctx), scanSheet, `SELECT `+sheetColumns+` FROM identity_sheet WHERE options->>'register' IN `+db.In(&args, keys)+` ORDER BY created_at DESC, id DESC LIMIT 50`, args...)
	if err != nil {
		return nil, fmt.Errorf("dossier: sheets: %w", err)
	}
	return list, nil
}

// Sheet returns one; that of another register is ErrNotFound.
func (s *Service) Sheet(ctx context.Context, actor auth.Actor, id string) (Sheet, error) {
	x, ok, err := db.Maybe(ctx, s.DB.Read(ctx), scanSheet, `SELECT `+sheetColumns+` FROM identity_sheet WHERE id=$1`, id)
	if err != nil {
		return x, fmt.Errorf("dossier: sheet: %w", err)
	}
	for _, r := range s.Registers(actor) {
		if ok && r.Key == x.Options.Register {
			return x, nil
		}
	}
	return Sheet{}, ErrNotFound
}

// Release has a checked sheet taken in. Rows that are wrong are left out.
func (s *Service) Release(ctx context.Context, actor auth.Actor, id string, version int) error {
	x, err := s.Sheet(ctx, actor, id)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if x.State != SheetChecked || x.Counts.New+x.Counts.Changed+x.Counts.Conflict == 0 {
			return ErrSheetState
		}
		if err := s.DB.ExecOne(ctx, `UPDATE identity_sheet SET state='applying', version=version+1 WHERE id=$1 AND version=$2`, id, version); err != nil {
			return err
		}
		if err := s.Jobs.EnqueueTries(ctx, sheetArgs{id}, sheetTries); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "dossier.release_sheet", Object: "sheet:" + id, Change: x.Counts})
	})
}

// workSheet checks or takes in a sheet, by its state. Who was interrupted begins
// anew: what came in already is the same once more.
func (s *Service) workSheet(ctx context.Context, id string) error {
	x, ok, err := db.Maybe(ctx, s.DB.Read(ctx), scanSheet, `SELECT `+sheetColumns+` FROM identity_sheet WHERE id=$1`, id)
	if err != nil || !ok || !x.Working() {
		return err
	}
	actor, err := s.Identity.Actor(ctx, x.CreatedBy)
	if err != nil {
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
		return fmt.Errorf("dossier: sheet %s cannot be read at random", id)
	}
	src, kept := sheet.Source{ReaderAt: at, Size: f.Size}, keeper{}
	next := SheetChecked
	if x.State == SheetChecking {
		x.Counts, err = s.CheckSheet(ctx, actor, src, x.Options, kept.add)
	} else {
		next = SheetDone
		x.Counts, err = s.ApplySheet(ctx, actor, src, x.Options, "sheet:"+id, kept.add)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	failure := ""
	if e, ok := errors.AsType[*errs.Error](err); ok && e.Kind != errs.Internal {
		next, failure = SheetFailed, e.Code
	} else if err != nil {
		return errWentWrong.Because(err)
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		return s.DB.ExecOne(ctx, `UPDATE identity_sheet SET state=$2, counts=$3, lines=$4, failure=$5, finished_at=$6, version=version+1 WHERE id=$1 AND version=$7`,
			id, next, db.ToJSON(x.Counts), db.ToJSON(kept.list()), failure, db.MS(s.Clock.Now()), x.Version)
	})
}

// keeper keeps the rows that a person should see: first those that are wrong or
// differ, then those that change something.
type keeper struct{ first, rest []SheetRow }

func (k *keeper) add(r SheetRow) {
	switch {
	case r.Kind == RowSame:
	case r.Kind == RowWrong || r.Kind == RowConflict:
		if len(k.first) < linesKept {
			k.first = append(k.first, r)
		}
	case len(k.rest) < linesKept:
		k.rest = append(k.rest, r)
	}
}

func (k *keeper) list() []SheetRow {
	all := append(append([]SheetRow{}, k.first...), k.rest...)
	return all[:min(len(all), linesKept)]
}
