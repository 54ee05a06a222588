// Package grant gives firms what they fit without an application (免申即享): the
// matcher finds them, the department checks, everybody may object, the firm says
// where the money goes.
//
//	drafted ──Check──▶ checked ──Release──▶ published ──days over──▶ confirming ──days over──▶ settled
//	   ▲                  │                     └─ objections ─┘         └─ each firm answers
//	   └────Return────────┘
//	drafted, checked ──Discard──▶ discarded
//
// A line:
//
//	listed ──Confirm──▶ confirmed          waiting: for a fact; not released
//	   ├──Decline──▶ declined              removed: by the department, with a reason
//	   ├──no answer──▶ lapsed              unfit: did not fit any more at the release
//	   └──an objection is upheld──▶ struck
//
// A firm may give its account as soon as the list is published; until the answers
// are closed it may give another one, or decline.
//
// # Invariants
//
//   - Nobody releases what he drafted or checked, nor for whom he stands in.
//   - A firm has at most one line that counts for a clause and its period: a unique
//     index. What was removed, struck or lapsed does not count; what was declined does.
//   - A line is kept as it was taken: firm, sum, reasons, with edition and day on the batch.
//   - Whoever fits no more at the release is left out, unless somebody keeps him and says why.
//   - While an objection to a line is open the answers of the batch are not closed.
//   - Accounts are sealed, bound to their line.
//
// # Boundaries
//
// Owns the tables matching_grant…. Takes who fits from matching and what is given
// from policy. Handlers and heads of the department of the document draft, its
// approvers and heads release, leaders of the region read; for others a batch is
// not there. What is published everybody reads: names and sums.
package grant
