package mandate

import (
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Errors of this package; texts are error.<code>.
var (
	ErrNotFound   = identity.ErrNotFound
	ErrForbidden  = identity.ErrForbidden
	ErrInvalid    = errs.Define(errs.Invalid, "mandate.invalid")       // see Fields
	ErrLastOwner  = errs.Define(errs.Conflict, "mandate.last_owner")   // the firm would have none
	ErrColleague  = errs.Define(errs.Invalid, "mandate.colleague")     // phone and name do not belong together
	ErrActs       = errs.Define(errs.Conflict, "mandate.acts_already") // for this firm
	ErrOver       = errs.Define(errs.Conflict, "mandate.over")         // ended meanwhile
	ErrInvitation = errs.Define(errs.Invalid, "mandate.invitation")    // a code that is wrong, or not for this account: they are not told apart
	ErrAnswered   = errs.Define(errs.Conflict, "mandate.answered")     // the invitation was taken, refused, taken back, or is over

	// Of mandates to organisations.
	ErrItself   = errs.Define(errs.Invalid, "mandate.itself")          // a firm cannot be its own organisation
	ErrNoFirm   = errs.Define(errs.Invalid, "mandate.no_organisation") // no firm with that code
	ErrMandated = errs.Define(errs.Conflict, "mandate.mandated")       // already

	errLevel  = errs.Define(errs.Invalid, "mandate.level")
	errModule = errs.Define(errs.Invalid, "mandate.module")
	errItem   = errs.Define(errs.Invalid, "mandate.item")
	errDay    = errs.Define(errs.Invalid, "mandate.day")
	errPeriod = errs.Define(errs.Invalid, "mandate.period")
	errName   = errs.Define(errs.Invalid, "mandate.name")
	errReason = errs.Define(errs.Invalid, "mandate.reason")
	errReach  = errs.Define(errs.Invalid, "mandate.address")
)

// Grant is what an authorisation is for, as a form says it.
type Grant struct {
	Level    auth.Level
	Modules  []auth.Module // none: all
	Items    []string      // none: all
	ReadOnly bool
	From     string // ISO date of the first day; "" from now on
	Until    string // ISO date of the last day; "" without an end
}

// MaxItems that one authorisation can name.
const MaxItems = 100

// limits are a grant after it was checked.
type limits struct {
	level          auth.Level
	modules, items string
	readOnly       bool
	since, until   time.Time // until: the first instant after the last day
}

// check brings a grant into the form in which it is kept. An owner and a manager
// have no limits: a form that says otherwise is not obeyed silently but refused.
func check(g Grant, now time.Time, known func(code string) bool) (limits, error) {
	l := limits{level: g.Level, readOnly: g.ReadOnly, since: now}
	bad := ErrInvalid
	if !slices.Contains([]auth.Level{auth.LevelOwner, auth.LevelManager, auth.LevelAgent}, g.Level) {
		bad = bad.At("level", errLevel.Code)
	}
	var modules []string
	for _, m := range g.Modules {
		if !slices.Contains(auth.Modules, m) {
			bad = bad.At("modules", errModule.Code)
		}
		modules = append(modules, string(m))
	}
	slices.Sort(modules)
	if modules = slices.Compact(modules); len(modules) < len(auth.Modules) { // all of them are none in particular
		l.modules = strings.Join(modules, " ")
	}
	items := slices.Clone(g.Items)
	for i := range items {
		items[i] = strings.ToUpper(strings.TrimSpace(items[i]))
		if !known(items[i]) || strings.ContainsAny(items[i], " \t\n") {
			bad = bad.At("items", errItem.Code, "code", items[i])
		}
	}
	slices.Sort(items)
	if items = slices.Compact(items); len(items) > MaxItems {
		bad = bad.At("items", errItem.Code, "code", items[MaxItems])
	}
	l.items = strings.Join(items, " ")
	today := workday.DateOf(now)
	if g.From != "" {
		d, err := workday.Parse(g.From)
		switch {
		case err != nil || d.Before(today) || d.Sub(today) > 366:
			bad = bad.At("from", errDay.Code)
		case d.After(today):
			l.since = workday.StartOf(d)
		}
	}
	if g.Until != "" {
		d, err := workday.Parse(g.Until)
		switch {
		case err != nil || d.Before(today) || d.Sub(today) > 20*366:
			bad = bad.At("until", errDay.Code)
		case !workday.EndOf(d).After(l.since):
			bad = bad.At("until", errPeriod.Code)
		default:
			l.until = workday.EndOf(d)
		}
	}
	limited := l.modules != "" || l.items != "" || l.readOnly
	if g.Level != auth.LevelAgent && limited || g.Level == auth.LevelOwner && (!l.until.IsZero() || l.since.After(now)) {
		bad = bad.At("level", errLevel.Code)
	}
	return l, bad.OrNil()
}

// Person is somebody who acts for a firm, or will, or did until lately.
type Person struct {
	identity.Account
	Mandate   auth.Mandate
	State     State
	Reason    string // for which it was ended
	EndedAt   time.Time
	Version   int
	GivenBy   string
	AccountID string
}

// State of an authorisation or a mandate.
type State string

// The states.
const (
	Future  State = "future"
	InForce State = "in_force"
	Over    State = "over"
)

// stateAt derives the state from the period.
func stateAt(m auth.Mandate, ended, now time.Time) State {
	switch {
	case !ended.IsZero(), !m.Until.IsZero() && !now.Before(m.Until):
		return Over
	case m.From.After(now):
		return Future
	default:
		return InForce
	}
}
