package grant

import (
	"context"
	"slices"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
)

// MayClaw says whether the actor takes back what this batch gave: an approver who
// had no hand in the list. Who made the payment list is asked where the line is known.
func MayClaw(a auth.Actor, b *Batch) bool { return b.State.Closed() && MayRelease(a, b) }

// MadeList says that the actor, or somebody for whom he stands in, ever made a payment
// list on which the line stood.
func MadeList(a auth.Actor, stood []ListLine, line string) bool {
	mine := append(a.StandsInFor(), a.ID)
	return slices.ContainsFunc(stood, func(x ListLine) bool { return x.LineID == line && slices.Contains(mine, x.MadeBy) })
}

// Clawable says that a line can be taken back: it has its case, and is not with the
// treasury at this moment.
func (l Line) Clawable() bool {
	return l.CaseID != "" && (l.State == PaidOut || l.State == Bounced || l.State == Confirmed && l.ListID == "")
}

// ClawBack takes back what a firm got: its case is undone. What was not paid is the
// fund's again; what was paid is to be paid back, and is the fund's then. The firm is
// told, and how to object.
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
		stood, err := s.store.listLines(ctx, b.ID)
		if err != nil {
			return nil, err
		}
		if MadeList(actor, stood, l.ID) {
			return nil, ErrOwn
		}
		// The line first: who hears that the case is undone finds it taken back.
		if err := s.takeBack(ctx, actor, b, &l, reason); err != nil {
			return nil, err
		}
		if err := s.Ports.Unaward(ctx, actor, lineKey(&l), reason); err != nil {
			return nil, err
		}
		if b.Fund() != "" && l.Owed == 0 {
			if err := s.Ports.Return(ctx, actor, lineKey(&l), reason); err != nil {
				return nil, err
			}
		}
		return clawNote(&l), s.restate(ctx, b)
	})
}

func clawNote(l *Line) map[string]any {
	return map[string]any{"firm": l.FirmID, "case": l.CaseID, "fen": int64(l.Sum), "owed": int64(l.Owed)}
}

// takeBack makes a line one that was taken back, and tells the firm: what was paid
// it owes; what is on an open payment list is not paid any more.
func (s *Service) takeBack(ctx context.Context, actor auth.Actor, b *Batch, l *Line, reason string) error {
	if l.State == PaidOut {
		l.Owed = l.Sum
	}
	l.State, l.Reason, l.ClawedAt = Clawed, reason, s.Clock.Now()
	if err := s.store.saveLine(ctx, *l); err != nil {
		return err
	}
	l.Version++
	if l.ListID != "" && l.Owed == 0 {
		if err := s.store.became(ctx, ListLine{ListID: l.ListID, LineID: l.ID, Outcome: WasStopped, By: actor.ID, Reason: reason}); err != nil {
			return err
		}
		if err := s.emptied(ctx, b, l.ListID); err != nil {
			return err
		}
	}
	if l.Owed > 0 {
		return s.tell(ctx, b, *l, "grant_clawed", true)
	}
	return s.tell(ctx, b, *l, "grant_undone", false)
}

// emptied ends an open payment list on which nobody is left who is to be paid.
func (s *Service) emptied(ctx context.Context, b *Batch, list string) error {
	p, err := s.store.paylist(ctx, b, list)
	if err != nil || p.State != ListOpen {
		return err
	}
	left, err := s.store.lines(ctx, `l.list_id=$1 AND l.state='confirmed'`, p.ID)
	if err != nil || len(left) > 0 {
		return err
	}
	p.State = ListVoid
	return s.store.saveList(ctx, p, ListOpen)
}

// Undone takes a line back whose case was undone on the page of the case, in the
// transaction of that. It says whether the money of the line is with the firm: then
// it is no money of the fund until the firm has paid it back. A case that no list
// made, and one that was taken back already, changes nothing.
func (s *Service) Undone(ctx context.Context, actor auth.Actor, caseID, reason string) (out bool, err error) {
	lines, err := s.store.lines(ctx, `l.case_id=$1`, caseID)
	if err != nil || len(lines) == 0 {
		return false, err
	}
	l := lines[0]
	if l.State == Clawed {
		return l.Owed > 0 && l.Recovered == "", nil
	}
	if err := s.store.hold(ctx, l.BatchID); err != nil {
		return false, err
	}
	b, err := s.store.batch(ctx, l.BatchID)
	if err != nil {
		return false, err
	}
	if l, err = s.store.line(ctx, l.ID); err != nil {
		return false, err
	}
	words := []rune(reason)
	if err := s.takeBack(ctx, actor, &b, &l, string(words[:min(len(words), 300)])); err != nil {
		return false, err
	}
	if err := s.restate(ctx, &b); err != nil {
		return false, err
	}
	if err := s.store.save(ctx, b); err != nil {
		return false, err
	}
	return l.Owed > 0, s.note(ctx, actor, "grant.claw", &b, l.Reason, clawNote(&l))
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
		if b.Fund() != "" {
			if err := s.Ports.Return(ctx, actor, lineKey(&l), s.Texts.Text(i18n.Chinese, "grant.booking.back", "title", b.Clause.Title)); err != nil {
				return nil, err
			}
		}
		return map[string]any{"firm": l.FirmID, "fen": int64(l.Owed), "on": l.Recovered}, s.store.saveLine(ctx, l)
	})
}
