package push

import (
	"net/url"
	"time"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
)

// Errors of the package; texts are error.<code>.
var (
	ErrNotFound = errs.Define(errs.NotFound, "push.not_found")
	ErrRefused  = errs.Define(errs.Conflict, "push.refused") // nobody of the firm wants to be told
	ErrInvited  = errs.Define(errs.Conflict, "push.invited")
	ErrOver     = errs.Define(errs.Conflict, "push.over")
	ErrNote     = errs.Define(errs.Invalid, "push.note")
	ErrStars    = errs.Define(errs.Conflict, "push.stars") // params n: as many as somebody can save
)

// Kind of news.
type Kind string

// The kinds.
const (
	Newly   Kind = "new"     // the firm fits
	Near    Kind = "near"    // it is one step away
	Closing Kind = "closing" // it fits, and the window closes soon
	Invite  Kind = "invite"  // the department asks it to apply
)

// State of what was told.
type State string

// The states.
const (
	Told     State = "told"
	Opened   State = "opened"
	Applied  State = "applied"
	Granted  State = "granted"
	Declined State = "declined"
)

// States lists them all, in their order.
var States = []State{Told, Opened, Applied, Granted, Declined}

// Push is what a firm was told about an edition of a clause.
type Push struct {
	ID         string
	Firm       string
	Clause     string
	Edition    int
	Kind       Kind
	Round      string // first day of the window of whose end it was told, "" for other kinds
	State      State
	Worth      money.Fen
	CaseID     string
	ToldAt     time.Time
	OpenedAt   time.Time
	AppliedAt  time.Time
	GrantedAt  time.Time
	DeclinedAt time.Time
}

// Fund is the money behind a clause.
type Fund struct {
	Name           i18n.Text
	Total, Granted money.Fen
	Left           money.Fen
}

// ApplyPath leads from a clause to the item that receives applications (Choose).
func ApplyPath(clause string) string { return "/my/policies/apply/" + url.PathEscape(clause) }
