package cases

import (
	"context"
	"fmt"
	"slices"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// GroupPrefix stands before the id of a group where otherwise somebody is named:
// as who gets a task, and as who has it in a filter.
const GroupPrefix = "group:"

// group takes out of new tasks the groups in which nobody could do them: those
// are for everybody of the department then, so that none waits for ever.
func (w *work) group(ctx context.Context, tasks []Task) error {
	if !slices.ContainsFunc(tasks, func(t Task) bool { return t.GroupID != "" }) {
		return nil
	}
	finds, err := w.svc.groupsFor(ctx)
	if err != nil {
		return err
	}
	for i := range tasks {
		if t := &tasks[i]; !finds(t.GroupID, t) {
			t.GroupID = ""
		}
	}
	return nil
}

// groupsFor returns a function that says whether somebody of a group could do a task.
func (s *Service) groupsFor(ctx context.Context) (func(group string, t *Task) bool, error) {
	staffed, err := s.Identity.GroupsStaffed(ctx)
	if err != nil {
		return nil, err
	}
	dir := s.Identity.Directory()
	return func(group string, t *Task) bool {
		return group != "" && dir.Group(group).DepartmentID == t.DepartmentID && staffed(group, auth.Role(t.Role))
	}, nil
}

// GroupsFor are the groups that one of some tasks can be given to.
func (s *Service) GroupsFor(ctx context.Context, tasks []Task) ([]identity.Group, error) {
	finds, err := s.groupsFor(ctx)
	if err != nil {
		return nil, err
	}
	var out []identity.Group
	for _, g := range s.Identity.Directory().Groups {
		if slices.ContainsFunc(tasks, func(t Task) bool { return finds(g.ID, &t) }) {
			out = append(out, g)
		}
	}
	return out, nil
}

// toGroup gives one of the tasks to a group: any of its members may claim it.
func (w *work) toGroup(ctx context.Context, may []Task, group string) error {
	finds, err := w.svc.groupsFor(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(may, func(t Task) bool { return finds(group, &t) && (t.GroupID != group || t.AssigneeID != "") })
	if i < 0 {
		return ErrColleague.At("to", ErrColleague.Code)
	}
	w.task = &may[i]
	if w.task.AssigneeID != "" {
		w.detail["of"] = w.svc.Identity.NameOf(ctx, w.task.AssigneeID)
	}
	w.task.AssigneeID, w.task.GroupID = "", group
	w.detail["task"], w.detail["to"], w.detail["group"] = w.task.Name, w.svc.Identity.Directory().Group(group).Name, group
	return w.svc.store.saveTask(ctx, w.task)
}

// Ungroup gives the open tasks of groups in which nobody can do them any more to
// their whole departments. It joins the transaction of ctx.
func (s *Service) Ungroup(ctx context.Context) error {
	finds, err := s.groupsFor(ctx)
	if err != nil {
		return err
	}
	list, err := db.List(ctx, s.DB.Read(ctx), scanTask, `SELECT `+taskColumns+` FROM cases_task WHERE state='open' AND group_id <> ''
		AND case_id IN (SELECT c.id FROM cases_case c WHERE c.state='handling') ORDER BY case_id, id`)
	if err != nil {
		return fmt.Errorf("cases: ungroup: %w", err)
	}
	stays := func(t *Task) bool { return t.State != TaskOpen || t.GroupID == "" || finds(t.GroupID, t) }
	var done []ID
	for i := range list {
		t := &list[i]
		if stays(t) || slices.Contains(done, t.CaseID) {
			continue
		}
		done = append(done, t.CaseID)
		if err := s.rearrange(ctx, t.CaseID, func(t *Task) bool { return !stays(t) }, func(w *work, t *Task) {
			w.detail["group"] = t.GroupID
			t.GroupID = ""
		}); err != nil {
			return fmt.Errorf("cases: ungroup %s: %w", t.CaseID, err)
		}
	}
	return nil
}
