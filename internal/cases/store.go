package cases

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/seal"
)

// store is the SQL of the engine.
type store struct {
	db   *db.DB
	ring *seal.Ring
}

const caseColumns = `c.id, COALESCE(c.number, ''), c.pickup_code, c.item_id, c.item_version_id, c.item_code, c.item_name, c.department_id, c.region,
	c.party_kind, c.party_id, c.party_name, c.party_code, c.account_id, c.filed_by, c.channel, c.receiving_region, c.hall_id, c.window_id, c.receiver_id, c.collect,
	c.state, c.outcome, c.stage, c.data_version, c.needs_applicant, c.paused, c.provisional, c.due_at, c.statutory_at, c.warn_at, c.yellow_at, c.red_at,
	c.created_at, c.submitted_at, c.accepted_at, c.decided_at, c.closed_at, c.updated_at, c.version, c.parent_id, c.bundle, c.last_seq, c.verify_at, c.offered_to, c.copied_from, c.kept`

func (s store) scanCase(r db.Scanner) (k Case, err error) {
	t := func(x *time.Time) db.Time { return db.Time{Time: x} }
	err = r.Scan(&k.ID, &k.Number, &k.PickupCode, &k.ItemID, &k.ItemVersionID, &k.ItemCode, db.JSON[i18n.Text]{V: &k.ItemName}, &k.DepartmentID, &k.Region,
		&k.Party.Kind, &k.Party.ID, db.JSON[i18n.Text]{V: &k.Party.Name}, &k.Party.Code, &k.AccountID, &k.FiledBy, &k.Channel, &k.ReceivingRegion, &k.HallID, &k.WindowID,
		&k.ReceiverID, &k.Collect, &k.State, &k.Outcome, &k.Stage, &k.DataVersion, &k.NeedsApplicant, &k.Paused, &k.Provisional, t(&k.DueAt), t(&k.StatutoryAt), t(&k.WarnAt),
		t(&k.YellowAt), t(&k.RedAt), t(&k.CreatedAt), t(&k.SubmittedAt), t(&k.AcceptedAt), t(&k.DecidedAt), t(&k.ClosedAt), t(&k.UpdatedAt), &k.Version, &k.ParentID, &k.Bundle, &k.LastSeq, t(&k.VerifyAt), &k.OfferedTo, &k.CopiedFrom, &k.Kept)
	if err == nil {
		k.Party.Code, err = s.ring.Open(sealedPartyCode, k.Party.ID, k.Party.Code)
	}
	return k, err
}

// locked reads a case and, on PostgreSQL, holds its row until the commit, so
// that two commands on one case follow each other; SQLite has one writer anyway.
func (s store) locked(ctx context.Context, id ID) (Case, error) {
	return s.lockedWhere(ctx, `c.id=$1`, string(id))
}

func (s store) lockedWhere(ctx context.Context, where string, args ...any) (Case, error) {
	lock := ""
	if s.db.Dialect() == db.Postgres {
		lock = " FOR UPDATE"
	}
	k, err := db.One(ctx, s.db.Write(ctx), s.scanCase, `SELECT `+caseColumns+` FROM cases_case c WHERE `+where+lock, args...)
	if errors.Is(err, db.ErrNotFound) {
		err = ErrNotFound
	}
	if err == nil {
		now := k.columns()
		k.stored = &now
	}
	return k, err
}

func (s store) find(ctx context.Context, where string, args ...any) (Case, error) {
	k, err := db.One(ctx, s.db.Read(ctx), s.scanCase, `SELECT `+caseColumns+` FROM cases_case c WHERE `+where, args...)
	if errors.Is(err, db.ErrNotFound) {
		err = ErrNotFound
	}
	return k, err
}

