// Package grant gives firms what they fit without an application (免申即享): the
// matcher finds them, the department checks, everybody may object, the firm says
// where the money goes, cases are made, the treasury pays.
//
//	drafted ──Check──▶ checked ──Release──▶ published ──days over──▶ confirming ──days over──▶ settled
//	   ▲                  │                     └─ objections ─┘         └─ each firm answers     │
//	   └────Return────────┘                                                                      │ cases are made (Award)
//	drafted, checked ──Discard──▶ discarded                                                      ▼
//	                                paid ◀──Paid, nobody left── paying ◀──────MakeList──── settled, with cases
//	                                  └──────Bounce────────────▶   └─ Paid, Bounce, MakeList ─┘
//
// A line:
//
//	listed ──Confirm──▶ confirmed ──case made, on a list, Paid──▶ paid ──ClawBack──▶ clawed ──Recovered──▶ (a day)
//	   │                    ▲  └──Bounce──▶ bounced ──another account─┐  │  (also confirmed with a case, and bounced)
//	   │                    └─────────────────────────────────────────┘◀─┘ Bounce
//	   ├──Decline──▶ declined              waiting: for a fact, or for who verifies the firm; not released
//	   ├──no answer──▶ lapsed              removed: by the department, with a reason
//	   ├──an objection is upheld──▶ struck unfit: did not fit any more at the release
//	   └──has it already──▶ double         (at the release, or when its case is to be made)
//
// A firm may give its account as soon as the list is published; until the answers
// are closed it may give another one, or decline. Whose payment bounced gives another
// one whenever it likes.
//
// Paid is a list on which nobody is left who is still to be paid: also when all
// declined, lapsed, had it already, or were taken back.
//
// A case that is undone on its own page takes its line back as ClawBack does, in the
// same transaction (Undone): on an open payment list it is not paid then.
//
// A payment list is open until somebody enters what came of it (paid), or until all
// of it bounced or somebody who did not make it withdraws it (void). Its file is made once, sealed, with a checksum: what is
// downloaded is what was made.
//
// # Money
//
// When a list is released, what its lines get is set aside in the fund of the clause
// ("list:<batch>"); with less left in the fund it is not released. Each case is
// granted out of that ("grant:<line>"), and what nobody gets goes back when all cases
// are made. A clause without a fund books nothing. Taking back returns the grant to
// the fund at once, when it was not paid; what was paid is owed by the firm, and is
// the fund's when its return is entered (Recovered).
//
// # Invariants
//
//   - Nobody releases what he drafted or checked, nor for whom he stands in; nobody
//     enters what came of a payment list that he made; nobody takes back what he
//     drafted, checked, or put on a payment list.
//   - A firm has at most one line that counts for a clause and its period: a unique
//     index. That does not suffice: a clause that was yearly and is given once now (or
//     the other way round) has lines of another period. So drafting and release ask
//     for all lines of a clause that is given once, and for those of the year and of
//     once of one that is given every year. What was removed, struck or lapsed does
//     not count; what was declined, or taken back, does.
//   - Who applied for the item of the clause (running or granted; since the year
//     began, or ever) is not drafted, not released, and gets no case.
//   - A firm that nobody has verified waits. It is neither put back by hand nor
//     released, nor is one of which it cannot be told whether it fits.
//   - A line is kept as it was taken: firm, sum, reasons, with edition and day on the batch.
//   - Whoever fits no more at the release is left out, unless somebody keeps him and says why.
//   - While an objection to a line is open the answers of the batch are not closed.
//   - A line whose case cannot be made at all is given up (struck): it may be drafted
//     again, and with the last one what was set aside is the fund's again.
//   - One case for a line, however often its making is begun: portions of a transaction
//     each, under one key. A line whose case cannot be made keeps nobody else waiting.
//   - What stood on a payment list, and what became of it, stays (matching_grant_list_line).
//     Money that was paid comes back with a day and a voucher; who entered that a
//     payment bounced does not make the next list of that line. Who ever made a list
//     on which a line stood does not take it back.
//   - A line is on one payment list at a time, and a batch has one that is open.
//   - Accounts are sealed, bound to their line; so are the files of payment lists. No
//     list of lines reads them. Downloads are for those who pay, with a reason, and noted.
//
// # Boundaries
//
// Owns the tables matching_grant…. Takes who fits from matching and what is given
// from policy; cases and funds come in as Ports. Handlers and heads of the department
// of the document draft, its approvers and heads release and take back, all three pay;
// leaders of the region read, without accounts; for others a batch is not there. What
// is published everybody reads: names and sums.
package grant
