package queue

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/cases/visit"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/throttle"
)

// Visits is what a window does with a number that came: it begins a visit, and
// ends the one that is over.
type Visits interface {
	Begin(ctx context.Context, actor auth.Actor, in visit.BeginInput) (visit.Visit, error)
	End(ctx context.Context, actor auth.Actor, ref visit.Ref) (visit.Visit, error)
}

// Calendars knows in which calendar a region works, counted from an instant;
// package calendar has the rule.
type Calendars interface {
	For(region string, since time.Time) *workday.Calendar
}

// Deps of the module.
type Deps struct {
	DB        *db.DB
	Clock     clock.Clock
	Calendars Calendars
	Identity  *identity.Service
	Visits    Visits
	Notify    *notify.Service
	Audit     *audit.Log
	Throttle  *throttle.Throttle
}

// Service is the use cases of the module.
type Service struct {
	Deps
	store store
}

// New wires the module.
func New(d Deps) *Service { return &Service{Deps: d, store: store{d.DB}} }

func (s *Service) today() string { return workday.DateOf(s.Clock.Now()).String() }

// SaveHall sets up a hall, or changes how it is set up; lanes are added and
// changed, never removed. The engine itself only, from the frame of a zone.
func (s *Service) SaveHall(ctx context.Context, actor auth.Actor, h Hall) error {
	if actor.Kind != auth.System {
		return ErrForbidden
	}
	if err := h.check(); err != nil {
		return err
	}
	if h.KioskKey == "" {
		h.KioskKey = ids.Token()
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.saveHall(ctx, h); err != nil {
			return fmt.Errorf("queue: save hall: %w", err)
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "queue.save_hall", Object: "hall:" + h.ID})
	})
}

// Halls that call their visitors.
func (s *Service) Halls(ctx context.Context) ([]Hall, error) {
	return s.store.halls(ctx, `1=1 ORDER BY hall_id`)
}

// Hall returns one.
func (s *Service) Hall(ctx context.Context, id string) (Hall, error) {
	return s.one(ctx, `hall_id=$1`, id)
}

// HallOfKiosk is the hall whose ticket machine has the key.
func (s *Service) HallOfKiosk(ctx context.Context, key string) (Hall, error) {
	return s.one(ctx, `kiosk_key=$1`, key)
}

func (s *Service) one(ctx context.Context, where, arg string) (Hall, error) {
	list, err := s.store.halls(ctx, where, arg)
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Hall{}, err
	}
	return list[0], nil
}

// worked is the calendar of a hall as its region decided until now.
func (s *Service) worked(h Hall) *workday.Calendar { return s.Calendars.For(h.Region, s.Clock.Now()) }

// open says whether a lane takes numbers at an instant.
func (s *Service) open(h Hall, l Lane, now time.Time) bool {
	d := workday.DateOf(now)
	if !s.worked(h).IsWorkday(d) {
		return false
	}
	minute := int(now.Sub(workday.StartOf(d)) / time.Minute)
	return slices.ContainsFunc(l.Hours, func(h Span) bool { return minute >= h.From-30 && minute < h.To })
}

// TakeInput is what somebody chooses at the machine, or a clerk for him.
type TakeInput struct {
	Kiosk    string // key of the machine
	LaneID   string
	Priority bool // of a clerk only: for the old, the disabled, who carries a child
}

// Take gives the next number of a lane: at the machine of the hall, or from a
// clerk of the hall.
func (s *Service) Take(ctx context.Context, actor auth.Actor, in TakeInput) (t Ticket, err error) {
	h, err := s.door(ctx, actor, in.Kiosk)
	if err != nil {
		return t, err
	}
	l, ok := h.Lane(in.LaneID)
	if !ok {
		return t, ErrLane
	}
	now := s.Clock.Now()
	if in.Kiosk != "" && !s.open(h, l, now) { // who takes somebody in after hours is there to serve him
		return t, ErrClosed
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.lock(ctx, h.ID); err != nil {
			return err
		}
		t, err = s.give(ctx, actor, l, Ticket{Priority: in.Priority && in.Kiosk == "", TakenAt: now})
		return err
	})
	return t, err
}

