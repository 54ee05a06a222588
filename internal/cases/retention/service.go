package retention

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/notify"
)

// Errors of the package; the texts are error.retention.*.
var (
	ErrForbidden = errs.Define(errs.Forbidden, "retention.forbidden")
	ErrInvalid   = errs.Define(errs.Invalid, "retention.invalid")
	ErrNotFound  = errs.Define(errs.NotFound, "retention.not_found")
	ErrStale     = errs.Define(errs.Stale, "retention.stale")
	errNumber    = errs.Define(errs.Invalid, "retention.number")
	errReason    = errs.Define(errs.Invalid, "retention.reason")
	errUntil     = errs.Define(errs.Invalid, "retention.until")
)

// Keepers hold what must not go, and ask for the end of a hold; Confirmers end
// it. Both see what goes next.
var (
	Keepers    = []auth.Role{auth.SystemAdmin}
	Confirmers = []auth.Role{auth.AuditAdmin}
	Readers    = append(slices.Clone(Keepers), Confirmers...)
)

// Bounds of a night and of pages.
const (
	perNight             = 500 // cases of each kind of work
	shown                = 200 // lines of a list
	reasonMin, reasonMax = 4, 300
	holdYears            = 10 // of one hold at most
)

// Deps of the package.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	Cases    *cases.Service
	Identity *identity.Service
	Notify   *notify.Service
	Audit    *audit.Log
	Table    Table
	// Needs says what outside the case still needs it: Credit, Complaint, or "".
	Needs func(ctx context.Context, id cases.ID) (string, error)
}

// Service is the use cases.
type Service struct{ Deps }

// New wires the package.
func New(d Deps) *Service { return &Service{d} }

type sweepArgs struct{}

// Kind names the job.
func (sweepArgs) Kind() string { return "retention.sweep" }

// Workers adds the nightly job to the queue.
func (s *Service) Workers(q *jobs.Queue) {
	jobs.HandleFor(q, 4*time.Minute, func(ctx context.Context, _ sweepArgs) error { return s.Sweep(ctx) })
	jobs.Every(q, 24*time.Hour, sweepArgs{})
}

// Line is a case on its way out.
type Line struct {
	CaseID    cases.ID
	Number    string
	ItemName  i18n.Text
	Rule      string
	DueAt     time.Time
	ToldAt    time.Time
	WaitsFor  string // what kept it when its time came, one of Waits
	ErasedAt  time.Time
	HeldUntil time.Time // zero while nobody holds it
}

// What can keep a case beyond its day; the texts are retention.waits.*.
const (
	Runs       = "runs"
	Promise    = "promise"
	Objection  = "objection"
	InForce    = "in_force"
	Credit     = "credit"
	Complaint  = "complaint"
	Held       = "held"
	orderParts = `(x.parent_id=c.id OR c.parent_id <> '' AND (x.id=c.parent_id OR x.parent_id=c.parent_id))`
)

// Waits lists them.
var Waits = []string{Runs, Promise, Objection, InForce, Credit, Complaint, Held}

// Hold keeps a case until somebody says otherwise, or its end comes.
type Hold struct {
	ID      string
	CaseID  cases.ID
	Number  string
	Reason  string
	UntilAt time.Time
	SetBy   string
	SetAt   time.Time
	AskedBy string // who wants it ended, "" for nobody
	AskedAt time.Time
	Why     string // he does
	Version int
}

// Sweep works out what is new, gives notice of what is near, and erases what was
// kept long enough. It may be repeated; one case that fails holds up no other.
func (s *Service) Sweep(ctx context.Context) error {
	return errors.Join(s.plan(ctx), s.tell(ctx), s.erase(ctx))
}

