package queue

import (
	"cmp"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// Span is a part of a day, in minutes from midnight.
type Span struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Hall that calls its visitors.
type Hall struct {
	ID           string
	Region       string
	Appointments bool
	HorizonDays  int // working days ahead that can be booked
	MissLimit    int // so many appointments missed within MissDays bar from booking; 0 for never
	MissDays     int
	KioskKey     string
	Lanes        []Lane
}

// Lane is what people queue for.
type Lane struct {
	ID          string // hall/letter
	HallID      string
	Letter      string
	Name        i18n.Text
	Note        i18n.Text
	Windows     []string // ids
	Hours       []Span
	SlotMinutes int
	PerSlot     int
	PerDay      int // appointments
	Tickets     int // a day; 0 for as many as come
}

// Lane returns the lane with the id.
func (h *Hall) Lane(id string) (Lane, bool) {
	for _, l := range h.Lanes {
		if l.ID == id {
			return l, true
		}
	}
	return Lane{}, false
}

// check says what is wrong with the setting of a hall.
func (h *Hall) check() error {
	letters := map[string]bool{}
	for _, l := range h.Lanes {
		switch {
		case len(l.Letter) != 1 || l.Letter < "A" || l.Letter > "Z" || letters[l.Letter],
			l.Name.ZH == "", l.SlotMinutes < 5 || l.SlotMinutes > 240, l.PerSlot < 1, l.PerDay < 1, l.Tickets < 0, len(l.Windows) == 0:
			return ErrSetting.With("lane", l.Letter)
		case l.Tickets > 0 && !h.Appointments:
			return ErrCap.With("lane", l.Letter)
		}
		letters[l.Letter] = true
		last := 0
		for _, s := range l.Hours {
			if s.From < last || s.To <= s.From || s.To > 24*60 {
				return ErrSetting.With("lane", l.Letter)
			}
			last = s.To
		}
	}
	return nil
}

// Slots are the minutes at which appointments begin.
func (l *Lane) Slots() []int {
	var out []int
	for _, h := range l.Hours {
		for m := h.From; m+l.SlotMinutes <= h.To; m += l.SlotMinutes {
			out = append(out, m)
		}
	}
	return out
}

// State of a ticket.
type State string

// The states; see doc.go for the drawing.
const (
	Waiting State = "waiting"
	Called  State = "called"
	Serving State = "serving"
	Served  State = "served"
	Missed  State = "missed"
	Lapsed  State = "lapsed"
)

// Ticket is a place in the queue.
type Ticket struct {
	ID            string
	Token         string
	HallID        string
	Day           string
	Number        string
	TakenLane     string
	LaneID        string
	WindowID      string
	Kept          bool // for this window only
	AccountID     string
	EnterpriseID  string
	AppointmentID string
	SlotAt        time.Time // of an appointment that came in time
	Priority      bool
	Transferred   bool
	State         State
	Calls         int
	ClerkID       string
	VisitID       string
	TakenAt       time.Time
	CalledAt      time.Time
	FirstCalled   time.Time
	ServedAt      time.Time
	FinishedAt    time.Time
}

// rank of a waiting ticket: what is called first has the lowest.
func (t *Ticket) rank(now time.Time) int {
	switch {
	case t.Priority:
		return 0
	case t.Transferred:
		return 1
	case t.SlotAt.IsZero():
		return 3
	case !now.Before(t.SlotAt):
		return 2
	default:
		return 4 // too early: called when nobody else waits
	}
}

// since when a ticket has its place among those of its rank.
func (t *Ticket) since() time.Time {
	if !t.SlotAt.IsZero() && !t.Priority && !t.Transferred {
		return t.SlotAt
	}
	return t.TakenAt
}

// Sort puts waiting tickets into the order in which they will be called.
func Sort(list []Ticket, now time.Time) {
	slices.SortStableFunc(list, func(a, b Ticket) int {
		return cmp.Or(cmp.Compare(a.rank(now), b.rank(now)), a.since().Compare(b.since()), a.TakenAt.Compare(b.TakenAt), cmp.Compare(a.Number, b.Number))
	})
}

// enough served tickets for a mean that is worth telling.
const enough = 5

// Estimate is how long somebody waits with so many before him, at windows that
// serve in the mean so long, in steps of five minutes upward. ok is false when it cannot be
// said honestly: no window is open, or too little was measured.
func Estimate(ahead, windows, measured int, mean time.Duration) (wait time.Duration, ok bool) {
	if windows == 0 || measured < enough {
		return 0, false
	}
	const step = 5 * time.Minute
	raw := time.Duration(ahead) * mean / time.Duration(windows)
	return (raw + step - 1) / step * step, true
}

// AppointmentState of an appointment.
type AppointmentState string

// The states of appointments.
const (
	Booked    AppointmentState = "booked"
	Arrived   AppointmentState = "arrived"
	Cancelled AppointmentState = "cancelled"
	NotCome   AppointmentState = "missed"
)

// Appointment of a person.
type Appointment struct {
	ID           string
	HallID       string
	LaneID       string
	Day          string
	Slot         int // minute of the day
	AccountID    string
	EnterpriseID string
	Topic        string
	Code         string
	State        AppointmentState
	TicketID     string
	Version      int
}

// At is the instant of a minute of a day.
func At(day workday.Date, minute int) time.Time {
	return workday.StartOf(day).Add(time.Duration(minute) * time.Minute)
}

// Begins is when the appointment is.
func (a *Appointment) Begins() time.Time {
	d, err := workday.Parse(a.Day)
	if err != nil {
		return time.Time{}
	}
	return At(d, a.Slot)
}

// Early is how long before its slot an appointment can check in, Late how long
// after the slot began it still goes before tickets.
const (
	Early = 60 * time.Minute
	Late  = 15 * time.Minute
)

// MaxBooked appointments of one account at a time.
const MaxBooked = 3

// MaxCalls after which a number that nobody answers is passed over.
const MaxCalls = 3

// Errors of this module; texts are error.<code>.
var (
	ErrNotFound  = errs.Define(errs.NotFound, "queue.not_found")
	ErrForbidden = errs.Define(errs.Forbidden, "queue.forbidden")
	ErrNoWindow  = errs.Define(errs.Conflict, "queue.no_window") // the clerk has no window in a hall with a queue
	ErrEmpty     = errs.Define(errs.Conflict, "queue.empty")     // nobody waits
	ErrBusy      = errs.Define(errs.Conflict, "queue.busy")      // the window has a ticket in hand; param number
	ErrNone      = errs.Define(errs.Conflict, "queue.none")      // nothing is called there
	ErrState     = errs.Define(errs.Conflict, "queue.state")     // the ticket is not in that state any more
	ErrPaused    = errs.Define(errs.Conflict, "queue.paused")
	ErrTwice     = errs.Define(errs.Conflict, "queue.twice")    // a number may be passed over after MaxCalls calls only; param max
	ErrMachines  = errs.Define(errs.Conflict, "queue.machines") // param max
	ErrFullDay   = errs.Define(errs.Conflict, "queue.full_day")
	ErrClosed    = errs.Define(errs.Conflict, "queue.closed") // outside the hours of the lane
	ErrSetting   = errs.Define(errs.Invalid, "queue.setting") // param lane
	ErrCap       = errs.Define(errs.Invalid, "queue.cap")     // param lane
	ErrNoBooking = errs.Define(errs.Conflict, "queue.no_booking")
	ErrSlot      = errs.Define(errs.Invalid, "queue.slot") // no such slot, or past
	ErrFullSlot  = errs.Define(errs.Conflict, "queue.full_slot")
	ErrAgain     = errs.Define(errs.Conflict, "queue.again")  // one a day and lane
	ErrMany      = errs.Define(errs.Conflict, "queue.many")   // param max
	ErrBarred    = errs.Define(errs.Conflict, "queue.barred") // param until
	ErrCode      = errs.Define(errs.Invalid, "queue.code")    // no appointment of today has it
	ErrEarly     = errs.Define(errs.Conflict, "queue.early")  // param from
	ErrTopic     = errs.Define(errs.Invalid, "queue.topic")
	ErrLane      = errs.Define(errs.Invalid, "queue.lane")
)
