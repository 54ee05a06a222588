// Package push brings policies to firms (政策推送): who newly fits a clause, is one
// step away, or would miss its window is told once; what came of it is followed to
// the grant.
//
//	told ──Open──▶ opened ──a case is handed in──▶ applied ──it is granted──▶ granted
//	  └──────────────┴──Decline──▶ declined
//
// # Invariants
//
//   - A firm is told once of each edition of a clause and kind, of the end of a
//     window once in each window of an edition (unique key, round), and gets one
//     message a day at most, however much there is to tell.
//   - What is told is entered in the transaction that tells it. A firm of which
//     nobody wants to be told is not entered: who agrees later hears what is true then.
//   - Who refused to have things suggested (privacy.Recommend) is told nothing here,
//     also no invitation of a department; public lists stay.
//   - What was turned down is not brought up again, what was applied for not in the
//     same window, and what can be had once not after it was granted.
//   - An application is for the clause from which somebody went on to the item
//     (Choose); where nobody did, for all clauses of the item that the firm was told of.
//   - What a list gave without an application is the clause of that list alone; other
//     clauses of the same item stay as they were.
//   - Who saved a clause (Star) is told when it reads otherwise, when its window opens
//     or closes soon, and when it ends: each once, in one message a day. Whether he
//     wants to be told is the same question as for firms; what he saved stays.
//
// # Boundaries
//
// Owns matching_push, matching_push_day, matching_push_note and matching_star. Whom to
// ask about funds, commissioners and the clause of an award comes through ports.
// Candidates of a clause are shown to the department of its document and to leaders of
// its region, to nobody else.
package push