// plan finds the day of cases that ended, and anew of those that another version
// of the table spoke of.
func (s *Service) plan(ctx context.Context) error {
	type ended struct {
		id              cases.ID
		decided, closed time.Time
	}
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x ended, err error) {
		return x, r.Scan(&x.id, db.Time{Time: &x.decided}, db.Time{Time: &x.closed})
	}, `SELECT c.id, c.decided_at, c.closed_at FROM cases_case c LEFT JOIN cases_retention t ON t.case_id=c.id
		WHERE c.state IN ('refused','delivered','withdrawn','revoked') AND c.closed_at > 0 AND (t.case_id IS NULL OR t.erased_at=0 AND t.table_no <> $1) ORDER BY c.closed_at, c.id LIMIT 500`, s.Table.Version)
	if err != nil {
		return fmt.Errorf("retention: plan: %w", err)
	}
	for _, x := range list {
		v, e := s.Cases.View(ctx, auth.SystemActor(), x.id)
		if e == nil {
			r := s.Table.For(&v.Item.Definition, v.Channel, v.State)
			e = s.DB.InTx(ctx, func(ctx context.Context) error {
				_, err := s.DB.Exec(ctx, `INSERT INTO cases_retention (case_id, rule, table_no, due_at, told_at, waits_for, looked_at, erased_at, version) VALUES ($1,$2,$3,$4,0,'',0,0,1)
					ON CONFLICT (case_id) DO UPDATE SET rule=excluded.rule, table_no=excluded.table_no, due_at=excluded.due_at, told_at=0, version=cases_retention.version+1 WHERE cases_retention.erased_at=0`,
					string(x.id), r.Key, s.Table.Version, db.MS(s.Table.Due(r, x.decided, x.closed)))
				return err
			})
		}
		if e != nil {
			err = errors.Join(err, fmt.Errorf("retention: plan %s: %w", x.id, e))
		}
	}
	return err
}

// notice is how long before its day a case is announced.
func (s *Service) notice() time.Duration { return time.Duration(s.Table.NoticeDays) * 24 * time.Hour }

// tell gives notice of what goes soon. What is told late goes later.
func (s *Service) tell(ctx context.Context) error {
	now := s.Clock.Now()
	list, err := s.lines(ctx, `t.erased_at=0 AND t.told_at=0 AND t.due_at <= $1`, perNight, db.MS(now.Add(s.notice())))
	for _, l := range list {
		err = errors.Join(err, s.DB.InTx(ctx, func(ctx context.Context) error {
			due := l.DueAt
			if first := now.Add(s.notice()); due.Before(first) {
				due = first
			}
			n, err := s.DB.Exec(ctx, `UPDATE cases_retention SET told_at=$2, due_at=$3, version=version+1 WHERE case_id=$1 AND told_at=0 AND erased_at=0`, string(l.CaseID), db.MS(now), db.MS(due))
			if err != nil || n == 0 {
				return err
			}
			v, err := s.Cases.View(ctx, auth.SystemActor(), l.CaseID)
			if err != nil || v.AccountID == "" {
				return err
			}
			to, err := s.Identity.Account(ctx, v.AccountID)
			if err != nil || to.State != "active" {
				return err // who left is told nothing
			}
			return s.Notify.Tell(ctx, notify.Reader{AccountID: to.ID, Locale: to.Locale, Mail: to.Email}, notify.News{
				Key: "case:" + string(l.CaseID) + ":retention:" + i18n.ShortDate(now), Kind: "retention_soon", Link: "/my/cases/" + string(l.CaseID),
				Params: map[string]any{"number": l.Number, "item": l.ItemName, "day": i18n.Moment(i18n.Date, due)},
			})
		}))
	}
	if err != nil {
		return fmt.Errorf("retention: tell: %w", err)
	}
	return nil
}

// erase lets go of what was kept long enough, those looked at longest ago first.
func (s *Service) erase(ctx context.Context) error {
	now := s.Clock.Now()
	list, err := s.lines(ctx, `t.erased_at=0 AND t.told_at > 0 AND t.due_at <= $1 AND t.told_at <= $2 AND t.looked_at <= $3`, perNight, db.MS(now), db.MS(now.Add(-s.notice())), db.MS(now.Add(-12*time.Hour)))
	for _, l := range list {
		if e := s.DB.InTx(ctx, func(ctx context.Context) error { return s.eraseOne(ctx, l) }); e != nil {
			err = errors.Join(err, fmt.Errorf("retention: erase %s: %w", l.CaseID, e))
		}
	}
	return err
}

