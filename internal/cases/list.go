package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// ListName names a list that people live in.
type ListName string

// The lists. Mine, Group and DoneByMe are about tasks; the others about cases.
const (
	ListMine      ListName = "mine"       // claimed by me
	ListGroup     ListName = "group"      // open in my department, nobody has claimed them
	ListToAccept  ListName = "to_accept"  // submitted, waiting for a window
	ListWaiting   ListName = "waiting"    // waiting for the applicant
	ListOthers    ListName = "others"     // I or my department had a part in it, and now it lies on another desk
	ListSpecial   ListName = "special"    // the clock stands still for a special procedure: hearing, expert opinion …
	ListStalled   ListName = "stalled"    // the clock stands still longer than was told
	ListNear      ListName = "near"       // warning light
	ListOverdue   ListName = "overdue"    // yellow or red light
	ListToDeliver ListName = "to_deliver" // decided, result not handed over yet
	ListToVerify  ListName = "to_verify"  // granted on a commitment that is to be verified
	ListDone      ListName = "done"       // I had a part in it
	ListDoneUs    ListName = "done_us"    // my department or hall had a part in it
	ListAll       ListName = "all"

	ListApplicant  ListName = "applicant" // the person's own and his firms'
	ListNeedsMe    ListName = "needs_me"  // the applicant has to do something
	ListRunning    ListName = "running"   // of the applicant: submitted, not ended
	ListEndedMine  ListName = "ended"
	ListDraftsMine ListName = "drafts"
	ListMessages   ListName = "messages" // the applicant wrote, and no desk has read it
)

// StaffLists are those of the workbench, in the order of its navigation.
var StaffLists = []ListName{
	ListToAccept, ListMine, ListGroup, ListMessages, ListWaiting, ListOthers, ListSpecial, ListStalled, ListNear, ListOverdue, ListToDeliver, ListToVerify, ListDone, ListDoneUs, ListAll,
}

// Filter of a list; what is zero does not narrow it.
type Filter struct {
	List       ListName
	Query      string // number, name, item, credit code, identity number or phone
	Department string // decides
	Desk       string // department with an open task
	Item       string // code
	State      State
	Light      string // name of a light, "normal" among them
	Region     string // of the item, with all regions below it
	Window     string // hall or window that received it
	Channel    Channel
	PartyKind  identity.HolderKind
	Outcome    Outcome
	Assignee   string // account that has an open task in hand, of Desk where that is given; Nobody for open tasks that nobody claimed
	Party      string
	Since      time.Time // changed at this instant or later
	Submitted  Span
	Due        Span
	Decided    Span
	Sort       Sort // "" for what the list is usually ordered by
	Desc       bool
	page.Request
}

// Nobody stands for the assignee of tasks that nobody has claimed.
const Nobody = "nobody"

// Span of time from an instant until before another; zero ends are open.
type Span struct{ From, To time.Time }

// Sort is what a list is ordered by.
type Sort string

// What lists are ordered by. BySubmitted and the usual order of cases are
// newest first unless asked otherwise.
const (
	ByDue       Sort = "due"
	BySubmitted Sort = "submitted"
	ByNumber    Sort = "number"
	ByParty     Sort = "party"
)

// Sorts that the list can be read in along an index. The nearest limit first
// is offered where the cases still run: of those that ended long ago there are
// too many, and nobody asks.
func (f Filter) Sorts() []Sort {
	if f.List.taskList() || f.State == Handling || slices.Contains([]ListName{ListWaiting, ListOthers, ListSpecial, ListStalled, ListNear, ListOverdue}, f.List) {
		return []Sort{ByDue, BySubmitted, ByNumber, ByParty}
	}
	return []Sort{BySubmitted, ByNumber, ByParty}
}