// door says at which hall a number is asked for: with the key of a machine, or
// by a clerk who sits there.
func (s *Service) door(ctx context.Context, actor auth.Actor, kiosk string) (Hall, error) {
	if kiosk != "" {
		h, err := s.HallOfKiosk(ctx, kiosk)
		if err != nil {
			return h, err
		}
		return h, s.Throttle.Hit(ctx, "kiosk:"+h.ID, 600, time.Hour)
	}
	p, err := seat(actor)
	if err != nil {
		return Hall{}, err
	}
	return s.Hall(ctx, p.HallID)
}

// give writes a ticket with the next number of its lane, under the lock of the hall.
func (s *Service) give(ctx context.Context, actor auth.Actor, l Lane, t Ticket) (Ticket, error) {
	day := workday.DateOf(t.TakenAt).String()
	n, err := s.store.count(ctx, l.ID, day)
	if err != nil {
		return t, err
	}
	if l.Tickets > 0 && n > l.Tickets && t.AppointmentID == "" {
		return t, ErrFullDay
	}
	t.ID, t.Token, t.HallID, t.Day, t.State = ids.New(t.TakenAt), ids.Token(), l.HallID, day, Waiting
	t.Number, t.TakenLane, t.LaneID = fmt.Sprintf("%s%03d", l.Letter, n), l.ID, l.ID
	if err := s.store.insertTicket(ctx, t); err != nil {
		return t, fmt.Errorf("queue: ticket: %w", err)
	}
	return t, s.Audit.Record(ctx, actor, audit.Note{Action: "queue.take", Object: "ticket:" + t.ID, Change: map[string]any{"number": t.Number, "priority": t.Priority}})
}

// CheckIn gives the number of an appointment to who has come, by its code. Who
// comes too late waits like everybody else.
func (s *Service) CheckIn(ctx context.Context, actor auth.Actor, kiosk, code string) (t Ticket, err error) {
	h, err := s.door(ctx, actor, kiosk)
	if err != nil {
		return t, err
	}
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	now := s.Clock.Now()
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.lock(ctx, h.ID); err != nil {
			return err
		}
		list, err := s.store.appointments(ctx, `hall_id=$1 AND day=$2 AND code=$3 AND state IN ('booked','arrived')`, h.ID, workday.DateOf(now).String(), code)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return ErrCode.At("code", ErrCode.Code)
		}
		a := list[0]
		if a.State == Arrived { // pressed twice, or the slip was lost
			t, err = s.store.ticket(ctx, `id=$1`, a.TicketID)
			return err
		}
		begins := a.Begins()
		if now.Before(begins.Add(-Early)) {
			return ErrEarly.With("from", begins.Add(-Early))
		}
		l, ok := h.Lane(a.LaneID)
		if !ok {
			return ErrLane
		}
		in := Ticket{AccountID: a.AccountID, EnterpriseID: a.EnterpriseID, AppointmentID: a.ID, TakenAt: now}
		if !now.After(begins.Add(Late)) {
			in.SlotAt = begins
		}
		if t, err = s.give(ctx, actor, l, in); err != nil {
			return err
		}
		a.State, a.TicketID = Arrived, t.ID
		return s.store.saveAppointment(ctx, a, now)
	})
	return t, err
}

// Status is how a ticket stands, for who holds it.
type Status struct {
	Ticket
	Lane    Lane
	Ahead   int // called before it
	Open    int // windows that call its lane now
	Wait    time.Duration
	Known   bool // the wait is measured
	Waiting int
}

// Status returns how the ticket of a link stands.
func (s *Service) Status(ctx context.Context, token string) (Status, error) {
	t, err := s.store.ticket(ctx, `token=$1`, token)
	if err != nil {
		return Status{}, err
	}
	out := Status{Ticket: t}
	h, err := s.Hall(ctx, t.HallID)
	if err != nil {
		return out, err
	}
	out.Lane, _ = h.Lane(t.LaneID)
	if t.State != Waiting {
		return out, nil
	}
	list, err := s.store.tickets(ctx, `hall_id=$1 AND day=$2 AND state='waiting' AND lane_id=$3`, t.HallID, t.Day, t.LaneID)
	if err != nil {
		return out, err
	}
	Sort(list, s.Clock.Now())
	out.Waiting = len(list)
	out.Ahead = slices.IndexFunc(list, func(x Ticket) bool { return x.ID == t.ID })
	out.Wait, out.Open, out.Known, err = s.wait(ctx, out.Lane, out.Ahead)
	return out, err
}

