package cases

import (
	"context"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/rules"
)

// Claim takes the open task of the actor's department into his own hands.
func (s *Service) Claim(ctx context.Context, actor auth.Actor, ref Ref) (Case, error) {
	return s.run(ctx, actor, ref, CmdClaim, "", func(ctx context.Context, w *work) error {
		if w.task.AssigneeID != "" {
			return ErrTaken
		}
		w.task.AssigneeID = actor.ID
		w.detail["task"] = w.task.Name
		return s.store.saveTask(ctx, w.task)
	})
}

// Release gives a claimed task back to the group: one's own, or as approver or
// head of the department that of a colleague who is away.
func (s *Service) Release(ctx context.Context, actor auth.Actor, ref Ref) (Case, error) {
	return s.run(ctx, actor, ref, CmdRelease, "", func(ctx context.Context, w *work) error {
		if w.task = releasable(actor, w.tasks); w.task == nil {
			return ErrTaken
		}
		if w.task.AssigneeID != actor.ID {
			w.detail["of"] = w.task.AssigneeID
		}
		w.task.AssigneeID = ""
		w.detail["task"] = w.task.Name
		return s.store.saveTask(ctx, w.task)
	})
}

// mine checks that the task is free or the actor's, and that nobody is waited for.
func (w *work) mine() error {
	switch {
	case w.NeedsApplicant:
		return ErrWaiting
	case sentBack(w.tasks, w.task.ID):
		return ErrDesk
	case w.task.AssigneeID != "" && !inHand(w.actor, w.task) && w.actor.Kind != auth.System:
		return ErrTaken
	}
	return nil
}

// EndorseInput is the outcome of an examination.
type EndorseInput struct {
	Object  bool // the department has objections; they go to the approver
	Opinion string
	HeldOn  string // date of an inspection, "" for the day it was arranged for
}

// Endorse ends an examination with an opinion; an objection needs one in
// words. When the last open task of a stage is done, the next stage opens.
func (s *Service) Endorse(ctx context.Context, actor auth.Actor, ref Ref, in EndorseInput) (Case, error) {
	return s.run(ctx, actor, ref, CmdEndorse, in.Opinion, func(ctx context.Context, w *work) error {
		if err := w.mine(); err != nil {
			return err
		}
		if w.task.Decides || w.task.Kind == string(catalogue.TaskPublicity) {
			return ErrNoTask
		}
		if in.Object && w.reason == "" {
			return ErrReason.At("reason", ErrReason.Code)
		}
		if w.signed() {
			return ErrSigned
		}
		if err := w.mayClose(ctx, in); err != nil {
			return err
		}
		result := "agree"
		if in.Object {
			result = "object"
		}
		w.detail["task"], w.detail["result"] = w.task.Name, result
		return w.complete(ctx, result)
	})
}

// complete ends the task in hand and opens the next stage when it was the last.
func (w *work) complete(ctx context.Context, result string) error {
	t := w.task
	t.DoneFor = w.standsFor()
	t.State, t.Result, t.Opinion, t.DoneBy, t.DoneAt = TaskDone, result, w.reason, w.actor.ID, w.now
	if t.AssigneeID == "" {
		t.AssigneeID = w.actor.ID
	}
	if err := w.svc.store.saveTask(ctx, t); err != nil {
		return err
	}
	if err := w.afterTask(ctx, t); err != nil {
		return err
	}
	if t.Decides || !stageDone(w.tasks, w.Stage) {
		return nil
	}
	_, i, _ := w.item.Flow.Stage(w.Stage)
	return w.enter(ctx, i+1)
}

// cancelTasks ends the tasks that are open when the case ends.
func (w *work) cancelTasks(ctx context.Context) error {
	if openTask(w.tasks) == nil {
		return nil
	}
	return w.svc.store.cancelOpenTasks(ctx, w.ID, w.now)
}

