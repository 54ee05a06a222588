package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/cases/calendar"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Calendars knows in which calendar a limit is counted that began at an instant
// in a region; package calendar has the rule.
type Calendars interface {
	For(region string, since time.Time) *workday.Calendar
	// Refresh reads what another process may have changed.
	Refresh(ctx context.Context) error
}

// CalendarOf is the calendar that the limits of a case are counted in: that of
// the region that decides it, as kind as it was at any time since it was accepted.
func (s *Service) CalendarOf(k *Case) *workday.Calendar {
	if s.Calendars == nil {
		return s.Calendar
	}
	since := k.AcceptedAt
	if since.IsZero() {
		since = k.SubmittedAt
	}
	if since.IsZero() {
		since = s.Clock.Now()
	}
	return s.Calendars.For(k.Region, since)
}

// cal is CalendarOf the case in hand.
func (w *work) cal() *workday.Calendar { return w.svc.CalendarOf(&w.Case) }

// RecountArgs is a job: the live cases of a region are counted anew.
type RecountArgs struct {
	Region string `json:"region"` // "" for all
	Day    string `json:"day"`    // ISO date, "" for a notice
	Reason string `json:"reason"`
}

// Kind names the job.
func (RecountArgs) Kind() string { return "cases.recount" }

// RecountFor is the job that a change of the calendar asks for.
func RecountFor(c calendar.Changed) RecountArgs {
	return RecountArgs{Region: c.Region, Day: c.Day, Reason: c.Reason}
}

// errSame takes back the transaction of a case that the calendar does not touch.
var errSame = errors.New("cases: the due day stays")

// Recount counts the deadlines of live cases anew after a change of the calendar,
// each case in its own transaction. One whose due day moves gets an event, and
// its applicant a notice. It may be repeated. The clocks that stand still are
// renewed by the sweep anyway.
func (s *Service) Recount(ctx context.Context, args RecountArgs) error {
	if s.Calendars != nil {
		if err := s.Calendars.Refresh(ctx); err != nil {
			return fmt.Errorf("cases: recount: %w", err)
		}
	}
	where, in := `c.state='handling' AND NOT c.paused`, []any{}
	if args.Region != "" {
		where += ` AND c.region LIKE $1 ESCAPE '\'`
		in = append(in, db.LikePrefix(auth.Reach(args.Region)))
	}
	if day, err := workday.Parse(args.Day); err == nil { // only where it lies between acceptance and the end
		where += fmt.Sprintf(` AND c.accepted_at < $%d AND (c.due_at > $%d OR c.statutory_at > $%d)`, len(in)+1, len(in)+2, len(in)+2)
		in = append(in, db.MS(workday.EndOf(day)), db.MS(workday.StartOf(day)))
	}
	return s.sweepEach(ctx, "calendar", func(ctx context.Context, id ID) error { return s.recount(ctx, id, args.Day, args.Reason) }, where, in...)
}

// announced is the reason of a recount that no decision of a region asked for.
const announced = "法定节假日安排已公布"

func (s *Service) recount(ctx context.Context, id ID, day, reason string) error {
	if reason == "" { // a year that was provisional is announced: nobody gave a reason for that
		reason = announced
	}
	rest := false
	_, err := s.run(ctx, auth.SystemActor(), Ref{ID: id}, CmdCalendar, reason, func(ctx context.Context, w *work) error {
		was, due, law, tasks := w.Case, w.DueAt, w.StatutoryAt, slices.Clone(w.tasks)
		if err := w.tick(ctx); err != nil {
			return err
		}
		if w.DueAt.Equal(due) && w.StatutoryAt.Equal(law) {
			rest = w.Case != was || !slices.Equal(w.tasks, tasks)
			return errSame
		}
		w.detail["due"], w.detail["before"] = db.MS(w.DueAt), db.MS(due)
		if day != "" {
			w.detail["day"] = day
		}
		return nil
	})
	if !errors.Is(err, errSame) {
		return err
	}
	if !rest {
		return nil
	}
	// It is not provisional any more, or its lights change on other days: nothing to tell anybody.
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		k, err := s.store.locked(ctx, id)
		if err != nil {
			return err
		}
		return s.renewClock(ctx, k)
	})
}
