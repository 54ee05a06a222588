package grant

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/seal"
)

type store struct {
	db   *db.DB
	ring *seal.Ring
}

// sealedAccount is the purpose of sealing the accounts of firms.
const sealedAccount = "matching_grant_line.account"

// sealedContent is that of the files of payment lists, which hold accounts.
const sealedContent = "matching_grant_list.content"

// SealedColumns lists what the keeper of the keys has to look after.
func (s *Service) SealedColumns() []seal.Column {
	return []seal.Column{
		{Table: "matching_grant_line", ID: "id", Row: "id", Text: "account", Purpose: sealedAccount},
		{Table: "matching_grant_list", ID: "id", Row: "id", Text: "content", Purpose: sealedContent},
	}
}

const batchColumns = `id, clause_id, clause_key, edition, clause, document, department_id, region, period, day, state, unknown, barred, drafted_by, drafted_at, checked_by, checked_at,
	released_by, released_at, shown_until, answer_until, remind_at, reminded_at, note, version, hands, applied, awarded_at, reserved_fen`

func scanBatch(r db.Scanner) (b Batch, err error) {
	return b, r.Scan(&b.ID, &b.ClauseID, &b.Key, &b.Edition, db.JSON[policy.Clause]{V: &b.Clause}, db.JSON[Source]{V: &b.Source}, &b.DepartmentID, &b.Region, &b.Period, &b.Day, &b.State,
		&b.Unknown, &b.Barred, &b.DraftedBy, db.Time{Time: &b.DraftedAt}, &b.CheckedBy, db.Time{Time: &b.CheckedAt}, &b.ReleasedBy, db.Time{Time: &b.ReleasedAt},
		db.Time{Time: &b.ShownUntil}, db.Time{Time: &b.AnswerUntil}, db.Time{Time: &b.RemindAt}, db.Time{Time: &b.RemindedAt}, &b.Note, &b.Version, db.JSON[[]string]{V: &b.Hands}, &b.Applied, db.Time{Time: &b.AwardedAt}, &b.Reserved)
}

