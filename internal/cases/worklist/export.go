package worklist

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/sheet"
)

// Bounds of exports.
const (
	AtOnce     = 2_000   // rows that are sent while the reader waits
	MaxExport  = 200_000 // rows of one file
	maxOpen    = 3       // exports that one person has under way
	exportAge  = 7 * 24 * time.Hour
	exportPage = 1_000 // rows read at once: the memory that an export takes
	maxBytes   = 512 << 20
)

// ExportState of an export.
type ExportState string

// The states of an export.
const (
	ExportWaiting ExportState = "waiting"
	ExportRunning ExportState = "running"
	ExportDone    ExportState = "done"
	ExportFailed  ExportState = "failed"
)

// Export is a list as a file, made in the background.
type Export struct {
	ID         string
	AccountID  string
	List       cases.ListName
	Query      Query
	Columns    []string
	Asked      []string
	Format     sheet.Format
	Locale     i18n.Locale
	State      ExportState
	Done       int // rows written so far
	Total      int // as far as was counted when it was asked for
	FileID     string
	reach      string // of its maker when it was made, see cases.ReachOf
	CreatedAt  time.Time
	FinishedAt time.Time
	ExpiresAt  time.Time
	Version    int
}

// Working says that it is not through yet.
func (e Export) Working() bool { return e.State == ExportWaiting || e.State == ExportRunning }

// ExportInput asks for a list as a file.
type ExportInput struct {
	List    cases.ListName
	Query   Query
	Columns []string // nil for all
	Asked   []string // columns of the form of the item that the query names, see Asks
	Format  sheet.Format
}

// Formats of exports.
var Formats = []sheet.Format{sheet.XLSX, sheet.CSV}

func (in *ExportInput) check(a auth.Actor) error {
	if a.Kind != auth.Staff || !slices.Contains(cases.StaffLists, in.List) {
		return ErrForbidden
	}
	if !slices.Contains(Formats, in.Format) {
		return ErrFormat.At("format", ErrFormat.Code)
	}
	if len(in.Columns) == 0 {
		in.Columns = Columns
	}
	in.Columns = slices.DeleteFunc(slices.Clone(in.Columns), func(c string) bool { return !slices.Contains(Columns, c) })
	in.Asked = askedOf(in.Query.Item, in.Asked)
	if in.Format != sheet.XLSX && rowsIn(in.Asked) > 1 {
		return ErrGroups.At("asked", ErrGroups.Code)
	}
	return nil
}

// rowsIn counts the repeating sections among columns.
func rowsIn(asked []string) (n int) {
	for _, c := range asked {
		if strings.HasPrefix(c, "rows.") {
			n++
		}
	}
	return n
}

// Direct writes a list of at most AtOnce rows to w and says how many there
// were. It is told in the audit trail before the file is handed over.
func (s *Service) Direct(ctx context.Context, a auth.Actor, in ExportInput, w io.Writer) (int, error) {
	if err := in.check(a); err != nil {
		return 0, err
	}
	n, err := s.write(ctx, a, in, AtOnce, w, nil)
	if err != nil {
		return 0, err
	}
	return n, s.DB.InTx(ctx, func(ctx context.Context) error { return s.record(ctx, a, in, "direct", n) })
}

// record tells who took out what.
func (s *Service) record(ctx context.Context, a auth.Actor, in ExportInput, id string, rows int) error {
	return s.Audit.Record(ctx, a, audit.Note{Action: "cases.export", Object: "export:" + id, Change: map[string]any{
		"list": in.List, "query": in.Query.Values().Encode(), "columns": slices.Concat(in.Columns, in.Asked), "format": in.Format, "rows": rows,
	}})
}

const exportColumns = `e.id, e.account_id, e.list, e.query, e.columns, e.format, e.locale, e.state, e.done, e.total, e.file_id, e.reach, e.created_at, e.finished_at, e.expires_at, e.version`

func scanExport(r db.Scanner) (e Export, err error) {
	var q, columns string
	err = r.Scan(&e.ID, &e.AccountID, &e.List, &q, &columns, &e.Format, &e.Locale, &e.State, &e.Done, &e.Total, &e.FileID, &e.reach,
		db.Time{Time: &e.CreatedAt}, db.Time{Time: &e.FinishedAt}, db.Time{Time: &e.ExpiresAt}, &e.Version)
	e.Query = ParseQuery(parseValues(q))
	e.Columns = ParseQuery(map[string][]string{"cols": {columns}}).Columns
	e.Asked = askedOf(e.Query.Item, strings.Split(columns, ","))
	return e, err
}

