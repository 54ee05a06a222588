package care

import "github.com/tongban/tongban/internal/kernel/errs"

// Errors of this module; texts are error.<code>.
var (
	ErrNotFound  = errs.Define(errs.NotFound, "care.not_found") // also: a firm of somebody else
	ErrForbidden = errs.Define(errs.Forbidden, "care.forbidden")
	ErrPost      = errs.Define(errs.Invalid, "care.post")   // the account has no post as commissioner
	ErrTaken     = errs.Define(errs.Conflict, "care.taken") // somebody else assigned at the same moment
)
