package app

import (
	"bytes"
	"context"
	"fmt"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/identity/batch"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/queue"
)

// saveHalls writes the organisation and how its halls call their visitors.
func (m *Modules) saveHalls(ctx context.Context, z demo.Zone) error {
	if err := m.Identity.SaveOrganisation(ctx, auth.SystemActor(), organisationOf(z)); err != nil {
		return err
	}
	for _, h := range z.Halls {
		if h.Queue == nil {
			continue
		}
		q, err := queueOf(h)
		if err != nil {
			return err
		}
		if err := m.Queue.SaveHall(ctx, auth.SystemActor(), q); err != nil {
			return fmt.Errorf("app: queue of hall %s: %w", h.Key, err)
		}
	}
	return nil
}

func queueOf(h demo.Hall) (queue.Hall, error) {
	out := queue.Hall{ID: h.Key, Region: h.Region, Appointments: h.Queue.Horizon > 0, HorizonDays: h.Queue.Horizon, MissLimit: h.Queue.MissLimit, MissDays: h.Queue.MissDays}
	for _, l := range h.Queue.Lanes {
		x := queue.Lane{Letter: l.Letter, Name: l.Name, Note: l.Note, SlotMinutes: l.Slot, PerSlot: l.PerSlot, PerDay: l.PerDay, Tickets: l.Tickets}
		for _, no := range l.Windows {
			x.Windows = append(x.Windows, h.Key+"/"+no)
		}
		for _, s := range l.Hours {
			var a, b, c, d int
			if _, err := fmt.Sscanf(s, "%d:%d-%d:%d", &a, &b, &c, &d); err != nil {
				return out, fmt.Errorf("app: hall %s: hours %q: %w", h.Key, s, err)
			}
			x.Hours = append(x.Hours, queue.Span{From: a*60 + b, To: c*60 + d})
		}
		out.Lanes = append(out.Lanes, x)
	}
	return out, nil
}

// sampleSheets uploads the sheets of the demonstration: a handler has brought
// them, and somebody else is to look at the check and take them in.
func (m *Modules) sampleSheets(ctx context.Context, z demo.Zone) error {
	a, err := m.Identity.AccountByLogin(ctx, "handler-kj")
	if err != nil {
		return err
	}
	actor, err := m.Identity.Actor(ctx, a.ID)
	if err != nil {
		return err
	}
	for _, x := range z.Sheets {
		if _, err := m.Batches.Bring(ctx, actor, x.Kind, batch.Upload{Name: "2026-" + x.Kind + ".csv", Content: bytes.NewReader(x.Content), Limit: 1 << 20}); err != nil {
			return fmt.Errorf("app: sheet %s: %w", x.Kind, err)
		}
	}
	return nil
}

// SampleQueues puts life into the halls of the demonstration.
func (m *Modules) SampleQueues(ctx context.Context, z demo.Zone) error {
	for i, h := range z.Halls {
		if h.Queue == nil {
			continue
		}
		var people []string
		for k, p := range z.People {
			if k < 8 && k%len(z.Halls) == i {
				a, err := m.Identity.AccountByLogin(ctx, p.Login)
				if err != nil {
					return err
				}
				people = append(people, a.ID)
			}
		}
		if err := m.Queue.Sample(ctx, auth.SystemActor(), h.Key, people); err != nil {
			return err
		}
	}
	return nil
}
