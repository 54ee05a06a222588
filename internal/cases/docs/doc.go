// Package docs is the papers that a case leaves behind: notices, receipts,
// decisions (DB4406/T 14-2021, annexes A to K, with the statements of
// commitment and tolerance), as data and as sheets.
//
// A Kind is a file in kinds/: which event calls for it, what must be there, who
// reads it, which law it cites, what it says in both languages. A document is a
// kind at one version together with its Facts, taken from the event, from what
// had been submitted then, and from the version of the item: so the same event
// gives the same words for ever. To change the words of a kind, add a file with
// the next version; the old one stays for the documents that were made with it,
// and a test holds that a published file never changes.
//
// # Boundaries
//
// Pure: no database, no clock, no I/O but the files that lie in the program.
// Package cases gathers the facts and keeps the rows; casesweb shows them.
package docs
