package cases

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/catalogue"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// PauseWrongBody is the kind of a row of the ledger that takes out the time a
// case lay with a body that was not competent.
const PauseWrongBody = "wrong_body"

// TransferredAway is the result of a task that went with its case to another department.
const TransferredAway = "transferred"

// TransferInput says where a case goes, and why.
type TransferInput struct {
	Department string
	// WrongBody: the first department never was competent. The time up to now
	// leaves the clock as a row of its ledger; else the limit stays as it was.
	WrongBody bool
	Reason    string
}

// mayTransfer says whether the actor can pass the case on in its present state:
// before acceptance any window that serves it, afterwards who decides it.
func mayTransfer(a auth.Actor, k *Case) bool {
	if k.Bundle {
		return false // an order is of no desk; its steps can be passed on
	}
	return k.State == Submitted || slices.ContainsFunc(a.PostsOf(auth.Approver, auth.Head), func(p auth.Post) bool { return decidedBy(k, p) })
}

// Transfer passes a case on to another deciding department and its region. What
// the first department still had to do goes with it; the window that received
// the case follows it as before, and what was done stays on the record of who did it.
func (s *Service) Transfer(ctx context.Context, actor auth.Actor, ref Ref, in TransferInput) (Case, error) {
	return s.run(ctx, actor, ref, CmdTransfer, in.Reason, func(ctx context.Context, w *work) error {
		if !mayTransfer(actor, &w.Case) {
			return ErrState.With("command", string(CmdTransfer)).With("state", string(w.State))
		}
		dir := s.Identity.Directory()
		to := dir.Department(in.Department)
		if !dir.HasDepartment(in.Department) || to.ID == w.DepartmentID {
			return ErrDepartment.At("department", ErrDepartment.Code)
		}
		if err := w.staffed(ctx, to); err != nil {
			return err
		}
		from := dir.Department(w.DepartmentID)
		w.detail["from"], w.detail["to"], w.detail["from_name"], w.detail["to_name"] = from.ID, to.ID, from.Name, to.Name
		if _, err := s.DB.Exec(ctx, `INSERT INTO cases_transfer (id, case_id, from_department, from_region, to_department, to_region, wrong_body, reason, by_id, at)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)`, ids.New(w.now), string(w.ID), w.DepartmentID, w.Region, to.ID, to.Region, in.WrongBody, w.reason, actor.ID, db.MS(w.now)); err != nil {
			return err
		}
		if err := w.handOn(ctx, to.ID); err != nil {
			return err
		}
		w.DepartmentID, w.Region = to.ID, to.Region
		if w.ParentID != "" { // the ladder of its order names who handles the step
			if _, err := s.DB.Exec(ctx, `UPDATE cases_step SET department_id=$2 WHERE case_id=$1`, string(w.ID), to.ID); err != nil {
				return err
			}
		}
		switch {
		case w.AcceptedAt.IsZero():
			return nil
		case !in.WrongBody:
			return w.tick(ctx) // the calendar of the region that decides now counts
		}
		w.detail["wrong_body"] = true
		return w.leaveOut(ctx, w.AcceptedAt, actor.ID)
	})
}

// leaveOut takes the time since an instant, which the case lay with a body that
// was not competent, out of its clock.
func (w *work) leaveOut(ctx context.Context, since time.Time, by string) error {
	if err := w.pastPause(ctx, PauseWrongBody, by, since); err != nil {
		return err
	}
	return w.tick(ctx)
}

// passedOn takes the time that a step lay with the wrong body out of the clock
// of its order, as its pauses are.
func (o *order) passedOn(ctx context.Context, step *work) error {
	o.reason = step.reason
	defer func() { o.reason = "" }()
	return o.leaveOut(ctx, step.AcceptedAt, step.actor.ID)
}

// staffed refuses a department in which nobody could decide the case, or do
// what is open: it would lie there for ever.
func (w *work) staffed(ctx context.Context, to identity.Department) error {
	has, err := w.svc.Identity.Staffed(ctx)
	if err != nil {
		return err
	}
	for _, stage := range w.item.Flow.Stages {
		for _, t := range stage.Tasks {
			if t.Department == w.item.Department && !has(auth.Role(t.Role), to.ID) {
				return ErrDepartment.At("department", ErrDepartment.Code)
			}
		}
	}
	return nil
}

