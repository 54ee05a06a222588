package worklist

import "github.com/tongban/tongban/internal/kernel/errs"

// Errors of this package; texts are error.<code>.
var (
	ErrNotFound  = errs.Define(errs.NotFound, "lists.not_found") // also: somebody else's
	ErrForbidden = errs.Define(errs.Forbidden, "lists.forbidden")
	ErrName      = errs.Define(errs.Invalid, "lists.name")
	ErrManyViews = errs.Define(errs.Conflict, "lists.many_views") // param max
	ErrNobody    = errs.Define(errs.Invalid, "lists.nothing_chosen")
	ErrTooMany   = errs.Define(errs.Invalid, "lists.too_many") // param max
	ErrCommand   = errs.Define(errs.Invalid, "lists.command")
	ErrRunning   = errs.Define(errs.Conflict, "lists.running")
	ErrBusy      = errs.Define(errs.TooMany, "lists.busy") // param max
	ErrFormat    = errs.Define(errs.Invalid, "lists.format")
	ErrGroups    = errs.Define(errs.Invalid, "lists.groups") // CSV holds the rows of one repeating section
)
