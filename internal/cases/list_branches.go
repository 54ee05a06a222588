package cases

import (
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// ownParts is own: what the person opened himself, and what was handed in for
// the firms that he acts for.
func ownParts(args *db.Args, a auth.Actor, _ auth.Post) []string {
	me, firms := args.Add(a.ID), db.In(args, a.Firms)
	return []string{
		"c.account_id = " + me + " AND (c.party_id = " + me + " OR c.party_id IN " + firms + ")",
		"c.submitted_at > 0 AND c.party_id IN " + firms,
	}
}

// deskParts is desk: what the department decides, and what it has a task in.
func deskParts(args *db.Args, _ auth.Actor, p auth.Post) []string {
	d := args.Add(p.DepartmentID)
	return []string{
		"c.submitted_at > 0 AND " + ofDepartment(d),
		"c.submitted_at > 0 AND c.id IN (SELECT t.case_id FROM cases_task t WHERE t.department_id = " + d + ")",
	}
}

// either joins conditions by OR.
func either(parts []string) string { return "((" + strings.Join(parts, ") OR (") + "))" }

// branches is visible in parts: a case is seen when one of them holds. A list
// asks each part for its first rows, along an index of its own, and merges
// them; put together by OR, a planner would read every case there is.
func branches(args *db.Args, a auth.Actor) []string {
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
			if r.scope.parts != nil {
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
		return "SELECT c.id FROM cases_case c WHERE (" + part + ") AND " + cond + " ORDER BY " + w.order("c") + " LIMIT " + n
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
