package cases

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// OfVisitor returns the newest cases of somebody at a window that both may see:
// the clerk by his post, the visitor because they are his own or of a firm for
// which he acts, as far as he does. Drafts that the clerk typed for him are among
// them, the steps of his orders are not.
func (s *Service) OfVisitor(ctx context.Context, actor, visitor auth.Actor, limit int) ([]Case, error) {
	var args db.Args
	theirs := append(ownParts(&args, visitor, auth.Post{}), "c.party_id = "+args.Add(visitor.ID))
	where := visible(&args, actor) + ` AND ` + either(theirs) + ` AND c.parent_id = ''`
	list, err := db.List(ctx, s.DB.Read(ctx), s.store.scanCase, `SELECT `+caseColumns+` FROM cases_case c WHERE `+where+` ORDER BY c.id DESC LIMIT `+args.Add(limit), args...)
	if err != nil {
		return nil, fmt.Errorf("cases: of a visitor: %w", err)
	}
	return list, nil
}

// AnswerBy returns the end of the working days within which a window has to
// answer what was handed in last; after it silence is acceptance. Only cases
// that wait for an answer have one.
func (s *Service) AnswerBy(ctx context.Context, list ...Case) (map[ID]time.Time, error) {
	var waiting []string
	for i := range list {
		if list[i].State == Submitted {
			waiting = append(waiting, string(list[i].ID))
		}
	}
	out := map[ID]time.Time{}
	if len(waiting) == 0 {
		return out, nil
	}
	var args db.Args
	received, err := s.store.instants(ctx, `SELECT case_id, max(submitted_at) FROM cases_snapshot WHERE case_id IN `+db.In(&args, waiting)+` GROUP BY case_id`, args...)
	if err != nil {
		return nil, fmt.Errorf("cases: answer by: %w", err)
	}
	for i := range list {
		if at, ok := received[list[i].ID]; ok {
			out[list[i].ID] = workday.EndOf(s.CalendarOf(&list[i]).Add(workday.DateOf(at), AnswerWithin))
		}
	}
	return out, nil
}

// Refusal says why the reader of a case may not give a command now:
// ErrForbidden when he never may, ErrState when the case does not let it
// through, nil when he may. The command itself checks again.
func (s *Service) Refusal(actor auth.Actor, v *View, c Command) error {
	switch {
	case v.May(c):
		return nil
	case !c.possible(&v.Case):
		return ErrState.With("command", string(c)).With("state", string(v.State))
	case !allowed(actor, c, &v.Case, v.Tasks, taskFor(actor, v.Tasks, c)):
		return ErrForbidden
	default:
		return ErrState.With("command", string(c)).With("state", string(v.State))
	}
}
