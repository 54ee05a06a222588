package queue

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Setters set up the queues of halls: system administrators those of all, a head
// with a post at a hall that one.
var Setters = []auth.Role{auth.SystemAdmin, auth.Head}

// Errors of setting up.
var (
	errLetter  = errs.Define(errs.Invalid, "queue.letter")
	errName    = errs.Define(errs.Invalid, "queue.lane_name")
	errWindows = errs.Define(errs.Invalid, "queue.lane_windows")
	errHours   = errs.Define(errs.Invalid, "queue.lane_hours")
	errNumber  = errs.Define(errs.Invalid, "queue.number") // params min, max
)

// Bounds of what can be set.
const (
	maxHorizon = 60 // working days ahead
	maxMisses  = 20
	maxDays    = 365
	maxNumber  = 999 // of a lane: tickets have three figures
	maxName    = 40
)

// setsUp says whether the actor sets up the queue of a hall.
func setsUp(a auth.Actor, hall string) bool {
	return a.Kind == auth.System || a.Has(auth.SystemAdmin) ||
		slices.ContainsFunc(a.PostsOf(auth.Head), func(p auth.Post) bool { return p.HallID != "" && p.HallID == hall })
}

// Settable are the halls whose queues the actor sets up, those without a queue
// among them.
func (s *Service) Settable(ctx context.Context, actor auth.Actor) ([]Hall, error) {
	list, err := s.Halls(ctx)
	if err != nil {
		return nil, fmt.Errorf("queue: halls: %w", err)
	}
	var out []Hall
	for _, h := range s.Identity.Directory().Halls {
		if !setsUp(actor, h.ID) {
			continue
		}
		if i := slices.IndexFunc(list, func(x Hall) bool { return x.ID == h.ID }); i >= 0 {
			out = append(out, list[i])
		} else {
			out = append(out, Hall{ID: h.ID, Region: h.Region})
		}
	}
	return out, nil
}

// SettableHall is one of them; others are ErrNotFound.
func (s *Service) SettableHall(ctx context.Context, actor auth.Actor, id string) (Hall, error) {
	list, err := s.Settable(ctx, actor)
	if err != nil {
		return Hall{}, err
	}
	i := slices.IndexFunc(list, func(h Hall) bool { return h.ID == id })
	if i < 0 {
		return Hall{}, ErrNotFound
	}
	return list[i], nil
}

// Booking is how a hall takes appointments.
type Booking struct {
	Appointments                     bool
	HorizonDays, MissLimit, MissDays int
}

// SetBooking changes how a hall takes appointments; a hall without a queue gets one.
func (s *Service) SetBooking(ctx context.Context, actor auth.Actor, hall string, in Booking) error {
	bad := ErrSetting
	for _, x := range []struct {
		name      string
		n, lo, hi int
	}{{"horizon", in.HorizonDays, map[bool]int{true: 1}[in.Appointments], maxHorizon}, {"miss_limit", in.MissLimit, 0, maxMisses}, {"miss_days", in.MissDays, 0, maxDays}} {
		if x.n < x.lo || x.n > x.hi {
			bad = bad.At(x.name, errNumber.Code, "min", x.lo, "max", x.hi)
		}
	}
	if err := bad.OrNil(); err != nil {
		return err
	}
	return s.setUp(ctx, actor, hall, "", func(h *Hall) error {
		if !in.Appointments && slices.ContainsFunc(h.Lanes, func(l Lane) bool { return l.Tickets > 0 }) {
			return ErrCap.At("appointments", ErrCap.Code, "lane", h.Lanes[slices.IndexFunc(h.Lanes, func(l Lane) bool { return l.Tickets > 0 })].Letter)
		}
		h.Appointments, h.HorizonDays, h.MissLimit, h.MissDays = in.Appointments, in.HorizonDays, in.MissLimit, in.MissDays
		return nil
	})
}

// SetLane adds a lane, or changes the one with its letter; a letter is never
// another's, for tickets carry it. A lane without hours is closed: it takes no
// numbers and no appointments, and what was booked stays.
func (s *Service) SetLane(ctx context.Context, actor auth.Actor, hall string, fresh bool, l Lane) error {
	d, ok := s.Identity.Directory().Hall(hall)
	if !ok {
		return ErrNotFound
	}
	if err := l.wellFormed(d); err != nil {
		return err
	}
	return s.setUp(ctx, actor, hall, l.Letter, func(h *Hall) error {
		l.ID, l.HallID = hall+"/"+l.Letter, hall
		i := slices.IndexFunc(h.Lanes, func(x Lane) bool { return x.Letter == l.Letter })
		switch {
		case fresh && i >= 0:
			return ErrSetting.At("letter", errLetter.Code)
		case !fresh && i < 0:
			return ErrNotFound
		case l.Tickets > 0 && !h.Appointments:
			return ErrCap.At("tickets", ErrCap.Code, "lane", l.Letter)
		case fresh:
			h.Lanes = append(h.Lanes, l)
		default:
			h.Lanes[i] = l
		}
		return nil
	})
}

