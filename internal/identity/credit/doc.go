// Package credit says how far a person or firm is trusted (信用): records, the
// grade that a published rule makes of them, objections and repairs.
//
//	record ─▶ counts from its first to its last day, five years at most
//	   ├─ objection ─▶ upheld: struck out      ├─ rejected: stands
//	   └─ repair (what was owed is done, and the waiting period over) ─▶ granted: counts no more
//
// # Invariants
//
//   - The grade is never kept: it is made of the records by the version of the
//     rule that is valid on the day, so that a changed record or rule changes it
//     at once; it says which version and which records made it.
//   - GradeOf is pure; the order of the records does not matter, one honour more
//     never lowers a grade, and one bad record more never raises it.
//   - Standing is the only place that maps a grade to what the engine knows: A is
//     good (easy approval), D is bad (none), B and C are neither.
//   - An objection or a repair is decided by somebody other than who entered the
//     record, with a reason, within the working days of DecideWithin.
//   - The public list shows broken promises of firms while they count, never
//     persons, and never longer than five years.
//
// Records stand in identity_credit, which package identity writes for the engine;
// this package owns identity_credit_objection.
package credit
