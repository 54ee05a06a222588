package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
)

// A clock never stands still unseen. The law leaves out the time that a special
// procedure needs, and wants the applicant told how long that is (行政许可法
// art. 45): what goes beyond it counts, so the pause ends at the instant that was
// told, however late the sweep looks. A desk that needs longer tells a new end
// with a new pause. A reply that does not come ends nothing by itself, since the
// file may be decided as it is; the desk and its head are told, once, and the
// case stands in ListStalled until somebody acts.

// StillAtMost is how many days a special procedure without a named end stands
// still before its desk and head are told.
const StillAtMost = 60

// The notices to the desks of cases whose clock stands still, or stood.
const (
	kindSpecialOver = "case_special_over"
	kindReturnOver  = "case_return_over"
	kindStillLong   = "case_still_long"
)

// stalled is the SQL, over a case c, of those whose clock stands still longer
// than was told, or was stopped when the limit had run out already, which takes
// the light off a case that is late; now and long ago are instants.
func stalled(now, long string) string {
	return `c.state = 'handling' AND NOT c.bundle AND c.id IN (
		SELECT q.case_id FROM cases_request q WHERE q.answered_at = 0 AND q.due_at > 0 AND q.due_at <= ` + now + `
		UNION SELECT p.case_id FROM cases_pause p WHERE p.to_at = 0 AND p.kind <> 'applicant' AND (p.until_at > 0 AND p.until_at <= ` + now + ` OR p.until_at = 0 AND p.from_at <= ` + long + `)
		UNION SELECT p.case_id FROM cases_pause p JOIN cases_case k ON k.id = p.case_id WHERE p.to_at = 0 AND k.due_at > 0 AND k.due_at <= p.from_at)`
}

// longAgo is from when a special procedure without an end stands still too long.
func (s *Service) longAgo() time.Time { return s.Clock.Now().AddDate(0, 0, -StillAtMost) }

// sweepStanding looks after clocks that stand still longer than was told.
func (s *Service) sweepStanding(ctx context.Context) error {
	now, long := db.MS(s.Clock.Now()), db.MS(s.longAgo())
	const live = `c.state='handling' AND NOT c.bundle AND c.id IN `
	return errors.Join(
		s.sweepEach(ctx, "special procedures", s.endSpecial, live+`(SELECT p.case_id FROM cases_pause p WHERE p.to_at=0 AND p.until_at > 0 AND p.until_at <= $1)`, now),
		s.sweepEach(ctx, "procedures without an end", s.stoodLong,
			live+`(SELECT p.case_id FROM cases_pause p WHERE p.to_at=0 AND p.kind <> 'applicant' AND p.until_at=0 AND p.over_at=0 AND p.from_at <= $1)`, long),
		s.sweepEach(ctx, "returns", s.overdueReturn, live+`(SELECT q.case_id FROM cases_request q WHERE q.answered_at=0 AND q.kind='return' AND q.over_at=0 AND q.due_at <= $1)`, now),
	)
}

// endSpecial ends a special procedure whose planned end is over, as of that end.
func (s *Service) endSpecial(ctx context.Context, id ID) error {
	_, err := s.run(ctx, auth.SystemActor(), Ref{ID: id}, CmdResume, "特别程序告知的期限已到，恢复计时。", func(ctx context.Context, w *work) error {
		pauses, err := s.store.pauses(ctx, id)
		if err != nil {
			return err
		}
		p := openPauseOf(pauses)
		if p == nil || p.Kind == "applicant" || p.Until.IsZero() || w.now.Before(p.Until) {
			return errNotDue
		}
		if w.since = p.Until; w.since.Before(p.From) {
			w.since = p.From
		}
		if err := w.closePlanned(ctx, p, w.since); err != nil {
			return err
		}
		w.detail["kind"], w.detail["planned"] = p.Kind, db.MS(w.since)
		if err := w.standOn(ctx); err != nil {
			return err
		}
		return w.tellStanding(ctx, kindSpecialOver, p.ID, p.Until, "")
	})
	if errors.Is(err, errNotDue) {
		return nil
	}
	return err
}

