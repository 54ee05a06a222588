package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// BoardDays is how far back a board counts what was done.
const BoardDays = 30

// BoardLine is what lies with one department, or one person of it. Each number
// but the last is the length of a list: narrowed by desk and assignee, the list
// of this name shows these very cases.
type BoardLine struct {
	ID      string // department or account; Nobody for what nobody has claimed
	Name    i18n.Text
	Posts   []auth.Role // of a person: those that he holds in the department
	Gone    bool        // has work in hand, but no post there any more
	Deputy  i18n.Text   // who stands in for him now, "" when he is there
	InHand  int         // cases with an open task
	Near    int
	Overdue int
	Waiting int // for the applicant
	Special int // the clock stands still for a special procedure
	Done    int // tasks done in the last BoardDays days
}

// Boards are the departments whose work the actor watches: those that he heads,
// and for a leader all of his region.
func (s *Service) Boards(actor auth.Actor) []string {
	var out []string
	for _, p := range actor.PostsOf(auth.Head) {
		out = append(out, p.DepartmentID)
	}
	for _, p := range actor.PostsOf(auth.Leader) {
		for _, d := range s.Identity.Directory().Departments {
			if strings.HasPrefix(d.Region, auth.Reach(p.Region)) {
				out = append(out, d.ID)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Board says what lies with each of the departments that the actor watches,
// those that have anything; the fullest first.
func (s *Service) Board(ctx context.Context, actor auth.Actor) ([]BoardLine, error) {
	of := s.Boards(actor)
	lines, err := s.boardLines(ctx, actor, "department_id", of)
	if err != nil {
		return nil, fmt.Errorf("cases: board: %w", err)
	}
	done, err := s.boardDone(ctx, "department_id", of)
	if err != nil {
		return nil, fmt.Errorf("cases: board: %w", err)
	}
	dir := s.Identity.Directory()
	for id, n := range done {
		at(&lines, id).Done = n
	}
	for i := range lines {
		lines[i].Name = dir.Department(lines[i].ID).Name
	}
	slices.SortStableFunc(lines, fuller)
	return lines, nil
}

// DepartmentBoard says what lies with each person of a department, everybody who
// holds a post there, and what nobody has claimed. A department that the actor
// does not watch is ErrNotFound.
func (s *Service) DepartmentBoard(ctx context.Context, actor auth.Actor, department string) ([]BoardLine, error) {
	if !slices.Contains(s.Boards(actor), department) {
		return nil, ErrNotFound
	}
	of := []string{department}
	lines, err := s.boardLines(ctx, actor, "assignee_id", of)
	if err != nil {
		return nil, fmt.Errorf("cases: board: %w", err)
	}
	done, err := s.boardDone(ctx, "done_by", of)
	if err != nil {
		return nil, fmt.Errorf("cases: board: %w", err)
	}
	holders, err := s.Identity.Holders(ctx, of, auth.Handler, auth.Approver)
	if err != nil {
		return nil, err
	}
	for i := range lines {
		lines[i].Gone = lines[i].ID != ""
	}
	for _, h := range holders {
		l := at(&lines, h.ID)
		l.Name, l.Gone, l.Done = h.Name, false, done[h.ID]
		l.Posts = append(l.Posts, h.Post.Role)
	}
	for i := range lines {
		l := &lines[i]
		if l.ID == "" {
			l.ID = Nobody
			continue
		}
		if l.Gone {
			l.Name, l.Done = s.Identity.NameOf(ctx, l.ID), done[l.ID]
		}
		if d, ok, err := s.deputyOf(ctx, l.ID); err != nil {
			return nil, err
		} else if ok {
			l.Deputy = s.Identity.NameOf(ctx, d)
		}
	}
	slices.SortStableFunc(lines, fuller)
	return lines, nil
}

// fuller orders by how pressing the work is, then by how much there is.
func fuller(a, b BoardLine) int {
	for _, x := range [][2]int{{b.Overdue, a.Overdue}, {b.Near, a.Near}, {b.InHand, a.InHand}, {b.Done, a.Done}} {
		if x[0] != x[1] {
			return x[0] - x[1]
		}
	}
	return strings.Compare(a.ID, b.ID)
}

// at returns the line of somebody, a new one when there is none.
func at(lines *[]BoardLine, id string) *BoardLine {
	i := slices.IndexFunc(*lines, func(l BoardLine) bool { return l.ID == id })
	if i < 0 {
		*lines, i = append(*lines, BoardLine{ID: id}), len(*lines)
	}
	return &(*lines)[i]
}

// boardLines counts the cases with an open task of the departments that the
// actor sees, by the conditions of the lists themselves.
func (s *Service) boardLines(ctx context.Context, actor auth.Actor, by string, departments []string) ([]BoardLine, error) {
	var args db.Args
	count := func(l ListName) string {
		x := &condition{args: &args}
		s.listed(x, actor, Filter{List: l})
		return `count(DISTINCT c.id) FILTER (WHERE ` + strings.Join(x.parts, " AND ") + `)`
	}
	return db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (l BoardLine, err error) {
		return l, r.Scan(&l.ID, &l.InHand, &l.Near, &l.Overdue, &l.Waiting, &l.Special)
	}, `SELECT t.`+by+`, count(DISTINCT c.id), `+count(ListNear)+`, `+count(ListOverdue)+`, `+count(ListWaiting)+`, `+count(ListSpecial)+`
		FROM cases_task t JOIN cases_case c ON c.id = t.case_id
		WHERE t.state = 'open' AND c.state = 'handling' AND t.department_id IN `+db.In(&args, departments)+` AND `+visible(&args, actor)+` GROUP BY 1`, args...)
}

// boardDone counts the tasks of the departments that were done of late.
func (s *Service) boardDone(ctx context.Context, by string, departments []string) (map[string]int, error) {
	type row struct {
		id string
		n  int
	}
	var args db.Args
	since := args.Add(db.MS(s.Clock.Now().AddDate(0, 0, -BoardDays)))
	rows, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.id, &x.n) },
		`SELECT t.`+by+`, count(*) FROM cases_task t WHERE t.state = 'done' AND t.done_at >= `+since+` AND t.department_id IN `+db.In(&args, departments)+` GROUP BY 1`, args...)
	out := make(map[string]int, len(rows))
	for _, x := range rows {
		out[x.id] = x.n
	}
	return out, err
}
