package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/notify"
)

// BookInput is an appointment somebody wants.
type BookInput struct {
	LaneID       string
	Day          string
	Slot         int
	EnterpriseID string
	Topic        string
}

// SlotState is a slot that can be chosen.
type SlotState struct {
	Minute int
	Left   int
}

// Days are the working days of a hall that can be booked.
func (s *Service) Days(h Hall) []workday.Date {
	if !h.Appointments {
		return nil
	}
	var out []workday.Date
	cal := s.worked(h)
	for d := workday.DateOf(s.Clock.Now()); len(out) < h.HorizonDays && d.Sub(workday.DateOf(s.Clock.Now())) < 60; d = d.AddDays(1) {
		if cal.IsWorkday(d) {
			out = append(out, d)
		}
	}
	return out
}

// Slots of a lane on a day with what is left of them; past ones are left out.
func (s *Service) Slots(ctx context.Context, h Hall, l Lane, day workday.Date) ([]SlotState, error) {
	if !slices.Contains(s.Days(h), day) {
		return nil, ErrSlot
	}
	taken, err := s.store.taken(ctx, l.ID, day.String())
	if err != nil {
		return nil, err
	}
	total := 0
	for _, n := range taken {
		total += n
	}
	var out []SlotState
	for _, m := range l.Slots() {
		if s.Clock.Now().Before(At(day, m)) {
			out = append(out, SlotState{Minute: m, Left: max(min(l.PerSlot-taken[m], l.PerDay-total), 0)})
		}
	}
	return out, nil
}

// Book makes an appointment for a signed-in person.
func (s *Service) Book(ctx context.Context, actor auth.Actor, in BookInput) (Appointment, error) {
	in.Topic = strings.TrimSpace(in.Topic)
	switch {
	case actor.Kind != auth.Person:
		return Appointment{}, ErrForbidden
	case in.EnterpriseID != "" && !actor.May(in.EnterpriseID, auth.ModuleQueue, "", true):
		return Appointment{}, identity.ErrNotFound
	case utf8.RuneCountInString(in.Topic) > 100:
		return Appointment{}, ErrTopic.At("topic", ErrTopic.Code)
	}
	a := Appointment{AccountID: actor.ID, EnterpriseID: in.EnterpriseID, Topic: in.Topic, State: Booked}
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.place(ctx, &a, in); err != nil {
			return err
		}
		if err := s.mayBook(ctx, actor, a); err != nil {
			return err
		}
		now := s.Clock.Now()
		a.ID = ids.New(now)
		if err := s.store.insertAppointment(ctx, a, now); errors.Is(err, db.ErrDuplicate) {
			return ErrAgain
		} else if err != nil {
			return fmt.Errorf("queue: book: %w", err)
		}
		if err := s.tell(ctx, a, "queue_booked", "booked:"+a.ID); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "queue.book", Object: "appointment:" + a.ID, OnBehalf: a.EnterpriseID, Change: map[string]any{"lane": a.LaneID, "day": a.Day, "slot": a.Slot}})
	})
	return a, err
}

