package dossier

import (
	"errors"

	"github.com/tongban/tongban/internal/kernel/errs"
)

// Errors of this package; texts are error.<code>.
var (
	ErrNotFound  = errs.Define(errs.NotFound, "dossier.not_found")
	ErrForbidden = errs.Define(errs.Forbidden, "dossier.forbidden")
	ErrInvalid   = errs.Define(errs.Invalid, "dossier.invalid")    // see Fields
	ErrNotSaid   = errs.Define(errs.Invalid, "dossier.not_said")   // this source does not say this fact
	ErrSame      = errs.Define(errs.Invalid, "dossier.same")       // it stands there already
	ErrEmpty     = errs.Define(errs.Invalid, "dossier.empty")      // no value
	ErrReason    = errs.Define(errs.Invalid, "dossier.reason")     // a reason is needed, at most 500 characters
	ErrYear      = errs.Define(errs.Invalid, "dossier.year")       // params: from, to
	ErrStale     = errs.Define(errs.Stale, "dossier.stale")        // somebody decided or spoke in between
	ErrSettled   = errs.Define(errs.Conflict, "dossier.settled")   // nothing to decide any more
	ErrChoose    = errs.Define(errs.Invalid, "dossier.choose")     // none of the values was chosen
	ErrSecond    = errs.Define(errs.Conflict, "dossier.second")    // he agreed already: a second person does
	ErrOwn       = errs.Define(errs.Conflict, "dossier.own")       // he may be one of those who act for the firm
	ErrNotYours  = errs.Define(errs.Invalid, "dossier.not_yours")  // the register, or the region, is not of the department of the program
	ErrOutside   = errs.Define(errs.Invalid, "dossier.outside")    // the region is not one of this platform
	ErrUSCC      = errs.Define(errs.Invalid, "dossier.uscc")       // not a credit code
	ErrConfirm   = errs.Define(errs.Invalid, "dossier.confirm")    // fails the check, but may have been issued: confirm
	ErrFuture    = errs.Define(errs.Invalid, "dossier.future_day") // as of a day to come
)

func isNotFound(err error) bool {
	e, ok := errors.AsType[*errs.Error](err)
	return ok && e.Kind == errs.NotFound
}
