package grant

import (
	"context"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Hopeless says that a line waits for a case which could not be made.
func (l Line) Hopeless() bool { return l.State == Confirmed && l.CaseID == "" && l.Fault != "" }

// GiveUp ends a line whose case cannot be made: its item is gone for good, or its
// fund closed. The firm is told why, and may be drafted again; with the last such
// line what was set aside goes back to the fund. It is for who may take back.
func (s *Service) GiveUp(ctx context.Context, actor auth.Actor, ref Ref, line, reason string) (Batch, error) {
	reason, err := reasonOf(reason)
	if err != nil {
		return Batch{}, err
	}
	return s.turn(ctx, actor, ref, "grant.give_up", reason, func(ctx context.Context, b *Batch) (map[string]any, error) {
		l, err := s.store.line(ctx, line)
		switch {
		case err != nil:
			return nil, err
		case l.BatchID != b.ID:
			return nil, ErrNotFound
		case !Releases(actor, b.DepartmentID):
			return nil, ErrForbidden
		case !b.State.Closed() || b.AwardedAt.IsZero() || !l.Hopeless():
			return nil, ErrState
		case !MayClaw(actor, b):
			return nil, ErrOwn
		}
		l.State, l.Fault, l.Reason = Struck, "", reason
		if err := s.store.saveLine(ctx, l); err != nil {
			return nil, err
		}
		if err := s.tell(ctx, b, l, "grant_undone", false); err != nil {
			return nil, err
		}
		if err := s.releaseRest(ctx, b); err != nil {
			return nil, err
		}
		return map[string]any{"firm": l.FirmID, "fen": int64(l.Sum)}, s.restate(ctx, b)
	})
}

// releaseRest gives back to the fund what nobody gets, unless a line still waits for
// its case.
func (s *Service) releaseRest(ctx context.Context, b *Batch) error {
	n, err := s.store.count(ctx, b.ID)
	if err != nil || b.Reserved == 0 || n.Faults > 0 {
		return err
	}
	return s.Ports.Release(ctx, auth.SystemActor(), listKey(b), s.Texts.Text(i18n.Chinese, "grant.booking.release", "title", b.Clause.Title))
}

// VoidList withdraws a payment list that the treasury has not paid. Those on it can
// be put on the next one; they are told nothing, since nothing changes for them.
// Whoever made the list does not withdraw it.
func (s *Service) VoidList(ctx context.Context, actor auth.Actor, ref Ref, list, reason string) (Batch, error) {
	reason, err := reasonOf(reason)
	if err != nil {
		return Batch{}, err
	}
	return s.turn(ctx, actor, ref, "grant.void", reason, func(ctx context.Context, b *Batch) (map[string]any, error) {
		if !Pays(actor, b.DepartmentID) {
			return nil, ErrForbidden
		}
		p, err := s.store.paylist(ctx, b, list)
		switch {
		case err != nil:
			return nil, err
		case p.State != ListOpen:
			return nil, ErrState
		case !MayEnter(actor, b, &p):
			return nil, ErrPayer
		}
		lines, err := s.store.lines(ctx, `l.list_id=$1 AND l.state='confirmed' ORDER BY l.seq`, p.ID)
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			if err := s.store.became(ctx, ListLine{ListID: p.ID, LineID: l.ID, Outcome: WasVoid, By: actor.ID, Reason: reason}); err != nil {
				return nil, err
			}
			l.ListID = ""
			if err := s.store.saveLine(ctx, l); err != nil {
				return nil, err
			}
		}
		p.State = ListVoid
		if err := s.store.saveList(ctx, p, ListOpen); err != nil {
			return nil, err
		}
		return map[string]any{"number": p.Number, "lines": len(lines), "fen": int64(sumOf(lines))}, s.restate(ctx, b)
	})
}
