package claim

import "github.com/tongban/tongban/internal/kernel/errs"

// Errors of this package; texts are error.<code>.
var (
	ErrNotFound  = errs.Define(errs.NotFound, "claim.not_found")
	ErrForbidden = errs.Define(errs.Forbidden, "claim.forbidden")
	ErrInvalid   = errs.Define(errs.Invalid, "claim.invalid")  // see Fields
	ErrUSCC      = errs.Define(errs.Invalid, "claim.uscc")     // not a credit code
	ErrConfirm   = errs.Define(errs.Invalid, "claim.confirm")  // fails the check, but may have been issued: confirm
	ErrName      = errs.Define(errs.Invalid, "claim.name")     // missing or too long
	ErrPerson    = errs.Define(errs.Invalid, "claim.person")   // name of the legal representative: the same
	ErrUnknown   = errs.Define(errs.Invalid, "claim.unknown")  // the register has no such firm
	ErrMismatch  = errs.Define(errs.Invalid, "claim.mismatch") // it does not say this name and this representative together
	ErrPaper     = errs.Define(errs.Invalid, "claim.paper")    // a power of attorney is needed
	ErrRegion    = errs.Define(errs.Invalid, "claim.region")   // choose one
	ErrOutside   = errs.Define(errs.Invalid, "claim.outside")  // the firm lies outside this platform
	ErrActs      = errs.Define(errs.Invalid, "claim.acts")     // acts for it already
	ErrOpen      = errs.Define(errs.Invalid, "claim.open")     // has asked already
	ErrDown      = errs.Define(errs.Conflict, "claim.down")    // the register does not answer: declare instead
	ErrReason    = errs.Define(errs.Invalid, "claim.reason")   // a rejection needs a reason; param max
	ErrOwn       = errs.Define(errs.Conflict, "claim.own")     // nobody decides his own
	ErrSecond    = errs.Define(errs.Conflict, "claim.second")  // he agreed already: a second person does
	ErrPhone     = errs.Define(errs.Conflict, "claim.phone")   // to declare a firm a telephone has to be proven
	ErrMany      = errs.Define(errs.Conflict, "claim.many")    // has declared as many as may wait; param max
	ErrSettled   = errs.Define(errs.Conflict, "claim.settled") // decided already
)
