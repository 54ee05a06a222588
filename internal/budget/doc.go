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
// # Invariants
//
//   - Reserved and granted together never pass the total, whoever decides at the
//     same time: one guarded UPDATE, and a CHECK in the database.
//   - The sums of a fund are those of its ledger; an entry is never changed.
//   - Nothing is booked twice for one case and kind of entry.
//   - The total is never cut below what is reserved and granted.
//   - An amount is booked in the transaction of the command on the case or not at all.
//
// # Boundaries
//
// Owns the tables budget_*. Takes part in cases as a cases.Procedure; the case
// engine knows nothing of money. Uses identity for the names of departments.
// Leaders see every fund of their region, heads and approvers those of their
// department; heads raise and cut the total of theirs.
package budget
