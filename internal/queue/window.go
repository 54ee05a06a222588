package queue

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/cases/visit"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
)

// bench is the window of a clerk in hand, under the lock of its hall.
type bench struct {
	hall   Hall
	window Window
	ticket *Ticket // called or served there
}

// at does one thing at the window of the clerk.
func (s *Service) at(ctx context.Context, actor auth.Actor, what string, do func(ctx context.Context, b *bench) error) error {
	p, err := seat(actor)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.lock(ctx, p.HallID); err != nil {
			return err
		}
		b, err := s.bench(ctx, p)
		if err != nil {
			return err
		}
		b.window.ClerkID = actor.ID // whoever acts there sits there
		if err := do(ctx, b); err != nil {
			return err
		}
		b.window.Since = s.Clock.Now()
		if err := s.store.saveWindow(ctx, b.window); err != nil {
			return err
		}
		change := map[string]any{"window": b.window.ID}
		if b.ticket != nil {
			if err := s.store.saveTicket(ctx, *b.ticket); err != nil {
				return err
			}
			change["number"] = b.ticket.Number
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "queue." + what, Object: "window:" + b.window.ID, Change: change})
	})
}

func (s *Service) bench(ctx context.Context, p auth.Post) (*bench, error) {
	h, err := s.Hall(ctx, p.HallID)
	if err != nil {
		return nil, err
	}
	b := &bench{hall: h, window: Window{ID: p.WindowID, HallID: p.HallID}}
	list, err := s.store.windows(ctx, p.HallID)
	if err != nil {
		return nil, err
	}
	for _, w := range list {
		if w.ID == p.WindowID {
			b.window = w
		}
	}
	if b.window.TicketID == "" {
		return b, nil
	}
	t, err := s.store.ticket(ctx, `id=$1`, b.window.TicketID)
	if err != nil {
		return nil, err
	}
	b.ticket = &t
	return b, nil
}

// busy says that the window has a number in hand.
func (b *bench) busy() error {
	if b.ticket == nil {
		return nil
	}
	return ErrBusy.With("number", b.ticket.Number)
}

// calls says whether the window calls a waiting ticket.
func (b *bench) calls(t *Ticket) bool {
	if t.Kept {
		return t.WindowID == b.window.ID
	}
	l, ok := b.hall.Lane(t.LaneID)
	return ok && slices.Contains(l.Windows, b.window.ID)
}

// Next calls the next number to the clerk's window.
func (s *Service) Next(ctx context.Context, actor auth.Actor) (out Ticket, err error) {
	err = s.at(ctx, actor, "next", func(ctx context.Context, b *bench) error {
		if err := b.busy(); err != nil {
			return err
		}
		if b.window.Paused {
			return ErrPaused
		}
		list, err := s.store.tickets(ctx, `hall_id=$1 AND day=$2 AND state='waiting'`, b.hall.ID, s.today())
		if err != nil {
			return err
		}
		Sort(list, s.Clock.Now())
		for i := range list {
			if b.calls(&list[i]) {
				s.call(b, &list[i], actor)
				out = *b.ticket
				return nil
			}
		}
		return ErrEmpty
	})
	return out, err
}

// call calls a ticket to the window.
func (s *Service) call(b *bench, t *Ticket, actor auth.Actor) {
	now := s.Clock.Now()
	t.State, t.WindowID, t.ClerkID, t.Kept = Called, b.window.ID, actor.ID, false
	t.Calls, t.CalledAt = t.Calls+1, now
	if t.FirstCalled.IsZero() {
		t.FirstCalled = now
	}
	b.ticket, b.window.TicketID = t, t.ID
}

// Again calls the number of the window once more.
func (s *Service) Again(ctx context.Context, actor auth.Actor) error {
	return s.at(ctx, actor, "again", func(_ context.Context, b *bench) error {
		if b.ticket == nil || b.ticket.State != Called {
			return ErrNone
		}
		s.call(b, b.ticket, actor)
		return nil
	})
}

// NoShow passes the number of the window over, after it was called MaxCalls times.
func (s *Service) NoShow(ctx context.Context, actor auth.Actor) error {
	return s.at(ctx, actor, "no_show", func(_ context.Context, b *bench) error {
		switch {
		case b.ticket == nil || b.ticket.State != Called:
			return ErrNone
		case b.ticket.Calls < MaxCalls:
			return ErrTwice.With("max", MaxCalls)
		}
		b.ticket.State, b.ticket.FinishedAt, b.window.TicketID = Missed, s.Clock.Now(), ""
		return nil
	})
}

// Recall calls a number that was passed over today and has come after all.
func (s *Service) Recall(ctx context.Context, actor auth.Actor, id string) error {
	return s.at(ctx, actor, "recall", func(ctx context.Context, b *bench) error {
		if err := b.busy(); err != nil {
			return err
		}
		t, err := s.store.ticket(ctx, `id=$1 AND hall_id=$2 AND day=$3`, id, b.hall.ID, s.today())
		if err != nil {
			return err
		}
		if t.State != Missed {
			return ErrState
		}
		t.FinishedAt = time.Time{}
		s.call(b, &t, actor)
		return nil
	})
}

