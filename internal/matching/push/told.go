package push

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Watchers are the roles that see what firms were told: commissioners of the firms
// they look after, leaders of those of their region.
var Watchers = []auth.Role{auth.Commissioner, auth.Leader}

// Filter of what was told.
type Filter struct {
	Firm  string
	State State
	page.Request
}

// Line is one thing that a firm was told.
type Line struct {
	Push
	Name  i18n.Text // of the firm
	Title i18n.Text // of the clause
}

// List is a page of what was told, with the counts of all firms that are seen.
type List struct {
	page.Result[Line]
	Counts map[State]int
	Firm   i18n.Text // the one that is filtered for
}

// visible is the condition on e, a firm, that the actor sees what it was told.
func visible(args *db.Args, actor auth.Actor) string {
	var parts []string
	for _, p := range actor.PostsOf(auth.Leader) {
		parts = append(parts, `e.region LIKE `+args.Add(db.LikePrefix(auth.Reach(p.Region)))+` ESCAPE '\'`)
	}
	if actor.Has(auth.Commissioner) && len(actor.Portfolio) > 0 {
		parts = append(parts, `e.id IN `+db.In(args, actor.Portfolio))
	}
	if actor.Kind != auth.Staff || len(parts) == 0 {
		return "1=0"
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// List shows what firms of the actor were told, the newest first. A firm that he
// does not look after is ErrNotFound.
func (s *Service) List(ctx context.Context, actor auth.Actor, f Filter) (*List, error) {
	out := &List{Counts: map[State]int{}}
	var args db.Args
	where := visible(&args, actor)
	if f.Firm != "" {
		where += ` AND e.id=` + args.Add(f.Firm)
		name, ok, err := db.Maybe(ctx, s.DB.Read(ctx), func(r db.Scanner) (t i18n.Text, err error) { return t, r.Scan(db.JSON[i18n.Text]{V: &t}) },
			`SELECT e.name FROM identity_enterprise e WHERE `+where, args...)
		if err != nil {
			return nil, fmt.Errorf("push: list: %w", err)
		}
		if !ok {
			return nil, ErrNotFound
		}
		out.Firm = name
	}
	type count struct {
		state State
		n     int
	}
	counts, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (c count, err error) { return c, r.Scan(&c.state, &c.n) },
		`SELECT p.state, count(*) FROM matching_push p JOIN identity_enterprise e ON e.id = p.enterprise_id WHERE `+where+` GROUP BY p.state`, args...)
	if err != nil {
		return nil, fmt.Errorf("push: list: %w", err)
	}
	for _, c := range counts {
		out.Counts[c.state] = c.n
	}
	if slices.Contains(States, f.State) {
		where += ` AND p.state=` + args.Add(string(f.State))
	}
	if f.After != "" {
		where += ` AND p.id < ` + args.Add(f.After)
	}
	lib, err := s.Policies.Library(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (l Line, err error) {
		p := &l.Push
		return l, r.Scan(&p.ID, &p.Firm, &p.Clause, &p.Edition, &p.Kind, &p.State, &p.Worth, &p.CaseID, db.Time{Time: &p.ToldAt}, db.Time{Time: &p.OpenedAt},
			db.Time{Time: &p.AppliedAt}, db.Time{Time: &p.GrantedAt}, db.Time{Time: &p.DeclinedAt}, db.JSON[i18n.Text]{V: &l.Name})
	}, `SELECT p.id, p.enterprise_id, p.clause, p.edition, p.kind, p.state, p.worth_fen, p.case_id, p.told_at, p.opened_at, p.applied_at, p.granted_at, p.declined_at, e.name
		FROM matching_push p JOIN identity_enterprise e ON e.id = p.enterprise_id WHERE `+where+` ORDER BY p.id DESC LIMIT `+args.Add(f.Limit()+1), args...)
	if err != nil {
		return nil, fmt.Errorf("push: list: %w", err)
	}
	for i := range rows {
		rows[i].Title = i18n.Text{ZH: rows[i].Clause}
		if e, ok := lib.Entry(rows[i].Clause); ok {
			rows[i].Title = e.Title
		}
	}
	out.Result = page.Cut(rows, f.Limit(), func(l Line) string { return l.ID })
	return out, nil
}