// wellFormed tidies a lane and says at which input what is wrong.
func (l *Lane) wellFormed(d identity.Hall) error {
	bad := ErrSetting
	l.Name.ZH, l.Name.EN, l.Note.ZH, l.Note.EN = strings.TrimSpace(l.Name.ZH), strings.TrimSpace(l.Name.EN), strings.TrimSpace(l.Note.ZH), strings.TrimSpace(l.Note.EN)
	if len(l.Letter) != 1 || l.Letter < "A" || l.Letter > "Z" {
		bad = bad.At("letter", errLetter.Code)
	}
	if n := utf8.RuneCountInString(l.Name.ZH); n < 1 || n > maxName || utf8.RuneCountInString(l.Name.EN) > 2*maxName {
		bad = bad.At("name", errName.Code, "max", maxName)
	}
	l.Windows = slices.DeleteFunc(slices.Clone(l.Windows), func(id string) bool {
		return !slices.ContainsFunc(d.Windows, func(w identity.Window) bool { return w.ID == id })
	})
	if len(l.Windows) == 0 {
		bad = bad.At("windows", errWindows.Code)
	}
	for _, x := range []struct {
		name      string
		n, lo, hi int
	}{{"slot", l.SlotMinutes, 5, 240}, {"per_slot", l.PerSlot, 1, 99}, {"per_day", l.PerDay, 1, maxNumber}, {"tickets", l.Tickets, 0, maxNumber}} {
		if x.n < x.lo || x.n > x.hi {
			bad = bad.At(x.name, errNumber.Code, "min", x.lo, "max", x.hi)
		}
	}
	return bad.OrNil()
}

// setUp changes the setting of a hall under its lock.
func (s *Service) setUp(ctx context.Context, actor auth.Actor, hall, lane string, change func(*Hall) error) error {
	if _, err := s.SettableHall(ctx, actor, hall); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		d, _ := s.Identity.Directory().Hall(hall)
		if err := s.store.makeHall(ctx, Hall{ID: hall, Region: d.Region, KioskKey: ids.Token()}); err != nil {
			return err
		}
		if err := s.store.lock(ctx, hall); err != nil {
			return err
		}
		return s.changeHall(ctx, actor, hall, lane, change)
	})
}

func (s *Service) changeHall(ctx context.Context, actor auth.Actor, hall, lane string, change func(*Hall) error) error {
	h, err := s.Hall(ctx, hall)
	if err != nil {
		return err
	}
	if err := change(&h); err != nil {
		return err
	}
	if err := h.check(); err != nil {
		return err
	}
	if err := s.store.saveHall(ctx, h); err != nil {
		return fmt.Errorf("queue: save hall: %w", err)
	}
	return s.Audit.Record(ctx, actor, audit.Note{Action: "queue.save_hall", Object: "hall:" + hall, Change: map[string]any{"lane": lane}})
}

var span = regexp.MustCompile(`^([01]?[0-9]|2[0-4]):([0-5][0-9])[-–—~至]([01]?[0-9]|2[0-4]):([0-5][0-9])$`)

// ParseHours reads the hours of a lane as they are typed: 09:00-12:00 13:30-17:00.
// Nothing is a lane that is closed.
func ParseHours(text string) ([]Span, error) {
	out := []Span{}
	last := 0
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" 　,，、;；\t\n", r) }) {
		m := span.FindStringSubmatch(part)
		if m == nil {
			return nil, ErrSetting.At("hours", errHours.Code)
		}
		n := make([]int, 4)
		for i := range n {
			n[i], _ = strconv.Atoi(m[i+1]) // digits
		}
		x := Span{From: n[0]*60 + n[1], To: n[2]*60 + n[3]}
		if x.From < last || x.To <= x.From || x.To > 24*60 {
			return nil, ErrSetting.At("hours", errHours.Code)
		}
		out, last = append(out, x), x.To
	}
	return out, nil
}

// HoursText writes hours as ParseHours reads them.
func HoursText(hours []Span) string {
	var out []string
	for _, h := range hours {
		out = append(out, fmt.Sprintf("%02d:%02d-%02d:%02d", h.From/60, h.From%60, h.To/60, h.To%60))
	}
	return strings.Join(out, " ")
}