// Serve begins to serve who was called: it opens his visit.
func (s *Service) Serve(ctx context.Context, actor auth.Actor) (v visit.Visit, err error) {
	err = s.at(ctx, actor, "serve", func(ctx context.Context, b *bench) error {
		if b.ticket == nil {
			return ErrNone
		}
		if v, err = s.Visits.Begin(ctx, actor, visit.BeginInput{
			TicketID: b.ticket.ID, TicketNumber: b.ticket.Number, AccountID: b.ticket.AccountID, EnterpriseID: b.ticket.EnterpriseID,
		}); err != nil {
			return err
		}
		if b.ticket.State == Called {
			b.ticket.State, b.ticket.ServedAt = Serving, s.Clock.Now()
		}
		b.ticket.VisitID = string(v.ID)
		return nil
	})
	return v, err
}

// Finish ends the service of the number in hand, and its visit.
func (s *Service) Finish(ctx context.Context, actor auth.Actor) error {
	return s.at(ctx, actor, "finish", func(ctx context.Context, b *bench) error {
		if b.ticket == nil || b.ticket.State != Serving {
			return ErrNone
		}
		if _, err := s.Visits.End(ctx, actor, visit.Ref{ID: visit.ID(b.ticket.VisitID)}); err != nil {
			return err
		}
		t, err := s.store.ticket(ctx, `id=$1`, b.ticket.ID) // the end of the visit finished it
		if err != nil {
			return err
		}
		b.ticket, b.window.TicketID = &t, ""
		return nil
	})
}

// VisitEnded reacts to the end of a visit: its ticket is served, and the window
// that had it is free.
func (s *Service) VisitEnded(ctx context.Context, e visit.Ended) error {
	if e.Visit.TicketID == "" {
		return nil
	}
	t, err := s.store.ticket(ctx, `id=$1`, e.Visit.TicketID)
	if err != nil {
		return fmt.Errorf("queue: ticket of a visit: %w", err)
	}
	if err := s.store.lock(ctx, t.HallID); err != nil {
		return err
	}
	if t, err = s.store.ticket(ctx, `id=$1`, t.ID); err != nil || t.State != Serving {
		return err
	}
	t.State, t.FinishedAt = Served, s.Clock.Now()
	if err := s.store.saveTicket(ctx, t); err != nil {
		return err
	}
	_, err = s.DB.Exec(ctx, `UPDATE queue_window SET ticket_id='' WHERE ticket_id=$1`, t.ID)
	return err
}

// Transfer sends the number in hand to another lane, or to one window; there it
// goes before those who have not been called yet.
func (s *Service) Transfer(ctx context.Context, actor auth.Actor, lane, window string) error {
	return s.at(ctx, actor, "transfer", func(_ context.Context, b *bench) error {
		if b.ticket == nil {
			return ErrNone
		}
		l, ok := b.hall.Lane(lane)
		if !ok || window != "" && !slices.Contains(l.Windows, window) || window == b.window.ID {
			return ErrLane.At("lane", ErrLane.Code)
		}
		t := b.ticket
		t.LaneID, t.WindowID, t.Kept, t.State, t.Transferred, t.Calls = lane, window, window != "", Waiting, true, 0
		b.window.TicketID = ""
		return nil
	})
}

// Sit opens the clerk's window, or opens it again after a pause.
func (s *Service) Sit(ctx context.Context, actor auth.Actor) error {
	return s.at(ctx, actor, "sit", func(_ context.Context, b *bench) error {
		b.window.Paused, b.window.Reason = false, ""
		return nil
	})
}

// Pause takes the window out of the calling; leave says that the clerk goes.
func (s *Service) Pause(ctx context.Context, actor auth.Actor, reason string, leave bool) error {
	return s.at(ctx, actor, "pause", func(_ context.Context, b *bench) error {
		if err := b.busy(); err != nil {
			return err
		}
		b.window.Paused, b.window.Reason = true, strings.TrimSpace(reason)
		if leave {
			b.window.ClerkID = ""
		}
		return nil
	})
}

// Prefer calls a waiting ticket before all others, or takes that back: for the
// old, the disabled and who carries a child.
func (s *Service) Prefer(ctx context.Context, actor auth.Actor, id string, on bool) error {
	return s.at(ctx, actor, "prefer", func(ctx context.Context, b *bench) error {
		t, err := s.store.ticket(ctx, `id=$1 AND hall_id=$2`, id, b.hall.ID)
		if err != nil {
			return err
		}
		if t.State != Waiting {
			return ErrState
		}
		t.Priority = on
		return s.store.saveTicket(ctx, t)
	})
}

// Board is what a clerk sees of the queue.
type Board struct {
	Hall    Hall
	Window  Window
	Ticket  *Ticket
	Waiting []Ticket // that this window calls, in order
	Others  int      // waiting in the hall for other windows
	Missed  []Ticket
}

// Board returns the queue as the clerk's window sees it.
func (s *Service) Board(ctx context.Context, actor auth.Actor) (Board, error) {
	p, err := seat(actor)
	if err != nil {
		return Board{}, err
	}
	b, err := s.bench(ctx, p)
	if err != nil {
		return Board{}, err
	}
	out := Board{Hall: b.hall, Window: b.window, Ticket: b.ticket}
	list, err := s.store.tickets(ctx, `hall_id=$1 AND day=$2 AND state IN ('waiting','missed')`, p.HallID, s.today())
	if err != nil {
		return out, err
	}
	Sort(list, s.Clock.Now())
	for i := range list {
		switch {
		case list[i].State == Missed:
			out.Missed = append(out.Missed, list[i])
		case b.calls(&list[i]):
			out.Waiting = append(out.Waiting, list[i])
		default:
			out.Others++
		}
	}
	return out, nil
}