// wait estimates from what was measured in the last 30 days.
func (s *Service) wait(ctx context.Context, l Lane, ahead int) (wait time.Duration, open int, known bool, err error) {
	windows, err := s.store.windows(ctx, l.HallID)
	if err != nil {
		return 0, 0, false, err
	}
	for _, w := range windows {
		if w.Open() && slices.Contains(l.Windows, w.ID) {
			open++
		}
	}
	spans, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[int64], `SELECT finished_at - served_at FROM queue_ticket WHERE lane_id=$1 AND state='served' AND served_at > 0 AND finished_at > $2
		ORDER BY finished_at DESC LIMIT 50`, l.ID, db.MS(s.Clock.Now().AddDate(0, 0, -30)))
	if err != nil {
		return 0, open, false, err
	}
	var sum int64
	for _, ms := range spans {
		sum += ms
	}
	mean := time.Duration(0)
	if len(spans) > 0 {
		mean = time.Duration(sum/int64(len(spans))) * time.Millisecond
	}
	wait, known = Estimate(ahead, open, len(spans), mean)
	return wait, open, known, nil
}

// LaneState is a lane as somebody sees it who has no number yet.
type LaneState struct {
	Lane
	Waiting int
	Open    bool // takes numbers now
	Windows int
	Wait    time.Duration
	Known   bool
}

// Lanes of a hall as they stand.
func (s *Service) Lanes(ctx context.Context, h Hall) ([]LaneState, error) {
	list, err := s.store.tickets(ctx, `hall_id=$1 AND day=$2 AND state='waiting'`, h.ID, s.today())
	if err != nil {
		return nil, err
	}
	out := make([]LaneState, len(h.Lanes))
	for i, l := range h.Lanes {
		x := LaneState{Lane: l, Open: s.open(h, l, s.Clock.Now())}
		for _, t := range list {
			if t.LaneID == l.ID {
				x.Waiting++
			}
		}
		if x.Wait, x.Windows, x.Known, err = s.wait(ctx, l, x.Waiting); err != nil {
			return nil, err
		}
		out[i] = x
	}
	return out, nil
}

// Screen is what hangs in the hall: numbers and windows, no names.
type Screen struct {
	Hall    Hall
	Calls   []Call
	Waiting []LaneState
}

// Call is a number called to a window.
type Call struct {
	Number, Window string
	Again          bool // called more than once
	Now            bool // waited for at this moment
}

// Screen returns the last calls of a hall, the newest first.
func (s *Service) Screen(ctx context.Context, hall string) (out Screen, err error) {
	if out.Hall, err = s.Hall(ctx, hall); err != nil {
		return out, err
	}
	list, err := s.store.tickets(ctx, `hall_id=$1 AND day=$2 AND state IN ('called','serving','served') AND called_at > 0 ORDER BY state <> 'called', called_at DESC LIMIT 8`, hall, s.today())
	if err != nil {
		return out, err
	}
	for _, t := range list {
		w, _ := s.Identity.Directory().Window(t.WindowID)
		out.Calls = append(out.Calls, Call{Number: t.Number, Window: w.Number, Again: t.Calls > 1, Now: t.State == Called})
	}
	out.Waiting, err = s.Lanes(ctx, out.Hall)
	return out, err
}

// seat is the window of a clerk.
func seat(actor auth.Actor) (auth.Post, error) {
	for _, p := range actor.PostsOf(auth.Clerk) {
		if p.HallID != "" && p.WindowID != "" {
			return p, nil
		}
	}
	if actor.Has(auth.Clerk) {
		return auth.Post{}, ErrNoWindow
	}
	return auth.Post{}, ErrForbidden
}