func (s store) insert(ctx context.Context, k Case) error {
	_, err := s.db.Exec(ctx, `INSERT INTO cases_case (id, number, pickup_code, item_id, item_version_id, item_code, item_name, department_id, region, party_kind, party_id,
		party_name, party_code, account_id, filed_by, channel, receiving_region, hall_id, window_id, receiver_id, collect, state, outcome, stage, data_version, needs_applicant,
		paused, provisional, due_at, statutory_at, warn_at, yellow_at, red_at, created_at, submitted_at, accepted_at, decided_at, closed_at, updated_at, version, parent_id, bundle)
		VALUES ($1,NULL,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,'','',0,FALSE,FALSE,FALSE,0,0,0,0,0,$22,0,0,0,0,$23,1,$24,$25)`,
		string(k.ID), k.PickupCode, k.ItemID, k.ItemVersionID, k.ItemCode, db.ToJSON(k.ItemName), k.DepartmentID, k.Region, string(k.Party.Kind), k.Party.ID,
		db.ToJSON(k.Party.Name), s.partyCode(k.Party), k.AccountID, k.FiledBy, string(k.Channel), k.ReceivingRegion, k.HallID, k.WindowID, k.ReceiverID, string(k.Collect), string(k.State), db.MS(k.CreatedAt), db.MS(k.CreatedAt), string(k.ParentID), k.Bundle)
	return err
}

// columns are those of a case that commands may change.
func (k *Case) columns() []db.Column {
	return []db.Column{
		{Name: "number", Value: db.NullString(k.Number)},
		{Name: "item_version_id", Value: k.ItemVersionID},
		{Name: "item_name", Value: db.ToJSON(k.ItemName)},
		{Name: "receiving_region", Value: k.ReceivingRegion},
		{Name: "hall_id", Value: k.HallID},
		{Name: "window_id", Value: k.WindowID},
		{Name: "receiver_id", Value: k.ReceiverID},
		{Name: "collect", Value: string(k.Collect)},
		{Name: "state", Value: string(k.State)},
		{Name: "outcome", Value: string(k.Outcome)},
		{Name: "stage", Value: k.Stage},
		{Name: "data_version", Value: k.DataVersion},
		{Name: "needs_applicant", Value: k.NeedsApplicant},
		{Name: "paused", Value: k.Paused},
		{Name: "provisional", Value: k.Provisional},
		{Name: "due_at", Value: db.MS(k.DueAt)},
		{Name: "statutory_at", Value: db.MS(k.StatutoryAt)},
		{Name: "warn_at", Value: db.MS(k.WarnAt)},
		{Name: "yellow_at", Value: db.MS(k.YellowAt)},
		{Name: "red_at", Value: db.MS(k.RedAt)},
		{Name: "submitted_at", Value: db.MS(k.SubmittedAt)},
		{Name: "accepted_at", Value: db.MS(k.AcceptedAt)},
		{Name: "decided_at", Value: db.MS(k.DecidedAt)},
		{Name: "closed_at", Value: db.MS(k.ClosedAt)},
		{Name: "updated_at", Value: db.MS(k.UpdatedAt)},
		{Name: "department_id", Value: k.DepartmentID},
		{Name: "region", Value: k.Region},
		{Name: "last_seq", Value: k.LastSeq},
		{Name: "verify_at", Value: db.MS(k.VerifyAt)},
		{Name: "kept", Value: cmp.Or(string(k.Kept), "[]")},
	}
}

// save writes what a command changed, guarded by the version, and raises it.
func (s store) save(ctx context.Context, k *Case) error {
	var args db.Args
	now := k.columns()
	set := args.SetChanged(k.stored, now)
	err := s.db.ExecOne(ctx, `UPDATE cases_case SET `+set+`version=version+1 WHERE id=`+args.Add(string(k.ID))+` AND version=`+args.Add(k.Version), args...)
	if errors.Is(err, db.ErrStale) {
		return ErrStale
	}
	k.Version++
	k.stored = &now
	return err
}

// saveClock writes the deadlines only. It raises no version: a case whose limit
// moves overnight is no other case to those who have it open.
func (s store) saveClock(ctx context.Context, k *Case) error {
	_, err := s.db.Exec(ctx, `UPDATE cases_case SET paused=$3, provisional=$4, due_at=$5, statutory_at=$6, warn_at=$7, yellow_at=$8, red_at=$9 WHERE id=$1 AND version=$2`,
		string(k.ID), k.Version, k.Paused, k.Provisional, db.MS(k.DueAt), db.MS(k.StatutoryAt), db.MS(k.WarnAt), db.MS(k.YellowAt), db.MS(k.RedAt))
	return err
}

const taskColumns = `id, case_id, stage, key, name, department_id, role, decides, state, assignee_id, due_at, result, opinion, done_by, created_at, done_at, version, done_for, kind, parent_id, back_to, group_id`

