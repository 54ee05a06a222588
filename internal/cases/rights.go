package cases

import (
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
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
	// parts is where in parts joined by OR, each of which one index answers;
	// nil where the whole is one. See branches.
	parts func(args *db.Args, a auth.Actor, p auth.Post) []string
	// gives says whether who is in the relation may give commands by it, or only
	// read; nil: he may.
	gives func(a auth.Actor, k *Case) bool
}

var (
	// own: the person acts for himself, or for a firm, as far as his authorisation goes.
	own = scope{
		name: "own",
		holds: func(a auth.Actor, _ auth.Post, k *Case, _ []Task) bool {
			// Who no longer acts for the firm has no part in its cases, not even in those he filed.
			return k.AccountID == a.ID && (k.Party.ID == a.ID || covers(a, k, false)) || handedIn(k) && covers(a, k, false)
		},
		where: func(args *db.Args, a auth.Actor, p auth.Post) string { return either(ownParts(args, a, p)) },
		parts: ownParts,
		gives: func(a auth.Actor, k *Case) bool { return k.Party.ID == a.ID || covers(a, k, true) },
	}
	// typing: a draft that a clerk types for a visitor is the clerk's until it is handed in.
	typing = scope{
		name:  "typing",
		holds: func(a auth.Actor, _ auth.Post, k *Case, _ []Task) bool { return k.FiledBy == a.ID && k.State == Draft },
		where: func(args *db.Args, a auth.Actor, _ auth.Post) string {
			return "(c.filed_by = " + args.Add(a.ID) + " AND c.state = 'draft')"
		},
	}
	// filed: what an API client filed is its own.
	filed = scope{
		name:  "filed",
		holds: func(a auth.Actor, _ auth.Post, k *Case, _ []Task) bool { return k.FiledBy == a.ID },
		where: func(args *db.Args, a auth.Actor, _ auth.Post) string { return "c.filed_by = " + args.Add(a.ID) },
	}
	// city: any window of the city serves for every other (全市通办).
	city = scope{
		name: "city",
		holds: func(_ auth.Actor, p auth.Post, k *Case, _ []Task) bool {
			return handedIn(k) && (strings.HasPrefix(k.Region, auth.CityOf(p.Region)) || strings.HasPrefix(k.ReceivingRegion, auth.CityOf(p.Region)))
		},
		where: func(args *db.Args, _ auth.Actor, p auth.Post) string {
			city := args.Add(db.LikePrefix(auth.CityOf(p.Region)))
			return "(c.submitted_at > 0 AND (c.region LIKE " + city + ` ESCAPE '\' OR c.receiving_region LIKE ` + city + ` ESCAPE '\'))`
		},
	}
	// desk: the department decides the case or has a task in it. Of an order it
	// reads the ladder only, see ladderOnly; one from a cart is of no desk.
	desk = scope{
		name: "desk",
		holds: func(_ auth.Actor, p auth.Post, k *Case, tasks []Task) bool {
			return handedIn(k) && (decidedBy(k, p) ||
				slices.ContainsFunc(tasks, func(t Task) bool { return t.DepartmentID == p.DepartmentID }))
		},
		where: func(args *db.Args, a auth.Actor, p auth.Post) string { return either(deskParts(args, a, p)) },
	}
	// decides: the department decides the case.
	decides = scope{
		name: "decides",
		holds: func(_ auth.Actor, p auth.Post, k *Case, _ []Task) bool {
			return handedIn(k) && decidedBy(k, p)
		},
		where: func(args *db.Args, _ auth.Actor, p auth.Post) string {
			return "(c.submitted_at > 0 AND " + ofDepartment(args.Add(p.DepartmentID)) + ")"
		},
	}
	// reach: the region of the post and all below it.
	reach = scope{
		name: "reach",
		holds: func(_ auth.Actor, p auth.Post, k *Case, _ []Task) bool {
			return handedIn(k) && strings.HasPrefix(k.Region, auth.Reach(p.Region))
		},
		where: func(args *db.Args, _ auth.Actor, p auth.Post) string {
			return "(c.submitted_at > 0 AND c.region LIKE " + args.Add(db.LikePrefix(auth.Reach(p.Region))) + ` ESCAPE '\')`
		},
	}
	// portfolio: the firms that a commissioner looks after.
	portfolio = scope{
		name: "portfolio",
		holds: func(a auth.Actor, _ auth.Post, k *Case, _ []Task) bool {
			return handedIn(k) && slices.Contains(a.Portfolio, k.Party.ID)
		},
		where: func(args *db.Args, a auth.Actor, _ auth.Post) string {
			return "(c.submitted_at > 0 AND c.party_id IN " + db.In(args, a.Portfolio) + ")"
		},
	}
)

