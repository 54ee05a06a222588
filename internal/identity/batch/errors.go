package batch

import "github.com/tongban/tongban/internal/kernel/errs"

// Errors of the package; texts are error.<code>.
var (
	ErrNotFound  = errs.Define(errs.NotFound, "batch.not_found")
	ErrForbidden = errs.Define(errs.Forbidden, "batch.forbidden")
	ErrState     = errs.Define(errs.Conflict, "batch.state")
	ErrSame      = errs.Define(errs.Conflict, "batch.same_hand") // who uploaded it
	ErrStale     = errs.Define(errs.Stale, "batch.stale")
	ErrInvalid   = errs.Define(errs.Invalid, "batch.invalid") // see Fields
	ErrFile      = errs.Define(errs.Invalid, "batch.file")    // none chosen

	errOld           = errs.Define(errs.Conflict, "batch.old") // checked, and not released in time
	errRequired      = errs.Define(errs.Invalid, "batch.required")
	errTwice         = errs.Define(errs.Invalid, "batch.twice") // params: row
	errHolderCode    = errs.Define(errs.Invalid, "batch.holder_code")
	errHolderUnknown = errs.Define(errs.Invalid, "batch.holder_unknown")
	errHolderName    = errs.Define(errs.Invalid, "batch.holder_name")
	errWentWrong     = errs.Define(errs.Internal, "batch.went_wrong") // something that is in the log
)
