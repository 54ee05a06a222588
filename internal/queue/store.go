package queue

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/db"
)

// store is the SQL of the module.
type store struct{ db *db.DB }

// lock takes the row of the hall; whoever changes its queue does this first.
func (s store) lock(ctx context.Context, hall string) error {
	n, err := s.db.Exec(ctx, `UPDATE queue_hall SET moves=moves+1 WHERE hall_id=$1`, hall)
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return err
}

func scanHall(r db.Scanner) (h Hall, err error) {
	return h, r.Scan(&h.ID, &h.Region, &h.Appointments, &h.HorizonDays, &h.MissLimit, &h.MissDays, &h.KioskKey)
}

func scanLane(r db.Scanner) (l Lane, err error) {
	return l, r.Scan(&l.ID, &l.HallID, &l.Letter, db.JSON[i18n.Text]{V: &l.Name}, db.JSON[i18n.Text]{V: &l.Note}, db.JSON[[]string]{V: &l.Windows},
		db.JSON[[]Span]{V: &l.Hours}, &l.SlotMinutes, &l.PerSlot, &l.PerDay, &l.Tickets)
}

// halls reads halls with their lanes.
func (s store) halls(ctx context.Context, where string, args ...any) ([]Hall, error) {
	halls, err := db.List(ctx, s.db.Read(ctx), scanHall, `SELECT hall_id, region, appointments, horizon_days, miss_limit, miss_days, kiosk_key FROM queue_hall WHERE `+where, args...)
	if err != nil || len(halls) == 0 {
		return halls, err
	}
	lanes, err := db.List(ctx, s.db.Read(ctx), scanLane, `SELECT id, hall_id, letter, name, note, windows, hours, slot_minutes, per_slot, per_day, tickets FROM queue_lane ORDER BY position, letter`)
	if err != nil {
		return nil, err
	}
	for i := range halls {
		for _, l := range lanes {
			if l.HallID == halls[i].ID {
				halls[i].Lanes = append(halls[i].Lanes, l)
			}
		}
	}
	return halls, nil
}

// makeHall makes the row of a hall that has none yet.
func (s store) makeHall(ctx context.Context, h Hall) error {
	_, err := s.db.Exec(ctx, `INSERT INTO queue_hall (hall_id, region, appointments, horizon_days, miss_limit, miss_days, kiosk_key, moves) VALUES ($1,$2,FALSE,0,0,0,$3,0) ON CONFLICT (hall_id) DO NOTHING`,
		h.ID, h.Region, h.KioskKey)
	return err
}

func (s store) saveHall(ctx context.Context, h Hall) error {
	if _, err := s.db.Exec(ctx, `INSERT INTO queue_hall (hall_id, region, appointments, horizon_days, miss_limit, miss_days, kiosk_key, moves) VALUES ($1,$2,$3,$4,$5,$6,$7,0)
		ON CONFLICT (hall_id) DO UPDATE SET region=excluded.region, appointments=excluded.appointments, horizon_days=excluded.horizon_days, miss_limit=excluded.miss_limit, miss_days=excluded.miss_days`,
		h.ID, h.Region, h.Appointments, h.HorizonDays, h.MissLimit, h.MissDays, h.KioskKey); err != nil {
		return err
	}
	for i, l := range h.Lanes {
		if _, err := s.db.Exec(ctx, `INSERT INTO queue_lane (id, hall_id, letter, name, note, windows, hours, slot_minutes, per_slot, per_day, tickets, position)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12) ON CONFLICT (id) DO UPDATE SET name=excluded.name, note=excluded.note, windows=excluded.windows,
			hours=excluded.hours, slot_minutes=excluded.slot_minutes, per_slot=excluded.per_slot, per_day=excluded.per_day, tickets=excluded.tickets, position=excluded.position`,
			h.ID+"/"+l.Letter, h.ID, l.Letter, db.ToJSON(l.Name), db.ToJSON(l.Note), db.ToJSON(l.Windows), db.ToJSON(l.Hours), l.SlotMinutes, l.PerSlot, l.PerDay, l.Tickets, i); err != nil {
			return err
		}
	}
	return nil
}

const ticketColumns = `id, token, hall_id, day, number, taken_lane, lane_id, window_id, kept, account_id, enterprise_id, appointment_id, slot_at, priority, transferred,
	state, calls, clerk_id, visit_id, taken_at, called_at, first_called, served_at, finished_at`

func scanTicket(r db.Scanner) (t Ticket, err error) {
	return t, r.Scan(&t.ID, &t.Token, &t.HallID, &t.Day, &t.Number, &t.TakenLane, &t.LaneID, &t.WindowID, &t.Kept, &t.AccountID, &t.EnterpriseID, &t.AppointmentID,
		db.Time{Time: &t.SlotAt}, &t.Priority, &t.Transferred, &t.State, &t.Calls, &t.ClerkID, &t.VisitID, db.Time{Time: &t.TakenAt}, db.Time{Time: &t.CalledAt},
		db.Time{Time: &t.FirstCalled}, db.Time{Time: &t.ServedAt}, db.Time{Time: &t.FinishedAt})
}

func (s store) tickets(ctx context.Context, where string, args ...any) ([]Ticket, error) {
	return db.List(ctx, s.db.Read(ctx), scanTicket, `SELECT `+ticketColumns+` FROM queue_ticket WHERE `+where, args...)
}

func (s store) ticket(ctx context.Context, where string, args ...any) (Ticket, error) {
	t, ok, err := db.Maybe(ctx, s.db.Read(ctx), scanTicket, `SELECT `+ticketColumns+` FROM queue_ticket WHERE `+where, args...)
	if err == nil && !ok {
		err = ErrNotFound
	}
	return t, err
}

