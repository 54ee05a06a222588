// Package policy is the library of policies (惠企政策): documents, and the clauses
// (条款) that say what they give, to whom, when, and how to get it.
//
//	draft ──Propose──▶ proposed ──Publish──▶ published ──Withdraw──▶ withdrawn
//	  ▲                    │                     │  └─ its days end ─▶ expired
//	  └───────Return───────┘                     └─ another document ▶ repealed
//
// A document and each of its clauses is a paper of its own with at most one draft
// beside what is published. Expired and repealed are no states that somebody sets:
// they follow from the day, the term of the document, and the documents that
// repeal it from their first day on.
//
// # Invariants
//
//   - What is published was looked at by two: neither who saved the draft nor who
//     proposed it publishes it, and nobody who stands in for one of them. Only the
//     files of an installation are taken in without.
//   - An edition is never changed; what a firm was told names one.
//   - A draft may be incomplete. What is proposed and what is published is sound as
//     a whole: its item and fund are there, its rule can be reckoned, the clauses
//     and documents that it names exist.
//   - Keys never change. Each write is one transaction with its audit entry, and
//     what readers see moves only with the commit.
//
// # Boundaries
//
// Keeps its tables (matching_policy, matching_edition, matching_generation).
// Knows which item receives applications, and asks ports for funds and for the
// words of rules. Who fits is the business of package matching. Those who keep the
// catalogue keep the library; heads and handlers write drafts for the documents of
// their department, and heads propose them.
package policy