func (s *Service) eraseOne(ctx context.Context, l Line) error {
	now := s.Clock.Now()
	// The row is the lock against a hold that is set at this moment.
	n, err := s.DB.Exec(ctx, `UPDATE cases_retention SET looked_at=$2, version=version+1 WHERE case_id=$1 AND erased_at=0`, string(l.CaseID), db.MS(now))
	if err != nil || n == 0 {
		return err
	}
	why, err := s.keeps(ctx, l.CaseID)
	if err != nil {
		return err
	}
	if why == "" {
		err := s.Cases.Erase(ctx, l.CaseID)
		switch {
		case errors.Is(err, cases.ErrState):
			why = Runs
		case err != nil:
			return err
		}
	}
	if why != "" {
		_, err := s.DB.Exec(ctx, `UPDATE cases_retention SET waits_for=$2 WHERE case_id=$1`, string(l.CaseID), why)
		return err
	}
	if _, err := s.DB.Exec(ctx, `UPDATE cases_retention SET erased_at=$2, waits_for='' WHERE case_id=$1`, string(l.CaseID), db.MS(now)); err != nil {
		return err
	}
	return s.Audit.Record(ctx, auth.SystemActor(), audit.Note{Action: "retention.erase", Object: "case:" + string(l.CaseID), Reason: l.Rule, Change: map[string]any{"table": s.Table.Version}})
}

// keeps says what keeps a case beyond its day, "" for nothing.
func (s *Service) keeps(ctx context.Context, id cases.ID) (string, error) {
	now := db.MS(s.Clock.Now())
	for _, x := range []struct {
		why, query string
		args       []any
	}{
		{Held, `SELECT 1 FROM cases_case c JOIN cases_case x ON x.id=c.id OR ` + orderParts + ` JOIN cases_retention_hold h ON h.case_id=x.id
			WHERE c.id=$1 AND h.lifted_at=0 AND h.until_at > $2 LIMIT 1`, []any{string(id), now}},
		{Runs, `SELECT 1 FROM cases_case c WHERE c.id=$1 AND (c.state NOT IN ('refused','delivered','withdrawn','revoked')
			OR EXISTS (SELECT 1 FROM cases_case x WHERE ` + orderParts + ` AND x.state NOT IN ('refused','delivered','withdrawn','revoked')))`, []any{string(id)}},
		{Promise, `SELECT 1 FROM cases_case c WHERE c.id=$1 AND (c.verify_at > 0 OR EXISTS (SELECT 1 FROM cases_gap g WHERE g.case_id=c.id AND g.closed_at=0))`, []any{string(id)}},
		{Objection, `SELECT 1 FROM cases_case c WHERE c.id=$1 AND (EXISTS (SELECT 1 FROM cases_objection o WHERE o.case_id=c.id AND o.answered_at=0)
			OR EXISTS (SELECT 1 FROM cases_publicity p WHERE p.case_id=c.id AND p.ended_at=0))`, []any{string(id)}},
	} {
		_, found, err := db.Maybe(ctx, s.DB.Write(ctx), db.Scalar[int], x.query, x.args...)
		if err != nil {
			return "", err
		}
		if found {
			return x.why, nil
		}
	}
	c, found, err := s.Identity.CertificateOfCase(ctx, string(id))
	if err != nil {
		return "", err
	}
	if found && c.State == "valid" && (c.ValidTo == "" || c.ValidTo >= s.Identity.Today()) {
		return InForce, nil
	}
	return s.Needs(ctx, id)
}

const lineColumns = `c.id, COALESCE(c.number, ''), c.item_name, t.rule, t.due_at, t.told_at, t.waits_for, t.erased_at,
	COALESCE((SELECT max(h.until_at) FROM cases_retention_hold h JOIN cases_case x ON x.id=h.case_id WHERE (x.id=c.id OR ` + orderParts + `) AND h.lifted_at=0), 0)`

