package certs

import "github.com/tongban/tongban/internal/kernel/errs"

// Errors of the package; texts are error.<code>.
var (
	ErrNotFound  = errs.Define(errs.NotFound, "certs.not_found")
	ErrForbidden = errs.Define(errs.Forbidden, "certs.forbidden")
	ErrStale     = errs.Define(errs.Stale, "certs.stale")
	ErrState     = errs.Define(errs.Conflict, "certs.state")     // it cannot be done to a certificate that stands so
	ErrOpenAct   = errs.Define(errs.Conflict, "certs.open_act")  // something waits for a second person already
	ErrSame      = errs.Define(errs.Conflict, "certs.same_hand") // the second person is the first one
	ErrInvalid   = errs.Define(errs.Invalid, "certs.invalid")    // see Fields
	ErrComplaint = errs.Define(errs.Conflict, "certs.complaint") // about this use there is one already

	errReason    = errs.Define(errs.Invalid, "certs.reason")
	errDay       = errs.Define(errs.Invalid, "certs.day")
	errOrder     = errs.Define(errs.Invalid, "certs.order") // it ends before it begins
	errEnded     = errs.Define(errs.Invalid, "certs.ended")
	errNothing   = errs.Define(errs.Invalid, "certs.nothing") // a change that changes nothing
	errType      = errs.Define(errs.Invalid, "certs.type")
	errNumber    = errs.Define(errs.Invalid, "certs.number")
	errTaken     = errs.Define(errs.Invalid, "certs.taken") // number or identifier is on file already
	errCode      = errs.Define(errs.Invalid, "certs.code")
	errHolder    = errs.Define(errs.Invalid, "certs.holder")
	errOriginal  = errs.Define(errs.Invalid, "certs.original") // nobody said to have seen it
	errPromise   = errs.Define(errs.Invalid, "certs.promise")
	errFile      = errs.Define(errs.Invalid, "certs.file")
	errNotOurs   = errs.Define(errs.Invalid, "certs.not_ours")   // another department issues what the row says
	errOtherCode = errs.Define(errs.Invalid, "certs.other_code") // the identifier is of another type or issuer
	errIssuer    = errs.Define(errs.Invalid, "certs.issuer")     // issued elsewhere, and not said by whom
	errStateWord = errs.Define(errs.Invalid, "certs.state_word")
	errDiffers   = errs.Define(errs.Invalid, "certs.differs") // the number is in the register otherwise
	errText      = errs.Define(errs.Invalid, "certs.text")
)
