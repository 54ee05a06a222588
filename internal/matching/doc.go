// Package matching holds every rule against every firm, all the time: which firms
// fit a clause of a policy or a rung of a ladder, for which it is unknown because a
// fact is missing, which are one step away, what it would cost, and what would
// change if a rule said something else.
//
//	files of firms ──Each──▶ rows ─┐
//	offers (clauses, rungs) ──rules┴▶ engine.Live ──▶ View: counts, lists, reasons, trials
//	dossier.Changed, certificates ──Note──▶ matching_change ──▶ the rows are read anew, in every process
//
// # States
//
// A Service is empty until somebody asks (View) or Load is called; then it holds
// the rules as of one day. With a new day everything is read anew, since dates and
// certificates move: what a firm fits today and did not fit yesterday is Turned.
//
// # Invariants
//
//   - A View does not change while it is used.
//   - A View that begins after a change of a firm was committed knows it, in
//     whichever process.
//   - A rule that the engine cannot take is answered row by row by CEL, with the
//     same three answers.
//   - Nothing of it is kept but the changes: it can be made anew from the files at
//     any time.
//
// # Boundaries
//
// Owns matching_change. Does not know who asks: rights are those of the pages.
// Offers come in through a port, so that clauses and rungs are alike here.
package matching