// decidedBy says that the case is of the department of the post. An order from
// a cart is put down to the department of one of its steps, which answers for
// ratings of the whole, but is no more that one's than the others': its steps
// are those of the desks, known by the code that nothing else may have.
func decidedBy(k *Case, p auth.Post) bool {
	return k.DepartmentID == p.DepartmentID && !catalogue.Reserved(k.ItemCode)
}

// ofDepartment is decidedBy in SQL.
func ofDepartment(department string) string {
	return "(c.department_id = " + department + " AND c.item_code NOT LIKE '" + catalogue.ReservedPrefix + "%')"
}

// ladderOnly says that the actor sees an order only from a desk: how its steps
// stand, but not what was answered and handed in for those of others.
func ladderOnly(a auth.Actor, k *Case, tasks []Task) bool {
	if !k.Bundle || a.Kind == auth.System {
		return false
	}
	reads := false
	each(a, func(r right, p auth.Post) {
		reads = reads || r.scope.name != desk.name && r.scope.name != decides.name && r.scope.holds(a, p, k, tasks)
	})
	return !reads
}

// passedOn says that the case went on to another department than that of the
// post, which has nothing to do in it any more: it goes on to see what it had in
// hand, and has no say.
func passedOn(r right, p auth.Post, k *Case, tasks []Task) bool {
	if r.scope.name != desk.name || decidedBy(k, p) {
		return false
	}
	gone := false
	for _, t := range tasks {
		if t.DepartmentID == p.DepartmentID {
			if t.State == TaskOpen {
				return false
			}
			gone = gone || t.State == TaskCancelled && t.Result == TransferredAway
		}
	}
	return gone
}

// handedIn says that the case was submitted once: what somebody only typed, or
// threw away as a draft, is nobody else's business.
func handedIn(k *Case) bool { return !k.SubmittedAt.IsZero() }

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
	{auth.Person, "", own, []Command{CmdSubmit, CmdReply, CmdWithdraw, CmdHandIn, CmdHandOver}},
	{auth.Person, "", offered, []Command{CmdTakeOver, CmdDecline}},
	{auth.Client, "", filed, []Command{CmdSubmit, CmdReply, CmdWithdraw}},
	{auth.Staff, auth.Clerk, typing, []Command{CmdSubmit, CmdWithdraw}},
	{auth.Staff, auth.Clerk, city, []Command{CmdAccept, CmdAskSupplement, CmdRefuse, CmdSubmit, CmdReply, CmdDeliver, CmdTransfer, CmdNote, CmdCheck, CmdHandIn}},
	{auth.Staff, auth.Handler, desk, []Command{CmdClaim, CmdRelease, CmdEndorse, CmdReturn, CmdArrange, CmdObject, CmdAnswer, CmdSendBack, CmdRecall, CmdPause, CmdResume, CmdNote, CmdCheck, CmdWaive}},
	{auth.Staff, auth.Handler, decides, []Command{CmdVerify}},
	{auth.Staff, auth.Approver, desk, []Command{CmdClaim, CmdRelease, CmdEndorse, CmdReturn, CmdArrange, CmdObject, CmdAnswer, CmdSendBack, CmdRecall, CmdDecide, CmdPause, CmdResume, CmdReassign, CmdNote, CmdCheck, CmdWaive}},
	{auth.Staff, auth.Approver, decides, []Command{CmdExtend, CmdTransfer, CmdVerify, CmdRevoke}},
	{auth.Staff, auth.Head, desk, []Command{CmdRelease, CmdReassign, CmdNote}},
	{auth.Staff, auth.Head, decides, []Command{CmdExtend, CmdTransfer, CmdRevoke}},
	{auth.Staff, auth.Commissioner, portfolio, []Command{CmdNote}},
	{auth.Staff, auth.Leader, reach, []Command{CmdNote}},
	{auth.Staff, auth.Clerk, typing, []Command{CmdReceive}}, // with what it leads to: see window.go
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
		if ok || !slices.Contains(r.commands, c) || !r.scope.holds(a, p, k, tasks) || passedOn(r, p, k, tasks) {
			return
		}
		if r.scope.gives != nil && !r.scope.gives(a, k) {
			return
		}
		if commands[c].task && (task == nil || !fits(p, task)) {
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
	best := -1
	for i, p := range a.Posts {
		switch {
		case task == nil && !slices.Contains(roles, p.Role), task != nil && !fits(p, task):
		case task != nil && p.For != "" && p.For == task.AssigneeID: // a deputy with the task of the one he stands in for
			return p
		case best < 0 || a.Posts[best].For != "" && p.For == "": // else his own post, when he has one
			best = i
		}
	}
	if best >= 0 {
		return a.Posts[best]
	}
	if len(a.Posts) > 0 {
		return a.Posts[0]
	}
	return auth.Post{}
}

