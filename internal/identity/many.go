package identity

import (
	"context"
	"fmt"
	"slices"

	"github.com/tongban/tongban/internal/platform/db"
)

// Accounts returns several accounts by their ids; unknown ones are left out.
func (s *Service) Accounts(ctx context.Context, list []string) ([]Account, error) {
	list = slices.Clone(list)
	slices.Sort(list)
	list = slices.DeleteFunc(slices.Compact(list), func(id string) bool { return id == "" })
	if len(list) == 0 {
		return nil, nil
	}
	out := []Account{}
	for part := range slices.Chunk(list, 500) {
		var args db.Args
		rows, err := db.List(ctx, s.db.Read(ctx), s.store.scanAccount, `SELECT `+accountColumns+` FROM identity_account WHERE id IN `+db.In(&args, part), args...)
		if err != nil {
			return nil, fmt.Errorf("identity: accounts: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// Colleagues returns the staff with a post in one of the departments, by name.
func (s *Service) Colleagues(ctx context.Context, departments []string) ([]Account, error) {
	var args db.Args
	on := PostOn("p", args.Add(s.Today()))
	out, err := db.List(ctx, s.db.Read(ctx), s.store.scanAccount, `SELECT `+accountColumns+` FROM identity_account
		WHERE kind = 'staff' AND state = 'active' AND id IN (SELECT p.account_id FROM identity_post p WHERE `+on+` AND p.department_id IN `+db.In(&args, departments)+`)
		ORDER BY name ->> 'zh', id`, args...)
	if err != nil {
		return nil, fmt.Errorf("identity: colleagues: %w", err)
	}
	return out, nil
}
