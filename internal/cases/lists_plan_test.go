package cases

import (
	"context"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Plan is how the database goes about a list, for the benchmark of lists.
func (s *Service) Plan(ctx context.Context, a auth.Actor, f Filter) ([]string, error) {
	text, args, _, err := s.query(ctx, a, f, 50)
	if err != nil {
		return nil, err
	}
	if s.DB.Dialect() == db.Postgres {
		return db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `EXPLAIN `+text, args...)
	}
	return db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (line string, err error) {
		var a, b, c int
		return line, r.Scan(&a, &b, &c, &line)
	}, `EXPLAIN QUERY PLAN `+text, args...)
}
