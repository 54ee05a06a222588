package identity

import (
	"context"
	"fmt"

	"github.com/tongban/tongban/internal/platform/db"
)

// Expiring lists the valid certificates of some holders that end from one day to
// another (ISO dates, both included), the nearest end first; rights are the caller's.
func (s *Service) Expiring(ctx context.Context, holders []string, from, to string) ([]Certificate, error) {
	var args db.Args
	list, err := s.store.certificates(ctx, `holder_id IN `+db.In(&args, holders)+` AND state='valid' AND valid_to >= `+args.Add(from)+` AND valid_to <= `+args.Add(to)+` ORDER BY valid_to, id`, args...)
	if err != nil {
		return nil, fmt.Errorf("identity: expiring: %w", err)
	}
	return list, nil
}
