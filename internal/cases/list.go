package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// ListName names a list that people live in.
type ListName string

// The lists. Mine, Group and DoneByMe are about tasks; the others about cases.
const (
	ListMine       ListName = "mine"       // claimed by me
	ListGroup      ListName = "group"      // open in my department, nobody has claimed them
	ListToAccept   ListName = "to_accept"  // submitted, waiting for a window
	ListWaiting    ListName = "waiting"    // waiting for the applicant
	ListNear       ListName = "near"       // warning light
	ListOverdue    ListName = "overdue"    // yellow or red light
	ListToDeliver  ListName = "to_deliver" // decided, result not handed over yet
	ListDone       ListName = "done"       // I had a part in it
	ListAll        ListName = "all"
	ListApplicant  ListName = "applicant" // the person's own and his firms'
	ListNeedsMe    ListName = "needs_me"  // the applicant has to do something
	ListRunning    ListName = "running"   // of the applicant: submitted, not ended
	ListEndedMine  ListName = "ended"
	ListDraftsMine ListName = "drafts"
	ListMessages   ListName = "messages" // the applicant wrote, and no desk has read it
)

// StaffLists are those of the workbench, in the order of its navigation.
var StaffLists = []ListName{ListToAccept, ListMine, ListGroup, ListMessages, ListWaiting, ListNear, ListOverdue, ListToDeliver, ListDone, ListAll}

// Filter of a list.
type Filter struct {
	List       ListName
	Query      string // number, applicant, credit code
	Department string
	Item       string // code
	State      State
	Light      workday.Light
	Party      string
	Since      time.Time // changed at this instant or later; zero for all
	page.Request
}

// Row is one line of a list.
type Row struct {
	Case
	Task *Task     // the actor's open task, for task lists
	Step *StepMark // of a step of an order
	Done int       // of an order that was accepted: its steps that are done,
	Of   int       // and those that are taken; 0 for other cases
	Talk Talk      // what is new or asked in its conversation
}

// where puts the condition of a list together: what the actor may see, and
// what the list is about.
func (s *Service) where(args *db.Args, a auth.Actor, f Filter, now time.Time) string {
	parts := []string{visible(args, a)}
	add := func(format string, v ...any) {
		ph := make([]any, len(v))
		for i := range v {
			ph[i] = args.Add(v[i])
		}
		parts = append(parts, fmt.Sprintf(format, ph...))
	}
	ms := db.MS(now)
	running := `c.state = 'handling' AND NOT c.paused AND NOT c.bundle` // an order is worked on in its steps
	switch f.List {
	case ListMine:
		parts = append(parts, `c.id IN (SELECT t.case_id FROM cases_task t WHERE t.state='open' AND t.assignee_id IN `+db.In(args, append(a.StandsInFor(), a.ID))+`) AND NOT c.needs_applicant`)
	case ListGroup:
		parts = append(parts, `NOT c.needs_applicant AND c.id IN (SELECT t.case_id FROM cases_task t WHERE t.state='open' AND t.assignee_id='' AND `+posts(args, a)+`)`)
	case ListToAccept:
		parts = append(parts, `c.state = 'submitted'`)
	case ListMessages:
		parts = append(parts, `c.id IN (SELECT t.case_id FROM cases_thread t WHERE t.unread_staff > 0)`, answering(args, a))
	case ListWaiting:
		parts = append(parts, `(c.needs_applicant AND (c.state = 'supplementing' OR c.state = 'handling' AND NOT c.bundle) OR NOT c.bundle AND `+asked+`)`) // an order waits in its steps
	case ListNear:
		add(running+` AND c.warn_at > 0 AND c.warn_at <= %s AND (c.yellow_at = 0 OR c.yellow_at > %s) AND (c.red_at = 0 OR c.red_at > %s)`, ms, ms, ms)
	case ListOverdue:
		add(running+` AND ((c.yellow_at > 0 AND c.yellow_at <= %s) OR (c.red_at > 0 AND c.red_at <= %s))`, ms, ms)
	case ListToDeliver:
		parts = append(parts, `c.state = 'decided' AND (c.parent_id = '' OR EXISTS (SELECT 1 FROM cases_case o WHERE o.id = c.parent_id AND o.state IN ('withdrawn', 'delivered')))`) // the results of steps are handed over with their order, as long as it has not ended
	case ListDone:
		add(`c.id IN (SELECT t.case_id FROM cases_task t WHERE t.done_by=%s UNION SELECT k.id FROM cases_case k WHERE k.receiver_id=%s)`, a.ID, a.ID)
	case ListNeedsMe:
		parts = append(parts, `(c.needs_applicant OR `+asked+`)`)
	case ListRunning:
		parts = append(parts, `c.state IN ('submitted','supplementing','handling','decided')`)
	case ListEndedMine:
		parts = append(parts, `c.state IN ('delivered','refused','withdrawn')`)
	case ListDraftsMine:
		parts = append(parts, `c.state = 'draft'`)
	}
	switch f.List { // a draft that was thrown away stands in no list
	case ListDraftsMine:
	case ListApplicant:
		parts = append(parts, `(c.submitted_at > 0 OR c.state = 'draft')`)
	default:
		parts = append(parts, `c.submitted_at > 0`)
	}
	if f.List.ofApplicant() { // the steps stand on the page of their order
		parts = append(parts, `c.parent_id = ''`)
	}
	if q := strings.TrimSpace(f.Query); q != "" {
		like := args.Add(db.LikeAnywhere(q))
		exact := args.Add(strings.ToUpper(q))
		parts = append(parts, `(c.number = `+exact+` OR c.number LIKE `+like+` ESCAPE '\' OR c.party_code = `+exact+` OR c.party_name->>'zh' LIKE `+like+` ESCAPE '\' OR c.item_name->>'zh' LIKE `+like+` ESCAPE '\')`)
	}
	if f.Department != "" {
		add(`c.department_id = %s`, f.Department)
	}
	if f.Item != "" {
		add(`c.item_code = %s`, f.Item)
	}
	if f.State != "" {
		add(`c.state = %s`, string(f.State))
	}
	if f.Party != "" {
		add(`c.party_id = %s`, f.Party)
	}
	if !f.Since.IsZero() {
		add(`c.updated_at >= %s`, db.MS(f.Since))
	}
	return strings.Join(parts, " AND ")
}

