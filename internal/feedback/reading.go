package feedback

import (
	"context"
	"fmt"
	"strings"

	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Readers are the roles that see ratings, each as far as it reaches.
var Readers = []auth.Role{auth.Clerk, auth.Handler, auth.Approver, auth.Head, auth.Leader}

// visible is the condition on the columns of alias that the actor may read the
// rating: a leader those of his region and below, everybody else those of the
// department, a clerk also those of cases that the hall received.
func visible(args *db.Args, a auth.Actor, alias string) string {
	var parts []string
	for _, p := range a.PostsOf(Readers...) {
		switch p.Role {
		case auth.Leader:
			parts = append(parts, alias+`.region LIKE `+args.Add(db.LikePrefix(auth.Reach(p.Region)))+` ESCAPE '\'`)
			continue
		case auth.Clerk:
			if p.HallID != "" {
				parts = append(parts, alias+`.hall_id = `+args.Add(p.HallID))
			}
		}
		parts = append(parts, alias+`.department_id = `+args.Add(p.DepartmentID))
	}
	if len(parts) == 0 {
		return "1=0"
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// Filter of the list of ratings.
type Filter struct {
	ToRectify  bool   // only what is to be put right
	Department string // only of this one, within what the actor may see
	Item       string // code
	page.Request
}

// Ratings lists ratings for those who were rated, newest first, without who
// rated. It is ErrForbidden for everybody else.
func (s *Service) Ratings(ctx context.Context, actor auth.Actor, f Filter) (page.Result[Rating], error) {
	if !actor.Has(Readers...) {
		return page.Result[Rating]{}, ErrForbidden
	}
	var args db.Args
	where := visible(&args, actor, "i") + f.where(&args, "i", "r")
	if f.After != "" {
		where += ` AND r.id < ` + args.Add(f.After)
	}
	rows, err := s.store.ratings(ctx, where+` ORDER BY r.id DESC LIMIT `+args.Add(f.Limit()+1), args...)
	if err != nil {
		return page.Result[Rating]{}, fmt.Errorf("feedback: ratings: %w", err)
	}
	return page.Cut(rows, f.Limit(), func(r Rating) string { return r.ID }), nil
}

// Overview counts what Ratings would list on all its pages.
func (s *Service) Overview(ctx context.Context, actor auth.Actor, f Filter) (Summary, error) {
	if !actor.Has(Readers...) {
		return Summary{}, ErrForbidden
	}
	var args db.Args
	out, err := s.store.summary(ctx, visible(&args, actor, "r")+f.where(&args, "r", "r"), args...)
	if err != nil {
		return Summary{}, fmt.Errorf("feedback: overview: %w", err)
	}
	return out, nil
}

func (f Filter) where(args *db.Args, of, rating string) string {
	out := ""
	if f.ToRectify {
		out += ` AND ` + rating + `.state = 'to_rectify'`
	}
	if f.Department != "" {
		out += ` AND ` + of + `.department_id = ` + args.Add(f.Department)
	}
	if f.Item != "" {
		out += ` AND ` + of + `.item_code = ` + args.Add(f.Item)
	}
	return out
}

// Summary is what everybody may read about an item: how many rated it and how.
func (s *Service) Summary(ctx context.Context, itemCode string) (Summary, error) {
	out, err := s.store.summary(ctx, `r.item_code=$1`, itemCode)
	if err != nil {
		return Summary{}, fmt.Errorf("feedback: summary of %s: %w", itemCode, err)
	}
	return out, nil
}
