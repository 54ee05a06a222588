package cases

import (
	"context"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/db"
)

// The ledger of pauses is written here and nowhere else: a row is opened, and
// ended no later than the applicant was told.

// endAt ends an open pause at the instant $2: no later than it was told to, when
// somebody ends it before the sweep does, and not before it began.
const endAt = `to_at = CASE WHEN from_at > $2 THEN from_at WHEN until_at > from_at AND until_at < $2 THEN until_at ELSE $2 END`

// which of the open pauses of a case are ended.
type which string

const (
	everyPause  which = ``
	waiting     which = ` AND kind = 'applicant'`
	special     which = ` AND kind <> 'applicant'`
	saidByHand  which = special + ` AND task_id = ''`
	whileTaskIn which = ` AND task_id = $4` // with the id of the task
)

// openPause stops the clock without a named end.
func (w *work) openPause(ctx context.Context, kind, reason string) error {
	return w.openPauseFor(ctx, kind, reason, "", time.Time{})
}

// openPauseFor opens one for a task whose time does not count, "" for none, and
// up to an end that the applicant is told, zero for none.
func (w *work) openPauseFor(ctx context.Context, kind, reason, task string, until time.Time) error {
	_, err := w.svc.DB.Exec(ctx, `INSERT INTO cases_pause (id, case_id, kind, reason, from_at, to_at, until_at, opened_by, closed_by, task_id) VALUES ($1,$2,$3,$4,$5,0,$6,$7,'',$8)`,
		ids.New(w.now), string(w.ID), kind, reason, db.MS(w.from()), db.MS(until), w.actor.ID, task)
	return err
}

// pastPause writes down time that is over and does not count.
func (w *work) pastPause(ctx context.Context, kind, by string, since time.Time) error {
	_, err := w.svc.DB.Exec(ctx, `INSERT INTO cases_pause (id, case_id, kind, reason, from_at, to_at, opened_by, closed_by) VALUES ($1,$2,$3,$4,$5,$6,$7,$7)`,
		ids.New(w.now), string(w.ID), kind, w.reason, db.MS(since), db.MS(w.now), by)
	return err
}

// closePauses ends open pauses at an instant and says how many there were.
func (w *work) closePauses(ctx context.Context, at time.Time, of which, more ...any) (int, error) {
	n, err := w.svc.DB.Exec(ctx, `UPDATE cases_pause SET `+endAt+`, closed_by=$3 WHERE case_id=$1 AND to_at=0`+string(of),
		append([]any{string(w.ID), db.MS(at), w.actor.ID}, more...)...)
	return int(n), err
}

// closePlanned ends one at its end as it was told, and notes that the desks hear of it.
func (w *work) closePlanned(ctx context.Context, p *Pause, at time.Time) error {
	_, err := w.svc.DB.Exec(ctx, `UPDATE cases_pause SET to_at=$2, closed_by=$3, over_at=$4 WHERE id=$1`, p.ID, db.MS(at), w.actor.ID, db.MS(w.now))
	return err
}

// noteLongPause notes that the desks hear of one without an end; false when they did.
func (w *work) noteLongPause(ctx context.Context, p *Pause) (bool, error) {
	n, err := w.svc.DB.Exec(ctx, `UPDATE cases_pause SET over_at=$2 WHERE id=$1 AND over_at=0`, p.ID, db.MS(w.now))
	return n > 0, err
}

// openPauseOf is the open row of a ledger, nil when the clock runs.
func openPauseOf(list []Pause) *Pause {
	if i := slices.IndexFunc(list, func(p Pause) bool { return p.To.IsZero() }); i >= 0 {
		return &list[i]
	}
	return nil
}
