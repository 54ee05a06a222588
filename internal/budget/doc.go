// Package budget keeps the money that departments may grant (专项资金) and is
// the procedure kind "subsidy": a case of an item that names a fund reserves what
// was asked for when it is accepted, and is granted only within what is left.
//
//	accepted ──▶ reserved ──granted──▶ granted ──decision undone──▶ returned
//	    │            └──denied, withdrawn──▶ released
//	    └── nothing left: no reservation; the case goes on, and is granted only
//	        when there is money by then
//
// # What an item says
//
//	procedure: {kind: subsidy, params: [{name: fund, value: rd-2026}, {name: field, value: requested_wan}, {name: unit, value: wan}]}
//
// fund is the key of a fund; field the field of the form that holds the amount
// asked for, in yuan, or in 10,000 yuan with unit wan; max, in yuan, caps what is
// reserved and granted to one case.
//
// # Lists
//
// What no command on a case books, a caller books under a key of its own, in its
// own transaction (Reserve, Grant, Release, Return): the sum of a list of automatic
// grants is set aside when the list is released, each firm is granted out of that,
// and the rest is released. The procedure of the item takes no part in a case that
// was awarded so (cases.Award); when its decision is undone, Undone returns what
// was booked for it.
//
//	Reserve ──▶ reserved ──Grant, firm by firm──▶ granted ──Return, decision undone──▶ returned
//	                └──Release──▶ what is left is released
//
// # Invariants
//
//   - Reserved and granted together never pass the total, whoever decides at the
//     same time: one guarded UPDATE, and a CHECK in the database.
//   - The sums of a fund are those of its ledger; an entry is never changed.
//   - Nothing is booked twice for one case and kind of entry, nor for one key and kind.
//   - A reservation is never drawn on for more than it holds.
//   - The total is never cut below what is reserved and granted.
//   - An amount is booked in the transaction of the command on the case or not at all.
//
// # Boundaries
//
// Owns the tables budget_*. Takes part in cases as a cases.Procedure, and hears of
// decisions that are undone; the case engine knows nothing of money. Who may book
// under a key is the business of the caller. Uses identity for the names of departments.
// Leaders see every fund of their region, heads and approvers those of their
// department; heads raise and cut the total of theirs.
package budget
