package talk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
)

type remindArgs struct{}

// Kind names the job.
func (remindArgs) Kind() string { return "cases.talk_remind" }

// reminderHour is when the applicant is reminded, on the last working day before
// the one by which a reply is wanted.
const reminderHour = 9 * time.Hour

// waiting is a question without a reply.
type waiting struct {
	message, asker string
	id             cases.ID
	region         string
	askedAt, dueAt time.Time
	reminded       bool
}

// Remind reminds applicants of replies that are nearly due, once, and tells both
// sides when the day is over: the question stays open, for a late reply still
// helps, and the office decides how to go on. It may be repeated at any time;
// what fell due while nothing ran is made up for, but nobody is reminded of a
// day that is over.
func (s *Service) Remind(ctx context.Context) error {
	now := s.Clock.Now()
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (w waiting, err error) {
		var reminded int64
		err = r.Scan(&w.message, &w.id, &w.region, &w.asker, db.Time{Time: &w.askedAt}, db.Time{Time: &w.dueAt}, &reminded)
		w.reminded = reminded > 0
		return w, err
	}, `SELECT q.message_id, q.case_id, c.region, q.asked_by, m.written_at, q.due_at, q.reminded_at
		FROM cases_ask q JOIN cases_message m ON m.id = q.message_id JOIN cases_case c ON c.id = q.case_id
		WHERE q.state='open' AND q.over_at=0 AND q.due_at <= $1 AND c.closed_at=0 ORDER BY q.due_at, q.message_id`,
		db.MS(now.AddDate(0, 0, longestBreak)))
	if err != nil {
		return fmt.Errorf("talk: replies that are due: %w", err)
	}
	var all []error
	for _, w := range list {
		at := s.reminderOf(w)
		switch {
		case !now.Before(w.dueAt):
			all = append(all, s.once(ctx, w, "over_at", s.tellOver))
		case !w.reminded && w.askedAt.Before(at) && !now.Before(at):
			all = append(all, s.once(ctx, w, "reminded_at", s.tellReminder))
		}
	}
	return errors.Join(all...)
}

// longestBreak is how many days lie at most between two working days, and some more.
const longestBreak = 14

// reminderOf is the moment at which somebody is reminded of what is due.
func (s *Service) reminderOf(w waiting) time.Time {
	cal := s.Cases.CalendarOf(&cases.Case{Region: w.region, SubmittedAt: w.askedAt})
	day := workday.DateOf(w.dueAt.Add(-1)).AddDays(-1)
	for range longestBreak {
		if cal.IsWorkday(day) {
			break
		}
		day = day.AddDays(-1)
	}
	return workday.StartOf(day).Add(reminderHour)
}

// once tells those concerned and notes that they were told, together or not at
// all; a question that was closed in the meantime is let be.
func (s *Service) once(ctx context.Context, w waiting, column string, tell func(context.Context, *cases.Case, waiting) error) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		n, err := s.DB.Exec(ctx, `UPDATE cases_ask SET `+column+`=$2 WHERE message_id=$1 AND state='open' AND `+column+`=0`, w.message, db.MS(s.Clock.Now()))
		if err != nil || n == 0 {
			return err
		}
		k, err := s.Cases.Find(ctx, w.id)
		if err != nil {
			return err
		}
		if k.State.Ended() {
			return nil
		}
		return tell(ctx, &k, w)
	})
}

func (s *Service) tellReminder(ctx context.Context, k *cases.Case, w waiting) error {
	readers, err := s.Cases.Readers(ctx, k, true)
	if err != nil {
		return err
	}
	return s.due(ctx, k, w, "talk_reminder", true, readers)
}

// tellOver tells the applicant that he still can answer, and the one who asked
// and who has the case in hand now that nothing came.
func (s *Service) tellOver(ctx context.Context, k *cases.Case, w waiting) error {
	readers, err := s.Cases.Readers(ctx, k, true)
	if err != nil {
		return err
	}
	if err := s.due(ctx, k, w, "talk_over", true, readers); err != nil {
		return err
	}
	hands, err := s.Cases.Hands(ctx, k)
	if err != nil {
		return err
	}
	var staff []identity.Account
	for _, id := range append([]string{w.asker}, hands...) {
		if slices.ContainsFunc(staff, func(a identity.Account) bool { return a.ID == id }) {
			continue
		}
		a, err := s.Identity.Account(ctx, id)
		if err != nil {
			return err
		}
		if a.State != "closed" {
			staff = append(staff, a)
		}
	}
	return s.due(ctx, k, w, "talk_no_reply", false, staff)
}

// due writes the notices of a question; its own id in the key lets no retry tell twice.
func (s *Service) due(ctx context.Context, k *cases.Case, w waiting, kind string, party bool, readers []identity.Account) error {
	n := notify.News{
		Key: "talk:" + kind + ":" + w.message, Kind: kind, Link: "/work/cases/" + string(k.ID) + "/messages", Class: notify.Conversation,
		Params: map[string]any{"item": k.ItemName, "number": k.Number, "applicant": k.Party.Name, "due": dueText(w.dueAt)},
	}
	if party {
		n.Link, n.NeedsYou, n.Class = "/my/cases/"+string(k.ID)+"/messages", true, notify.Action
	}
	for _, a := range readers {
		if err := s.Notify.Tell(ctx, a.Reader(), n); err != nil {
			return err
		}
	}
	return nil
}