// place finds room for an appointment, under the lock of its hall.
func (s *Service) place(ctx context.Context, a *Appointment, in BookInput) error {
	hall, _, _ := strings.Cut(in.LaneID, "/")
	if err := s.store.lock(ctx, hall); err != nil {
		return err
	}
	h, err := s.Hall(ctx, hall)
	if err != nil {
		return err
	}
	if !h.Appointments {
		return ErrNoBooking
	}
	l, ok := h.Lane(in.LaneID)
	if !ok {
		return ErrLane
	}
	day, err := workday.Parse(in.Day)
	if err != nil {
		return ErrSlot.At("slot", ErrSlot.Code)
	}
	slots, err := s.Slots(ctx, h, l, day)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(slots, func(x SlotState) bool { return x.Minute == in.Slot })
	switch {
	case i < 0:
		return ErrSlot.At("slot", ErrSlot.Code)
	case slots[i].Left == 0:
		return ErrFullSlot
	}
	if a.HallID != hall || a.Day != in.Day { // a code is one in a hall on a day
		for range 20 {
			a.Code = ids.Digits(6)
			if _, taken, err := db.Maybe(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT id FROM queue_appointment WHERE hall_id=$1 AND day=$2 AND code=$3`, hall, in.Day, a.Code); err != nil {
				return err
			} else if !taken {
				break
			}
		}
	}
	a.HallID, a.LaneID, a.Day, a.Slot = hall, l.ID, in.Day, in.Slot
	return nil
}

// mayBook checks how many one has, and whether he came to those before.
func (s *Service) mayBook(ctx context.Context, actor auth.Actor, a Appointment) error {
	list, err := s.store.appointments(ctx, `account_id=$1 AND state IN ('booked','missed') ORDER BY day DESC LIMIT 50`, actor.ID)
	if err != nil {
		return err
	}
	h, err := s.Hall(ctx, a.HallID)
	if err != nil {
		return err
	}
	booked, missed, last := 0, 0, ""
	since := workday.DateOf(s.Clock.Now()).AddDays(-h.MissDays).String()
	for _, x := range list {
		switch {
		case x.State == Booked && x.ID != a.ID:
			if x.LaneID == a.LaneID && x.Day == a.Day {
				return ErrAgain
			}
			booked++
		case x.State == NotCome && x.Day > since:
			missed++
			last = max(last, x.Day)
		}
	}
	if h.MissLimit > 0 && missed >= h.MissLimit {
		d, err := workday.Parse(last)
		if err != nil {
			return err
		}
		return ErrBarred.With("until", i18n.Text{ZH: i18n.Date(i18n.Chinese, workday.StartOf(d.AddDays(h.MissDays))), EN: i18n.Date(i18n.English, workday.StartOf(d.AddDays(h.MissDays)))})
	}
	if booked >= MaxBooked {
		return ErrMany.With("max", MaxBooked)
	}
	return nil
}

// own loads an appointment of the actor; another's is not found.
func (s *Service) own(ctx context.Context, actor auth.Actor, id string) (Appointment, error) {
	list, err := s.store.appointments(ctx, `id=$1 AND account_id=$2`, id, actor.ID)
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Appointment{}, err
	}
	return list[0], nil
}

// Appointment returns one of the actor's.
func (s *Service) Appointment(ctx context.Context, actor auth.Actor, id string) (Appointment, error) {
	return s.own(ctx, actor, id)
}

// Appointments of a person, the next ones first, then what was.
func (s *Service) Appointments(ctx context.Context, actor auth.Actor) ([]Appointment, error) {
	return s.store.appointments(ctx, `account_id=$1 ORDER BY state <> 'booked', day DESC, slot LIMIT 30`, actor.ID)
}

// Cancel gives an appointment back, up to its beginning.
func (s *Service) Cancel(ctx context.Context, actor auth.Actor, id string) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		a, err := s.own(ctx, actor, id)
		if err != nil {
			return err
		}
		if err := s.store.lock(ctx, a.HallID); err != nil {
			return err
		}
		if a, err = s.own(ctx, actor, id); err != nil {
			return err
		}
		if a.State != Booked || !s.Clock.Now().Before(a.Begins()) {
			return ErrState
		}
		a.State = Cancelled
		if err := s.store.saveAppointment(ctx, a, s.Clock.Now()); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "queue.cancel", Object: "appointment:" + id})
	})
}

// Move takes another slot for an appointment, in the same transaction as it
// gives the old one back.
func (s *Service) Move(ctx context.Context, actor auth.Actor, id string, in BookInput) (a Appointment, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if a, err = s.own(ctx, actor, id); err != nil {
			return err
		}
		// Only within its hall, so that one lock is enough.
		if hall, _, _ := strings.Cut(in.LaneID, "/"); hall != a.HallID {
			return ErrLane
		}
		was := a
		if err := s.place(ctx, &a, in); err != nil {
			return err
		}
		now, err := s.own(ctx, actor, id)
		if err != nil {
			return err
		}
		if now.State != Booked || now.Version != was.Version || !s.Clock.Now().Before(was.Begins()) {
			return ErrState
		}
		if err := s.mayBook(ctx, actor, a); err != nil {
			return err
		}
		if err := s.store.saveAppointment(ctx, a, s.Clock.Now()); err != nil {
			return err
		}
		if err := s.tell(ctx, a, "queue_booked", fmt.Sprintf("moved:%s:%d", a.ID, a.Version)); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "queue.move", Object: "appointment:" + id, Change: map[string]any{"day": a.Day, "slot": a.Slot}})
	})
	return a, err
}

// Clocktime writes a minute of the day.
func Clocktime(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// tell writes a notice about an appointment.
func (s *Service) tell(ctx context.Context, a Appointment, kind, key string) error {
	to, err := s.Identity.Account(ctx, a.AccountID)
	if err != nil {
		return err
	}
	h, err := s.Hall(ctx, a.HallID)
	if err != nil {
		return err
	}
	l, _ := h.Lane(a.LaneID)
	place, _ := s.Identity.Directory().Hall(a.HallID)
	at := a.Begins()
	return s.Notify.Tell(ctx, to.Reader(), notify.News{
		Key: "queue:" + key, Kind: kind, Link: "/my/appointments",
		Params: map[string]any{
			"hall": place.Name, "lane": l.Name, "code": a.Code, "time": Clocktime(a.Slot),
			"day": i18n.Text{ZH: i18n.Date(i18n.Chinese, at), EN: i18n.Date(i18n.English, at)},
		},
	})
}

// NoticeKinds lists the kinds that the module tells; a test looks for the texts.
func NoticeKinds() []string { return []string{"queue_booked", "queue_reminder", "queue_closed"} }

// Remind tells everybody with an appointment tomorrow of it, once.
func (s *Service) Remind(ctx context.Context) error {
	now := s.Clock.Now()
	list, err := s.store.appointments(ctx, `state='booked' AND reminded_at=0 AND day=$1 ORDER BY id LIMIT 1000`, workday.DateOf(now).AddDays(1).String())
	if err != nil {
		return fmt.Errorf("queue: remind: %w", err)
	}
	var failed []error
	for _, a := range list {
		err := s.DB.InTx(ctx, func(ctx context.Context) error {
			n, err := s.DB.Exec(ctx, `UPDATE queue_appointment SET reminded_at=$2 WHERE id=$1 AND reminded_at=0 AND state='booked'`, a.ID, db.MS(now))
			if err != nil || n == 0 {
				return err
			}
			return s.tell(ctx, a, "queue_reminder", "remind:"+a.ID+":"+a.Day)
		})
		if err != nil { // one that fails does not hold up the others
			failed = append(failed, fmt.Errorf("queue: remind %s: %w", a.ID, err))
		}
	}
	return errors.Join(failed...)
}

// GiveBack gives back the appointments for days that the region of their hall has
// taken off since, and tells who had them: nobody has missed such a day.
func (s *Service) GiveBack(ctx context.Context) error {
	list, err := s.store.appointments(ctx, `state='booked' ORDER BY day, id`)
	if err != nil {
		return fmt.Errorf("queue: give back: %w", err)
	}
	halls, err := s.Halls(ctx)
	if err != nil {
		return fmt.Errorf("queue: give back: %w", err)
	}
	now, cals := s.Clock.Now(), map[string]*workday.Calendar{}
	for _, h := range halls {
		cals[h.ID] = s.worked(h)
	}
	var failed []error
	for _, a := range list {
		day, err := workday.Parse(a.Day)
		if cal := cals[a.HallID]; err != nil || cal == nil || cal.IsWorkday(day) {
			continue
		}
		a.State = Cancelled
		err = s.DB.InTx(ctx, func(ctx context.Context) error {
			if err := s.store.lock(ctx, a.HallID); err != nil {
				return err
			}
			if err := s.store.saveAppointment(ctx, a, now); err != nil {
				return err
			}
			if err := s.tell(ctx, a, "queue_closed", "closed:"+a.ID+":"+a.Day); err != nil {
				return err
			}
			return s.Audit.Record(ctx, auth.SystemActor(), audit.Note{Action: "queue.give_back", Object: "appointment:" + a.ID, Change: map[string]any{"day": a.Day}})
		})
		if err != nil && !errors.Is(err, db.ErrStale) { // he moved it himself
			failed = append(failed, fmt.Errorf("queue: give back %s: %w", a.ID, err))
		}
	}
	return errors.Join(failed...)
}

// Sweep closes what a day left open: its tickets lapse, windows are free, and who
// did not come to his appointment has missed it.
func (s *Service) Sweep(ctx context.Context) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		halls, err := s.Halls(ctx)
		if err != nil {
			return err
		}
		now, today := db.MS(s.Clock.Now()), s.today()
		for _, h := range halls {
			if err := s.store.lock(ctx, h.ID); err != nil {
				return err
			}
			for _, sql := range []string{
				`UPDATE queue_ticket SET state='lapsed', finished_at=$3 WHERE hall_id=$1 AND day < $2 AND state IN ('waiting','called','serving')`,
				`UPDATE queue_appointment SET state='missed', updated_at=$3, version=version+1 WHERE hall_id=$1 AND day < $2 AND state='booked'`,
				`UPDATE queue_window SET ticket_id='', clerk_id='', since=$3 WHERE hall_id=$1 AND ticket_id IN (SELECT t.id FROM queue_ticket t WHERE t.day < $2)`,
			} {
				if _, err := s.DB.Exec(ctx, sql, h.ID, today, now); err != nil {
					return fmt.Errorf("queue: sweep: %w", err)
				}
			}
			// A window at which nobody did anything for a working day was left open.
			if _, err := s.DB.Exec(ctx, `UPDATE queue_window SET clerk_id='' WHERE hall_id=$1 AND ticket_id='' AND clerk_id <> '' AND since < $2`, h.ID, db.MS(s.Clock.Now().Add(-10*time.Hour))); err != nil {
				return fmt.Errorf("queue: sweep: %w", err)
			}
		}
		return nil
	})
}

type sweepArgs struct{}

// Kind names the job.
func (sweepArgs) Kind() string { return "queue.sweep" }

// Workers adds the jobs of the module to the queue.
func (s *Service) Workers(q *jobs.Queue) {
	jobs.Handle(q, func(ctx context.Context, _ sweepArgs) error {
		return errors.Join(s.GiveBack(ctx), s.Sweep(ctx), s.Remind(ctx))
	})
	jobs.Every(q, 15*time.Minute, sweepArgs{})
}

// Figures of a hall on a day.
type Figures struct {
	Hall                           Hall
	Day                            string
	Taken, Served, Waiting, Missed int
	Booked, NotCome                int
	MeanWait, P90Wait, MeanServe   time.Duration
	Hours                          []Hour
}

// Hour of a day: how many came, how many were called, how long they had waited.
type Hour struct {
	Hour, Taken, Called int
	Mean                time.Duration
}

// Readers see the figures of the halls in their region.
var Readers = []auth.Role{auth.Clerk, auth.Head, auth.Leader}

// Figures returns how a hall stood on a day: for its clerks, and for the heads
// and leaders of its region.
func (s *Service) Figures(ctx context.Context, actor auth.Actor, hall, day string) (f Figures, err error) {
	if f.Hall, err = s.Hall(ctx, hall); err != nil {
		return f, err
	}
	if !slices.ContainsFunc(actor.PostsOf(Readers...), func(p auth.Post) bool {
		return p.HallID == hall || p.Role != auth.Clerk && strings.HasPrefix(f.Hall.Region, auth.Reach(p.Region))
	}) {
		return f, ErrNotFound
	}
	f.Day = day
	list, err := s.store.tickets(ctx, `hall_id=$1 AND day=$2`, hall, day)
	if err != nil {
		return f, err
	}
	f.count(list)
	taken, err := s.store.appointments(ctx, `hall_id=$1 AND day=$2 AND state <> 'cancelled'`, hall, day)
	f.Booked = len(taken)
	for _, a := range taken {
		if a.State == NotCome {
			f.NotCome++
		}
	}
	return f, err
}

// count works the figures out.
func (f *Figures) count(list []Ticket) {
	var waits []time.Duration
	var served time.Duration
	hours := map[int]*Hour{}
	sums := map[int]time.Duration{}
	hour := func(t time.Time) *Hour {
		h := int(t.Sub(workday.StartOf(workday.DateOf(t))) / time.Hour)
		if hours[h] == nil {
			hours[h] = &Hour{Hour: h}
		}
		return hours[h]
	}
	for _, t := range list {
		f.Taken++
		hour(t.TakenAt).Taken++
		switch t.State {
		case Served:
			f.Served++
			served += t.FinishedAt.Sub(t.ServedAt)
		case Waiting:
			f.Waiting++
		case Missed:
			f.Missed++
		}
		if !t.FirstCalled.IsZero() {
			wait := max(t.FirstCalled.Sub(t.since()), 0) // an appointment waits from its slot on
			waits = append(waits, wait)
			h := hour(t.FirstCalled)
			h.Called++
			sums[h.Hour] += wait
		}
	}
	if f.Served > 0 {
		f.MeanServe = served / time.Duration(f.Served)
	}
	if n := len(waits); n > 0 {
		slices.Sort(waits)
		var sum time.Duration
		for _, w := range waits {
			sum += w
		}
		f.MeanWait, f.P90Wait = sum/time.Duration(n), waits[max((n*90+99)/100, 1)-1]
	}
	for h, x := range hours {
		if x.Called > 0 {
			x.Mean = sums[h] / time.Duration(x.Called)
		}
		f.Hours = append(f.Hours, *x)
	}
	slices.SortFunc(f.Hours, func(a, b Hour) int { return a.Hour - b.Hour })
}
