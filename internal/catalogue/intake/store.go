package intake

import (
	"context"
	"fmt"

	"github.com/tongban/tongban/internal/platform/db"
)

// store is the SQL of the package.
type store struct{ db *db.DB }

const runColumns = `id, file_id, file_name, mapping_key, mapping, options, state, counts, result, digest, done, total,
	created_by, created_at, checked_by, mapping_by, changes_id, approved_by, approved_at, finished_at, version`

func scanRun(s db.Scanner) (r Run, err error) {
	return r, s.Scan(&r.ID, &r.FileID, &r.FileName, &r.MappingKey, &r.Mapping, db.JSON[Options]{V: &r.Options}, &r.State, db.JSON[Counts]{V: &r.Counts},
		db.JSON[Result]{V: &r.Result}, &r.Digest, &r.Progress.Done, &r.Progress.Total, &r.CreatedBy, db.Time{Time: &r.CreatedAt},
		&r.CheckedBy, &r.MappingBy, &r.ChangesID, &r.ApprovedBy, db.Time{Time: &r.ApprovedAt}, db.Time{Time: &r.FinishedAt}, &r.Version)
}

func (s store) run(ctx context.Context, id string) (Run, error) {
	r, ok, err := db.Maybe(ctx, s.db.Read(ctx), scanRun, `SELECT `+runColumns+` FROM catalogue_import WHERE id=$1`, id)
	switch {
	case err != nil:
		return r, fmt.Errorf("intake: run %s: %w", id, err)
	case !ok:
		return r, ErrNotFound
	}
	return r, nil
}

// briefColumns leave out what only the page of a run shows: the result may be large.
const briefColumns = `id, file_id, changes_id, file_name, mapping_key, options, state, counts, done, total, created_by, created_at, approved_by, finished_at, version`

func scanBrief(r db.Scanner) (v Run, err error) {
	return v, r.Scan(&v.ID, &v.FileID, &v.ChangesID, &v.FileName, &v.MappingKey, db.JSON[Options]{V: &v.Options}, &v.State, db.JSON[Counts]{V: &v.Counts},
		&v.Progress.Done, &v.Progress.Total, &v.CreatedBy, db.Time{Time: &v.CreatedAt}, &v.ApprovedBy, db.Time{Time: &v.FinishedAt}, &v.Version)
}

// brief is run without its mapping and its result.
func (s store) brief(ctx context.Context, id string) (Run, error) {
	r, ok, err := db.Maybe(ctx, s.db.Read(ctx), scanBrief, `SELECT `+briefColumns+` FROM catalogue_import WHERE id=$1`, id)
	switch {
	case err != nil:
		return r, fmt.Errorf("intake: run %s: %w", id, err)
	case !ok:
		return r, ErrNotFound
	}
	return r, nil
}

// inStates lists the runs in some states, in brief.
func (s store) inStates(ctx context.Context, states ...State) ([]Run, error) {
	var a db.Args
	return db.List(ctx, s.db.Read(ctx), scanBrief, `SELECT `+briefColumns+` FROM catalogue_import WHERE state IN `+db.In(&a, states), a...)
}

// open counts the runs that wait for somebody or something.
func (s store) open(ctx context.Context) (int, error) {
	n, _, err := db.Maybe(ctx, s.db.Read(ctx), db.Scalar[int], `SELECT count(*) FROM catalogue_import WHERE state IN ($1,$2,$3,$4)`, Checking, Checked, Approved, Applying)
	return n, err
}

// keptRuns is how many runs the list shows.
const keptRuns = 100

func (s store) runs(ctx context.Context) ([]Run, error) {
	return db.List(ctx, s.db.Read(ctx), scanBrief, `SELECT `+briefColumns+` FROM catalogue_import ORDER BY created_at DESC, id DESC LIMIT $1`, keptRuns)
}

func (s store) insertRun(ctx context.Context, r Run) error {
	_, err := s.db.Exec(ctx, `INSERT INTO catalogue_import (`+runColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21)`,
		r.ID, r.FileID, r.FileName, r.MappingKey, r.Mapping, db.ToJSON(r.Options), r.State, db.ToJSON(r.Counts), db.ToJSON(r.Result), r.Digest,
		r.Progress.Done, r.Progress.Total, r.CreatedBy, db.MS(r.CreatedAt), r.CheckedBy, r.MappingBy, r.ChangesID, r.ApprovedBy, db.MS(r.ApprovedAt), db.MS(r.FinishedAt), r.Version)
	return err
}

// saveRun writes what can change, if nobody did since it was read.
func (s store) saveRun(ctx context.Context, r Run) error {
	return s.db.ExecOne(ctx, `UPDATE catalogue_import SET mapping=$1, options=$2, state=$3, counts=$4, result=$5, digest=$6, done=$7, total=$8,
		checked_by=$9, mapping_by=$10, file_id=$11, changes_id=$12, approved_by=$13, approved_at=$14, finished_at=$15, version=version+1 WHERE id=$16 AND version=$17`,
		r.Mapping, db.ToJSON(r.Options), r.State, db.ToJSON(r.Counts), db.ToJSON(r.Result), r.Digest, r.Progress.Done, r.Progress.Total,
		r.CheckedBy, r.MappingBy, r.FileID, r.ChangesID, r.ApprovedBy, db.MS(r.ApprovedAt), db.MS(r.FinishedAt), r.ID, r.Version)
}

// noteProgress does not count as a change: what a page was made of stays valid.
func (s store) noteProgress(ctx context.Context, r Run, p Progress) error {
	_, err := s.db.Exec(ctx, `UPDATE catalogue_import SET done=$1, total=$2 WHERE id=$3 AND state=$4`, p.Done, p.Total, r.ID, r.State)
	return err
}