func (s store) batches(ctx context.Context, where string, args ...any) ([]Batch, error) {
	list, err := db.List(ctx, s.db.Read(ctx), scanBatch, `SELECT `+batchColumns+` FROM matching_grant WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("grant: batches: %w", err)
	}
	return list, nil
}

func (s store) batch(ctx context.Context, id string) (Batch, error) {
	b, err := db.One(ctx, s.db.Read(ctx), scanBatch, `SELECT `+batchColumns+` FROM matching_grant WHERE id=$1`, id)
	if errors.Is(err, db.ErrNotFound) {
		err = ErrNotFound
	}
	return b, err
}

func (s store) insert(ctx context.Context, b Batch) error {
	_, err := s.db.Exec(ctx, `INSERT INTO matching_grant (`+batchColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,'',0,'',0,0,0,0,0,'',1,'[]',$16,0,0)`,
		b.ID, b.ClauseID, b.Key, b.Edition, db.ToJSON(b.Clause), db.ToJSON(b.Source), b.DepartmentID, b.Region, b.Period, b.Day, string(b.State), b.Unknown, b.Barred, b.DraftedBy, db.MS(b.DraftedAt), b.Applied)
	return err
}

// save writes what moves of a batch; somebody else's change since is db.ErrStale.
func (s store) save(ctx context.Context, b Batch) error {
	return s.db.ExecOne(ctx, `UPDATE matching_grant SET state=$3, checked_by=$4, checked_at=$5, released_by=$6, released_at=$7, shown_until=$8, answer_until=$9, remind_at=$10, reminded_at=$11, note=$12,
		hands=$13, awarded_at=$14, reserved_fen=$15, version=version+1 WHERE id=$1 AND version=$2`, b.ID, b.Version, string(b.State), b.CheckedBy, db.MS(b.CheckedAt), b.ReleasedBy, db.MS(b.ReleasedAt), db.MS(b.ShownUntil),
		db.MS(b.AnswerUntil), db.MS(b.RemindAt), db.MS(b.RemindedAt), b.Note, db.ToJSON(append([]string{}, b.Hands...)), db.MS(b.AwardedAt), int64(b.Reserved))
}

// lineColumns are those of a line but for its account, which few need and none reads
// in a list.
const lineColumns = `l.id, l.grant_id, l.seq, l.enterprise_id, l.uscc, l.name, l.fen, l.why, l.state, l.reason, l.kept, l.bank, l.answered_by, l.answered_at, l.version,
	EXISTS (SELECT 1 FROM matching_grant_objection o WHERE o.line_id=l.id AND o.answered_at=0), l.cause, l.case_id, l.case_number, l.fault, l.list_id, l.paid_on, l.owed_fen, l.clawed_at, l.recovered_on`

func scanLine(r db.Scanner) (l Line, err error) {
	return l, r.Scan(&l.ID, &l.BatchID, &l.Seq, &l.FirmID, &l.USCC, db.JSON[i18n.Text]{V: &l.Name}, &l.Sum, db.JSON[[]Ground]{V: &l.Why}, &l.State, &l.Reason, &l.Kept, &l.Bank,
		&l.AnsweredBy, db.Time{Time: &l.AnsweredAt}, &l.Version, &l.Stopped, &l.Cause, &l.CaseID, &l.CaseNumber, &l.Fault, &l.ListID, &l.PaidOn, &l.Owed, db.Time{Time: &l.ClawedAt}, &l.Recovered)
}

func (s store) lines(ctx context.Context, where string, args ...any) ([]Line, error) {
	list, err := db.List(ctx, s.db.Read(ctx), scanLine, `SELECT `+lineColumns+` FROM matching_grant_line l WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("grant: lines: %w", err)
	}
	return list, nil
}

func (s store) line(ctx context.Context, id string) (Line, error) {
	list, err := s.lines(ctx, `l.id=$1`, id)
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Line{}, err
	}
	return list[0], nil
}

// account of a line, opened.
func (s store) account(ctx context.Context, id string) (string, error) {
	text, err := db.One(ctx, s.db.Read(ctx), db.Scalar[string], `SELECT account FROM matching_grant_line WHERE id=$1`, id)
	if err != nil {
		return "", fmt.Errorf("grant: account of %s: %w", id, err)
	}
	return s.ring.Open(sealedAccount, id, text)
}

func (s store) insertLine(ctx context.Context, b Batch, l Line) error {
	_, err := s.db.Exec(ctx, `INSERT INTO matching_grant_line (id, grant_id, seq, clause_key, period, enterprise_id, uscc, name, fen, why, state, live, reason, cause, kept, bank, account, answered_by, answered_at, version)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,'','','','',0,1)`,
		l.ID, b.ID, l.Seq, b.Key, b.Period, l.FirmID, l.USCC, db.ToJSON(l.Name), int64(l.Sum), db.ToJSON(l.Why), string(l.State), l.State.holds(), l.Reason, string(l.Cause))
	return err
}

// saveLine writes what moves of a line but for what its firm answered. Who took
// the place of its firm meanwhile is db.ErrDuplicate.
func (s store) saveLine(ctx context.Context, l Line) error {
	return s.db.ExecOne(ctx, `UPDATE matching_grant_line SET state=$3, live=$4, reason=$5, kept=$6, cause=$7, case_id=$8, case_number=$9, fault=$10, list_id=$11, paid_on=$12, owed_fen=$13,
		clawed_at=$14, recovered_on=$15, version=version+1 WHERE id=$1 AND version=$2`,
		l.ID, l.Version, string(l.State), l.State.holds(), l.Reason, l.Kept, string(l.Cause), l.CaseID, l.CaseNumber, l.Fault, l.ListID, l.PaidOn, int64(l.Owed), db.MS(l.ClawedAt), l.Recovered)
}

// saveAnswer writes what the firm of a line answered.
func (s store) saveAnswer(ctx context.Context, l Line) error {
	return s.db.ExecOne(ctx, `UPDATE matching_grant_line SET state=$3, live=$4, reason=$5, bank=$6, account=$7, answered_by=$8, answered_at=$9, list_id=$10, version=version+1 WHERE id=$1 AND version=$2`,
		l.ID, l.Version, string(l.State), l.State.holds(), l.Reason, l.Bank, s.ring.Seal(sealedAccount, l.ID, l.Account), l.AnsweredBy, db.MS(l.AnsweredAt), l.ListID)
}

// free gives the place of a line's firm to the next list.
func (s store) free(ctx context.Context, id string) error {
	_, err := s.db.Exec(ctx, `UPDATE matching_grant_line SET live=FALSE, version=version+1 WHERE id=$1`, id)
	return err
}

func (s store) tallies(ctx context.Context, id string) (Tallies, error) {
	type row struct {
		state LineState
		t     Tally
	}
	list, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.state, &x.t.N, &x.t.Sum) },
		`SELECT state, count(*), CAST(sum(fen) AS BIGINT) FROM matching_grant_line WHERE grant_id=$1 GROUP BY state`, id)
	if err != nil {
		return nil, fmt.Errorf("grant: tallies: %w", err)
	}
	out := Tallies{}
	for _, x := range list {
		out[x.state] = x.t
	}
	return out, nil
}

// placed are the firms whose place for a clause and period is taken.
func (s store) placed(ctx context.Context, where string, args ...any) (map[string]bool, error) {
	list, err := db.List(ctx, s.db.Read(ctx), db.Scalar[string], `SELECT enterprise_id FROM matching_grant_line WHERE live AND `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("grant: placed: %w", err)
	}
	out := make(map[string]bool, len(list))
	for _, id := range list {
		out[id] = true
	}
	return out, nil
}

const objectionColumns = `id, grant_id, line_id, account_id, body, at, upheld, answer, answered_by, answered_at`

func (s store) objections(ctx context.Context, where string, args ...any) ([]Objection, error) {
	list, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (o Objection, err error) {
		return o, r.Scan(&o.ID, &o.BatchID, &o.LineID, &o.AccountID, &o.Body, db.Time{Time: &o.At}, &o.Upheld, &o.Answer, &o.AnsweredBy, db.Time{Time: &o.AnsweredAt})
	}, `SELECT `+objectionColumns+` FROM matching_grant_objection WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("grant: objections: %w", err)
	}
	return list, nil
}

func (s store) insertObjection(ctx context.Context, o Objection) error {
	_, err := s.db.Exec(ctx, `INSERT INTO matching_grant_objection (`+objectionColumns+`) VALUES ($1,$2,$3,$4,$5,$6,FALSE,'','',0)`, o.ID, o.BatchID, o.LineID, o.AccountID, o.Body, db.MS(o.At))
	return err
}

func (s store) settle(ctx context.Context, id string, upheld bool, answer, by string, at time.Time) error {
	return s.db.ExecOne(ctx, `UPDATE matching_grant_objection SET upheld=$2, answer=$3, answered_by=$4, answered_at=$5 WHERE id=$1 AND answered_at=0`, id, upheld, answer, by, db.MS(at))
}

// sumOf is what lines get together.
func sumOf(lines []Line) (sum money.Fen) {
	for _, l := range lines {
		sum += l.Sum
	}
	return sum
}
