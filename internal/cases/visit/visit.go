package visit

import (
	"slices"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
)

// ID of a visit.
type ID string

// State of a visit.
type State string

// The states.
const (
	Open   State = "open"
	Parked State = "parked" // the clerk was interrupted; it waits as it is
	Closed State = "ended"
)

// Part that a case has in a visit.
type Part string

// The parts.
const (
	Begun Part = "begun"    // opened in this visit
	Taken Part = "taken_up" // was there before: supplemented, handed over, looked at
)

// MaxItems of one visit.
const MaxItems = 20

// Visit is one visitor at one window.
type Visit struct {
	ID           ID
	Region       string
	HallID       string
	WindowID     string
	ClerkID      string
	AccountID    string // "" until it is known who stands there
	EnterpriseID string // "" when he acts for himself
	Items        []string
	Note         string
	TicketID     string
	TicketNumber string
	State        State
	BegunAt      time.Time
	ParkedAt     time.Time
	EndedAt      time.Time
	Version      int
	Cases        []Entry
}

// Entry is a case of a visit.
type Entry struct {
	CaseID  cases.ID
	Part    Part
	AddedAt time.Time
}

// Has says whether the case belongs to the visit.
func (v *Visit) Has(id cases.ID) bool {
	return slices.ContainsFunc(v.Cases, func(e Entry) bool { return e.CaseID == id })
}

// IDs of its cases, in the order in which they came in.
func (v *Visit) IDs() []cases.ID {
	out := make([]cases.ID, len(v.Cases))
	for i, e := range v.Cases {
		out[i] = e.CaseID
	}
	return out
}

// Ended is published when a visit is over.
type Ended struct {
	Visit Visit
	Actor auth.Actor
}

// Errors of this package; texts are error.<code>.
var (
	ErrNotFound  = errs.Define(errs.NotFound, "visit.not_found")
	ErrForbidden = errs.Define(errs.Forbidden, "visit.forbidden")
	ErrStale     = errs.Define(errs.Stale, "visit.stale")
	ErrEnded     = errs.Define(errs.Conflict, "visit.ended")
	ErrNobody    = errs.Define(errs.Conflict, "visit.nobody")  // whose visit it is has to be known first
	ErrScope     = errs.Define(errs.Conflict, "visit.scope")   // his authorisation is not for this item
	ErrNoAgent   = errs.Define(errs.Invalid, "visit.no_agent") // he does not act for this firm
	ErrItem      = errs.Define(errs.Invalid, "visit.item")     // not taken in at a window, or not for this applicant; param item
	ErrTooMany   = errs.Define(errs.Invalid, "visit.too_many") // param max
	ErrNoItems   = errs.Define(errs.Invalid, "visit.no_items")
	ErrLongNote  = errs.Define(errs.Invalid, "visit.long_note") // param max
)
