// Package worklist is what staff do with the lists of the engine beyond
// reading them: it keeps a list with its filter under a name (视图), gives one
// command to many cases (批量办理), and makes a list into a file (导出).
//
//	chosen ──Run──▶ running ──▶ done     a batch; its rows: waiting ─▶ done | refused
//	waiting ─▶ running ─▶ done | failed  an export made in the background
//
// # Invariants
//
//   - A list, a saved view, a batch and an export read one and the same address
//     (ParseQuery): what is mailed, kept, worked on and written is what was seen.
//   - A batch works on the cases that were chosen, as they were then: a case in
//     which somebody acted in between is refused, and none slips in later.
//   - Each row of a batch is one transaction with its command, so that a row
//     says "done" exactly when the command was given; a batch that was cut off
//     goes on with what still waits.
//   - Rights are those of the person at the time of the run, not of the asking.
//   - An export is told in the audit trail with who, what and how many, and so is
//     each time its file is fetched. It is fetched only by its maker, and only while
//     he still sees all that he saw when it was made (cases.ReachOf).
//
// # Boundaries
//
// Owns the tables cases_view, cases_view_default, cases_batch, cases_batch_row
// and cases_export. Uses cases for every case, files for what it writes, and
// notify to say that something is ready.
package worklist