// Order asks for a list as a file in the background, in the reader's language.
func (s *Service) Order(ctx context.Context, a auth.Actor, in ExportInput) (Export, error) {
	if err := in.check(a); err != nil {
		return Export{}, err
	}
	total, err := s.Cases.Count(ctx, a, in.Query.Filter(in.List, a.ID), MaxExport)
	if err != nil {
		return Export{}, err
	}
	now := s.Clock.Now()
	e := Export{
		ID: ids.New(now), AccountID: a.ID, List: in.List, Query: in.Query, Columns: in.Columns, Asked: in.Asked, Format: in.Format, Locale: i18n.LocaleOf(ctx),
		State: ExportWaiting, Total: total, CreatedAt: now, ExpiresAt: now.Add(exportAge), Version: 1,
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		open, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM cases_export WHERE account_id=$1 AND state IN ('waiting','running')`, a.ID)
		if err != nil {
			return err
		}
		if open >= maxOpen {
			return ErrBusy.With("max", maxOpen)
		}
		if _, err := s.DB.Exec(ctx, `INSERT INTO cases_export (id, account_id, list, query, columns, format, locale, state, done, total, file_id, created_at, finished_at, expires_at, version)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,0,$9,'',$10,0,$11,1)`, e.ID, a.ID, string(e.List), e.Query.Values().Encode(), joined(slices.Concat(e.Columns, e.Asked)), string(e.Format), string(e.Locale),
			string(e.State), e.Total, db.MS(now), db.MS(e.ExpiresAt)); err != nil {
			return err
		}
		if err := s.record(ctx, a, in, e.ID, total); err != nil {
			return err
		}
		return s.Jobs.EnqueueTries(ctx, exportArgs{ID: e.ID}, exportTries)
	})
	if err != nil {
		return Export{}, fmt.Errorf("worklist: order an export: %w", err)
	}
	return e, nil
}

// exportTries is how often an export is begun before it is given up.
const exportTries = 3

type exportArgs struct {
	ID string `json:"id"`
}

// Kind names the job.
func (exportArgs) Kind() string { return "cases.export" }

// Export returns an export of the actor; somebody else's is ErrNotFound.
func (s *Service) Export(ctx context.Context, a auth.Actor, id string) (Export, error) {
	e, ok, err := db.Maybe(ctx, s.DB.Read(ctx), scanExport, `SELECT `+exportColumns+` FROM cases_export e WHERE e.id=$1`, id)
	switch {
	case err != nil:
		return e, fmt.Errorf("worklist: export: %w", err)
	case !ok || a.Kind != auth.System && e.AccountID != a.ID:
		return Export{}, ErrNotFound
	}
	return e, nil
}

// Exports returns the exports of the actor that are still there, newest first;
// without those that he may not read any more.
func (s *Service) Exports(ctx context.Context, a auth.Actor) ([]Export, error) {
	list, err := db.List(ctx, s.DB.Read(ctx), scanExport, `SELECT `+exportColumns+` FROM cases_export e WHERE e.account_id=$1 AND e.expires_at > $2 ORDER BY e.id DESC LIMIT 100`, a.ID, db.MS(s.Clock.Now()))
	return slices.DeleteFunc(list, func(e Export) bool { return e.State == ExportDone && !e.readable(a) }), err
}

// readable says that the actor still sees all that the maker of the export saw
// when it was made. A file holds names and numbers: it is not read longer than
// the cases themselves.
func (e Export) readable(a auth.Actor) bool {
	now := cases.ReachOf(a)
	return e.reach != "" && !slices.ContainsFunc(strings.Split(e.reach, "\n"), func(x string) bool { return !slices.Contains(now, x) })
}

// runExport is the job behind Order. It may be begun again at any time: the
// file counts only when the row names it.
func (s *Service) runExport(ctx context.Context, id string) error {
	e, err := s.Export(ctx, auth.SystemActor(), id)
	if errors.Is(err, ErrNotFound) || err == nil && !e.Working() {
		return nil
	}
	if err != nil {
		return err
	}
	a, err := s.ActorOf(ctx, e.AccountID)
	if err != nil {
		return fmt.Errorf("worklist: export %s: who asked: %w", id, err)
	}
	ctx = i18n.With(ctx, s.Texts, e.Locale)
	if err := s.note(ctx, e, ExportRunning, 0); err != nil {
		return err
	}
	blob, n, err := s.makeFile(ctx, a, e)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return errors.Join(err, s.note(context.WithoutCancel(ctx), e, ExportFailed, 0))
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		f, err := s.Files.Register(ctx, blob, e.FileName(ctx), e.AccountID)
		if err != nil {
			return err
		}
		now := s.Clock.Now()
		done, err := s.DB.Exec(ctx, `UPDATE cases_export SET state='done', done=$2, total=$2, file_id=$3, finished_at=$4, expires_at=$5, reach=$6, version=version+1 WHERE id=$1 AND state='running'`,
			e.ID, n, f.ID, db.MS(now), db.MS(now.Add(exportAge)), strings.Join(cases.ReachOf(a), "\n"))
		if err != nil {
			return err
		}
		if done == 0 { // thrown away meanwhile
			return s.Files.Remove(ctx, f.ID)
		}
		in := ExportInput{List: e.List, Query: e.Query, Columns: e.Columns, Asked: e.Asked, Format: e.Format}
		if err := s.record(ctx, a, in, e.ID, n); err != nil {
			return err
		}
		return s.tell(ctx, e.AccountID, notify.News{Key: "export:" + e.ID, Kind: "export_done", Link: "/work/exports", Params: map[string]any{
			"list": i18n.Text{ZH: s.Texts.Text(i18n.Chinese, "work.list."+string(e.List)), EN: s.Texts.Text(i18n.English, "work.list."+string(e.List))}, "n": n,
		}})
	})
}

// FileName of the file, as people save it.
func (e Export) FileName(ctx context.Context) string {
	return i18n.T(ctx, "work.list."+string(e.List)) + "-" + i18n.ShortDate(e.CreatedAt) + e.Format.Extension()
}

// makeFile writes the list to disk, then to the store.
func (s *Service) makeFile(ctx context.Context, a auth.Actor, e Export) (files.Blob, int, error) {
	tmp, err := os.CreateTemp("", "export-*"+e.Format.Extension())
	if err != nil {
		return files.Blob{}, 0, fmt.Errorf("worklist: %w", err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	defer func() { _ = tmp.Close() }()
	in := ExportInput{List: e.List, Query: e.Query, Columns: e.Columns, Asked: e.Asked, Format: e.Format}
	n, err := s.write(ctx, a, in, MaxExport, tmp, func(n int) { _ = s.note(ctx, e, ExportRunning, n) }) // the next one will do
	if err != nil {
		return files.Blob{}, 0, err
	}
	if _, err := tmp.Seek(0, io.SeekStart); err != nil {
		return files.Blob{}, 0, fmt.Errorf("worklist: %w", err)
	}
	blob, err := s.Files.PutSheet(ctx, tmp, "export"+e.Format.Extension(), maxBytes)
	return blob, n, err
}

// note says how far an export is.
func (s *Service) note(ctx context.Context, e Export, state ExportState, n int) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		_, err := s.DB.Exec(ctx, `UPDATE cases_export SET state=$2, done=$3 WHERE id=$1 AND state IN ('waiting','running')`, e.ID, string(state), n)
		return err
	})
}

// File opens the file of an export of the actor, as long as he may read what is
// in it, and tells each time in the audit trail.
func (s *Service) File(ctx context.Context, a auth.Actor, id string) (files.File, io.ReadSeekCloser, error) {
	e, err := s.Export(ctx, a, id)
	if err != nil {
		return files.File{}, nil, err
	}
	if e.State != ExportDone || !s.Clock.Now().Before(e.ExpiresAt) || !e.readable(a) {
		return files.File{}, nil, ErrNotFound
	}
	f, err := s.Files.Find(ctx, e.FileID)
	if err != nil {
		return f, nil, err
	}
	r, err := s.Files.Open(f)
	if err != nil {
		return f, nil, err
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		return s.Audit.Record(ctx, a, audit.Note{Action: "cases.export_read", Object: "export:" + e.ID, Change: map[string]any{"list": e.List, "rows": e.Done, "file": f.Name}})
	})
	if err != nil {
		return f, nil, errors.Join(err, r.Close())
	}
	return f, r, nil
}

// DropExport throws an export of the actor away, also one that is under way.
func (s *Service) DropExport(ctx context.Context, a auth.Actor, id string) error {
	e, err := s.Export(ctx, a, id)
	if err != nil {
		return err
	}
	return s.drop(ctx, e)
}

func (s *Service) drop(ctx context.Context, e Export) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.Files.Remove(ctx, e.FileID); err != nil {
			return err
		}
		_, err := s.DB.Exec(ctx, `DELETE FROM cases_export WHERE id=$1`, e.ID)
		return err
	})
}

// dropExports throws away what is over its time.
func (s *Service) dropExports(ctx context.Context, now time.Time) error {
	old, err := db.List(ctx, s.DB.Read(ctx), scanExport, `SELECT `+exportColumns+` FROM cases_export e WHERE e.expires_at <= $1 LIMIT 500`, db.MS(now))
	if err != nil {
		return fmt.Errorf("worklist: old exports: %w", err)
	}
	for _, e := range old {
		if err := s.drop(ctx, e); err != nil {
			return fmt.Errorf("worklist: old exports: %w", err)
		}
	}
	return nil
}