func scanTask(s db.Scanner) (t Task, err error) {
	err = s.Scan(&t.ID, &t.CaseID, &t.Stage, &t.Key, db.JSON[i18n.Text]{V: &t.Name}, &t.DepartmentID, &t.Role, &t.Decides, &t.State, &t.AssigneeID,
		db.Time{Time: &t.DueAt}, &t.Result, &t.Opinion, &t.DoneBy, db.Time{Time: &t.CreatedAt}, db.Time{Time: &t.DoneAt}, &t.Version,
		&t.DoneFor, &t.Kind, &t.ParentID, &t.BackTo, &t.GroupID)
	return t, err
}

func (s store) tasks(ctx context.Context, id ID) ([]Task, error) {
	return db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (Task, error) {
		t, err := scanTask(r)
		was := t.columns() // here and not in scanTask: what lists show is not saved
		t.stored = &was
		return t, err
	}, `SELECT `+taskColumns+` FROM cases_task WHERE case_id=$1 ORDER BY created_at, id`, string(id))
}

func (s store) insertTasks(ctx context.Context, tasks ...Task) error {
	if len(tasks) == 0 {
		return nil
	}
	var args db.Args
	rows := make([]string, len(tasks))
	for i, t := range tasks {
		rows[i] = args.Row(t.ID, string(t.CaseID), t.Stage, t.Key, db.ToJSON(t.Name), t.DepartmentID, t.Role, t.Decides, string(t.State), t.AssigneeID, db.MS(t.DueAt), t.Result,
			t.Opinion, t.DoneBy, db.MS(t.CreatedAt), db.MS(t.DoneAt), 1, t.DoneFor, t.Kind, t.ParentID, t.BackTo, t.GroupID)
	}
	_, err := s.db.Exec(ctx, `INSERT INTO cases_task (`+taskColumns+`) VALUES `+strings.Join(rows, ","), args...)
	return err
}

// columns are those of a task that commands may change.
func (t *Task) columns() []db.Column {
	return []db.Column{
		{Name: "state", Value: string(t.State)},
		{Name: "assignee_id", Value: t.AssigneeID},
		{Name: "group_id", Value: t.GroupID},
		{Name: "result", Value: t.Result},
		{Name: "opinion", Value: t.Opinion},
		{Name: "done_by", Value: t.DoneBy},
		{Name: "done_at", Value: db.MS(t.DoneAt)},
		{Name: "done_for", Value: t.DoneFor},
		{Name: "department_id", Value: t.DepartmentID},
		{Name: "due_at", Value: db.MS(t.DueAt)},
		{Name: "created_at", Value: db.MS(t.CreatedAt)},
	}
}

func (s store) saveTask(ctx context.Context, t *Task) error {
	var args db.Args
	now := t.columns()
	set := args.SetChanged(t.stored, now)
	err := s.db.ExecOne(ctx, `UPDATE cases_task SET `+set+`version=version+1 WHERE id=`+args.Add(t.ID)+` AND version=`+args.Add(t.Version), args...)
	if errors.Is(err, db.ErrStale) {
		return ErrStale
	}
	t.Version++
	t.stored = &now
	return err
}

func (s store) cancelOpenTasks(ctx context.Context, id ID, now time.Time) error {
	_, err := s.db.Exec(ctx, `UPDATE cases_task SET state='cancelled', done_at=$2, version=version+1 WHERE case_id=$1 AND state='open'`, string(id), db.MS(now))
	return err
}

const eventColumns = `id, case_id, seq, command, actor_kind, actor_id, actor_name, actor_role, place, at, reason, from_state, to_state, public, detail`

func scanEvent(s db.Scanner) (e Event, err error) {
	return e, s.Scan(&e.ID, &e.CaseID, &e.Seq, &e.Command, &e.ActorKind, &e.ActorID, &e.ActorName, &e.ActorRole, db.JSON[i18n.Text]{V: &e.Place},
		db.Time{Time: &e.At}, &e.Reason, &e.From, &e.To, &e.Public, db.JSON[map[string]any]{V: &e.Detail})
}

func (s store) events(ctx context.Context, id ID, publicOnly bool) ([]Event, error) {
	where := `case_id=$1`
	if publicOnly {
		where += ` AND public`
	}
	return db.List(ctx, s.db.Read(ctx), scanEvent, `SELECT `+eventColumns+` FROM cases_event WHERE `+where+` ORDER BY seq`, string(id))
}

