package cases

import (
	"context"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// deskParts is desk: what the department decides, and what it has a task in.
func deskParts(args *db.Args, _ auth.Actor, p auth.Post) []string {
	d := args.Add(p.DepartmentID)
	return []string{
		"c.submitted_at > 0 AND " + ofDepartment(d),
		"c.submitted_at > 0 AND " + hasTask(d, ""),
	}
}

// hasTask is the condition on a case that a department has a task in it, one of
// which more may be asked.
func hasTask(department, more string) string {
	return "EXISTS (SELECT 1 FROM cases_task t WHERE t.department_id = " + department + " AND t.case_id = c.id" + more + ")"
}

// deskFor is deskParts for a list, in the words by which both planners find the
// index that fits it.
func deskFor(args *db.Args, p auth.Post, f Filter, busy bool) []string {
	d := args.Add(p.DepartmentID)
	decided, worked := ofDepartment(d), hasTask(d, "")
	switch {
	case f.everything() && !busy:
		// Nothing else narrows it: begin with the tasks of the department. Where these
		// are many some of them are soon met among the newest cases.
		worked = "c.id IN (SELECT t.case_id FROM cases_task t WHERE t.department_id = " + d + ")"
	case f.ofRunning():
		// The running cases are few: rather these by their limit than all that the department ever decided.
		decided = strings.Replace(decided, "c.department_id", "(c.department_id || '')", 1)
	}
	return []string{"c.submitted_at > 0 AND " + decided, "c.submitted_at > 0 AND " + worked}
}

// busyTasks is how many tasks make a department a busy one.
const busyTasks = 5000

// busyDesks are the departments of the actor's desks that had so many tasks that
// a list of everything better walks along the cases; asked where it matters.
func (s *Service) busyDesks(ctx context.Context, a auth.Actor, f Filter) ([]string, error) {
	if !f.everything() {
		return nil, nil
	}
	var out []string
	for _, d := range deskDepartments(a) {
		n, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM (SELECT case_id FROM cases_task WHERE department_id=$1 LIMIT $2) x`, d, busyTasks)
		if err != nil {
			return nil, err
		}
		if n == busyTasks {
			out = append(out, d)
		}
	}
	return out, nil
}

// everything says that a list is of all cases, narrowed by nothing that leads to
// some of them.
func (f Filter) everything() bool {
	return f.List == ListAll && f.Query == "" && f.Party == "" && f.State == "" && f.Desk == "" && f.Assignee == ""
}

// ofRunning says that a list is of running cases, read by their limit.
func (f Filter) ofRunning() bool {
	by, _ := f.Sorted()
	return by == ByDue && (f.State == Handling || slices.Contains([]ListName{ListOthers, ListSpecial, ListNear, ListOverdue}, f.List))
}

// ofDrafts says that a list may hold what was not handed in yet.
func (l ListName) ofDrafts() bool { return l.ofApplicant() && l != ListRunning && l != ListEndedMine }

// either joins conditions by OR.
func either(parts []string) string { return "((" + strings.Join(parts, ") OR (") + "))" }

// branches is visible in parts: a case is seen when one of them holds. A list
// asks each part for its first rows, along an index of its own, and merges
// them; put together by OR, a planner would read every case there is.
func branches(args *db.Args, a auth.Actor, f Filter, busy []string) []string {
	if a.Kind == auth.System {
		return []string{"1=1"}
	}
	var out []string
	seen := map[string]bool{}
	desks := map[string]bool{}
	for _, p := range a.PostsOf(auth.Handler, auth.Approver, auth.Head) {
		desks[p.DepartmentID] = true
	}
	each(a, func(r right, p auth.Post) {
		place := ""
		switch r.scope.name {
		case typing.name:
			if !f.List.ofDrafts() { // or every case would be asked whether it is a draft
				return
			}
		case desk.name:
			place = p.DepartmentID
		case decides.name:
			if place = p.DepartmentID; desks[place] { // it lies within desk, which the same roles have
				return
			}
		case city.name:
			place = auth.CityOf(p.Region)
		case reach.name:
			place = auth.Reach(p.Region)
		}
		if key := r.scope.name + " " + place; !seen[key] {
			seen[key] = true
			if r.scope.name == desk.name {
				out = append(out, deskFor(args, p, f, slices.Contains(busy, p.DepartmentID))...)
			} else if r.scope.parts != nil {
				out = append(out, r.scope.parts(args, a, p)...)
			} else {
				out = append(out, r.scope.where(args, a, p))
			}
		}
	})
	if len(out) == 0 {
		return []string{"1=0"}
	}
	return out
}

// walk is how a list is ordered and where it goes on.
type walk struct {
	key   string // SQL of what it is sorted by; "" for the id alone
	desc  bool
	after string // condition for what lies behind the cursor, "" from the start

	unsorted bool // any rows will do
}

func (w walk) order(alias string) string {
	dir := ""
	if w.desc {
		dir = " DESC"
	}
	id := alias + ".id" + dir
	if w.key == "" {
		return id
	}
	return strings.ReplaceAll(w.key, "c.", alias+".") + dir + ", " + id
}

// first returns the condition that a case is among the first n of a list, for
// those who see it by one of the branches.
func first(parts []string, cond string, w walk, n string) string {
	if w.after != "" {
		cond += " AND " + w.after
	}
	one := func(part string) string {
		order := " ORDER BY " + w.order("c")
		if w.unsorted {
			order = ""
		}
		return "SELECT c.id FROM cases_case c WHERE (" + part + ") AND " + cond + order + " LIMIT " + n
	}
	if len(parts) == 1 {
		return one(parts[0])
	}
	out := make([]string, len(parts))
	for i, p := range slices.All(parts) {
		out[i] = "SELECT id FROM (" + one(p) + ") x"
	}
	return strings.Join(out, " UNION ")
}
