package identity

import (
	"context"
	"fmt"
	"slices"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Group is several of the staff of a department who share a list of work.
type Group struct {
	ID           string
	DepartmentID string
	Name         i18n.Text
	Closed       bool
	Version      int
}

// Group returns the group with the id; an unknown one has its id as name.
func (d *Directory) Group(id string) Group {
	if i := slices.IndexFunc(d.Groups, func(g Group) bool { return g.ID == id }); i >= 0 {
		return d.Groups[i]
	}
	return Group{ID: id, Name: i18n.Text{ZH: id}, Closed: true}
}

// GroupsOf lists the open groups of a department.
func (d *Directory) GroupsOf(department string) []Group {
	var out []Group
	for _, g := range d.Groups {
		if g.DepartmentID == department && !g.Closed {
			out = append(out, g)
		}
	}
	return out
}

func (s store) loadGroups(ctx context.Context) ([]Group, error) {
	return db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (g Group, err error) {
		var closed int64
		err = r.Scan(&g.ID, &g.DepartmentID, db.JSON[i18n.Text]{V: &g.Name}, &closed, &g.Version)
		g.Closed = closed > 0
		return g, err
	}, `SELECT id, department_id, name, closed_at, version FROM identity_group ORDER BY department_id, id`)
}

// memberOn is the condition that somebody is of a group on the day in a
// placeholder: a row of identity_group_member m with its group g.
func memberOn(day string) string {
	return `(m.ended_at = 0 AND m.from_on <= ` + day + ` AND (m.until_on = '' OR m.until_on >= ` + day + `) AND g.closed_at = 0)`
}

// join puts the groups of some people into their posts in the same departments.
func (s store) join(ctx context.Context, day string, who []string, post func(yield func(account string, p *auth.Post) bool)) error {
	if len(who) == 0 {
		return nil
	}
	var args db.Args
	on := memberOn(args.Add(day))
	type of struct{ group, department, account string }
	list, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (x of, err error) { return x, r.Scan(&x.group, &x.department, &x.account) },
		`SELECT g.id, g.department_id, m.account_id FROM identity_group_member m JOIN identity_group g ON g.id = m.group_id WHERE `+on+` AND m.account_id IN `+db.In(&args, who)+` ORDER BY g.id`, args...)
	if err != nil || len(list) == 0 {
		return err
	}
	for account, p := range post {
		for _, x := range list {
			if x.account == account && x.department == p.DepartmentID && !slices.Contains(p.Groups, x.group) {
				p.Groups = append(p.Groups, x.group)
			}
		}
	}
	return nil
}

// GroupsStaffed returns a function that says whether a group has a member today
// who can sign in and holds a post with the role in its department: whether a
// task given to it would find anybody.
func (s *Service) GroupsStaffed(ctx context.Context) (func(group string, role auth.Role) bool, error) {
	type place struct {
		group string
		role  auth.Role
	}
	list, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (p place, err error) { return p, r.Scan(&p.group, &p.role) },
		`SELECT DISTINCT g.id, p.role FROM identity_group_member m JOIN identity_group g ON g.id = m.group_id
		JOIN identity_account a ON a.id = m.account_id JOIN identity_post p ON p.account_id = a.id AND p.department_id = g.department_id
		WHERE `+memberOn("$1")+` AND `+PostOn("p", "$1")+` AND a.state = 'active'`, s.Today())
	if err != nil {
		return nil, fmt.Errorf("identity: groups: %w", err)
	}
	return func(group string, role auth.Role) bool { return slices.Contains(list, place{group, role}) }, nil
}
