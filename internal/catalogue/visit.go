package catalogue

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

const (
	visitsKept = 20                  // of one account
	visitAge   = 90 * 24 * time.Hour // then a visit is forgotten
)

// Visit remembers that a person looked at a guide, for his own list of what he
// saw last. Of staff nothing is kept.
func (s *Service) Visit(ctx context.Context, actor auth.Actor, itemID string) error {
	if actor.Kind != auth.Person {
		return nil
	}
	now := s.Clock.Now()
	err := s.DB.InTx(ctx, func(ctx context.Context) error { return s.store.visit(ctx, actor.ID, itemID, now) })
	if err != nil {
		return fmt.Errorf("catalogue: visit: %w", err)
	}
	return nil
}

// Visited returns what a person looked at last, newest first, at most n,
// without what is suspended by now.
func (s *Service) Visited(ctx context.Context, actor auth.Actor, n int) ([]*Item, error) {
	if actor.Kind != auth.Person {
		return nil, nil
	}
	list, err := s.store.visited(ctx, actor.ID)
	if err != nil {
		return nil, fmt.Errorf("catalogue: visited: %w", err)
	}
	now, out := s.Snapshot(), []*Item{}
	for _, id := range list {
		if it, err := now.ItemByID(id); err == nil && len(out) < n {
			out = append(out, it)
		}
	}
	return out, nil
}

// Items returns those of the codes that are there, each once, in their order.
func (s *Snapshot) Items(codes []string) []*Item {
	out := []*Item{}
	for _, code := range codes {
		if it, err := s.Item(code); err == nil && !slices.Contains(out, it) {
			out = append(out, it)
		}
	}
	return out
}

// visit also forgets what is old and what is too much, so that the table stays small.
func (s store) visit(ctx context.Context, account, itemID string, now time.Time) error {
	if _, err := s.db.Exec(ctx, `INSERT INTO catalogue_visit (account_id, item_id, at) VALUES ($1,$2,$3)
		ON CONFLICT (account_id, item_id) DO UPDATE SET at=excluded.at`, account, itemID, db.MS(now)); err != nil {
		return err
	}
	_, err := s.db.Exec(ctx, `DELETE FROM catalogue_visit WHERE account_id=$1 AND (at < $2 OR item_id NOT IN
		(SELECT item_id FROM catalogue_visit WHERE account_id=$1 ORDER BY at DESC, item_id LIMIT $3))`, account, db.MS(now.Add(-visitAge)), visitsKept)
	return err
}

func (s store) visited(ctx context.Context, account string) ([]string, error) {
	return db.List(ctx, s.db.Read(ctx), db.Scalar[string], `SELECT item_id FROM catalogue_visit WHERE account_id=$1 ORDER BY at DESC, item_id LIMIT $2`, account, visitsKept)
}
