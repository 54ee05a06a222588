package cases

import (
	"context"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/cases/review"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// KindMember is the kind of the part of a member in a joint review or a
// countersignature.
const KindMember = "member"

// NoAnswer is the result of a member's part that the lead closed without it.
const NoAnswer = "no_answer"

func (t *Task) is(kind catalogue.TaskKind) bool { return t.Kind == string(kind) }

// suits says whether a command can be meant for a task of its kind; "" is any command.
func suits(c Command, t *Task) bool {
	switch c {
	case CmdArrange:
		return t.is(catalogue.TaskInspection)
	case CmdObject, CmdAnswer:
		return t.is(catalogue.TaskPublicity)
	case CmdEndorse, CmdSendBack, CmdDecide, CmdReturn: // a publicity ends by its day
		return !t.is(catalogue.TaskPublicity)
	default:
		return true
	}
}

// open writes tasks that were made for the case, and begins what they begin:
// the clock stands still for one whose time does not count, a publicity goes out.
func (w *work) open(ctx context.Context, tasks []Task) error {
	if err := w.group(ctx, tasks); err != nil {
		return err
	}
	w.tasks = append(w.tasks, tasks...)
	if err := w.svc.store.insertTasks(ctx, tasks...); err != nil {
		return err
	}
	for i := range tasks {
		t := &tasks[i]
		switch {
		case t.State == TaskSkipped:
			w.also(CmdSkip, false, map[string]any{"task": t.Name, "department": t.DepartmentID})
		case t.is(catalogue.TaskPublicity):
			if err := w.publicise(ctx, t); err != nil {
				return err
			}
		}
	}
	before := w.Paused
	if err := w.standStill(ctx); err != nil || w.Paused == before {
		return err
	}
	return w.tick(ctx)
}

// standStill lets the clock stand still for an open task whose time does not
// count, unless it does already. One that was ended, by hand or because the time
// that was told is over, stays ended for its task. Whoever calls it renews the
// deadlines.
func (w *work) standStill(ctx context.Context) error {
	uncounted := func(t *Task) (catalogue.Task, bool) {
		d, ok := w.defined(t)
		return d, ok && t.State == TaskOpen && d.Uncounted != "" && (t.DueAt.IsZero() || w.from().Before(t.DueAt))
	}
	if !slices.ContainsFunc(w.tasks, func(t Task) bool { _, ok := uncounted(&t); return ok }) {
		return nil
	}
	type row struct {
		task string
		open bool
	}
	had, err := db.List(ctx, w.svc.DB.Write(ctx), func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.task, &x.open) },
		`SELECT task_id, to_at=0 FROM cases_pause WHERE case_id=$1 AND (to_at=0 OR task_id <> '')`, string(w.ID))
	if err != nil || slices.ContainsFunc(had, func(x row) bool { return x.open }) {
		return err
	}
	for i := range w.tasks {
		t := &w.tasks[i]
		d, ok := uncounted(t)
		if !ok || slices.ContainsFunc(had, func(x row) bool { return x.task == t.ID }) {
			continue
		}
		if err := w.openPauseFor(ctx, d.Uncounted, d.Name.ZH, t.ID, t.DueAt); err != nil {
			return err
		}
		w.Paused = true
		detail := map[string]any{"kind": d.Uncounted, "task": d.Name}
		if !t.DueAt.IsZero() { // the time needed, as the law wants it told
			detail["until"] = db.MS(t.DueAt)
		}
		w.also(CmdPause, true, detail)
		w.more[len(w.more)-1].Reason = d.Name.ZH
		return nil
	}
	return nil
}

// standOn finds, after a special procedure, what else keeps the clock still: the
// applicant who was asked meanwhile and has not answered, or another task whose
// time does not count; and renews the deadlines.
func (w *work) standOn(ctx context.Context) error {
	if w.NeedsApplicant {
		if err := w.openPause(ctx, "applicant", ""); err != nil {
			return err
		}
	} else if err := w.standStill(ctx); err != nil {
		return err
	}
	return w.tick(ctx)
}

// afterTask does what the end of a task brings about: the parts of the members that
// are not needed any more, the countersignature that they settle, the clock.
func (w *work) afterTask(ctx context.Context, t *Task) error {
	switch {
	case t.is(catalogue.TaskJoint):
		if err := w.dropParts(ctx, t.ID); err != nil {
			return err
		}
	case t.ParentID != "":
		if err := w.countersigned(ctx, t.ParentID); err != nil {
			return err
		}
	case t.is(catalogue.TaskPublicity):
		if err := w.endPublicities(ctx, t.ID); err != nil {
			return err
		}
	}
	return w.goOnAfter(ctx, t)
}

