package feedback

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/platform/db"
)

// ByItem sums up the ratings since an instant by the code of the item, for the
// report of the catalogue.
func (s *Service) ByItem(ctx context.Context, since time.Time) (map[string]catalogue.Rated, error) {
	type row struct {
		code string
		catalogue.Rated
	}
	rows, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.code, &x.N, &x.Sum, &x.Bad) },
		`SELECT item_code, COUNT(*), SUM(score), COUNT(*) FILTER (WHERE score <= 2) FROM feedback_v_rating WHERE rated_at >= $1 GROUP BY item_code`, db.MS(since))
	if err != nil {
		return nil, fmt.Errorf("feedback: by item: %w", err)
	}
	out := make(map[string]catalogue.Rated, len(rows))
	for _, x := range rows {
		out[x.code] = x.Rated
	}
	return out, nil
}
