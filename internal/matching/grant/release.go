package grant

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/matching"
	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/notify"
)

// Days for which firms can answer after the publicity, and how long before the end
// they are reminded.
const (
	answerDays = 10
	remindDays = 3
	leastShown = 3 // working days of a publicity, when the clause says none
)

// gone are the firms of lines that fit no more.
func gone(v *matching.View, b *Batch, lines []Line) map[string]bool {
	out := map[string]bool{}
	for _, l := range lines {
		if l.State == Listed && v.Answer(matching.ClausePrefix+b.Key, l.FirmID) != engine.Yes {
			out[l.FirmID] = true
		}
	}
	return out
}

// days is the first instant after n working days.
func (s *Service) days(b *Batch, from time.Time, n int) time.Time {
	due, _ := s.Calendars.For(b.Region, from).Due(from, workday.Limit{N: n, Unit: workday.UnitWorkday})
	return due
}

// barredNow are the firms that came onto a list of a clause which excludes this one
// since it was drafted. All lists that are not out are held until the end of the
// transaction: two that exclude each other go out one after the other.
func (s *Service) barredNow(ctx context.Context, b *Batch) (map[string]bool, error) {
	if _, err := s.DB.Exec(ctx, `UPDATE matching_grant SET note=note WHERE state IN ('drafted', 'checked')`); err != nil {
		return nil, fmt.Errorf("grant: hold: %w", err)
	}
	lib, err := s.Policies.Library(ctx)
	if err != nil {
		return nil, err
	}
	return s.excluded(ctx, lib, policy.Entry{Clause: b.Clause})
}

// sift looks at every line of a batch once more, in the transaction that releases
// it: who fits no more and was not kept, and who has the benefit meanwhile, is left
// out; who is not verified, or of whom it cannot be told, waits, and is free for the
// next list. It returns the lines that go out, and how many were left out.
func (s *Service) sift(ctx context.Context, v *matching.View, b *Batch) (out []Line, left int, err error) {
	lines, err := s.store.lines(ctx, `l.grant_id=$1 AND l.state IN ('listed','waiting') ORDER BY l.seq`, b.ID)
	if err != nil {
		return nil, 0, err
	}
	barred, err := s.barredNow(ctx, b)
	if err != nil {
		return nil, 0, err
	}
	var firms []string
	for _, l := range lines {
		if l.State == Listed {
			firms = append(firms, l.FirmID)
		}
	}
	has, err := s.has(ctx, b.Clause, b.Period, b.ID, firms)
	if err != nil {
		return nil, 0, err
	}
	unproven, err := s.Dossier.UnsettledOf(ctx, firms)
	if err != nil {
		return nil, 0, err
	}
	for _, l := range lines {
		answer := v.Answer(matching.ClausePrefix+b.Key, l.FirmID)
		switch {
		case l.State == Waiting:
			err = s.store.free(ctx, l.ID)
		case barred[l.FirmID]:
			l.Cause, l.State, left = HasLine, Double, left+1
			err = s.store.saveLine(ctx, l)
		case has[l.FirmID] != "":
			l.Cause, l.State, left = has[l.FirmID], Double, left+1
			err = s.store.saveLine(ctx, l)
		case unproven[l.FirmID], answer == engine.Unknown:
			if l.Cause, l.State, left = Unproven, Waiting, left+1; !unproven[l.FirmID] {
				l.Cause = Unknown
			}
			if err = s.store.saveLine(ctx, l); err == nil {
				err = s.store.free(ctx, l.ID)
			}
		case answer != engine.Yes && l.Kept == "":
			l.State, left = Unfit, left+1
			err = s.store.saveLine(ctx, l)
		default:
			out = append(out, l)
		}
		if err != nil {
			return nil, 0, err
		}
	}
	return out, left, nil
}