// stoodLong tells the desks of a special procedure without an end, once.
func (s *Service) stoodLong(ctx context.Context, id ID) error {
	return s.underLock(ctx, id, func(ctx context.Context, w *work) error {
		pauses, err := s.store.pauses(ctx, id)
		if err != nil {
			return err
		}
		p := openPauseOf(pauses)
		if p == nil || p.Kind == "applicant" || !p.Until.IsZero() || p.From.After(s.longAgo()) {
			return nil
		}
		if first, err := w.noteLongPause(ctx, p); err != nil || !first {
			return err
		}
		return w.tellStanding(ctx, kindStillLong, p.ID, p.From, "")
	})
}

// overdueReturn tells who asked, and his head, once, that the day of a reply is
// over. A request from before its day was kept gets the day first.
func (s *Service) overdueReturn(ctx context.Context, id ID) error {
	return s.underLock(ctx, id, func(ctx context.Context, w *work) error {
		requests, err := s.store.requests(ctx, id)
		if err != nil {
			return err
		}
		q := unanswered(requests)
		if q == nil || q.Kind != "return" || !q.overAt.IsZero() {
			return nil
		}
		if q.DueAt.IsZero() {
			q.DueAt = s.supplementDue(&w.Case, w.item, q.AskedAt)
		}
		over := time.Time{}
		if !w.now.Before(q.DueAt) {
			over = w.now
		}
		if _, err := s.DB.Exec(ctx, `UPDATE cases_request SET due_at=$2, over_at=$3 WHERE id=$1`, q.ID, db.MS(q.DueAt), db.MS(over)); err != nil || over.IsZero() {
			return err
		}
		asker, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT asked_by FROM cases_request WHERE id=$1`, q.ID)
		if err != nil {
			return err
		}
		return w.tellStanding(ctx, kindReturnOver, q.ID, q.DueAt, asker)
	})
}

// underLock does something about a live case that is no command: nothing about
// the case itself changes.
func (s *Service) underLock(ctx context.Context, id ID, do func(ctx context.Context, w *work) error) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		k, err := s.store.locked(ctx, id)
		if err != nil || k.State != Handling {
			return err
		}
		w := s.newWork(k, auth.SystemActor(), s.Clock.Now())
		if w.item, err = s.itemOf(ctx, &k); err != nil {
			return err
		}
		if w.tasks, err = s.store.tasks(ctx, id); err != nil {
			return err
		}
		return do(ctx, w)
	})
}

// tellStanding tells who has the case in hand, who asked, and the heads of their
// departments, that a clock stands still, or stood; key is of the row of the
// ledger, so that nobody hears of it twice.
func (w *work) tellStanding(ctx context.Context, kind, key string, at time.Time, asker string) error {
	s := w.svc
	tasks := slices.DeleteFunc(slices.Clone(w.tasks), func(t Task) bool { return t.State != TaskOpen || t.Role == "" })
	departments := departmentsOf(tasks)
	if !slices.Contains(departments, w.DepartmentID) {
		departments = append(departments, w.DepartmentID)
	}
	heads, err := s.Identity.Holders(ctx, departments, auth.Head)
	if err != nil {
		return err
	}
	for _, h := range heads {
		tasks = append(tasks, Task{AssigneeID: h.ID})
	}
	if strings.TrimSpace(asker) != "" {
		tasks = append(tasks, Task{AssigneeID: asker})
	}
	last := at // 00:00 ends the day before
	if kind != kindStillLong {
		last = at.Add(-time.Millisecond)
	}
	day := workday.StartOf(workday.DateOf(last))
	params := map[string]any{
		"item": w.ItemName, "number": w.Number, "applicant": w.Party.Name,
		"day": i18n.Text{ZH: i18n.Date(i18n.Chinese, day), EN: i18n.Date(i18n.English, day)}, "due": lastMoment(w.DueAt),
	}
	if err := s.tellHands(ctx, tasks, notify.News{
		Key: kind + ":" + key, Kind: kind, Link: "/work/cases/" + string(w.ID), Class: notify.Action, NeedsYou: true, Params: params,
	}); err != nil {
		return fmt.Errorf("cases: tell of %s: %w", w.ID, err)
	}
	return nil
}