// insertEvents writes the events of one command with one statement.
func (s store) insertEvents(ctx context.Context, all []Event) error {
	var args db.Args
	rows := make([]string, len(all))
	for i, e := range all {
		rows[i] = args.Row(e.ID, string(e.CaseID), e.Seq, string(e.Command), e.ActorKind, e.ActorID, e.ActorName, e.ActorRole, db.ToJSON(e.Place), db.MS(e.At), e.Reason,
			string(e.From), string(e.To), e.Public, db.ToJSON(e.Detail))
	}
	_, err := s.db.Exec(ctx, `INSERT INTO cases_event (`+eventColumns+`) VALUES `+strings.Join(rows, ","), args...)
	return err
}

func (s store) pauses(ctx context.Context, id ID) ([]Pause, error) {
	return db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (p Pause, err error) {
		return p, r.Scan(&p.ID, &p.Kind, &p.Reason, db.Time{Time: &p.From}, db.Time{Time: &p.To}, db.Time{Time: &p.Until})
	}, `SELECT id, kind, reason, from_at, to_at, until_at FROM cases_pause WHERE case_id=$1 ORDER BY from_at, id`, string(id))
}

func (s store) extensions(ctx context.Context, id ID) ([]Extension, error) {
	return db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (e Extension, err error) {
		return e, r.Scan(&e.Days, &e.Reason, db.Time{Time: &e.At})
	}, `SELECT days, reason, at FROM cases_extension WHERE case_id=$1 ORDER BY at, id`, string(id))
}

func (s store) requests(ctx context.Context, id ID) ([]Request, error) {
	return db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (q Request, err error) {
		return q, r.Scan(&q.ID, &q.Kind, &q.TaskID, db.JSON[[]Point]{V: &q.Points}, &q.Note, db.Time{Time: &q.AskedAt}, db.Time{Time: &q.DueAt}, db.Time{Time: &q.AnsweredAt}, db.Time{Time: &q.overAt})
	}, `SELECT id, kind, task_id, points, note, asked_at, due_at, answered_at, over_at FROM cases_request WHERE case_id=$1 ORDER BY asked_at, id`, string(id))
}

func (s store) decision(ctx context.Context, id ID) (*Decision, error) {
	d, ok, err := db.Maybe(ctx, s.db.Read(ctx), func(r db.Scanner) (d Decision, err error) {
		return d, r.Scan(&d.Outcome, db.JSON[i18n.Text]{V: &d.Text}, &d.Reason, &d.DecidedBy, db.Time{Time: &d.DecidedAt})
	}, `SELECT outcome, text, reason, decided_by, decided_at FROM cases_decision WHERE case_id=$1`, string(id))
	if err != nil || !ok {
		return nil, err
	}
	return &d, nil
}

// instants reads an instant for each of some cases: a query for id and milliseconds.
func (s store) instants(ctx context.Context, query string, args ...any) (map[ID]time.Time, error) {
	type row struct {
		id ID
		at time.Time
	}
	rows, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.id, db.Time{Time: &x.at}) }, query, args...)
	out := make(map[ID]time.Time, len(rows))
	for _, r := range rows {
		out[r.id] = r.at
	}
	return out, err
}

// Buffer is what is being typed.
type Buffer struct {
	Typed   Typed
	Prefill map[string]string // field id to the source of a value that nobody typed, see ParseSource
	Rev     int               // rises with every save
	SavedAt time.Time

	VersionID string        // of the item whose form it was typed into
	Aside     []forms.Aside // answers that a newer form has no place for
}

func (s store) buffer(ctx context.Context, id ID) (Buffer, error) {
	b, ok, err := db.Maybe(ctx, s.db.Read(ctx), func(r db.Scanner) (b Buffer, err error) {
		var typed, prefill, aside string
		if err = r.Scan(&typed, &prefill, &b.Rev, db.Time{Time: &b.SavedAt}, &b.VersionID, &aside); err != nil {
			return b, err
		}
		return b, errors.Join(s.openJSON(id, typed, &b.Typed), s.openJSON(id, prefill, &b.Prefill), s.openJSON(id, aside, &b.Aside))
	}, `SELECT typed, prefill, rev, saved_at, version_id, aside FROM cases_buffer WHERE case_id=$1`, string(id))
	if !ok && err == nil {
		b = Buffer{Typed: Typed{}, Prefill: map[string]string{}}
	}
	return b, err
}

