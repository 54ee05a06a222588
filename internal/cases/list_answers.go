package cases

import (
	"context"
	"fmt"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// ListAnswers are the answers that the cases of a page of a list were last
// submitted with, by case. Where the actor reads of an order the ladder only,
// as on its page, there are none.
func (s *Service) ListAnswers(ctx context.Context, actor auth.Actor, rows []Row) (map[ID]map[string]any, error) {
	out := make(map[ID]map[string]any, len(rows))
	var list []string
	for i := range rows {
		if k := &rows[i].Case; !k.SubmittedAt.IsZero() && !ladderOnly(actor, k, rows[i].Open) {
			list = append(list, string(k.ID))
		}
	}
	if len(list) == 0 {
		return out, nil
	}
	type found struct {
		id      ID
		answers map[string]any
	}
	var args db.Args
	all, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x found, err error) {
		var answers string
		if err = r.Scan(&x.id, &answers); err != nil {
			return x, err
		}
		return x, s.store.openJSON(x.id, answers, &x.answers)
	}, `SELECT s.case_id, s.answers FROM cases_snapshot s JOIN cases_case c ON c.id = s.case_id AND c.data_version = s.data_version WHERE s.case_id IN `+db.In(&args, list), args...)
	if err != nil {
		return nil, fmt.Errorf("cases: answers of a list: %w", err)
	}
	for _, x := range all {
		out[x.id] = x.answers
	}
	return out, nil
}
