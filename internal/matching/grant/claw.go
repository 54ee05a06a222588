package grant

import (
	"context"
	"slices"

	"github.com/tongban/tongban/internal/platform/auth"
)

// MayClaw says whether the actor takes back what this batch gave: an approver who
// had no hand in the list. Who made the payment list is asked where the line is known.
func MayClaw(a auth.Actor, b *Batch) bool { return b.State.Closed() && MayRelease(a, b) }

// Clawable says that a line can be taken back: it has its case, and is not with the
// treasury at this moment.
func (l Line) Clawable() bool {
	return l.CaseID != "" && (l.State == PaidOut || l.State == Bounced || l.State == Confirmed && l.ListID == "")
}

// ClawBack takes back what a firm got: its case is undone, the money is the fund's
// again, and what was paid is to be paid back. The firm is told, and how to object.
func (s *Service) ClawBack(ctx context.Context, actor auth.Actor, ref Ref, line, reason string) (Batch, error) {
	reason, err := reasonOf(reason)
	if err != nil {
		return Batch{}, err
	}
	return s.turn(ctx, actor, ref, "grant.claw", reason, func(ctx context.Context, b *Batch) (map[string]any, error) {
		l, err := s.store.line(ctx, line)
		switch {
		case err != nil:
			return nil, err
		case l.BatchID != b.ID:
			return nil, ErrNotFound
		case !Releases(actor, b.DepartmentID):
			return nil, ErrForbidden
		case !b.State.Closed() || !l.Clawable():
			return nil, ErrState
		case !MayClaw(actor, b):
			return nil, ErrOwn
		}
		if l.ListID != "" {
			list, err := s.store.paylist(ctx, b, l.ListID)
			if err != nil {
				return nil, err
			}
			if list.MadeBy == actor.ID || slices.Contains(actor.StandsInFor(), list.MadeBy) {
				return nil, ErrOwn
			}
		}
		if err := s.Ports.Unaward(ctx, actor, lineKey(&l), reason); err != nil {
			return nil, err
		}
		if b.Fund() != "" {
			if err := s.Ports.Return(ctx, actor, lineKey(&l), reason); err != nil {
				return nil, err
			}
		}
		if l.State == PaidOut {
			l.Owed = l.Sum
		}
		l.State, l.Reason, l.ClawedAt = Clawed, reason, s.Clock.Now()
		if err := s.store.saveLine(ctx, l); err != nil {
			return nil, err
		}
		if err := s.tell(ctx, b, l, "grant_clawed", l.Owed > 0); err != nil {
			return nil, err
		}
		if b.State != Settled {
			err = s.restate(ctx, b)
		}
		return map[string]any{"firm": l.FirmID, "case": l.CaseID, "fen": int64(l.Sum), "owed": int64(l.Owed)}, err
	})
}

// Recovered enters the day on which a firm paid back what it owed.
func (s *Service) Recovered(ctx context.Context, actor auth.Actor, ref Ref, line, on string) (Batch, error) {
	return s.turn(ctx, actor, ref, "grant.recovered", "", func(ctx context.Context, b *Batch) (map[string]any, error) {
		l, err := s.store.line(ctx, line)
		switch {
		case err != nil:
			return nil, err
		case l.BatchID != b.ID:
			return nil, ErrNotFound
		case !Pays(actor, b.DepartmentID):
			return nil, ErrForbidden
		case l.State != Clawed || l.Owed == 0 || l.Recovered != "":
			return nil, ErrState
		}
		if l.Recovered, err = onDay("on", on, l.ClawedAt, s.Clock.Now()); err != nil {
			return nil, err
		}
		return map[string]any{"firm": l.FirmID, "fen": int64(l.Owed), "on": l.Recovered}, s.store.saveLine(ctx, l)
	})
}
