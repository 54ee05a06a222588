package identity

import "github.com/tongban/tongban/internal/kernel/errs"

// Errors of this module; texts are error.<code>.
var (
	ErrNotFound    = errs.Define(errs.NotFound, "identity.not_found")
	ErrForbidden   = errs.Define(errs.Forbidden, "identity.forbidden")
	ErrSignIn      = errs.Define(errs.Invalid, "identity.sign_in") // wrong login or password: never says which
	ErrLoginTaken  = errs.Define(errs.Conflict, "identity.login_taken")
	ErrInvalid     = errs.Define(errs.Invalid, "identity.invalid") // see Fields
	ErrClientToken = errs.Define(errs.Unauthorized, "identity.client_token")
	ErrReceipt     = errs.Define(errs.Invalid, "identity.receipt")     // the code of a receipt from the window is missing or wrong
	ErrKnown       = errs.Define(errs.Conflict, "identity.known")      // a visitor with that number is registered already
	ErrNotProven   = errs.Define(errs.Conflict, "identity.not_proven") // nobody has seen the identity card of this person

	errLogin      = errs.Define(errs.Invalid, "identity.login_form")
	errPassword   = errs.Define(errs.Invalid, "identity.password_form")
	errName       = errs.Define(errs.Invalid, "identity.name")
	errPhone      = errs.Define(errs.Invalid, "identity.phone")
	errMail       = errs.Define(errs.Invalid, "identity.mail")
	errIDNumber   = errs.Define(errs.Invalid, "identity.id_number")
	errUSCC       = errs.Define(errs.Invalid, "identity.uscc")
	errSeparate   = errs.Define(errs.Invalid, "identity.separate_administrators")
	errRole       = errs.Define(errs.Invalid, "identity.role")
	errDepartment = errs.Define(errs.Invalid, "identity.department_unknown")
	errScope      = errs.Define(errs.Invalid, "identity.scope")
	errExpiry     = errs.Define(errs.Invalid, "identity.expiry")
)
