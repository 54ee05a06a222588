// Package intake takes real catalogue sheets in: it reads a sheet through a
// mapping, says row by row what it would do and what is wrong, and then does
// all of it or nothing.
//
//	           ┌──Again──┐
//	           ▼         │
//	Upload ─▶ checking ─▶ checked ──Release──▶ approved ─▶ applying ─▶ done
//	              │          │                    │            └─────▶ failed
//	              └─Discard──┴─▶ discarded        └─ changed meanwhile: checked
//
// The command line checks and applies in one go, as the engine. In the browser
// a sheet publishes guides just as an editor does, so two people see it: who
// uploaded it does not release it.
//
// # What a sheet may change
//
// Items are matched by code. Of an item that is there, only the fields that the
// mapping brings are compared, and each is held against three things: what the
// sheet says now, what a sheet said last (table catalogue_source), and what is
// published. So
//
//   - a sheet that says what it said before changes nothing, also where the
//     item was changed here in between: what people completed by hand is theirs;
//   - where the sheet has changed and the item has not, the sheet's word counts;
//   - where both have changed, the published word stays and the difference is
//     reported for review, unless the import was told to overwrite;
//   - a sheet that we exported ourselves carries the number of the version, and
//     edits in it count when that is still the published one.
//
// A draft is never touched; that there is one is reported, since publishing it
// would bring back what stood there before.
//
// # Invariants
//
//   - All rows of a file come in or none, unless rows with errors are to be left out.
//   - What is written is what was shown: the released run carries a digest, and
//     when the catalogue has moved on in between it is checked anew instead.
//   - Bundles are not made of rows; they are edited on their own page.
//   - Departments are made only when asked for. Otherwise an item of a body
//     that we do not know keeps the name of that body, and its guide leads there.
//
// Owns tables catalogue_mapping and catalogue_import.
package intake