func (s store) insertBuffer(ctx context.Context, id ID, b Buffer, by string, now time.Time) error {
	_, err := s.db.Exec(ctx, `INSERT INTO cases_buffer (case_id, typed, prefill, rev, saved_at, saved_by, version_id, aside) VALUES ($1,$2,$3,1,$4,$5,$6,'[]')`,
		string(id), s.sealJSON(id, db.ToJSON(b.Typed)), s.sealJSON(id, db.ToJSON(b.Prefill)), db.MS(now), by, b.VersionID)
	return err
}

// asides is never null in the database.
func asides(list []forms.Aside) []forms.Aside { return append([]forms.Aside{}, list...) }

// saveBuffer replaces what is typed if nobody saved since rev.
func (s store) saveBuffer(ctx context.Context, id ID, b Buffer, by string, now time.Time) error {
	err := s.db.ExecOne(ctx, `UPDATE cases_buffer SET typed=$3, prefill=$4, rev=rev+1, saved_at=$5, saved_by=$6, version_id=$7, aside=$8 WHERE case_id=$1 AND rev=$2`,
		string(id), b.Rev, s.sealJSON(id, db.ToJSON(b.Typed)), s.sealJSON(id, db.ToJSON(b.Prefill)), db.MS(now), by, b.VersionID, s.sealJSON(id, db.ToJSON(asides(b.Aside))))
	if errors.Is(err, db.ErrStale) {
		return ErrTyped
	}
	return err
}

// snapshots returns the newest snapshots first, at most n.
func (s store) snapshots(ctx context.Context, id ID, n int) ([]Snapshot, error) {
	return db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (x Snapshot, err error) {
		var answers string
		if err = r.Scan(&x.DataVersion, &answers, db.JSON[[]MaterialState]{V: &x.Materials}, db.Time{Time: &x.SubmittedAt}); err != nil {
			return x, err
		}
		return x, s.openJSON(id, answers, &x.Answers)
	}, `SELECT data_version, answers, materials, submitted_at FROM cases_snapshot WHERE case_id=$1 ORDER BY data_version DESC LIMIT $2`, string(id), n)
}

// lastSnapshot is what was submitted last, at most one, read once in a command.
func (w *work) lastSnapshot(ctx context.Context) ([]Snapshot, error) {
	type key struct {
		id      ID
		version int
	}
	return db.Memo(ctx, key{w.ID, w.DataVersion}, func(ctx context.Context) ([]Snapshot, error) { return w.svc.store.snapshots(ctx, w.ID, 1) })
}

func (s store) insertSnapshot(ctx context.Context, id ID, x Snapshot, by string) error {
	_, err := s.db.Exec(ctx, `INSERT INTO cases_snapshot (case_id, data_version, answers, materials, submitted_at, submitted_by) VALUES ($1,$2,$3,$4,$5,$6)`,
		string(id), x.DataVersion, s.sealJSON(id, db.ToJSON(x.Answers)), db.ToJSON(x.Materials), db.MS(x.SubmittedAt), by)
	return err
}

func (s store) marks(ctx context.Context, id ID) (map[string]How, error) {
	type row struct {
		key string
		how How
	}
	rows, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.key, &x.how) },
		`SELECT key, how FROM cases_material WHERE case_id=$1`, string(id))
	out := map[string]How{}
	for _, r := range rows {
		out[r.key] = r.how
	}
	return out, err
}

// number gives the next public number of a region and day; numbers rise
// without being reused, gaps are possible when a command fails late.
func (s store) number(ctx context.Context, region string, now time.Time) (string, error) {
	n, err := db.Aside(ctx, s.db, db.Scalar[int64], `INSERT INTO cases_sequence (key, value) VALUES ($1, 1)
		ON CONFLICT (key) DO UPDATE SET value = cases_sequence.value + 1 RETURNING value`, sequenceOf(region, now))
	if err != nil {
		return "", fmt.Errorf("cases: number: %w", err)
	}
	return numberOf(region, now, n), nil
}

// sequenceOf is the key under which numbers of a region and day are counted.
func sequenceOf(region string, at time.Time) string {
	return region + strings.ReplaceAll(i18n.ShortDate(at), "-", "")
}

func numberOf(region string, at time.Time, n int64) string {
	return fmt.Sprintf("%s-%s-%05d", region, strings.ReplaceAll(i18n.ShortDate(at), "-", ""), n)
}
