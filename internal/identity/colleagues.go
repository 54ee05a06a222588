package identity

import (
	"context"
	"fmt"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Holder is somebody who holds a post.
type Holder struct {
	ID   string
	Name i18n.Text
	Post auth.Post
}

// Holders lists who holds a post with one of the roles in one of the
// departments and can sign in, by name. Somebody with two such posts stands in
// it twice.
func (s *Service) Holders(ctx context.Context, departments []string, roles ...auth.Role) ([]Holder, error) {
	var args db.Args
	on := PostOn("p", args.Add(s.Today()))
	out, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (h Holder, err error) {
		return h, r.Scan(&h.ID, db.JSON[i18n.Text]{V: &h.Name}, &h.Post.Role, &h.Post.DepartmentID, &h.Post.Region)
	}, `SELECT a.id, a.name, p.role, p.department_id, p.region FROM identity_post p JOIN identity_account a ON a.id = p.account_id
		WHERE `+on+` AND a.state='active' AND p.department_id IN `+db.In(&args, departments)+` AND p.role IN `+db.In(&args, roles)+` ORDER BY a.login, p.role`, args...)
	if err != nil {
		return nil, fmt.Errorf("identity: holders of posts: %w", err)
	}
	who := make([]string, len(out))
	for i, h := range out {
		who[i] = h.ID
	}
	if err := s.store.join(ctx, s.Today(), who, func(yield func(string, *auth.Post) bool) {
		for i := range out {
			if !yield(out[i].ID, &out[i].Post) {
				return
			}
		}
	}); err != nil {
		return nil, fmt.Errorf("identity: holders of posts: %w", err)
	}
	return out, nil
}