// Sorted is what the list is ordered by, and whether from the end: what was
// asked for if it is offered, else what is usual.
func (f Filter) Sorted() (by Sort, desc bool) {
	switch {
	case f.List.ofApplicant():
		return "", true
	case slices.Contains(f.Sorts(), f.Sort):
		return f.Sort, f.Desc
	case f.List.byDue():
		return ByDue, false
	default:
		return BySubmitted, f.List != ListToAccept // whoever has waited longest is served first
	}
}

// Row is one line of a list.
type Row struct {
	Case
	Task *Task     // the actor's open task
	Open []Task    // all open tasks, for staff
	Step *StepMark // of a step of an order
	Done int       // of an order that was accepted: its steps that are done,
	Of   int       // and those that are taken; 0 for other cases
	Talk Talk      // what is new or asked in its conversation
}

// posts is the condition on a task t that one of the actor's posts can work on it; it is fits in SQL.
func posts(args *db.Args, a auth.Actor) string {
	var parts []string
	for _, p := range a.PostsOf(auth.Handler, auth.Approver) {
		parts = append(parts, `(t.department_id=`+args.Add(p.DepartmentID)+` AND t.role=`+args.Add(string(p.Role))+` AND t.group_id IN `+db.In(args, append([]string{""}, p.Groups...))+`)`)
	}
	if len(parts) == 0 {
		return "1=0"
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// ofApplicant says whether a list is about what somebody asked for himself.
func (l ListName) ofApplicant() bool {
	return slices.Contains([]ListName{ListApplicant, ListNeedsMe, ListRunning, ListEndedMine, ListDraftsMine}, l)
}

// taskList says whether a list is about the actor's tasks, oldest limit first.
func (l ListName) taskList() bool { return l == ListMine || l == ListGroup }

// byDue says whether a list shows the nearest limit first instead of the newest case.
func (l ListName) byDue() bool {
	return l.taskList() || slices.Contains([]ListName{ListOthers, ListSpecial, ListStalled, ListNear, ListOverdue}, l)
}

// List returns a page of the cases that the actor may see.
func (s *Service) List(ctx context.Context, actor auth.Actor, f Filter) (page.Result[Row], error) {
	return s.list(ctx, actor, f, f.Limit())
}

// EachPage is List for all pages, for who writes the whole of a list: it hands
// them to do one by one, until there is none or do returns an error.
func (s *Service) EachPage(ctx context.Context, actor auth.Actor, f Filter, size int, do func([]Row) error) error {
	for {
		found, err := s.list(ctx, actor, f, size)
		if err != nil {
			return err
		}
		if err := do(found.Rows); err != nil || found.Next == "" {
			return err
		}
		f.After = found.Next
	}
}

// query is the statement behind a page of a list; ok is false for a cursor
// that is none.
func (s *Service) query(ctx context.Context, actor auth.Actor, f Filter, limit int) (text string, args db.Args, ok bool, err error) {
	w, ok := walkOf(&args, f)
	if !ok {
		return "", nil, false, nil
	}
	busy, err := s.busyDesks(ctx, actor, f)
	if err != nil {
		return "", nil, false, err
	}
	parts, cond := branches(&args, actor, f, busy), s.about(&args, actor, f)
	n := args.Add(limit + 1)
	return `SELECT ` + caseColumns + ` FROM cases_case c WHERE c.id IN (` + first(parts, cond, w, n) + `) ORDER BY ` + w.order("c") + ` LIMIT ` + n, args, true, nil
}

func (s *Service) list(ctx context.Context, actor auth.Actor, f Filter, limit int) (page.Result[Row], error) {
	if err := s.mayFind(ctx, actor, f); err != nil {
		return page.Result[Row]{}, err
	}
	text, args, ok, err := s.query(ctx, actor, f, limit)
	if err != nil {
		return page.Result[Row]{}, fmt.Errorf("cases: list %s: %w", f.List, err)
	}
	if !ok {
		return page.Result[Row]{Rows: []Row{}}, nil // a forged cursor is an empty page
	}
	rows, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (Row, error) {
		k, err := s.store.scanCase(r)
		return Row{Case: k}, err
	}, text, args...)
	if err != nil {
		return page.Result[Row]{}, fmt.Errorf("cases: list %s: %w", f.List, err)
	}
	if err := s.found(ctx, actor, f, rows); err != nil {
		return page.Result[Row]{}, err
	}
	by, _ := f.Sorted()
	out := page.Cut(rows, limit, func(r Row) string { return cursorOf(by, r) })
	if err := s.addMarks(ctx, actor, out.Rows); err != nil {
		return page.Result[Row]{}, fmt.Errorf("cases: steps of a list: %w", err)
	}
	if err := s.addTalks(ctx, actor, out.Rows); err != nil {
		return page.Result[Row]{}, err
	}
	if !f.List.ofApplicant() {
		if err := s.addTasks(ctx, actor, out.Rows); err != nil {
			return page.Result[Row]{}, err
		}
	}
	return out, nil
}

func (s *Service) addTasks(ctx context.Context, actor auth.Actor, rows []Row) error {
	if len(rows) == 0 {
		return nil
	}
	var args db.Args
	list := make([]string, len(rows))
	for i, r := range rows {
		list[i] = string(r.ID)
	}
	tasks, err := db.List(ctx, s.DB.Read(ctx), scanTask, `SELECT `+taskColumns+` FROM cases_task WHERE state='open' AND case_id IN `+db.In(&args, list)+` ORDER BY created_at, id`, args...)
	if err != nil {
		return fmt.Errorf("cases: tasks of a list: %w", err)
	}
	of := make(map[ID][]Task, len(rows))
	for _, t := range tasks {
		of[t.CaseID] = append(of[t.CaseID], t)
	}
	for i := range rows {
		rows[i].Open = of[rows[i].ID]
		rows[i].Task = taskOf(actor, rows[i].Open)
	}
	return nil
}

// CountMost is where counting a list stops: more is "99+".
const CountMost = 100

// Counts returns how long each list is, for the navigation, up to CountMost.
func (s *Service) Counts(ctx context.Context, actor auth.Actor, lists ...ListName) (map[ListName]int, error) {
	out := map[ListName]int{}
	for _, l := range lists {
		n, err := s.Count(ctx, actor, Filter{List: l}, CountMost)
		if err != nil {
			return nil, err
		}
		out[l] = n
	}
	return out, nil
}

// Count returns how many cases a list holds, at most so many: it reads no more
// rows than that.
func (s *Service) Count(ctx context.Context, actor auth.Actor, f Filter, most int) (int, error) {
	if err := s.mayFind(ctx, actor, f); err != nil {
		return 0, err
	}
	var args db.Args
	f.After = ""
	w, _ := walkOf(&args, f)
	w.unsorted = f.List.taskList() // few, and found by their tasks: any will do
	busy, err := s.busyDesks(ctx, actor, f)
	if err != nil {
		return 0, fmt.Errorf("cases: count %s: %w", f.List, err)
	}
	parts, cond := branches(&args, actor, f, busy), s.about(&args, actor, f)
	n := args.Add(most)
	count, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM (`+first(parts, cond, w, n)+`) y`, args...)
	if err != nil {
		return 0, fmt.Errorf("cases: count %s: %w", f.List, err)
	}
	if count > 0 && asksForPerson(actor, f) { // how many there are tells as much as which
		if _, err := s.list(ctx, actor, f, findShown); err != nil {
			return 0, err
		}
	}
	return min(count, most), nil
}

// workingDays between two instants in a region: 0 on the same day.
func (s *Service) workingDays(region string, from, to time.Time) int {
	return int(s.CalendarOf(&Case{Region: region, AcceptedAt: from}).Between(workday.DateOf(from), workday.DateOf(to)))
}

// percentiles by nearest rank.
func percentiles(days []int) RealTime {
	if len(days) == 0 {
		return RealTime{}
	}
	slices.Sort(days)
	rank := func(p int) int { return days[max((len(days)*p+99)/100, 1)-1] }
	return RealTime{N: len(days), Median: rank(50), P90: rank(90)}
}
