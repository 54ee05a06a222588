package dossier

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/db"
)

// store is the SQL of the package.
type store struct{ db *db.DB }

const factColumns = `id, enterprise_id, key, year, value, source, origin, ref, since, as_of, asked, reason, paper, state, disputed, recorded_at, recorded_by, by_name`

func scanFact(r db.Scanner) (f Fact, err error) {
	return f, r.Scan(&f.ID, &f.Firm, &f.Key, &f.Year, &f.Value, &f.Source, &f.Origin, &f.Ref, &f.Since, &f.AsOf, &f.Asked, &f.Reason, &f.Paper, &f.State,
		&f.Disputed, db.Time{Time: &f.RecordedAt}, &f.RecordedBy, db.JSON[i18n.Text]{V: &f.ByName})
}

func (s store) facts(ctx context.Context, where string, args ...any) ([]Fact, error) {
	list, err := db.List(ctx, s.db.Read(ctx), scanFact, `SELECT `+factColumns+` FROM identity_fact WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("dossier: facts: %w", err)
	}
	return list, nil
}

func (s store) decisions(ctx context.Context, where string, args ...any) ([]Decision, error) {
	list, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (d Decision, err error) {
		return d, r.Scan(&d.ID, &d.Firm, &d.Key, &d.Year, &d.Value, &d.Source, &d.Origin, db.JSON[[]Said]{V: &d.Not}, &d.Reason, db.Time{Time: &d.At}, &d.Day, &d.By,
			db.JSON[i18n.Text]{V: &d.ByName})
	}, `SELECT id, enterprise_id, key, year, value, source, origin, rejected, reason, at, day, by_account, by_name FROM identity_fact_decision WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("dossier: decisions: %w", err)
	}
	return list, nil
}

func (s store) insertDecision(ctx context.Context, d Decision) error {
	_, err := s.db.Exec(ctx, `INSERT INTO identity_fact_decision (id, enterprise_id, key, year, value, source, origin, rejected, reason, at, day, by_account, by_name)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)`, d.ID, d.Firm, d.Key, d.Year, d.Value, string(d.Source), d.Origin, db.ToJSON(d.Not), d.Reason, db.MS(d.At), d.Day, d.By,
		db.ToJSON(d.ByName))
	return err
}

// insertFacts writes several lines with one statement.
func (s store) insertFacts(ctx context.Context, list []Fact) error {
	for part := range slices.Chunk(list, 50) {
		var args db.Args
		rows := make([]string, len(part))
		for i, f := range part {
			rows[i] = args.Row(f.ID, f.Firm, f.Key, f.Year, f.Value, string(f.Source), f.Origin, f.Ref, f.Since, f.AsOf, f.Asked, f.Reason, f.Paper, string(f.State),
				f.Disputed, db.MS(f.RecordedAt), f.RecordedBy, db.ToJSON(f.ByName))
		}
		if _, err := s.db.Exec(ctx, `INSERT INTO identity_fact (`+factColumns+`) VALUES `+strings.Join(rows, ","), args...); err != nil {
			return fmt.Errorf("dossier: record: %w", err)
		}
	}
	return nil
}

// restate writes what the rules made of a line that was there.
func (s store) restate(ctx context.Context, f Fact) error {
	return s.db.ExecOne(ctx, `UPDATE identity_fact SET state=$2, disputed=$3, as_of=$4 WHERE id=$1`, f.ID, string(f.State), f.Disputed, f.AsOf)
}

// File is the state of a file as a whole.
type File struct {
	Firm     string
	Score    int
	Register string
	AskedAt  time.Time
	Tries    int
	Version  int
	First    First
}

// First is who of two people agreed to verify a firm, and why. He agreed to the
// file as it stood: what is said of the firm afterwards takes that back.
type First struct {
	By      string // "" for nobody
	Name    i18n.Text
	Reason  string
	version int
}

// The states of a file towards the register of companies.
const (
	RegisterKnown    = "known"
	RegisterWaiting  = "waiting"  // opened while the register did not answer
	RegisterUnknown  = "unknown"  // the register does not have the firm
	RegisterByHand   = "by_hand"  // two people of the department that keeps the register have verified it
	RegisterRejected = "rejected" // a person there has found that what was declared is not so
)

// lock makes the line of the file, if there is none, and keeps others from
// writing facts of the firm until the transaction ends.
func (s store) lock(ctx context.Context, firm string, now time.Time) error {
	_, err := s.db.Exec(ctx, `INSERT INTO identity_dossier (enterprise_id, score, register, asked_at, tries, changed_at, version) VALUES ($1,0,$2,0,0,$3,1)
		ON CONFLICT (enterprise_id) DO UPDATE SET version=identity_dossier.version+1, changed_at=excluded.changed_at`, firm, RegisterKnown, db.MS(now))
	return err
}

func (s store) file(ctx context.Context, firm string) (File, bool, error) {
	return db.Maybe(ctx, s.db.Read(ctx), func(r db.Scanner) (f File, err error) {
		err = r.Scan(&f.Firm, &f.Score, &f.Register, db.Time{Time: &f.AskedAt}, &f.Tries, &f.Version, &f.First.By, db.JSON[i18n.Text]{V: &f.First.Name}, &f.First.Reason, &f.First.version)
		if f.First.version != f.Version {
			f.First = First{}
		}
		return f, err
	}, `SELECT enterprise_id, score, register, asked_at, tries, version, first_by, first_name, first_reason, first_version FROM identity_dossier WHERE enterprise_id=$1`, firm)
}
