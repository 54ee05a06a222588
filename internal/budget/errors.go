package budget

import "github.com/tongban/tongban/internal/kernel/errs"

// Errors of this module; texts are error.<code>.
var (
	ErrNotFound  = errs.Define(errs.NotFound, "budget.not_found") // also: another department's
	ErrForbidden = errs.Define(errs.Forbidden, "budget.forbidden")
	ErrExhausted = errs.Define(errs.Conflict, "budget.exhausted") // params fund, left, asked
	ErrClosed    = errs.Define(errs.Conflict, "budget.closed")    // param fund
	ErrStale     = errs.Define(errs.Stale, "budget.stale")
	ErrInvalid   = errs.Define(errs.Invalid, "budget.invalid")
	ErrCut       = errs.Define(errs.Conflict, "budget.cut") // below what is reserved and granted; param least

	ErrBooked   = errs.Define(errs.Conflict, "budget.booked")   // param key: it stands for another sum, or was given back
	ErrUnbooked = errs.Define(errs.Conflict, "budget.unbooked") // param key: nothing was booked under it

	errFund   = errs.Define(errs.Invalid, "budget.field.fund")   // param value
	errField  = errs.Define(errs.Invalid, "budget.field.field")  // param value; no number or money field
	errUnit   = errs.Define(errs.Invalid, "budget.field.unit")   // param value
	errMax    = errs.Define(errs.Invalid, "budget.field.max")    // param value
	errAmount = errs.Define(errs.Invalid, "budget.field.amount") // more than was asked for; param max
	errReason = errs.Define(errs.Invalid, "budget.field.reason")
)
