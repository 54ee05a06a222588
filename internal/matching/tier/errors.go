package tier

import "github.com/tongban/tongban/internal/kernel/errs"

// Errors of this package; texts are error.<code>.
var (
	ErrNotFound  = errs.Define(errs.NotFound, "tier.not_found") // also: a firm of somebody else
	ErrForbidden = errs.Define(errs.Forbidden, "tier.forbidden")
	ErrInvalid   = errs.Define(errs.Invalid, "tier.invalid")
	ErrStale     = errs.Define(errs.Stale, "tier.stale")

	errNumber  = errs.Define(errs.Invalid, "tier.field.number")
	errOfficer = errs.Define(errs.Invalid, "tier.field.officer") // the account is no commissioner
)
