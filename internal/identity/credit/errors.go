package credit

import "github.com/tongban/tongban/internal/kernel/errs"

// Errors of the package; texts are error.<code>.
var (
	ErrNotFound  = errs.Define(errs.NotFound, "credit.not_found")
	ErrForbidden = errs.Define(errs.Forbidden, "credit.forbidden")
	ErrStale     = errs.Define(errs.Stale, "credit.stale")
	ErrOpen      = errs.Define(errs.Conflict, "credit.open")       // an objection is open already
	ErrOwnRecord = errs.Define(errs.Conflict, "credit.own_record") // who entered it does not decide about it
	ErrEnded     = errs.Define(errs.Conflict, "credit.ended")      // it counts no more
	ErrInvalid   = errs.Define(errs.Invalid, "credit.invalid")     // see Fields

	errText    = errs.Define(errs.Invalid, "credit.text")
	errKind    = errs.Define(errs.Invalid, "credit.kind")
	errHolder  = errs.Define(errs.Invalid, "credit.holder")
	errDay     = errs.Define(errs.Invalid, "credit.day")
	errSource  = errs.Define(errs.Invalid, "credit.source")
	errFile    = errs.Define(errs.Invalid, "credit.file")
	errNotOurs = errs.Define(errs.Invalid, "credit.not_ours") // another department found what the row says
	errDiffers = errs.Define(errs.Invalid, "credit.differs")  // source and number are on record otherwise
	errEarly   = errs.Define(errs.Invalid, "credit.early")    // params: day
)
