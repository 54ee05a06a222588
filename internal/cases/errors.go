package cases

import (
	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/kernel/errs"
)

// Errors of this module; texts are error.<code>.
var (
	ErrNotFound    = errs.Define(errs.NotFound, "cases.not_found") // also: somebody else's
	ErrForbidden   = errs.Define(errs.Forbidden, "cases.forbidden")
	ErrState       = errs.Define(errs.Conflict, "cases.state") // params command, state
	ErrStale       = errs.Define(errs.Stale, "cases.stale")    // somebody acted in between
	ErrTyped       = errs.Define(errs.Conflict, "cases.typed") // another tab or person saved in between
	ErrIncomplete  = errs.Define(errs.Invalid, "cases.incomplete")
	ErrAskedOnce   = errs.Define(errs.Conflict, "cases.asked_once")
	ErrNothing     = errs.Define(errs.Invalid, "cases.nothing_asked")
	ErrOwnCase     = errs.Define(errs.Conflict, "cases.own_case") // decides what he filed or examined
	ErrTooLate     = errs.Define(errs.Conflict, "cases.too_late") // to extend: the limit has run out
	ErrSigned      = errs.Define(errs.Conflict, "cases.signed")   // has given another part of the same countersignature
	ErrTaken       = errs.Define(errs.Conflict, "cases.taken")    // a colleague has claimed the task
	ErrNoTask      = errs.Define(errs.Conflict, "cases.no_task")
	ErrPaused      = errs.Define(errs.Conflict, "cases.paused")
	ErrNotPaused   = errs.Define(errs.Conflict, "cases.not_paused")
	ErrHeld        = errs.Define(errs.Conflict, "cases.held")    // the decision waits for something about the party; param why
	ErrWaiting     = errs.Define(errs.Conflict, "cases.waiting") // the applicant has been asked already
	ErrReason      = errs.Define(errs.Invalid, "cases.reason")
	ErrPickup      = errs.Define(errs.Invalid, "cases.pickup")
	ErrAudience    = errs.Define(errs.Invalid, "cases.audience")
	ErrChannel     = errs.Define(errs.Invalid, "cases.channel")
	ErrMaterial    = errs.Define(errs.Invalid, "cases.material")
	ErrTooManyFile = errs.Define(errs.Invalid, "cases.too_many_files")
	ErrUnchecked   = errs.Define(errs.Conflict, "cases.unchecked") // an original that the item asks for was not seen; param materials
	ErrGaps        = errs.Define(errs.Conflict, "cases.gaps")      // tolerated materials have to come first; param materials
	ErrExtension   = errs.Define(errs.Invalid, "cases.extension")
	ErrNoStep      = errs.Define(errs.Invalid, "cases.no_step")      // an order of which the answers choose nothing
	ErrRemade      = errs.Define(errs.Conflict, "cases.remade")      // a plain item became a bundle, or the other way, since the draft was opened
	ErrOthersWait  = errs.Define(errs.Conflict, "cases.others_wait") // a step that later ones wait for is not withdrawn alone

	ErrOneByOne    = errs.Define(errs.Conflict, "cases.one_by_one")   // a grant that asks for more than the outcome, as one of many alike
	ErrStepRefused = errs.Define(errs.Conflict, "cases.step_refused") // by the procedure of a step; params step, why

	errRequired, errLong, errChoice, errRange = forms.ErrRequired, forms.ErrLong, forms.ErrChoice, forms.ErrRange

	ErrAward = errs.Define(errs.Invalid, "cases.award") // what is to be awarded lacks something, or is a bundle; param item

	ErrUntil      = errs.Define(errs.Invalid, "cases.until")       // a paper that has a last day, without it
	ErrPaperEnded = errs.Define(errs.Invalid, "cases.paper_ended") // its last day is over
	ErrBarred     = errs.Define(errs.Conflict, "cases.barred")     // accepting on trust who has a bad record; param materials
	ErrCredit     = errs.Define(errs.Conflict, "cases.credit")     // who broke a promise makes no other until the record is repaired
	// ErrNoProcedure: the item names a kind of procedure that the program does not have. Param kind.
	ErrNoProcedure = errs.Define(errs.Conflict, "cases.no_procedure")
	errNoProcedure = errs.Define(errs.Invalid, "cases.field.no_procedure") // param value
	errExpected    = errs.Define(errs.Invalid, "cases.expected_end")       // of a special procedure: a day from today on
	ErrColleague   = errs.Define(errs.Invalid, "cases.colleague")          // nobody in that post by this name
	ErrDepartment  = errs.Define(errs.Invalid, "cases.department")         // cannot take the case
	ErrNoMoves     = errs.Define(errs.Invalid, "cases.no_moves")           // no case was chosen
	ErrTooMany     = errs.Define(errs.Invalid, "cases.too_many")           // param max
	ErrDesk        = errs.Define(errs.Conflict, "cases.desk")              // another desk does its part again first
	ErrMembers     = errs.Define(errs.Conflict, "cases.members")           // param n: members within their limit have not answered
	ErrInspection  = errs.Define(errs.Conflict, "cases.inspection")        // not arranged yet
	ErrOfficers    = errs.Define(errs.Invalid, "cases.officers")           // two different ones of the department
	ErrObjections  = errs.Define(errs.Conflict, "cases.objections")        // undecided
	ErrDay         = errs.Define(errs.Invalid, "cases.day")                // not a date, or not a possible one
	ErrDayPast     = errs.Define(errs.Invalid, "cases.day_past")           // a day before today
	ErrDayFuture   = errs.Define(errs.Invalid, "cases.day_future")         // a day after today
	ErrDayEarly    = errs.Define(errs.Invalid, "cases.day_early")          // a day before the acceptance
	ErrContact     = errs.Define(errs.Invalid, "cases.contact")            // nobody can be reached there
	ErrDissent     = errs.Define(errs.Invalid, "cases.dissent")            // agreeing although a member does not, without a word
	ErrOver        = errs.Define(errs.Conflict, "cases.over")              // the period of a publicity has ended
	ErrDeputy      = errs.Define(errs.Invalid, "cases.deputy")             // cannot stand in
	ErrPeriod      = errs.Define(errs.Invalid, "cases.period")             // an end before its beginning, or too long
	ErrPartner     = errs.Define(errs.Invalid, "cases.partner")            // not somebody who acts for the same firm
	ErrNotOffered  = errs.Define(errs.Conflict, "cases.not_offered")       // to the actor, or not any more
	ErrScope       = errs.Define(errs.Forbidden, "cases.scope")            // the authorisation is not for this item, or only to read
	ErrNotActing   = errs.Define(errs.Conflict, "cases.not_acting")        // a draft at a window whose agent acts for the firm no more
	ErrTwoDrafts   = errs.Define(errs.Conflict, "cases.two_drafts")        // he has taken over a draft of the same kind

	errNoPost    = errs.Define(errs.Invalid, "cases.field.no_post")   // the applicant did not ask for it by post
	errReceiver  = errs.Define(errs.Invalid, "cases.receiver")        // the card is nobody's who may take the result
	errUnchanged = errs.Define(errs.Invalid, "cases.field.unchanged") // param reason
	errMissing   = errs.Define(errs.Invalid, "cases.material.missing")
)
