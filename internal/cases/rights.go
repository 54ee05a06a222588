package cases

import (
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// scope is the relation between an actor and a case. Each scope says the same
// thing twice: about one case in Go, and about all cases in SQL. A test holds
// the two against each other on random cases.
type scope struct {
	name  string
	holds func(a auth.Actor, p auth.Post, k *Case, tasks []Task) bool
	where func(args *db.Args, a auth.Actor, p auth.Post) string
}

var (
	// own: the person acts for himself, or for a firm that he acts for.
	own = scope{
		name: "own",
		holds: func(a auth.Actor, _ auth.Post, k *Case, _ []Task) bool {
			return k.AccountID == a.ID || (k.State != Draft && a.ActsFor(k.Party.ID))
		},
		where: func(args *db.Args, a auth.Actor, _ auth.Post) string {
			return "(c.account_id = " + args.Add(a.ID) + " OR (c.state <> 'draft' AND c.party_id IN " + db.In(args, a.Firms) + "))"
		},
	}
	// filed: a draft that a clerk types for a visitor belongs to the clerk.
	filed = scope{
		name:  "filed",
		holds: func(a auth.Actor, _ auth.Post, k *Case, _ []Task) bool { return k.FiledBy == a.ID },
		where: func(args *db.Args, a auth.Actor, _ auth.Post) string { return "c.filed_by = " + args.Add(a.ID) },
	}
	// city: any window of the city serves for every other (全市通办).
	city = scope{
		name: "city",
		holds: func(_ auth.Actor, p auth.Post, k *Case, _ []Task) bool {
			return k.State != Draft && (strings.HasPrefix(k.Region, auth.CityOf(p.Region)) || strings.HasPrefix(k.ReceivingRegion, auth.CityOf(p.Region)))
		},
		where: func(args *db.Args, _ auth.Actor, p auth.Post) string {
			city := args.Add(db.LikePrefix(auth.CityOf(p.Region)))
			return "(c.state <> 'draft' AND (c.region LIKE " + city + ` ESCAPE '\' OR c.receiving_region LIKE ` + city + ` ESCAPE '\'))`
		},
	}
	// desk: the department decides the case or has a task in it.
	desk = scope{
		name: "desk",
		holds: func(_ auth.Actor, p auth.Post, k *Case, tasks []Task) bool {
			return k.State != Draft && (k.DepartmentID == p.DepartmentID ||
				slices.ContainsFunc(tasks, func(t Task) bool { return t.DepartmentID == p.DepartmentID }))
		},
		where: func(args *db.Args, _ auth.Actor, p auth.Post) string {
			d := args.Add(p.DepartmentID)
			return "(c.state <> 'draft' AND (c.department_id = " + d + " OR EXISTS (SELECT 1 FROM cases_task t WHERE t.case_id = c.id AND t.department_id = " + d + ")))"
		},
	}
	// reach: the region of the post and all below it.
	reach = scope{
		name: "reach",
		holds: func(_ auth.Actor, p auth.Post, k *Case, _ []Task) bool {
			return k.State != Draft && strings.HasPrefix(k.Region, auth.Reach(p.Region))
		},
		where: func(args *db.Args, _ auth.Actor, p auth.Post) string {
			return "(c.state <> 'draft' AND c.region LIKE " + args.Add(db.LikePrefix(auth.Reach(p.Region))) + ` ESCAPE '\')`
		},
	}
	// portfolio: the firms that a commissioner looks after.
	portfolio = scope{
		name: "portfolio",
		holds: func(a auth.Actor, _ auth.Post, k *Case, _ []Task) bool {
			return k.State != Draft && slices.Contains(a.Portfolio, k.Party.ID)
		},
		where: func(args *db.Args, a auth.Actor, _ auth.Post) string {
			return "(c.state <> 'draft' AND c.party_id IN " + db.In(args, a.Portfolio) + ")"
		},
	}
)

// right is one line of the table: this kind of actor, in this relation to the
// case, sees it and may give these commands.
type right struct {
	kind     auth.Kind
	role     auth.Role // "" for actors without posts
	scope    scope
	commands []Command
}

// rights is the one source of who may do what: Can reads it for a case, visible
// turns it into the filter of every list.
var rights = []right{
	{auth.Person, "", own, []Command{CmdSubmit, CmdReply, CmdWithdraw}},
	{auth.Client, "", filed, []Command{CmdSubmit, CmdReply, CmdWithdraw}},
	{auth.Staff, auth.Clerk, filed, []Command{CmdSubmit, CmdWithdraw}},
	{auth.Staff, auth.Clerk, city, []Command{CmdAccept, CmdAskSupplement, CmdRefuse, CmdSubmit, CmdReply, CmdDeliver, CmdNote}},
	{auth.Staff, auth.Handler, desk, []Command{CmdClaim, CmdRelease, CmdEndorse, CmdSendBack, CmdPause, CmdResume, CmdNote}},
	{auth.Staff, auth.Approver, desk, []Command{CmdClaim, CmdRelease, CmdEndorse, CmdSendBack, CmdDecide, CmdPause, CmdResume, CmdExtend, CmdNote}},
	{auth.Staff, auth.Head, desk, []Command{CmdExtend, CmdNote}},
	{auth.Staff, auth.Commissioner, portfolio, []Command{CmdNote}},
	{auth.Staff, auth.Leader, reach, []Command{CmdNote}},
}

// each calls f for every line that applies to the actor, once for each post.
func each(a auth.Actor, f func(r right, p auth.Post)) {
	for _, r := range rights {
		if r.kind != a.Kind {
			continue
		}
		if r.role == "" {
			f(r, auth.Post{})
			continue
		}
		for _, p := range a.PostsOf(r.role) {
			f(r, p)
		}
	}
}

// sees says whether the actor may know that the case exists.
func sees(a auth.Actor, k *Case, tasks []Task) bool {
	if a.Kind == auth.System {
		return true
	}
	seen := false
	each(a, func(r right, p auth.Post) { seen = seen || r.scope.holds(a, p, k, tasks) })
	return seen
}

// allowed says whether the actor may give the command to the case, whatever
// its state; for commands that work on a task, task is the one meant.
func allowed(a auth.Actor, c Command, k *Case, tasks []Task, task *Task) bool {
	if a.Kind == auth.System {
		return true
	}
	ok := false
	each(a, func(r right, p auth.Post) {
		if ok || !slices.Contains(r.commands, c) || !r.scope.holds(a, p, k, tasks) {
			return
		}
		if commands[c].task && (task == nil || task.DepartmentID != p.DepartmentID || task.Role != string(r.role)) {
			return
		}
		ok = true
	})
	return ok
}

// visible is the WHERE of every list: the same table as sees, as SQL over c.
func visible(args *db.Args, a auth.Actor) string {
	if a.Kind == auth.System {
		return "1=1"
	}
	var parts []string
	each(a, func(r right, p auth.Post) { parts = append(parts, r.scope.where(args, a, p)) })
	if len(parts) == 0 {
		return "1=0"
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// postFor returns the post under which the actor works on a task, or any of
// the roles given.
func postFor(a auth.Actor, task *Task, roles ...auth.Role) auth.Post {
	for _, p := range a.Posts {
		if task != nil && p.DepartmentID == task.DepartmentID && string(p.Role) == task.Role {
			return p
		}
		if task == nil && slices.Contains(roles, p.Role) {
			return p
		}
	}
	if len(a.Posts) > 0 {
		return a.Posts[0]
	}
	return auth.Post{}
}

// taskOf returns the open task that the actor would work on: the one already
// claimed, else the first that fits a post.
func taskOf(a auth.Actor, tasks []Task) *Task {
	var first *Task
	for i := range tasks {
		t := &tasks[i]
		if t.State != TaskOpen || !slices.ContainsFunc(a.Posts, func(p auth.Post) bool {
			return p.DepartmentID == t.DepartmentID && string(p.Role) == t.Role
		}) {
			continue
		}
		if t.AssigneeID == a.ID {
			return t
		}
		if first == nil || (first.AssigneeID != "" && t.AssigneeID == "") {
			first = t
		}
	}
	return first
}

// can lists the commands that the actor may give now, for buttons.
func can(a auth.Actor, k *Case, tasks []Task, pauseKind string) []Command {
	task := taskOf(a, tasks)
	var out []Command
	for _, c := range Commands {
		if commands[c].task && task == nil || !c.possible(k) || !allowed(a, c, k, tasks, task) || !sensible(a, c, k, task, pauseKind) {
			continue
		}
		out = append(out, c)
	}
	return out
}

// sensible leaves out what the state of the details makes pointless.
func sensible(a auth.Actor, c Command, k *Case, task *Task, pauseKind string) bool {
	switch c {
	case CmdClaim:
		return task.AssigneeID == ""
	case CmdRelease:
		return task.AssigneeID == a.ID
	case CmdEndorse, CmdSendBack, CmdDecide:
		if k.NeedsApplicant || (task.AssigneeID != "" && task.AssigneeID != a.ID) {
			return false
		}
		return c == CmdSendBack || task.Decides == (c == CmdDecide)
	case CmdReply:
		return k.NeedsApplicant
	case CmdPause:
		return !k.Paused
	case CmdResume:
		return k.Paused && pauseKind != "applicant" // that one ends with the reply
	case CmdExtend:
		return !k.Paused
	default:
		return true
	}
}