func (s store) insertTicket(ctx context.Context, t Ticket) error {
	_, err := s.db.Exec(ctx, `INSERT INTO queue_ticket (`+ticketColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,'',FALSE,$8,$9,$10,$11,$12,FALSE,$13,0,'','',$14,0,0,0,0)`,
		t.ID, t.Token, t.HallID, t.Day, t.Number, t.TakenLane, t.LaneID, t.AccountID, t.EnterpriseID, t.AppointmentID, db.MS(t.SlotAt), t.Priority, string(t.State), db.MS(t.TakenAt))
	return err
}

// saveTicket writes what may change; call it under the lock of the hall.
func (s store) saveTicket(ctx context.Context, t Ticket) error {
	return s.db.ExecOne(ctx, `UPDATE queue_ticket SET lane_id=$2, window_id=$3, kept=$4, priority=$5, transferred=$6, state=$7, calls=$8, clerk_id=$9, visit_id=$10,
		called_at=$11, first_called=$12, served_at=$13, finished_at=$14 WHERE id=$1`,
		t.ID, t.LaneID, t.WindowID, t.Kept, t.Priority, t.Transferred, string(t.State), t.Calls, t.ClerkID, t.VisitID,
		db.MS(t.CalledAt), db.MS(t.FirstCalled), db.MS(t.ServedAt), db.MS(t.FinishedAt))
}

// count raises the counter of a lane and returns the new number.
func (s store) count(ctx context.Context, lane, day string) (int, error) {
	return db.One(ctx, s.db.Write(ctx), db.Scalar[int], `INSERT INTO queue_counter (lane_id, day, last) VALUES ($1,$2,1)
		ON CONFLICT (lane_id, day) DO UPDATE SET last = queue_counter.last + 1 RETURNING last`, lane, day)
}

// Window is a window as it is now.
type Window struct {
	ID       string
	HallID   string
	ClerkID  string
	Paused   bool
	Reason   string
	TicketID string
	Since    time.Time
}

// Open says that somebody can be called there.
func (w *Window) Open() bool { return w.ClerkID != "" && !w.Paused }

func (s store) windows(ctx context.Context, hall string) ([]Window, error) {
	return db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (w Window, err error) {
		return w, r.Scan(&w.ID, &w.HallID, &w.ClerkID, &w.Paused, &w.Reason, &w.TicketID, db.Time{Time: &w.Since})
	}, `SELECT window_id, hall_id, clerk_id, paused, reason, ticket_id, since FROM queue_window WHERE hall_id=$1 ORDER BY window_id`, hall)
}

func (s store) saveWindow(ctx context.Context, w Window) error {
	_, err := s.db.Exec(ctx, `INSERT INTO queue_window (window_id, hall_id, clerk_id, paused, reason, ticket_id, since) VALUES ($1,$2,$3,$4,$5,$6,$7)
		ON CONFLICT (window_id) DO UPDATE SET clerk_id=excluded.clerk_id, paused=excluded.paused, reason=excluded.reason, ticket_id=excluded.ticket_id, since=excluded.since`,
		w.ID, w.HallID, w.ClerkID, w.Paused, w.Reason, w.TicketID, db.MS(w.Since))
	return err
}

const appointmentColumns = `id, hall_id, lane_id, day, slot, account_id, enterprise_id, topic, code, state, ticket_id, version`

func scanAppointment(r db.Scanner) (a Appointment, err error) {
	return a, r.Scan(&a.ID, &a.HallID, &a.LaneID, &a.Day, &a.Slot, &a.AccountID, &a.EnterpriseID, &a.Topic, &a.Code, &a.State, &a.TicketID, &a.Version)
}

func (s store) appointments(ctx context.Context, where string, args ...any) ([]Appointment, error) {
	return db.List(ctx, s.db.Read(ctx), scanAppointment, `SELECT `+appointmentColumns+` FROM queue_appointment WHERE `+where, args...)
}

func (s store) insertAppointment(ctx context.Context, a Appointment, now time.Time) error {
	_, err := s.db.Exec(ctx, `INSERT INTO queue_appointment (id, hall_id, lane_id, day, slot, account_id, enterprise_id, topic, code, state, ticket_id, created_at, reminded_at, updated_at, version)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,'booked','',$10,0,$10,1)`, a.ID, a.HallID, a.LaneID, a.Day, a.Slot, a.AccountID, a.EnterpriseID, a.Topic, a.Code, db.MS(now))
	return err
}

func (s store) saveAppointment(ctx context.Context, a Appointment, now time.Time) error {
	return s.db.ExecOne(ctx, `UPDATE queue_appointment SET hall_id=$3, lane_id=$4, day=$5, slot=$6, state=$7, ticket_id=$8, code=$9, updated_at=$10, reminded_at=CASE WHEN day=$5 THEN reminded_at ELSE 0 END, version=version+1
		WHERE id=$1 AND version=$2`, a.ID, a.Version, a.HallID, a.LaneID, a.Day, a.Slot, string(a.State), a.TicketID, a.Code, db.MS(now))
}

// taken counts the appointments of a lane on a day by slot.
func (s store) taken(ctx context.Context, lane, day string) (map[int]int, error) {
	type row struct{ slot, n int }
	rows, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.slot, &x.n) },
		`SELECT slot, count(*) FROM queue_appointment WHERE lane_id=$1 AND day=$2 AND state IN ('booked','arrived') GROUP BY slot`, lane, day)
	out := map[int]int{}
	for _, r := range rows {
		out[r.slot] = r.n
	}
	return out, err
}