// goOnAfter ends the pause of a task whose time did not count. Another one, or
// the applicant who has not answered, may keep the clock still.
func (w *work) goOnAfter(ctx context.Context, t *Task) error {
	if d, ok := w.defined(t); !ok || d.Uncounted == "" {
		return nil
	}
	n, err := w.closePauses(ctx, w.now, whileTaskIn, t.ID)
	if err != nil || n == 0 {
		return err
	}
	if err := w.standOn(ctx); err != nil {
		return err
	}
	if !w.Paused {
		w.also(CmdResume, true, map[string]any{"task": t.Name})
	}
	return nil
}

// partsOf are the members' parts of a task.
func partsOf(tasks []Task, parent string) (list []*Task, answers []review.Part) {
	for i := range tasks {
		t := &tasks[i]
		if t.ParentID != parent || parent == "" || t.Result == TransferredAway {
			continue
		}
		p := review.Part{Due: t.DueAt}
		switch {
		case t.State != TaskDone:
		case t.Result == "object":
			p.Answer = review.Objected
		default:
			p.Answer = review.Agreed
		}
		list, answers = append(list, t), append(answers, p)
	}
	return list, answers
}

// dropParts closes the parts of the members who were not waited for.
func (w *work) dropParts(ctx context.Context, parent string) error {
	list, _ := partsOf(w.tasks, parent)
	for _, t := range list {
		if t.State != TaskOpen {
			continue
		}
		t.State, t.Result, t.DoneAt = TaskCancelled, NoAnswer, w.now
		if err := w.svc.store.saveTask(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// signed says that the actor, or the one he stands in for, has given another
// part of the same countersignature: it wants several heads.
func (w *work) signed() bool {
	if w.task.Kind != KindMember || !slices.ContainsFunc(w.tasks, func(t Task) bool { return t.ID == w.task.ParentID && t.is(catalogue.TaskCountersign) }) {
		return false
	}
	list, _ := partsOf(w.tasks, w.task.ParentID)
	return slices.ContainsFunc(list, func(t *Task) bool {
		return t.ID != w.task.ID && (t.doneBy(w.actor.ID) || t.doneBy(w.standsFor()))
	})
}

// doneBy says whether somebody did the task, or it was done in his name.
func (t *Task) doneBy(id string) bool {
	return id != "" && t.State == TaskDone && (t.DoneBy == id || t.DoneFor == id)
}

// countersigned ends a countersignature that the last answer settled.
func (w *work) countersigned(ctx context.Context, parent string) error {
	i := slices.IndexFunc(w.tasks, func(t Task) bool { return t.ID == parent })
	if i < 0 || !w.tasks[i].is(catalogue.TaskCountersign) || w.tasks[i].State != TaskOpen {
		return nil
	}
	t := &w.tasks[i]
	d, _ := w.defined(t)
	_, answers := partsOf(w.tasks, parent)
	settled, agreed := review.Countersign(answers, d.Need)
	if !settled {
		return nil
	}
	signed := 0
	for _, a := range answers {
		if a.Answer == review.Agreed {
			signed++
		}
	}
	t.State, t.Result, t.DoneBy, t.DoneAt = TaskDone, "agree", auth.SystemActor().ID, w.now
	if !agreed {
		t.Result = "object"
	}
	if err := w.svc.store.saveTask(ctx, t); err != nil {
		return err
	}
	person := w.actor
	w.system()
	w.also(CmdEndorse, false, map[string]any{"task": t.Name, "result": t.Result, "signed": signed, "of": len(answers)})
	w.actor = person
	return w.dropParts(ctx, parent)
}

// mayClose says what is still lacking before the task in hand can be endorsed.
func (w *work) mayClose(ctx context.Context, in EndorseInput) error {
	switch {
	case w.task.is(catalogue.TaskJoint):
		_, answers := partsOf(w.tasks, w.task.ID)
		switch silent, may := review.Joint(answers, w.now); {
		case !may:
			return ErrMembers.With("n", silent)
		case silent > 0 && w.reason == "":
			return ErrReason.At("reason", ErrReason.Code)
		case !in.Object && w.reason == "" && slices.ContainsFunc(answers, func(a review.Part) bool { return a.Answer == review.Objected }):
			return ErrDissent.At("reason", ErrDissent.Code) // who decides reads why a member was not followed
		case silent > 0:
			w.detail["silent"] = silent
		}
	case w.task.is(catalogue.TaskOpinion) && w.reason == "":
		return ErrReason.At("reason", ErrReason.Code)
	case w.task.is(catalogue.TaskInspection):
		return w.inspected(ctx, in)
	}
	return nil
}

// returnable are the tasks that a desk can ask to be done again: those of other
// desks that gave an opinion, each the last time that it was done.
func returnable(tasks []Task, asking *Task) []Task {
	var out []Task
	if sentBack(tasks, asking.ID) {
		return nil
	}
	for i := range tasks {
		t := &tasks[i]
		if t.State != TaskDone || t.ID == asking.ID || t.ParentID != "" || t.Kind != "" && !t.is(catalogue.TaskOpinion) && !t.is(catalogue.TaskInspection) {
			continue
		}
		out = slices.DeleteFunc(out, func(o Task) bool { return o.Key == t.Key })
		if !slices.ContainsFunc(tasks, func(o Task) bool { return o.State == TaskOpen && o.Key == t.Key }) {
			out = append(out, *t)
		}
	}
	return out
}

// Returnable are the desks that the reader of a case can ask to do their part again.
func Returnable(a auth.Actor, v *View) []Task {
	t := taskFor(a, v.Tasks, CmdReturn)
	if t == nil {
		return nil
	}
	return returnable(v.Tasks, t)
}

// sentBack says whether a task waits for a desk that does its part again.
func sentBack(tasks []Task, asking string) bool {
	return slices.ContainsFunc(tasks, func(t Task) bool { return t.BackTo == asking && t.State == TaskOpen })
}

// Return asks a desk that was done to do its part again, with a reason. The
// desk that asks waits for it; afterwards the case is on that desk again.
func (s *Service) Return(ctx context.Context, actor auth.Actor, ref Ref, taskID, reason string) (Case, error) {
	return s.run(ctx, actor, ref, CmdReturn, reason, func(ctx context.Context, w *work) error {
		if err := w.mine(); err != nil {
			return err
		}
		list := returnable(w.tasks, w.task)
		i := slices.IndexFunc(list, func(t Task) bool { return t.ID == taskID })
		if i < 0 {
			return ErrNoTask.At("desk", ErrNoTask.Code)
		}
		if w.task.AssigneeID == "" { // it comes back to the one who asked
			w.task.AssigneeID = actor.ID
			if err := s.store.saveTask(ctx, w.task); err != nil {
				return err
			}
		}
		old := list[i]
		d, ok := w.defined(&old)
		if !ok {
			return ErrNoTask
		}
		d.Department = old.DepartmentID
		again := newTask(w.cal(), w.ID, old.Stage, d, w.now)
		again.AssigneeID, again.BackTo = strings.TrimSpace(old.DoneBy), w.task.ID
		if old.DoneFor != "" { // a deputy did it; it is the principal's
			again.AssigneeID = old.DoneFor
		}
		w.detail["task"], w.detail["desk"], w.detail["department"] = old.Name, s.Identity.Directory().Department(old.DepartmentID).Name, old.DepartmentID
		return w.open(ctx, []Task{again})
	})
}

// StartBy is when an inspection has to begin: within five working days of the
// acceptance (行政许可法 art. 55).
func (s *Service) StartBy(k *Case) workday.Date {
	return s.CalendarOf(k).Add(workday.DateOf(k.AcceptedAt), 5)
}

// waitsForParts says whether other desks have something to do before a task
// can be closed.
func waitsForParts(tasks []Task, t *Task) bool {
	return sentBack(tasks, t.ID) || slices.ContainsFunc(tasks, func(o Task) bool { return o.ParentID == t.ID && o.State == TaskOpen })
}

// TaskOf is the task that the reader of a case would work on with a command;
// nil when there is none.
func TaskOf(a auth.Actor, v *View, c Command) *Task { return taskFor(a, v.Tasks, c) }

// InHand says whether the reader may work on an open task now.
func InHand(a auth.Actor, t *Task) bool {
	return t.State == TaskOpen && slices.ContainsFunc(a.Posts, func(p auth.Post) bool { return fits(p, t) }) && (t.AssigneeID == "" || inHand(a, t))
}
