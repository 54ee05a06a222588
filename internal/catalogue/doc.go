// Package catalogue keeps the items (事项) that people can ask for: their
// guides (办事指南), materials (材料), forms, flows and wording, the thirteen
// shelves they stand on, and the search.
//
// An item has versions; a version is one Definition:
//
//	SaveDraft ─▶ draft ──Publish──▶ published ──Publish of the next──▶ retired
//
// The item itself is draft until its first version is published, then
// published, and can be taken off the shelves for a time or for good:
//
//	draft ──▶ published ──Suspend──▶ suspended ──Withdraw──▶ withdrawn
//	              ▲  │                   │                       ▲
//	              │  └───────────────────┼─────Withdraw──────────┘
//	              └───────Resume─────────┘
//
// # Reading
//
// Everything that is published lives in memory as one immutable Snapshot. A
// command raises a counter in the database; each process looks at the counter
// at most once a second and loads anew when it moved. Reads therefore cost no
// query, and may be a second behind another process.
//
// # Guides
//
// Definition.Questions are what a guide asks before it shows what somebody
// needs, and Choose narrows a definition by the answers. A LifeEvent leads from
// a situation to items, which Gather puts together for one person: each paper
// once, and what one item issues for another. Nothing of this is stored; the
// answers stand in the address of the page.
//
// # Changes
//
// Every publishing, suspension and return of an item is a row of
// catalogue_change, written in its transaction, from which others keep a copy
// of the catalogue. What comes and goes without a command (an offer that
// lapses, a bundle whose step is away) is put on record by whoever reads the
// feed first afterwards.
//
// # Invariants
//
//   - Numbers of changes rise without gaps in the order of commits.
//
//   - A published version never changes, and is never deleted: a case keeps the
//     version that it was filed under for ever.
//
//   - An item has at most one draft and one published version.
//
//   - Who changed a draft last does not publish it: two people have seen what
//     applicants are told.
//
//   - Nothing is published that Validate complains about, or that names a
//     department, post or file that is not there (checked in the editor's
//     Publish; an import of files is the installation's own word).
//
//   - A file is served to everybody only when a published version names it and
//     it was put into the catalogue: never one of a case.
//
//   - A science service has no type and no administrative code (优化营商环境条例
//     art. 43); the promised limit is never longer than the statutory one.
//
//   - The log of vain searches holds words only: no account, no address, and
//     long numbers are blotted out.
//
// # Boundaries
//
// Owns tables catalogue_*. Publishes Published. Departments are named by their
// key; what it wants to know of them, of posts, open cases and ratings it asks
// by its Ports. The rules of Lint follow the checklist of a municipal catalogue.
package catalogue
