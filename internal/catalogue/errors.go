package catalogue

import "github.com/tongban/tongban/internal/kernel/errs"

// Errors of the module. A stale form is db.ErrStale.
var (
	ErrNotFound  = errs.Define(errs.NotFound, "catalogue.not_found")
	ErrSuspended = errs.Define(errs.Conflict, "catalogue.suspended") // params: code
	ErrWithdrawn = errs.Define(errs.Conflict, "catalogue.withdrawn") // params: code
	ErrForbidden = errs.Define(errs.Forbidden, "catalogue.forbidden")
	ErrOwnDraft  = errs.Define(errs.Forbidden, "catalogue.own_draft")
	ErrNoDraft   = errs.Define(errs.Conflict, "catalogue.no_draft")
	ErrState     = errs.Define(errs.Conflict, "catalogue.state")  // params: state
	ErrReason    = errs.Define(errs.Invalid, "catalogue.reason")  // suspending needs one
	ErrInvalid   = errs.Define(errs.Invalid, "catalogue.invalid") // with Fields
	ErrTwice     = errs.Define(errs.Invalid, "catalogue.twice")   // params: code; an import names an item twice

	ErrNotForCart  = errs.Define(errs.Conflict, "catalogue.not_for_cart") // params: item; it is not ordered here
	ErrCartFull    = errs.Define(errs.Conflict, "catalogue.cart_full")    // params: max
	ErrNotTogether = errs.Define(errs.Conflict, "catalogue.not_together") // nobody can ask for all of them
	ErrNotMerged   = errs.Define(errs.Conflict, "catalogue.not_merged")   // they make no sound order
)

// What Validate complains about; the text is "error.<code>".
const (
	badRequired    = "catalogue.field.required"
	badChinese     = "catalogue.field.chinese"
	badEnglish     = "catalogue.field.english"
	badUnknown     = "catalogue.field.unknown"     // value
	badTwice       = "catalogue.field.twice"       // value
	badForm        = "catalogue.field.form"        // value
	badBaseCode    = "catalogue.field.base_code"   // value
	badBaseType    = "catalogue.field.base_type"   // value, type
	badNoCode      = "catalogue.field.no_code"     //
	badLimit       = "catalogue.field.limit"       //
	badLonger      = "catalogue.field.longer"      //
	badInstant     = "catalogue.field.instant"     //
	badRange       = "catalogue.field.range"       //
	badCondition   = "catalogue.field.condition"   // reason
	badAnswer      = "catalogue.field.answer"      // value
	badCatchAll    = "catalogue.field.catch_all"   // value
	badPlaceholder = "catalogue.field.placeholder" // value
	badOptions     = "catalogue.field.options"     //
	badDecides     = "catalogue.field.decides"     //
	badProcedure   = "catalogue.field.procedure"   // of a bundle, which has none of its own
	badNotStep     = "catalogue.field.not_step"    // value; a bundle, or an item of another administration
	badSteps       = "catalogue.field.steps"       // a bundle of fewer than two
	badImplCode    = "catalogue.field.impl_code"   // value
	badURL         = "catalogue.field.url"         // value
	badNobody      = "catalogue.field.nobody"      // role; nobody holds such a post in the department
	badOfficers    = "catalogue.field.officers"    // an inspection needs two, and the department has fewer
	badUnreached   = "catalogue.field.unreached"   // a stage that no answers lead to
	badFile        = "catalogue.field.file"        // no file of the catalogue
	badLong        = "catalogue.field.long"        // max, in characters
	badMany        = "catalogue.field.many"        // max, n
	badTwoWords    = "catalogue.field.two_words"   //
	badThemeUsed   = "catalogue.field.theme_used"  // value, n
	badReserved    = "catalogue.field.reserved"    // value; a code that the program gives itself
	badLater       = "catalogue.field.later"       // value; a condition reads what is asked for after it
	badFormula     = "catalogue.field.formula"     // reason
	badCircle      = "catalogue.field.circle"      // value; answers that wait for each other
	badComputed    = "catalogue.field.computed"    // what is computed is of another type, is not prefilled, and no question
	badChooses     = "catalogue.field.chooses"     // value; a question that chooses steps of a bundle and may stay open
)

var complaints = []string{
	badRequired, badChinese, badEnglish, badUnknown, badTwice, badForm, badBaseCode, badBaseType, badNoCode, badLimit, badLonger,
	badInstant, badRange, badCondition, badAnswer, badCatchAll, badPlaceholder, badOptions, badDecides,
	badNotStep, badProcedure, badSteps, badImplCode, badURL, badNobody, badOfficers, badUnreached, badFile, badLong, badMany, badTwoWords, badThemeUsed, badReserved, badChooses, badLater, badFormula, badCircle, badComputed,
}
