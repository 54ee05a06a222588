package cases

import (
	"context"
	"fmt"
	"slices"

	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// GiveBack gives the open tasks in the hands of a member of staff away, as far as
// he holds no post for them any more: all of them when his account is closed. They
// go to a colleague where one is named who may do them, else back to the desks.
// It joins the transaction of ctx.
func (s *Service) GiveBack(ctx context.Context, account, to string) error {
	if err := s.Ungroup(ctx); err != nil {
		return err
	}
	who, err := s.Identity.Actor(ctx, account)
	if err != nil {
		return fmt.Errorf("cases: give back: %w", err)
	}
	var heir auth.Actor
	if to != "" {
		if heir, err = s.Identity.Actor(ctx, to); err != nil {
			return fmt.Errorf("cases: give back: %w", err)
		}
	}
	list, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string], inHandOf, account)
	if err != nil {
		return fmt.Errorf("cases: give back: %w", err)
	}
	left := func(t *Task) bool {
		return t.State == TaskOpen && t.AssigneeID == account && !slices.ContainsFunc(who.Posts, func(p auth.Post) bool { return fits(p, t) })
	}
	for _, id := range list {
		if err := s.rearrange(ctx, ID(id), left, func(w *work, t *Task) {
			t.AssigneeID = ""
			w.detail["of"] = s.Identity.NameOf(ctx, account)
			// Whoever had a part in the case does not decide it: that goes back to the desk.
			if slices.ContainsFunc(heir.Posts, func(p auth.Post) bool { return suitable(p, t) }) && !(t.Decides && w.had(heir.ID)) {
				t.AssigneeID = heir.ID
				if !slices.ContainsFunc(heir.Posts, func(p auth.Post) bool { return fits(p, t) }) {
					t.GroupID = "" // he is not of the group
				}
				w.detail["to"] = s.Identity.NameOf(ctx, heir.ID)
			}
		}); err != nil {
			return fmt.Errorf("cases: give back %s: %w", id, err)
		}
	}
	return nil
}

// inHandOf are the running cases with an open task in somebody's hands.
const inHandOf = `SELECT DISTINCT case_id FROM cases_task WHERE state='open' AND assignee_id=$1 AND assignee_id <> ''
	AND case_id IN (SELECT c.id FROM cases_case c WHERE c.state='handling') ORDER BY case_id`

// rearrange changes who has some tasks of a case; one whose tasks cannot be worked
// on now (it waits for its applicant) is changed like any other.
func (s *Service) rearrange(ctx context.Context, id ID, which func(*Task) bool, change func(*work, *Task)) error {
	tasks, err := s.store.tasks(ctx, id)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(tasks, func(t Task) bool { return which(&t) }) {
		return nil
	}
	_, err = s.run(ctx, auth.SystemActor(), Ref{ID: id}, CmdRelease, "", func(ctx context.Context, w *work) error {
		for i := range w.tasks {
			if t := &w.tasks[i]; which(t) {
				change(w, t)
				w.detail["task"] = t.Name
				if err := s.store.saveTask(ctx, t); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return err
}

// InHands counts the open tasks in somebody's hands, and lists the colleagues who
// could take one over; for who closes his account.
func (s *Service) InHands(ctx context.Context, account string) (int, []Colleague, error) {
	tasks, err := db.List(ctx, s.DB.Read(ctx), scanTask, `SELECT `+taskColumns+` FROM cases_task WHERE state='open' AND assignee_id=$1 AND assignee_id <> ''
		AND case_id IN (SELECT c.id FROM cases_case c WHERE c.state='handling') ORDER BY id`, account)
	if err != nil || len(tasks) == 0 {
		return 0, nil, err
	}
	all, err := s.Colleagues(ctx, tasks)
	var out []Colleague
	for _, c := range all {
		if c.ID != account && !slices.ContainsFunc(out, func(o Colleague) bool { return o.ID == c.ID }) {
			out = append(out, c)
		}
	}
	return len(tasks), out, err
}

// EndDeputies ends every deputyship of somebody who leaves, on both sides. It
// joins the transaction of ctx.
func (s *Service) EndDeputies(ctx context.Context, actor auth.Actor, account string) error {
	now := db.MS(s.Clock.Now())
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		n, err := s.DB.Exec(ctx, `UPDATE cases_deputy SET ended_at=$2, version=version+1 WHERE (account_id=$1 OR deputy_id=$1) AND ended_at=0 AND to_at > $2`, account, now)
		if err != nil || n == 0 {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "cases.end_deputy", Object: "account:" + account, Change: map[string]any{"ended": n}})
	})
}
