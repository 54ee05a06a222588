// Package visit is one visitor at one window (一窗受理): who stands there, for
// whom he acts, what he wants, and what came out of it.
//
//	Begin ──▶ open ──Park──▶ parked ──Resume──▶ open ──End──▶ ended
//
// A visit gathers items and begins them together: as one order with one form
// where they go together, else as several cases side by side. What happens to
// its cases are commands of the engine, given here by the clerk while the visitor
// waits, and each is written down as part of the visit in the same transaction.
//
// # Invariants
//
//   - A clerk has one open visit; beginning or resuming another parks it.
//   - A visitor acts for himself or for a firm that he is an agent of, checked
//     at every step anew.
//   - Nothing of a visit is held in a page: a parked visit comes back as it was,
//     at any window of the hall.
//   - A ticket of the queue leads to one visit.
//   - A visit never widens what a clerk may do: the engine checks each command.
//
// # Boundaries
//
// Owns cases_visit and cases_visit_case. Publishes Ended in the transaction
// that ends a visit.
package visit