// fits says whether the post is one that the task is for: its holder is of the
// group that has it, too. The function posts says the same in SQL.
func fits(p auth.Post, t *Task) bool {
	return suitable(p, t) && (t.GroupID == "" || slices.Contains(p.Groups, t.GroupID))
}

// suitable is fits whatever group has the task.
func suitable(p auth.Post, t *Task) bool {
	return p.DepartmentID == t.DepartmentID && string(p.Role) == t.Role
}

// inHand says whether the actor has claimed the task, or stands in for who has.
func inHand(a auth.Actor, t *Task) bool {
	return t.AssigneeID != "" && (t.AssigneeID == a.ID || slices.Contains(a.StandsInFor(), t.AssigneeID))
}

// taskOf returns the open task that the actor would work on: the one already
// claimed, else the first that fits a post.
func taskOf(a auth.Actor, tasks []Task) *Task { return taskFor(a, tasks, "") }

// taskFor is taskOf for a command that does not suit every task.
func taskFor(a auth.Actor, tasks []Task, c Command) *Task {
	var first *Task
	for i := range tasks {
		t := &tasks[i]
		if t.State != TaskOpen || !suits(c, t) || !slices.ContainsFunc(a.Posts, func(p auth.Post) bool { return fits(p, t) }) {
			continue
		}
		if first == nil || free(a, t, tasks) < free(a, first, tasks) {
			first = t
		}
	}
	return first
}

// free ranks tasks by how free the actor is to do them: in his own hands, in
// those of whom he stands in for, nobody's, one that waits for other desks, a
// colleague's.
func free(a auth.Actor, t *Task, tasks []Task) int {
	switch {
	case t.AssigneeID != "" && !inHand(a, t):
		return 4
	case waitsForParts(tasks, t):
		return 3
	case t.AssigneeID == "":
		return 2
	case t.AssigneeID != a.ID:
		return 1
	}
	return 0
}

// releasable returns the claimed task that the actor may give back: his own,
// or one of his department when he approves there or heads it, so that nothing
// is stuck with a colleague who is away.
func releasable(a auth.Actor, tasks []Task) *Task {
	for i := range tasks {
		t := &tasks[i]
		if t.State == TaskOpen && inHand(a, t) {
			return t
		}
	}
	for i := range tasks {
		t := &tasks[i]
		if t.State == TaskOpen && t.AssigneeID != "" && slices.ContainsFunc(a.PostsOf(auth.Approver, auth.Head), func(p auth.Post) bool { return p.DepartmentID == t.DepartmentID }) {
			return t
		}
	}
	return nil
}

// can lists the commands that the actor may give now, for buttons.
func can(a auth.Actor, k *Case, tasks []Task, pauseKind string) []Command {
	var out []Command
	for _, c := range Commands {
		task := taskFor(a, tasks, c)
		if commands[c].task && task == nil || !c.possible(k) || !allowed(a, c, k, tasks, task) || !sensible(a, c, k, tasks, task, pauseKind) {
			continue
		}
		out = append(out, c)
	}
	return out
}

// sensible leaves out what the state of the details makes pointless.
func sensible(a auth.Actor, c Command, k *Case, tasks []Task, task *Task, pauseKind string) bool {
	switch c {
	case CmdClaim:
		return task.AssigneeID == ""
	case CmdRelease:
		return releasable(a, tasks) != nil
	case CmdEndorse, CmdSendBack, CmdDecide:
		if k.NeedsApplicant || sentBack(tasks, task.ID) || task.AssigneeID != "" && !inHand(a, task) {
			return false
		}
		return c == CmdSendBack || task.Decides == (c == CmdDecide)
	case CmdReply, CmdRecall:
		return k.NeedsApplicant && !k.Bundle // an order is answered in its steps
	case CmdPause:
		return !k.Paused
	case CmdResume:
		return k.Paused && pauseKind != "applicant" // that one ends with the reply
	case CmdExtend:
		return !k.Paused
	case CmdVerify:
		return !k.VerifyAt.IsZero()
	case CmdRevoke:
		return k.Outcome.Grants() && !k.Bundle
	case CmdHandOver:
		return mayHandOver(a, k)
	case CmdTakeOver, CmdDecline:
		return k.OfferedTo == a.ID
	case CmdTransfer:
		return mayTransfer(a, k)
	case CmdReturn, CmdArrange, CmdAnswer:
		if task.AssigneeID != "" && !inHand(a, task) {
			return false
		}
		return c != CmdReturn || len(returnable(tasks, task)) > 0
	case CmdReassign:
		return len(reassignable(a, tasks)) > 0
	default:
		return true
	}
}