// SendBack returns a case in handling to the applicant to mend or add
// something. The clock stops until the reply, which comes back to this desk.
func (s *Service) SendBack(ctx context.Context, actor auth.Actor, ref Ref, in AskInput) (Case, error) {
	return s.run(ctx, actor, ref, CmdSendBack, "", func(ctx context.Context, w *work) error {
		if err := w.mine(); err != nil {
			return err
		}
		if err := in.check(w); err != nil {
			return err
		}
		if w.task.AssigneeID == "" {
			w.task.AssigneeID = w.actor.ID // the reply comes back to the one who asked
			if err := s.store.saveTask(ctx, w.task); err != nil {
				return err
			}
		}
		w.detail["task"] = w.task.Name
		if err := w.ask(ctx, "return", w.task.ID, in); err != nil {
			return err
		}
		if w.Paused {
			return nil // it stands still already; that pause goes on
		}
		if err := w.openPause(ctx, "applicant", in.Note); err != nil {
			return err
		}
		return w.tick(ctx)
	})
}

// Reply hands in what a desk asked for; the clock goes on.
func (s *Service) Reply(ctx context.Context, actor auth.Actor, ref Ref) (Case, error) {
	return s.run(ctx, actor, ref, CmdReply, "", func(ctx context.Context, w *work) error {
		if !w.NeedsApplicant || w.Bundle {
			return ErrState.With("command", string(CmdReply)).With("state", string(w.State))
		}
		answers, err := w.takeIn(ctx)
		if err != nil {
			return err
		}
		w.detail["data_version"] = w.DataVersion
		if err := w.reopenSkipped(ctx, answers); err != nil {
			return err
		}
		return w.goOn(ctx)
	})
}

// Recall takes back what a desk asked the applicant for, when it is not needed
// after all or nobody answers: the clock goes on, with what was submitted last.
func (s *Service) Recall(ctx context.Context, actor auth.Actor, ref Ref, reason string) (Case, error) {
	return s.run(ctx, actor, ref, CmdRecall, reason, func(ctx context.Context, w *work) error {
		if !w.NeedsApplicant {
			return ErrState.With("command", string(CmdRecall)).With("state", string(w.State))
		}
		if err := w.closeRequest(ctx); err != nil {
			return err
		}
		return w.goOn(ctx)
	})
}

// goOn ends the pause that waited for the applicant; one of a special procedure
// goes on.
func (w *work) goOn(ctx context.Context) error {
	if _, err := w.closePauses(ctx, w.now, waiting); err != nil {
		return err
	}
	if err := w.standStill(ctx); err != nil {
		return err
	}
	return w.tick(ctx)
}

// reopenSkipped adds to the present stage the tasks that were skipped on the
// old answers and are needed on the new ones.
func (w *work) reopenSkipped(ctx context.Context, answers map[string]any) error {
	for _, t := range w.tasks {
		if t.State != TaskSkipped {
			continue
		}
		stage, _, _ := w.item.Flow.Stage(t.Stage)
		for _, d := range stage.Tasks {
			again := slices.ContainsFunc(w.tasks, func(o Task) bool { return o.Key == t.Key && o.State != TaskSkipped })
			if d.Key != t.Key || again || !rules.Holds(d.When, answers) {
				continue
			}
			d.Department = follows(&w.Case, w.item, d.Department)
			if err := w.open(ctx, parts(w.cal(), &w.Case, w.item, w.Stage, d, w.now)); err != nil {
				return err
			}
			w.detail["opened"] = d.Name
		}
	}
	return nil
}

// from is the instant at which the ledger changes: now, unless an end that was
// told passed while nobody looked.
func (w *work) from() time.Time {
	if w.since.IsZero() {
		return w.now
	}
	return w.since
}

// Pause stops the clock for a special procedure that the law does not count
// (行政许可法 art. 45): hearing, inspection, expert review. The applicant is told.
func (s *Service) Pause(ctx context.Context, actor auth.Actor, ref Ref, kind, reason string) (Case, error) {
	return s.PauseFor(ctx, actor, ref, PauseInput{Kind: kind, Reason: reason})
}

