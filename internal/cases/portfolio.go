package cases

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// LastTouched returns when something last happened in a case of each party, as
// far as the actor may see them; a party without a case is not in it.
func (s *Service) LastTouched(ctx context.Context, actor auth.Actor, parties []string) (map[string]time.Time, error) {
	type row struct {
		party string
		at    time.Time
	}
	var args db.Args
	where := visible(&args, actor) + ` AND c.party_id IN ` + db.In(&args, parties) + ` AND c.submitted_at > 0`
	rows, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.party, db.Time{Time: &x.at}) },
		`SELECT c.party_id, max(c.updated_at) FROM cases_case c WHERE `+where+` GROUP BY c.party_id`, args...)
	if err != nil {
		return nil, fmt.Errorf("cases: last touched: %w", err)
	}
	out := make(map[string]time.Time, len(rows))
	for _, r := range rows {
		out[r.party] = r.at
	}
	return out, nil
}