func scanLine(r db.Scanner) (l Line, err error) {
	return l, r.Scan(&l.CaseID, &l.Number, db.JSON[i18n.Text]{V: &l.ItemName}, &l.Rule, db.Time{Time: &l.DueAt}, db.Time{Time: &l.ToldAt}, &l.WaitsFor, db.Time{Time: &l.ErasedAt}, db.Time{Time: &l.HeldUntil})
}

func (s *Service) lines(ctx context.Context, where string, most int, args ...any) ([]Line, error) {
	var a db.Args = append(db.Args{}, args...)
	return db.List(ctx, s.DB.Read(ctx), scanLine, `SELECT `+lineColumns+` FROM cases_retention t JOIN cases_case c ON c.id=t.case_id WHERE `+where+` ORDER BY t.due_at, t.case_id LIMIT `+a.Add(most), a...)
}

// Board is what the administrator sees.
type Board struct {
	Next   []Line // goes within a month, or waits since its day
	Erased []Line // the last that went
	Holds  []Hold
}

// Board returns what goes next, what went, and what is held.
func (s *Service) Board(ctx context.Context, actor auth.Actor) (b Board, err error) {
	if !actor.Has(Readers...) {
		return b, ErrForbidden
	}
	if b.Next, err = s.lines(ctx, `t.erased_at=0 AND t.due_at <= $1`, shown, db.MS(s.Clock.Now().Add(s.notice()))); err != nil {
		return b, fmt.Errorf("retention: board: %w", err)
	}
	if b.Erased, err = db.List(ctx, s.DB.Read(ctx), scanLine, `SELECT `+lineColumns+` FROM cases_retention t JOIN cases_case c ON c.id=t.case_id WHERE t.erased_at > 0 ORDER BY t.erased_at DESC, t.case_id LIMIT 20`); err != nil {
		return b, fmt.Errorf("retention: board: %w", err)
	}
	if b.Holds, err = db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (h Hold, err error) {
		return h, r.Scan(&h.ID, &h.CaseID, &h.Number, &h.Reason, db.Time{Time: &h.UntilAt}, &h.SetBy, db.Time{Time: &h.SetAt}, &h.AskedBy, db.Time{Time: &h.AskedAt}, &h.Why, &h.Version)
	}, `SELECT h.id, h.case_id, COALESCE(c.number, ''), h.reason, h.until_at, h.set_by, h.set_at, h.lift_asked_by, h.lift_asked_at, h.lift_reason, h.version FROM cases_retention_hold h JOIN cases_case c ON c.id=h.case_id WHERE h.lifted_at=0 ORDER BY h.until_at, h.id`); err != nil {
		return b, fmt.Errorf("retention: board: %w", err)
	}
	return b, nil
}

// ErasedAt says when what people said in a case was erased; zero while it is kept.
func (s *Service) ErasedAt(ctx context.Context, id cases.ID) (time.Time, error) {
	var at time.Time
	_, _, err := db.Maybe(ctx, s.DB.Read(ctx), func(r db.Scanner) (struct{}, error) { return struct{}{}, r.Scan(db.Time{Time: &at}) }, `SELECT erased_at FROM cases_retention WHERE case_id=$1`, string(id))
	return at, err
}

