package feedback

import "github.com/tongban/tongban/internal/kernel/errs"

// Errors of this module; texts are error.<code>.
var (
	ErrNotFound  = errs.Define(errs.NotFound, "feedback.not_found") // no such link, or nothing to rate for this person
	ErrExpired   = errs.Define(errs.Conflict, "feedback.expired")
	ErrUsed      = errs.Define(errs.Conflict, "feedback.used") // rated already
	ErrForbidden = errs.Define(errs.Forbidden, "feedback.forbidden")
	ErrInvalid   = errs.Define(errs.Invalid, "feedback.invalid") // see Fields

	errScore  = errs.Define(errs.Invalid, "feedback.score")
	errReason = errs.Define(errs.Invalid, "feedback.reason")
	errText   = errs.Define(errs.Invalid, "feedback.text") // params: max, have
)
