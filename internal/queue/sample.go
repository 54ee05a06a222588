package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Sample puts life into a hall for a demonstration: served numbers of the last
// working days, so that waits are measured, and some who wait now. People are
// accounts with an appointment on the next working days. The engine itself only.
func (s *Service) Sample(ctx context.Context, actor auth.Actor, hall string, people []string) error {
	if actor.Kind != auth.System {
		return ErrForbidden
	}
	h, err := s.Hall(ctx, hall)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.lock(ctx, hall); err != nil {
			return err
		}
		now := s.Clock.Now()
		day := workday.DateOf(now)
		for range 5 {
			if day = day.AddDays(-1); s.worked(h).IsWorkday(day) {
				if err := s.samplePast(ctx, h, day); err != nil {
					return fmt.Errorf("queue: sample: %w", err)
				}
			}
		}
		for i, l := range h.Lanes {
			for n := range 4 - i%2 {
				t, err := s.give(ctx, actor, l, Ticket{TakenAt: now.Add(-time.Duration(25-6*n) * time.Minute), Priority: i == 0 && n == 3})
				if err != nil {
					return err
				}
				if n == 0 { // on the screen already
					t.State, t.WindowID, t.Calls = Served, l.Windows[0], 1
					t.CalledAt, t.FirstCalled, t.ServedAt, t.FinishedAt = t.TakenAt.Add(5*time.Minute), t.TakenAt.Add(5*time.Minute), t.TakenAt.Add(6*time.Minute), now.Add(-time.Minute)
					if err := s.store.saveTicket(ctx, t); err != nil {
						return err
					}
				}
			}
		}
		days := s.Days(h)
		for i, account := range people {
			l := h.Lanes[i%len(h.Lanes)]
			slots := l.Slots()
			if len(days) < 2 || len(slots) == 0 {
				break
			}
			a := Appointment{
				ID: ids.New(now), HallID: hall, LaneID: l.ID, Day: days[1+i%(len(days)-1)].String(), Slot: slots[i%len(slots)], AccountID: account,
				Code: ids.Digits(6), State: Booked,
			}
			if err := s.store.insertAppointment(ctx, a, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// samplePast is a day of a hall that is over.
func (s *Service) samplePast(ctx context.Context, h Hall, day workday.Date) error {
	for i, l := range h.Lanes {
		for n := range 8 {
			at := At(day, l.Hours[0].From+9*n)
			t, err := s.give(ctx, auth.SystemActor(), l, Ticket{TakenAt: at})
			if err != nil {
				return err
			}
			t.State, t.WindowID, t.Calls = Served, l.Windows[n%len(l.Windows)], 1
			t.CalledAt = at.Add(time.Duration(3+(n*i)%9) * time.Minute)
			t.FirstCalled, t.ServedAt = t.CalledAt, t.CalledAt.Add(time.Minute)
			t.FinishedAt = t.ServedAt.Add(time.Duration(6+(n+i)%7) * time.Minute)
			if n == 7 {
				t.State, t.ServedAt = Missed, time.Time{}
			}
			if err := s.store.saveTicket(ctx, t); err != nil {
				return err
			}
		}
	}
	return nil
}
