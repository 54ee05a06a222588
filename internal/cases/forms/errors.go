package forms

import "github.com/tongban/tongban/internal/kernel/errs"

// What is wrong with an answer; texts are error.<code>.
var (
	ErrRequired = errs.Define(errs.Invalid, "cases.field.required")

	ErrLong     = errs.Define(errs.Invalid, "cases.field.long")
	ErrShort    = errs.Define(errs.Invalid, "cases.field.short")
	ErrNumber   = errs.Define(errs.Invalid, "cases.field.number")
	ErrRange    = errs.Define(errs.Invalid, "cases.field.range")
	ErrDate     = errs.Define(errs.Invalid, "cases.field.date")
	ErrChoice   = errs.Define(errs.Invalid, "cases.field.choice")
	ErrUSCC     = errs.Define(errs.Invalid, "cases.field.uscc")
	ErrIDCard   = errs.Define(errs.Invalid, "cases.field.idcard")
	ErrPhone    = errs.Define(errs.Invalid, "cases.field.phone")
	ErrEmail    = errs.Define(errs.Invalid, "cases.field.email")
	errAccount  = errs.Define(errs.Invalid, "cases.field.account")
	ErrDivision = errs.Define(errs.Invalid, "cases.field.division")  // of an address: not down to the county
	ErrDetail   = errs.Define(errs.Invalid, "cases.field.detail")    // of an address: nothing beyond the division
	errFew      = errs.Define(errs.Invalid, "cases.field.rows_few")  // params min, row
	errMany     = errs.Define(errs.Invalid, "cases.field.rows_many") // params max, row
	errRule     = errs.Define(errs.Invalid, "cases.field.rule")      // param message: what the form says itself
	errUnruled  = errs.Define(errs.Invalid, "cases.field.unruled")   // a check that cannot be evaluated
	errComputed = errs.Define(errs.Invalid, "cases.field.computed")  // a formula that gives nothing that fits
	errWaits    = errs.Define(errs.Invalid, "cases.field.waits")     // a formula that needs other answers first
)
