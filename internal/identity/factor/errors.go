package factor

import "github.com/tongban/tongban/internal/kernel/errs"

// Errors of this package; texts are error.<code>.
var (
	ErrForbidden = errs.Define(errs.Forbidden, "factor.forbidden")
	ErrNotFound  = errs.Define(errs.NotFound, "factor.not_found")
	ErrCode      = errs.Define(errs.Invalid, "factor.code")       // wrong, used, or too late: never says which
	ErrNoPending = errs.Define(errs.Conflict, "factor.none")      // no app is being set up (any more)
	ErrLast      = errs.Define(errs.Conflict, "factor.last")      // the installation wants one to stay
	ErrReason    = errs.Define(errs.Invalid, "factor.reason")     // a reset needs one
	ErrPasskey   = errs.Define(errs.Invalid, "factor.passkey")    // the passkey was not accepted
	ErrNoDomain  = errs.Define(errs.Conflict, "factor.no_domain") // passkeys need a site with a name
	ErrTooMany   = errs.Define(errs.Conflict, "factor.too_many")  // passkeys of one account

	ErrRecover = errs.Define(errs.Invalid, "factor.recover")  // wrong code, wrong login, or over: never says which
	ErrVisitor = errs.Define(errs.NotFound, "factor.visitor") // nobody is registered with that identity number

	ErrOpener = errs.Define(errs.Forbidden, "factor.opener") // who opened an account does not print its code

	errInvalid = errs.Define(errs.Invalid, "factor.invalid") // see Fields
)