// Release publishes a checked batch, see sift for who is on it.
func (s *Service) Release(ctx context.Context, actor auth.Actor, ref Ref) (Batch, error) {
	v, err := s.Matching.View(ctx)
	if err != nil {
		return Batch{}, err
	}
	return s.turn(ctx, actor, ref, "grant.release", "", func(ctx context.Context, b *Batch) (map[string]any, error) {
		switch {
		case !Releases(actor, b.DepartmentID):
			return nil, ErrForbidden
		case b.State != Checked:
			return nil, ErrState
		case !MayRelease(actor, b):
			return nil, ErrOwn
		}
		out, left, err := s.sift(ctx, v, b)
		if err != nil {
			return nil, err
		}
		if len(out) == 0 {
			return nil, ErrNobody
		}
		if err := s.reserve(ctx, actor, b, out); err != nil {
			return nil, err
		}
		now := s.Clock.Now()
		b.State, b.ReleasedBy, b.ReleasedAt, b.Note = Published, actor.ID, now, ""
		b.ShownUntil = s.days(b, now, max(leastShown, b.Clause.Publicity))
		b.AnswerUntil = s.days(b, b.ShownUntil, answerDays)
		b.RemindAt = s.days(b, b.ShownUntil, answerDays-remindDays)
		for _, l := range out {
			if err := s.tell(ctx, b, l, "grant_listed", true); err != nil {
				return nil, err
			}
		}
		return map[string]any{"lines": len(out), "fen": int64(sumOf(out)), "left": left}, nil
	})
}

// tell tells the people of a firm who act for it in such things.
func (s *Service) tell(ctx context.Context, b *Batch, l Line, kind string, needs bool) error {
	people, err := s.Identity.AgentsFor(ctx, l.FirmID, auth.ModuleCases)
	if err != nil {
		return err
	}
	key := "grant:" + l.ID + ":" + kind
	params := map[string]any{"title": b.Clause.Title, "firm": l.Name, "sum": l.Sum.String(), "until": i18n.Moment(i18n.LastDay, b.AnswerUntil), "reason": l.Reason, "owed": l.Owed.String()}
	if l.CaseID != "" { // what comes then can come again
		key += ":" + strconv.Itoa(l.Version)
	}
	if d, err := workday.Parse(l.PaidOn); err == nil {
		params["day"] = i18n.Moment(i18n.Day, workday.StartOf(d))
	}
	for _, a := range people {
		err := s.Notify.Tell(ctx, a.Reader(), notify.News{Key: key, Kind: kind, Link: "/my/grants/" + l.ID, NeedsYou: needs, Params: params})
		if err != nil {
			return err
		}
	}
	return nil
}

// Object objects to a line. Whoever is signed in may; one at a time.
func (s *Service) Object(ctx context.Context, actor auth.Actor, batch, line, body string) error {
	if actor.Kind != auth.Person && actor.Kind != auth.Staff {
		return ErrForbidden
	}
	body = strings.TrimSpace(body)
	if n := utf8.RuneCountInString(body); n < 5 || n > 1000 {
		return invalid("body", errBody)
	}
	if line == "" {
		return invalid("line", errLine)
	}
	if err := s.Throttle.Hit(ctx, "grant:"+actor.ID, 10, time.Hour); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		b, err := s.store.batch(ctx, batch)
		if err != nil {
			return err
		}
		l, err := s.store.line(ctx, line)
		if err != nil || l.BatchID != b.ID || !b.State.Public() || !l.State.Stands() && l.State != Declined {
			return cmpErr(err, ErrNotFound)
		}
		now := s.Clock.Now()
		if !b.Objectable(now) || !l.State.Stands() {
			return ErrOver
		}
		if open, err := s.store.objections(ctx, `line_id=$1 AND account_id=$2 AND answered_at=0`, l.ID, actor.ID); err != nil {
			return err
		} else if len(open) > 0 {
			return ErrAgain
		}
		if err := s.store.insertObjection(ctx, Objection{ID: ids.New(now), BatchID: b.ID, LineID: l.ID, AccountID: actor.ID, Body: body, At: now}); err != nil {
			return err
		}
		return s.note(ctx, actor, "grant.object", &b, "", map[string]any{"firm": l.FirmID})
	})
}

// Settle answers an objection. When it is upheld the line is struck.
func (s *Service) Settle(ctx context.Context, actor auth.Actor, ref Ref, objection string, upheld bool, answer string) (Batch, error) {
	answer, err := reasonOf(answer)
	if err != nil {
		return Batch{}, err
	}
	return s.turn(ctx, actor, ref, "grant.settle", answer, func(ctx context.Context, b *Batch) (map[string]any, error) {
		list, err := s.store.objections(ctx, `id=$1 AND grant_id=$2`, objection, b.ID)
		switch {
		case err != nil:
			return nil, err
		case len(list) == 0:
			return nil, ErrNotFound
		case !Releases(actor, b.DepartmentID) && !Drafts(actor, b.DepartmentID):
			return nil, ErrForbidden
		case !list[0].Open():
			return nil, ErrState
		}
		o := list[0]
		if o.AccountID == actor.ID {
			return nil, ErrOwn
		}
		now := s.Clock.Now()
		if err := s.store.settle(ctx, o.ID, upheld, answer, actor.ID, now); err != nil {
			return nil, err
		}
		l, err := s.store.line(ctx, o.LineID)
		if err != nil {
			return nil, err
		}
		if upheld && l.State.Stands() {
			l.State, l.Reason = Struck, answer
			if err := s.store.saveLine(ctx, l); err != nil {
				return nil, err
			}
			if err := s.tell(ctx, b, l, "grant_struck", false); err != nil {
				return nil, err
			}
		}
		if err := s.answer(ctx, b, o, l, answer); err != nil {
			return nil, err
		}
		return map[string]any{"firm": l.FirmID, "upheld": upheld}, nil
	})
}