// posts is the condition on a task t that one of the actor's posts can work on it.
func posts(args *db.Args, a auth.Actor) string {
	var parts []string
	for _, p := range a.PostsOf(auth.Handler, auth.Approver) {
		parts = append(parts, `(t.department_id=`+args.Add(p.DepartmentID)+` AND t.role=`+args.Add(string(p.Role))+`)`)
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
func (l ListName) byDue() bool { return l.taskList() || l == ListNear || l == ListOverdue }

// List returns a page of the cases that the actor may see.
func (s *Service) List(ctx context.Context, actor auth.Actor, f Filter) (page.Result[Row], error) {
	var args db.Args
	now := s.Clock.Now()
	where := s.where(&args, actor, f, now)
	order, cursor := `c.id DESC`, func(r Row) string { return string(r.ID) }
	if f.List.byDue() {
		order = `c.due_at, c.id`
		cursor = func(r Row) string { return fmt.Sprintf("%d.%s", db.MS(r.DueAt), r.ID) }
	}
	if f.After != "" {
		if f.List.byDue() {
			due, id, _ := strings.Cut(f.After, ".")
			var ms int64
			if _, err := fmt.Sscanf(due, "%d", &ms); err != nil {
				return page.Result[Row]{Rows: []Row{}}, nil //nolint:nilerr // a forged cursor is an empty page
			}
			where += ` AND (c.due_at, c.id) > (` + args.Add(ms) + `,` + args.Add(id) + `)`
		} else {
			where += ` AND c.id < ` + args.Add(f.After)
		}
	}
	rows, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (Row, error) {
		k, err := scanCase(r)
		return Row{Case: k}, err
	}, `SELECT `+caseColumns+` FROM cases_case c WHERE `+where+` ORDER BY `+order+` LIMIT `+args.Add(f.Limit()+1), args...)
	if err != nil {
		return page.Result[Row]{}, fmt.Errorf("cases: list %s: %w", f.List, err)
	}
	out := page.Cut(rows, f.Limit(), cursor)
	if err := s.addMarks(ctx, actor, out.Rows); err != nil {
		return page.Result[Row]{}, fmt.Errorf("cases: steps of a list: %w", err)
	}
	if err := s.addTalks(ctx, actor, out.Rows); err != nil {
		return page.Result[Row]{}, err
	}
	if f.List.taskList() {
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
	for i := range rows {
		of := slices.DeleteFunc(slices.Clone(tasks), func(t Task) bool { return t.CaseID != rows[i].ID })
		rows[i].Task = taskOf(actor, of)
	}
	return nil
}

// Counts returns how long each list is, for the navigation; counting stops at 1,000.
func (s *Service) Counts(ctx context.Context, actor auth.Actor, lists ...ListName) (map[ListName]int, error) {
	out := map[ListName]int{}
	now := s.Clock.Now()
	for _, l := range lists {
		var args db.Args
		where := s.where(&args, actor, Filter{List: l}, now)
		n, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM (SELECT 1 FROM cases_case c WHERE `+where+` LIMIT 1000) x`, args...)
		if err != nil {
			return nil, fmt.Errorf("cases: count %s: %w", l, err)
		}
		out[l] = n
	}
	return out, nil
}

// workingDays between two instants: 0 on the same day.
func (s *Service) workingDays(from, to time.Time) int {
	return int(s.Calendar.Between(workday.DateOf(from), workday.DateOf(to)))
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
