package identity

import (
	"context"
	"fmt"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Reachable returns the accounts of staff with a mail address who hold one of
// the roles now, in a fixed order.
func (s *Service) Reachable(ctx context.Context, roles ...auth.Role) ([]string, error) {
	var args db.Args
	on := PostOn("p", args.Add(s.Today()))
	list, err := db.List(ctx, s.db.Read(ctx), db.Scalar[string], `SELECT DISTINCT a.id FROM identity_account a JOIN identity_post p ON p.account_id = a.id
		WHERE a.kind='staff' AND a.state='active' AND a.email <> '' AND `+on+` AND p.role IN `+db.In(&args, roles)+` ORDER BY a.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("identity: whom to brief: %w", err)
	}
	return list, nil
}