// answer tells who objected what became of it.
func (s *Service) answer(ctx context.Context, b *Batch, o Objection, l Line, answer string) error {
	if o.AccountID == "" {
		return nil
	}
	a, err := s.Identity.Account(ctx, o.AccountID)
	if err != nil {
		return fmt.Errorf("grant: who objected: %w", err)
	}
	return s.Notify.Tell(ctx, a.Reader(), notify.News{
		Key: "grant:objection:" + o.ID, Kind: "grant_objection", Link: PublicPath(b.ID), Params: map[string]any{"title": b.Clause.Title, "firm": l.Name, "answer": answer},
	})
}

// PublicPath of the list that everybody reads.
func PublicPath(id string) string { return "/publicity/grants/" + id }

type sweepArgs struct{}

// Kind names the job.
func (sweepArgs) Kind() string { return "grant.sweep" }

// Workers adds the jobs of the package to the queue.
func (s *Service) Workers(q *jobs.Queue) {
	jobs.HandleFor(q, 5*time.Minute, func(ctx context.Context, _ sweepArgs) error { return s.Sweep(ctx) })
	jobs.Every(q, 10*time.Minute, sweepArgs{})
}

// Sweep does what days bring: publicities end, firms are reminded, answers are
// closed, and then cases are made.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.Clock.Now()
	due, err := s.store.batches(ctx, `state='published' AND shown_until <= $1 OR state='confirming' AND (answer_until <= $1 OR reminded_at=0 AND remind_at <= $1) ORDER BY id`, db.MS(now))
	if err != nil {
		return err
	}
	for _, x := range due {
		err := s.DB.InTx(ctx, func(ctx context.Context) error {
			b, err := s.store.batch(ctx, x.ID)
			if err != nil || b.Version != x.Version {
				return err // somebody was faster; the next round looks again
			}
			return s.bring(ctx, &b, now)
		})
		if err != nil {
			return fmt.Errorf("grant: sweep %s: %w", x.ID, err)
		}
	}
	awards, err := s.store.batches(ctx, `state IN ('settled','paying','paid') AND awarded_at=0 ORDER BY id`)
	if err != nil {
		return err
	}
	for _, x := range awards {
		if err := s.Award(ctx, x.ID); err != nil {
			return err
		}
	}
	return nil
}

// bring brings a batch on.
func (s *Service) bring(ctx context.Context, b *Batch, now time.Time) error {
	lines, err := s.store.lines(ctx, `l.grant_id=$1 AND l.state IN ('listed','confirmed') ORDER BY l.seq`, b.ID)
	if err != nil {
		return err
	}
	system := auth.SystemActor()
	switch {
	case b.State == Published:
		b.State = Confirming
		for _, l := range lines {
			if l.State == Listed {
				if err := s.tell(ctx, b, l, "grant_confirm", true); err != nil {
					return err
				}
			}
		}
		err = s.note(ctx, system, "grant.confirming", b, "", map[string]any{})
	case !now.Before(b.AnswerUntil):
		if slices.ContainsFunc(lines, func(l Line) bool { return l.Stopped }) {
			return nil // first somebody settles it
		}
		b.State = Settled
		for _, l := range lines {
			if l.State != Listed {
				continue
			}
			l.State = Lapsed
			if err := s.store.saveLine(ctx, l); err != nil {
				return err
			}
			if err := s.tell(ctx, b, l, "grant_lapsed", false); err != nil {
				return err
			}
		}
		err = s.note(ctx, system, "grant.settled", b, "", map[string]any{})
	default:
		b.RemindedAt = now
		for _, l := range lines {
			if l.State == Listed {
				if err := s.tell(ctx, b, l, "grant_remind", true); err != nil {
					return err
				}
			}
		}
	}
	if err != nil {
		return err
	}
	return s.store.save(ctx, *b)
}