// handOn gives the open tasks of the deciding department to another one. A line
// stays with the first, which goes on to see what it had in hand.
func (w *work) handOn(ctx context.Context, to string) error {
	for i := range w.tasks {
		t := &w.tasks[i]
		if t.State != TaskOpen || t.DepartmentID != w.DepartmentID {
			continue
		}
		left := *t
		left.ID, left.State, left.Result, left.DoneAt = ids.New(w.now), TaskCancelled, TransferredAway, w.now
		if err := w.svc.store.insertTasks(ctx, left); err != nil {
			return err
		}
		t.DepartmentID, t.AssigneeID, t.GroupID = to, "", ""
		if !t.is(catalogue.TaskPublicity) { // the days of that stand before the public
			t.CreatedAt = w.now
			if d, ok := w.defined(t); ok && !t.DueAt.IsZero() {
				t.DueAt, _ = w.cal().Due(w.now, d.Limit)
			}
		}
		if err := w.svc.store.saveTask(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// ReassignInput names who is to do a task. Without a task it is the first one
// that the actor may give to somebody, and that somebody holds the post for.
type ReassignInput struct {
	TaskID string
	To     string // account, or a group after GroupPrefix
	Reason string
}

// reassignable are the open tasks of the departments that the actor heads or
// approves in.
func reassignable(a auth.Actor, tasks []Task) []Task {
	var out []Task
	for _, t := range tasks {
		if t.State == TaskOpen && t.Role != "" && slices.ContainsFunc(a.PostsOf(auth.Approver, auth.Head), func(p auth.Post) bool { return p.DepartmentID == t.DepartmentID }) {
			out = append(out, t)
		}
	}
	return out
}

// Reassign gives a task of the actor's department to a colleague by name, or to a
// group of it.
func (s *Service) Reassign(ctx context.Context, actor auth.Actor, ref Ref, in ReassignInput) (Case, error) {
	return s.run(ctx, actor, ref, CmdReassign, in.Reason, func(ctx context.Context, w *work) error {
		may := slices.DeleteFunc(reassignable(actor, w.tasks), func(t Task) bool { return in.TaskID != "" && t.ID != in.TaskID })
		if len(may) == 0 {
			return ErrNoTask
		}
		if group, ok := strings.CutPrefix(in.To, GroupPrefix); ok {
			return w.toGroup(ctx, may, group)
		}
		holders, err := s.Identity.Holders(ctx, departmentsOf(may), auth.Handler, auth.Approver)
		if err != nil {
			return err
		}
		at := -1
		i := slices.IndexFunc(may, func(t Task) bool {
			at = slices.IndexFunc(holders, func(h identity.Holder) bool { return h.ID == in.To && suitable(h.Post, &t) })
			return at >= 0 && in.To != t.AssigneeID
		})
		if i < 0 {
			return ErrColleague.At("to", ErrColleague.Code)
		}
		w.task = &may[i]
		if w.task.Decides && w.had(in.To) {
			return ErrOwnCase.At("to", ErrOwnCase.Code)
		}
		if w.task.AssigneeID != "" {
			w.detail["of"] = s.Identity.NameOf(ctx, w.task.AssigneeID)
		}
		if w.task.AssigneeID = in.To; !fits(holders[at].Post, w.task) {
			w.task.GroupID = "" // he is not of the group: it is its no more
		}
		w.detail["task"], w.detail["to"] = w.task.Name, holders[at].Name
		return s.store.saveTask(ctx, w.task)
	})
}

// Colleague is somebody whom a task can be given to.
type Colleague struct {
	identity.Holder
	Open   int       // tasks in his hands
	Deputy i18n.Text // who stands in for him now, "" when he is there
}

// Colleagues are those who hold the posts that some tasks are for, each with
// how much he has in hand.
func (s *Service) Colleagues(ctx context.Context, tasks []Task) ([]Colleague, error) {
	holders, err := s.Identity.Holders(ctx, departmentsOf(tasks), auth.Handler, auth.Approver)
	if err != nil {
		return nil, err
	}
	var out []Colleague
	var who []string
	for _, h := range holders {
		if slices.ContainsFunc(tasks, func(t Task) bool { return suitable(h.Post, &t) }) {
			out, who = append(out, Colleague{Holder: h}), append(who, h.ID)
		}
	}
	load, err := s.load(ctx, who)
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Open = load[out[i].ID]
		if d, ok, err := s.deputyOf(ctx, out[i].ID); err != nil {
			return nil, err
		} else if ok {
			out[i].Deputy = s.Identity.NameOf(ctx, d)
		}
	}
	return out, nil
}

func departmentsOf(tasks []Task) []string {
	var out []string
	for _, t := range tasks {
		if !slices.Contains(out, t.DepartmentID) {
			out = append(out, t.DepartmentID)
		}
	}
	return out
}

// load counts the open tasks in the hands of some people.
func (s *Service) load(ctx context.Context, who []string) (map[string]int, error) {
	type row struct {
		id string
		n  int
	}
	var args db.Args
	rows, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.id, &x.n) },
		`SELECT assignee_id, count(*) FROM cases_task WHERE state='open' AND assignee_id IN `+db.In(&args, who)+` GROUP BY assignee_id`, args...)
	out := make(map[string]int, len(rows))
	for _, x := range rows {
		out[x.id] = x.n
	}
	return out, err
}

// Reassignable are the tasks of a case that the actor may give to a colleague.
func Reassignable(a auth.Actor, v *View) []Task { return reassignable(a, v.Tasks) }

// tookIn says whether one of some people handed the case in, took it in, or
// handed something in for it later: the case itself remembers only the first.
func (w *work) tookIn(ctx context.Context, who ...string) (bool, error) {
	who = slices.DeleteFunc(who, func(id string) bool { return strings.TrimSpace(id) == "" })
	var args db.Args
	id := args.Add(string(w.ID))
	n, err := db.One(ctx, w.svc.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM cases_event WHERE case_id=`+id+` AND actor_id IN `+db.In(&args, who)+
		` AND command IN `+db.In(&args, []Command{CmdSubmit, CmdReceive, CmdAccept, CmdReply, CmdHandIn}), args...)
	return n > 0, err
}

// had says whether somebody filed, received or examined the case, or somebody
// did in his name: he does not decide it.
func (w *work) had(id string) bool {
	if strings.TrimSpace(id) == "" {
		return false
	}
	return w.FiledBy == id || w.AccountID == id || w.ReceiverID == id ||
		slices.ContainsFunc(w.tasks, func(t Task) bool { return t.doneBy(id) })
}
