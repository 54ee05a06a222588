package budget

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/platform/db"
)

type store struct{ db *db.DB }

const fundColumns = `id, key, name, department_id, year, total_fen, reserved_fen, granted_fen, closed, version`

func scanFund(s db.Scanner) (f Fund, err error) {
	return f, s.Scan(&f.ID, &f.Key, db.JSON[i18n.Text]{V: &f.Name}, &f.DepartmentID, &f.Year, &f.Total, &f.Reserved, &f.Granted, &f.Closed, &f.Version)
}

func (s store) fund(ctx context.Context, where string, args ...any) (Fund, error) {
	f, err := db.One(ctx, s.db.Read(ctx), scanFund, `SELECT `+fundColumns+` FROM budget_fund WHERE `+where, args...)
	if errors.Is(err, db.ErrNotFound) {
		err = ErrNotFound
	}
	return f, err
}

func (s store) insert(ctx context.Context, f Fund, now time.Time) error {
	_, err := s.db.Exec(ctx, `INSERT INTO budget_fund (`+fundColumns+`, created_at, updated_at) VALUES ($1,$2,$3,$4,$5,$6,0,0,FALSE,1,$7,$7)`,
		f.ID, f.Key, db.ToJSON(f.Name), f.DepartmentID, f.Year, int64(f.Total), db.MS(now))
	return err
}

// book moves the sums of a fund by these amounts, and says whether there was
// enough. One guarded statement: who comes second sees what the first left.
func (s store) book(ctx context.Context, fund string, reserved, granted money.Fen, now time.Time) (bool, error) {
	n, err := s.db.Exec(ctx, `UPDATE budget_fund SET reserved_fen=reserved_fen+$2, granted_fen=granted_fen+$3, updated_at=$4, version=version+1
		WHERE id=$1 AND reserved_fen+$2 >= 0 AND granted_fen+$3 >= 0 AND ($2+$3 <= 0 OR reserved_fen+$2+granted_fen+$3 <= total_fen)`,
		fund, int64(reserved), int64(granted), db.MS(now))
	return n == 1, err
}

const entryColumns = `id, fund_id, kind, case_id, case_number, party_name, fen, by_id, by_name, reason, at, key, source`

func scanEntry(s db.Scanner) (e Entry, err error) {
	return e, s.Scan(&e.ID, &e.FundID, &e.Kind, &e.CaseID, &e.CaseNumber, db.JSON[i18n.Text]{V: &e.PartyName}, &e.Amount, &e.ByID, &e.ByName, &e.Reason, db.Time{Time: &e.At}, &e.Key, &e.Source)
}

func (s store) enter(ctx context.Context, e Entry) error {
	_, err := s.db.Exec(ctx, `INSERT INTO budget_entry (`+entryColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)`,
		ids.New(e.At), e.FundID, string(e.Kind), e.CaseID, e.CaseNumber, db.ToJSON(e.PartyName), int64(e.Amount), e.ByID, e.ByName, e.Reason, db.MS(e.At), e.Key, e.Source)
	return err
}

// locked is fund, held on PostgreSQL until the commit, so that of two who draw on
// one reservation the second sees what the first left; SQLite has one writer anyway.
func (s store) locked(ctx context.Context, where string, args ...any) (Fund, error) {
	if s.db.Dialect() == db.Postgres {
		where += " FOR UPDATE"
	}
	f, err := db.One(ctx, s.db.Write(ctx), scanFund, `SELECT `+fundColumns+` FROM budget_fund WHERE `+where, args...)
	if errors.Is(err, db.ErrNotFound) {
		err = ErrNotFound
	}
	return f, err
}

func (s store) entries(ctx context.Context, where string, args ...any) ([]Entry, error) {
	list, err := db.List(ctx, s.db.Read(ctx), scanEntry, `SELECT `+entryColumns+` FROM budget_entry WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("budget: entries of %v: %w", args, err)
	}
	return list, nil
}

// ofCase returns the entries of a case by kind.
func (s store) ofCase(ctx context.Context, id string) (map[EntryKind]Entry, error) {
	return s.byKind(ctx, `case_id=$1`, id)
}

// ofKey returns what was booked under a key by kind: not what a grant of that key
// drew on a reservation.
func (s store) ofKey(ctx context.Context, key string) (map[EntryKind]Entry, error) {
	return s.byKind(ctx, `key=$1 AND source=''`, key)
}

func (s store) byKind(ctx context.Context, where string, args ...any) (map[EntryKind]Entry, error) {
	list, err := s.entries(ctx, where, args...)
	if err != nil {
		return nil, err
	}
	out := make(map[EntryKind]Entry, len(list))
	for _, e := range list {
		out[e.Kind] = e
	}
	return out, nil
}
