package cases

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/platform/db"
)

// Applied is Having for what was applied for alone. Several clauses may name one
// item: what a list of one of them gave is no reason against the list of another.
func (s *Service) Applied(ctx context.Context, item string, firms []string, since time.Time) (map[string]bool, error) {
	out := map[string]bool{}
	for part := range slices.Chunk(firms, 500) {
		var args db.Args
		list, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT DISTINCT c.party_id FROM cases_case c
			WHERE c.party_id IN `+db.In(&args, part)+` AND c.party_kind='enterprise' AND c.item_code=`+args.Add(item)+` AND c.channel<>`+args.Add(string(ByAward))+`
			AND c.submitted_at > 0 AND c.submitted_at >= `+args.Add(db.MS(since))+` AND c.state NOT IN ('draft','withdrawn','refused','revoked') AND c.outcome NOT IN ('denied','ended')`, args...)
		if err != nil {
			return nil, fmt.Errorf("cases: applied for %s: %w", item, err)
		}
		for _, id := range list {
			out[id] = true
		}
	}
	return out, nil
}
