package policy

import "github.com/tongban/tongban/internal/kernel/errs"

// Errors of the package. A stale form is db.ErrStale.
var (
	ErrNotFound  = errs.Define(errs.NotFound, "policy.not_found") // also: another department's
	ErrForbidden = errs.Define(errs.Forbidden, "policy.forbidden")
	ErrOwn       = errs.Define(errs.Forbidden, "policy.own")     // who wrote or proposed it does not publish it
	ErrState     = errs.Define(errs.Conflict, "policy.state")    // there is no such draft, or nothing to withdraw
	ErrClauses   = errs.Define(errs.Conflict, "policy.clauses")  // a document with clauses is not thrown away
	ErrReason    = errs.Define(errs.Invalid, "policy.reason")    // one is needed
	ErrInvalid   = errs.Define(errs.Invalid, "policy.invalid")   // with fields
	ErrUnsound   = errs.Define(errs.Conflict, "policy.unsound")  // params key, n: not yet fit to be proposed
	ErrSame      = errs.Define(errs.Conflict, "policy.same")     // the draft says what is published
	ErrOther     = errs.Define(errs.Conflict, "policy.other")    // params key, document: the clause is of another document
	ErrKeyTaken  = errs.Define(errs.Conflict, "policy.key_used") // params key
)

// What checks complain about; the text is "error.<code>".
const (
	badRequired = "policy.field.required"
	badLong     = "policy.field.long"     // max
	badMany     = "policy.field.many"     // max
	badKey      = "policy.field.key"      // value
	badChoice   = "policy.field.choice"   // value
	badUnknown  = "policy.field.unknown"  // value
	badTwice    = "policy.field.twice"    // value
	badDate     = "policy.field.date"     // value
	badOrder    = "policy.field.order"    // the last day is before the first
	badWindow   = "policy.field.window"   // value
	badTerm     = "policy.field.term"     // value; a window outside of the days of the document
	badMoney    = "policy.field.money"    //
	badRate     = "policy.field.rate"     //
	badEither   = "policy.field.either"   // an amount and a rate
	badOf       = "policy.field.of"       // value
	badMoneyOf  = "policy.field.money_of" // value; no money of a firm
	badNothing  = "policy.field.nothing"  // gives nothing that anybody could read
	badItem     = "policy.field.item"     // value; not on offer
	badKeeper   = "policy.field.keeper"   // value; of an automatic clause, another department's item
	badFund     = "policy.field.fund"     // value
	badDays     = "policy.field.days"     // max
	badRule     = "policy.field.rule"     // an automatic grant needs one
	badSelf     = "policy.field.self"     //
	badAddress  = "policy.field.address"  //
	badForeign  = "policy.field.foreign"  // another department's
)

// What a sheet can be told about its rows.
var (
	errPlace     = errs.Define(errs.Invalid, "policy.sheet.place")      // a column of documents in the row of a clause, or the other way round
	errCell      = errs.Define(errs.Invalid, "policy.sheet.cell")       // params value
	errRowTwice  = errs.Define(errs.Invalid, "policy.sheet.twice")      // params row
	errOverDraft = errs.Define(errs.Invalid, "policy.sheet.over_draft") // it takes the place of a draft
)
