package cases

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/platform/db"
)

// OpenCases counts what is under way for an item, whatever version it was
// submitted under; for the catalogue, before it publishes the next.
func (s *Service) OpenCases(ctx context.Context, itemID string) (catalogue.OpenCases, error) {
	out := catalogue.OpenCases{States: map[string]int{}}
	type row struct {
		state State
		n     int
	}
	rows, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.state, &x.n) },
		`SELECT state, COUNT(*) FROM cases_case WHERE item_id=$1 GROUP BY state`, itemID)
	if err != nil {
		return out, fmt.Errorf("cases: open cases of %s: %w", itemID, err)
	}
	for _, x := range rows {
		switch {
		case x.state == Draft:
			out.Drafts = x.n
		case !x.state.Ended():
			out.States[string(x.state)] = x.n
		}
	}
	return out, nil
}

// Used counts the cases submitted since an instant, by the id of their item. What
// was awarded nobody looked for.
func (s *Service) Used(ctx context.Context, since time.Time) (map[string]int, error) {
	type row struct {
		item string
		n    int
	}
	rows, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.item, &x.n) },
		`SELECT item_id, COUNT(*) FROM cases_case WHERE submitted_at >= $1 AND channel <> 'award' GROUP BY item_id`, db.MS(since))
	if err != nil {
		return nil, fmt.Errorf("cases: used items: %w", err)
	}
	out := make(map[string]int, len(rows))
	for _, x := range rows {
		out[x.item] = x.n
	}
	return out, nil
}
