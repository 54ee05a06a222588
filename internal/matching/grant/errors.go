package grant

import "github.com/tongban/tongban/internal/kernel/errs"

// Errors of the package. A stale page is db.ErrStale.
var (
	ErrNotFound  = errs.Define(errs.NotFound, "grant.not_found") // also: another department's
	ErrForbidden = errs.Define(errs.Forbidden, "grant.forbidden")
	ErrOwn       = errs.Define(errs.Forbidden, "grant.own") // who drafted or checked does not release
	ErrState     = errs.Define(errs.Conflict, "grant.state")
	ErrInHand    = errs.Define(errs.Conflict, "grant.in_hand") // the clause has a batch that is not out yet
	ErrNobody    = errs.Define(errs.Conflict, "grant.nobody")
	ErrOver      = errs.Define(errs.Conflict, "grant.over")      // too late to object, or to answer
	ErrAgain     = errs.Define(errs.Conflict, "grant.again")     // the same person objects again before an answer
	ErrUnproven  = errs.Define(errs.Conflict, "grant.unproven")  // nobody has verified the firm
	ErrUnknown   = errs.Define(errs.Conflict, "grant.unknown")   // a fact is missing: nobody can tell whether it fits
	ErrListOpen  = errs.Define(errs.Conflict, "grant.list_open") // the list before is not paid yet
	ErrPayer     = errs.Define(errs.Forbidden, "grant.payer")    // who made a payment list does not enter what came of it
	ErrBouncer   = errs.Define(errs.Forbidden, "grant.bouncer")  // who entered that a payment bounced does not make the next list of it
	ErrFund      = errs.Define(errs.Conflict, "grant.fund")      // the clause names one that is not there
	ErrInvalid   = errs.Define(errs.Invalid, "grant.invalid")

	errReason  = errs.Define(errs.Invalid, "grant.field.reason")
	errBody    = errs.Define(errs.Invalid, "grant.field.body")
	errAccount = errs.Define(errs.Invalid, "grant.field.account")
	errBank    = errs.Define(errs.Invalid, "grant.field.bank")
	errVoucher = errs.Define(errs.Invalid, "grant.field.voucher")
	errDay     = errs.Define(errs.Invalid, "grant.field.day") // params from, to
	errLine    = errs.Define(errs.Invalid, "grant.field.line")
)
