package visit

import (
	"context"
	"errors"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/platform/db"
)

// store is the SQL of the package.
type store struct{ db *db.DB }

const columns = `id, region, hall_id, window_id, clerk_id, account_id, enterprise_id, items, note, ticket_id, ticket_number, state, begun_at, parked_at, ended_at, version`

func scan(r db.Scanner) (v Visit, err error) {
	return v, r.Scan(&v.ID, &v.Region, &v.HallID, &v.WindowID, &v.ClerkID, &v.AccountID, &v.EnterpriseID, db.JSON[[]string]{V: &v.Items}, &v.Note,
		&v.TicketID, &v.TicketNumber, &v.State, db.Time{Time: &v.BegunAt}, db.Time{Time: &v.ParkedAt}, db.Time{Time: &v.EndedAt}, &v.Version)
}

func (s store) list(ctx context.Context, where string, args ...any) ([]Visit, error) {
	return db.List(ctx, s.db.Read(ctx), scan, `SELECT `+columns+` FROM cases_visit WHERE `+where, args...)
}

func (s store) find(ctx context.Context, where string, args ...any) (Visit, bool, error) {
	return db.Maybe(ctx, s.db.Read(ctx), scan, `SELECT `+columns+` FROM cases_visit WHERE `+where, args...)
}

func (s store) entries(ctx context.Context, id ID) ([]Entry, error) {
	return db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (e Entry, err error) {
		return e, r.Scan(&e.CaseID, &e.Part, db.Time{Time: &e.AddedAt})
	}, `SELECT case_id, part, added_at FROM cases_visit_case WHERE visit_id=$1 ORDER BY added_at, case_id`, string(id))
}

func (s store) insert(ctx context.Context, v Visit) error {
	_, err := s.db.Exec(ctx, `INSERT INTO cases_visit (id, region, hall_id, window_id, clerk_id, account_id, enterprise_id, items, note, ticket_id, ticket_number, state,
		begun_at, parked_at, ended_at, updated_at, version) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,0,0,$13,1)`,
		string(v.ID), v.Region, v.HallID, v.WindowID, v.ClerkID, v.AccountID, v.EnterpriseID, db.ToJSON(v.Items), v.Note, v.TicketID, v.TicketNumber, string(v.State), db.MS(v.BegunAt))
	return err
}

// save writes what may change and counts the version up; somebody else's change first is ErrStale.
func (s store) save(ctx context.Context, v *Visit, now time.Time) error {
	err := s.db.ExecOne(ctx, `UPDATE cases_visit SET region=$3, hall_id=$4, window_id=$5, clerk_id=$6, account_id=$7, enterprise_id=$8, items=$9, note=$10, state=$11,
		parked_at=$12, ended_at=$13, updated_at=$14, version=version+1 WHERE id=$1 AND version=$2`,
		string(v.ID), v.Version, v.Region, v.HallID, v.WindowID, v.ClerkID, v.AccountID, v.EnterpriseID, db.ToJSON(v.Items), v.Note, string(v.State),
		db.MS(v.ParkedAt), db.MS(v.EndedAt), db.MS(now))
	if errors.Is(err, db.ErrStale) {
		return ErrStale
	}
	v.Version++
	return err
}

// park sets every open visit of a clerk aside.
func (s store) park(ctx context.Context, clerk string, now time.Time) error {
	_, err := s.db.Exec(ctx, `UPDATE cases_visit SET state='parked', parked_at=$2, updated_at=$2, version=version+1 WHERE clerk_id=$1 AND state='open'`, clerk, db.MS(now))
	return err
}

func (s store) addCase(ctx context.Context, id ID, k cases.ID, part Part, now time.Time) error {
	_, err := s.db.Exec(ctx, `INSERT INTO cases_visit_case (visit_id, case_id, part, added_at) VALUES ($1,$2,$3,$4) ON CONFLICT (visit_id, case_id) DO NOTHING`,
		string(id), string(k), string(part), db.MS(now))
	return err
}