// PauseInput says for which special procedure time does not count, and until
// which day it is expected to take, "" for not known: the law wants the applicant
// told in writing (行政许可法 art. 45). The clock goes on with Resume, at the latest
// when that day is over: see standing.go.
type PauseInput struct {
	Kind   string
	Until  string // an ISO date
	Reason string
}

// maxPause is how far ahead the end of a special procedure can be expected.
const maxPause = 366

// PauseFor is Pause with the expected end.
func (s *Service) PauseFor(ctx context.Context, actor auth.Actor, ref Ref, in PauseInput) (Case, error) {
	return s.run(ctx, actor, ref, CmdPause, in.Reason, func(ctx context.Context, w *work) error {
		kind, until := in.Kind, time.Time{}
		if w.Paused {
			return ErrPaused
		}
		if !slices.Contains(catalogue.Uncounted, kind) {
			return ErrReason.At("kind", ErrReason.Code)
		}
		w.detail["kind"] = kind
		if in.Until != "" {
			day, err := workday.Parse(in.Until)
			if today := workday.DateOf(w.now); err != nil || day.Before(today) || day.After(today.AddDays(maxPause)) {
				return ErrReason.At("until", errExpected.Code)
			}
			until = workday.EndOf(day)
			w.detail["until"] = db.MS(until)
		}
		if err := w.openPauseFor(ctx, kind, w.reason, "", until); err != nil {
			return err
		}
		return w.tick(ctx)
	})
}

// Resume lets the clock go on after a special procedure.
func (s *Service) Resume(ctx context.Context, actor auth.Actor, ref Ref, reason string) (Case, error) {
	return s.run(ctx, actor, ref, CmdResume, reason, func(ctx context.Context, w *work) error {
		byHand, err := w.closePauses(ctx, w.now, saidByHand)
		if err != nil {
			return err
		}
		n := byHand
		if byHand == 0 { // that of a task whose time need not be left out any longer: it is not paused again
			if n, err = w.closePauses(ctx, w.now, special); err != nil {
				return err
			}
		}
		if n == 0 {
			return ErrNotPaused
		}
		return w.standOn(ctx)
	})
}

// MaxExtension in working days that a head may grant, once (行政许可法 art. 42).
const MaxExtension = 10

// overLimitAt says that the legal limit has run out, or where there is none the
// promised one: what is over can not be made longer.
func (k *Case) overLimitAt(now time.Time) bool {
	limit := k.StatutoryAt
	if limit.IsZero() {
		limit = k.DueAt
	}
	return !limit.IsZero() && !now.Before(limit)
}

// Extend prolongs the limits once, by at most ten working days, with a reason
// that the applicant is told.
func (s *Service) Extend(ctx context.Context, actor auth.Actor, ref Ref, days int, reason string) (Case, error) {
	return s.run(ctx, actor, ref, CmdExtend, reason, func(ctx context.Context, w *work) error {
		if w.Paused {
			return ErrPaused
		}
		if w.overLimitAt(w.now) {
			return ErrTooLate
		}
		if days < 1 || days > MaxExtension {
			return ErrExtension.At("days", ErrExtension.Code, "max", MaxExtension)
		}
		old, err := s.store.extensions(ctx, w.ID)
		if err != nil {
			return err
		}
		if len(old) > 0 {
			return ErrExtension.With("max", MaxExtension)
		}
		if _, err := s.DB.Exec(ctx, `INSERT INTO cases_extension (id, case_id, days, reason, by_id, at) VALUES ($1,$2,$3,$4,$5,$6)`,
			ids.New(w.now), string(w.ID), days, w.reason, actor.ID, db.MS(w.now)); err != nil {
			return err
		}
		if err := w.tick(ctx); err != nil {
			return err
		}
		w.detail["days"], w.detail["due"] = days, db.MS(w.DueAt)
		return nil
	})
}
