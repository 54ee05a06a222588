package grant

import (
	"context"
	"errors"
	"fmt"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/db"
)

// hold keeps others from a batch until the end of the transaction.
func (s store) hold(ctx context.Context, id string) error {
	_, err := s.db.Exec(ctx, `UPDATE matching_grant SET note=note WHERE id=$1`, id)
	return err
}

// Cases counts the cases of a batch.
type Cases struct {
	Made   int // cases, also of what was taken back since
	Todo   int // confirmed lines whose case is still to be made
	Faults int // lines whose case could not be made
	Ready  Tally
	Gone   Tally // on a payment list that is open
	Owed   Tally // to be paid back, not there yet
}

// count counts the cases of a batch, and what can be paid.
func (s store) count(ctx context.Context, id string) (c Cases, err error) {
	c, err = db.One(ctx, s.db.Read(ctx), func(r db.Scanner) (c Cases, err error) {
		return c, r.Scan(&c.Made, &c.Todo, &c.Faults, &c.Ready.N, &c.Ready.Sum, &c.Gone.N, &c.Gone.Sum, &c.Owed.N, &c.Owed.Sum)
	}, `SELECT coalesce(sum(CASE WHEN case_id<>'' THEN 1 ELSE 0 END), 0),
		coalesce(sum(CASE WHEN state='confirmed' AND case_id='' AND fault='' THEN 1 ELSE 0 END), 0),
		coalesce(sum(CASE WHEN state='confirmed' AND fault<>'' THEN 1 ELSE 0 END), 0),
		coalesce(sum(CASE WHEN state='confirmed' AND case_id<>'' AND list_id='' THEN 1 ELSE 0 END), 0),
		CAST(coalesce(sum(CASE WHEN state='confirmed' AND case_id<>'' AND list_id='' THEN fen ELSE 0 END), 0) AS BIGINT),
		coalesce(sum(CASE WHEN state='confirmed' AND list_id<>'' THEN 1 ELSE 0 END), 0),
		CAST(coalesce(sum(CASE WHEN state='confirmed' AND list_id<>'' THEN fen ELSE 0 END), 0) AS BIGINT),
		coalesce(sum(CASE WHEN owed_fen>0 AND recovered_on='' THEN 1 ELSE 0 END), 0),
		CAST(coalesce(sum(CASE WHEN recovered_on='' THEN owed_fen ELSE 0 END), 0) AS BIGINT)
		FROM matching_grant_line WHERE grant_id=$1`, id)
	if err != nil {
		return c, fmt.Errorf("grant: cases of %s: %w", id, err)
	}
	return c, nil
}

const listColumns = `id, grant_id, number, lines, fen, sha256, state, made_by, made_at, paid_by, paid_at, paid_on, voucher`

func scanList(r db.Scanner) (l List, err error) {
	return l, r.Scan(&l.ID, &l.BatchID, &l.Number, &l.Lines, &l.Sum, &l.SHA256, &l.State, &l.MadeBy, db.Time{Time: &l.MadeAt}, &l.PaidBy, db.Time{Time: &l.PaidAt}, &l.PaidOn, &l.Voucher)
}

func (s store) paylists(ctx context.Context, where string, args ...any) ([]List, error) {
	list, err := db.List(ctx, s.db.Read(ctx), scanList, `SELECT `+listColumns+` FROM matching_grant_list WHERE `+where+` ORDER BY id`, args...)
	if err != nil {
		return nil, fmt.Errorf("grant: payment lists: %w", err)
	}
	return list, nil
}

// paylist is one payment list of a batch.
func (s store) paylist(ctx context.Context, b *Batch, id string) (List, error) {
	l, err := db.One(ctx, s.db.Read(ctx), scanList, `SELECT `+listColumns+` FROM matching_grant_list WHERE id=$1 AND grant_id=$2`, id, b.ID)
	if errors.Is(err, db.ErrNotFound) {
		err = ErrNotFound
	}
	return l, err
}

// listsOf counts the payment lists of a clause.
func (s store) listsOf(ctx context.Context, clause string) (int, error) {
	return db.One(ctx, s.db.Read(ctx), db.Scalar[int], `SELECT count(*) FROM matching_grant_list p JOIN matching_grant b ON b.id=p.grant_id WHERE b.clause_key=$1`, clause)
}

func (s store) content(ctx context.Context, id string) (string, error) {
	text, err := db.One(ctx, s.db.Read(ctx), db.Scalar[string], `SELECT content FROM matching_grant_list WHERE id=$1`, id)
	if err != nil {
		return "", fmt.Errorf("grant: file of %s: %w", id, err)
	}
	return s.ring.Open(sealedContent, id, text)
}

// insertList writes a payment list; one that somebody else makes at this moment is
// db.ErrStale.
func (s store) insertList(ctx context.Context, l List, content string) error {
	_, err := s.db.Exec(ctx, `INSERT INTO matching_grant_list (`+listColumns+`, content) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,'',0,'','',$10)`,
		l.ID, l.BatchID, l.Number, l.Lines, int64(l.Sum), l.SHA256, string(l.State), l.MadeBy, db.MS(l.MadeAt), s.ring.Seal(sealedContent, l.ID, content))
	if errors.Is(err, db.ErrDuplicate) {
		return db.ErrStale
	}
	return err
}

// enlist keeps that a line stood on a payment list.
func (s store) enlist(ctx context.Context, list string, l Line) error {
	_, err := s.db.Exec(ctx, `INSERT INTO matching_grant_list_line (list_id, line_id, fen, outcome, day, by_id, reason, voucher) VALUES ($1,$2,$3,'','','','','')`, list, l.ID, int64(l.Sum))
	return err
}

// became writes what became of a line on a payment list.
func (s store) became(ctx context.Context, x ListLine) error {
	return s.db.ExecOne(ctx, `UPDATE matching_grant_list_line SET outcome=$3, day=$4, by_id=$5, reason=$6, voucher=$7 WHERE list_id=$1 AND line_id=$2`,
		x.ListID, x.LineID, string(x.Outcome), x.Day, x.By, x.Reason, x.Voucher)
}

// listLines are what stood on the payment lists of a batch, with who made each.
func (s store) listLines(ctx context.Context, batch string) ([]ListLine, error) {
	list, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (x ListLine, err error) {
		return x, r.Scan(&x.ListID, &x.LineID, db.JSON[i18n.Text]{V: &x.Name}, &x.Sum, &x.Outcome, &x.Day, &x.By, &x.Reason, &x.Voucher, &x.MadeBy)
	}, `SELECT x.list_id, x.line_id, l.name, x.fen, x.outcome, x.day, x.by_id, x.reason, x.voucher, p.made_by FROM matching_grant_list_line x
		JOIN matching_grant_list p ON p.id=x.list_id JOIN matching_grant_line l ON l.id=x.line_id WHERE p.grant_id=$1 ORDER BY x.list_id, l.seq`, batch)
	if err != nil {
		return nil, fmt.Errorf("grant: lines of payment lists of %s: %w", batch, err)
	}
	return list, nil
}

// saveList writes what came of a payment list that was in a state; else db.ErrStale.
func (s store) saveList(ctx context.Context, l List, was ListState) error {
	return s.db.ExecOne(ctx, `UPDATE matching_grant_list SET state=$3, paid_by=$4, paid_at=$5, paid_on=$6, voucher=$7 WHERE id=$1 AND state=$2`,
		l.ID, string(was), string(l.State), l.PaidBy, db.MS(l.PaidAt), l.PaidOn, l.Voucher)
}