// Keep holds a case, named by its number, until the end of a day. Of an order it
// holds all parts: what one of them says is understood by the others.
func (s *Service) Keep(ctx context.Context, actor auth.Actor, number, reason, until string) error {
	if !actor.Has(Keepers...) {
		return ErrForbidden
	}
	now := s.Clock.Now()
	number, reason = strings.TrimSpace(number), strings.TrimSpace(reason)
	bad := ErrInvalid
	id, found, err := db.Maybe(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT id FROM cases_case WHERE number=$1`, number)
	if err != nil {
		return fmt.Errorf("retention: hold: %w", err)
	}
	if !found {
		bad = bad.At("number", errNumber.Code)
	}
	if n := utf8.RuneCountInString(reason); n < reasonMin || n > reasonMax {
		bad = bad.At("reason", errReason.Code, "min", reasonMin)
	}
	day, err := workday.Parse(until)
	end := workday.EndOf(day)
	if err != nil || !end.After(now) || end.After(now.AddDate(holdYears, 0, 0)) {
		bad = bad.At("until", errUntil.Code, "years", holdYears)
	}
	if err := bad.OrNil(); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		// Waits for a night that is letting go of the case at this moment.
		if _, err := s.DB.Exec(ctx, `UPDATE cases_retention SET version=version+1 WHERE case_id IN (SELECT x.id FROM cases_case c JOIN cases_case x ON x.id=c.id OR `+orderParts+` WHERE c.id=$1)`, id); err != nil {
			return err
		}
		_, gone, err := db.Maybe(ctx, s.DB.Write(ctx), db.Scalar[int], `SELECT 1 FROM cases_retention WHERE case_id=$1 AND erased_at > 0`, id)
		if err != nil {
			return err
		}
		if gone {
			return ErrInvalid.At("number", errNumber.Code)
		}
		if _, err := s.DB.Exec(ctx, `INSERT INTO cases_retention_hold (id, case_id, reason, until_at, set_by, set_at, lifted_by, lifted_at, version) VALUES ($1,$2,$3,$4,$5,$6,'',0,1)`,
			ids.New(now), id, reason, db.MS(end), actor.ID, db.MS(now)); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "retention.hold", Object: "case:" + id, Reason: reason, Change: map[string]any{"until": until}})
	})
}

// AskLift asks for the end of a hold before its time. Somebody else confirms it:
// what one administrator keeps, another does not let go of alone.
func (s *Service) AskLift(ctx context.Context, actor auth.Actor, id string, version int, reason string) error {
	if !actor.Has(Keepers...) {
		return ErrForbidden
	}
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(reason); n < reasonMin || n > reasonMax {
		return ErrInvalid.At("lift", errReason.Code, "min", reasonMin)
	}
	return s.onHold(ctx, id, func(ctx context.Context, of string) error {
		if err := s.DB.ExecOne(ctx, `UPDATE cases_retention_hold SET lift_asked_by=$3, lift_asked_at=$4, lift_reason=$5, version=version+1 WHERE id=$1 AND version=$2 AND lifted_at=0 AND lift_asked_by=''`,
			id, version, actor.ID, db.MS(s.Clock.Now()), reason); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "retention.ask_lift", Object: "case:" + of, Reason: reason})
	})
}

// Lift ends a hold whose end somebody else asked for, or, with no, lets it stand.
func (s *Service) Lift(ctx context.Context, actor auth.Actor, id string, version int, yes bool) error {
	if !actor.Has(Confirmers...) {
		return ErrForbidden
	}
	return s.onHold(ctx, id, func(ctx context.Context, of string) error {
		action, end, args := "retention.lift", `lifted_by=$3, lifted_at=$4`, []any{id, version, actor.ID, db.MS(s.Clock.Now())}
		if !yes {
			action, end, args = "retention.refuse_lift", `lift_asked_by='', lift_asked_at=0, lift_reason=''`, args[:3]
		}
		if err := s.DB.ExecOne(ctx, `UPDATE cases_retention_hold SET `+end+`, version=version+1 WHERE id=$1 AND version=$2 AND lifted_at=0 AND lift_asked_by <> '' AND lift_asked_by <> $3`, args...); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: action, Object: "case:" + of})
	})
}

// onHold does something about a hold in a transaction.
func (s *Service) onHold(ctx context.Context, id string, do func(ctx context.Context, of string) error) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		of, found, err := db.Maybe(ctx, s.DB.Write(ctx), db.Scalar[string], `SELECT case_id FROM cases_retention_hold WHERE id=$1`, id)
		if err != nil {
			return err
		}
		if !found {
			return ErrNotFound
		}
		err = do(ctx, of)
		if errors.Is(err, db.ErrStale) {
			err = ErrStale
		}
		return err
	})
}
