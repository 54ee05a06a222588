// Package cases is the one engine for everything that is asked for (办件).
//
//	draft ──Submit──▶ submitted ──Accept──▶ handling ──Decide──▶ decided ──Deliver──▶ delivered
//	                    │   ▲                  │ ▲
//	       AskSupplement│   │Submit            │ │ SendBack / Reply (clock paused)
//	                    ▼   │                  └─┘ or Recall
//	               supplementing        any open state ──Withdraw──▶ withdrawn
//	 submitted ──Refuse──▶ refused
//
// Handling runs through the stages of the item's flow; the tasks of a stage
// run in parallel, and the last stage holds the one task that decides. An item
// with an automatic condition goes from Submit to delivered in one transaction.
//
// A task is a review unless the flow names another kind (catalogue.TaskKind): a
// joint review and a countersignature make a task for each member (parent_id),
// whose answers package review weighs; an inspection is arranged before its
// findings; a publicity ends by its day. A desk can ask one that was done to do
// its part again (back_to): a further task, for which the asking one waits. A
// transfer moves the open tasks of the deciding department and leaves a
// cancelled line to the one that had them.
//
// Suspended is not a state but an open row in the ledger of pauses; lights are
// never stored, only the instants at which they change.
//
// # How a command works
//
// Every change is a named command: a row in the table of commands.go says from
// which states, who, and whether a reason is needed; a method of Service does
// it inside run, which loads and locks the case, checks right, state and
// version, and after the method writes the case, its events, the audit entry
// and the notices in the same transaction, and publishes Happened. How to add a
// command: docs/architecture.md, "Where to add".
//
// # Orders
//
// A case of a bundle (一件事) is an order: one form, one acceptance, one joint
// limit, and for each step a case of its own (parent_id, table cases_step).
//
//	waiting ──its group is due──▶ running ──decided or withdrawn──▶ done
//	   │                                     (granted, partly, denied, ended, withdrawn)
//	   ├──its condition does not hold──▶ skipped
//	   └──an earlier step was not granted, or the order was withdrawn──▶ cancelled
//
// The order is drafted, submitted, supplemented, refused and accepted like any
// case. Accept begins the first group: each step gets its own part of answers
// and papers, its own desks and its own clock, and is accepted with the order.
// The order has no desk; every command on a step brings it on in the same
// transaction (advance): when all steps of a group were granted the next group
// begins, after the last the order is granted. When a step was not granted,
// what has not begun is cancelled, what runs goes on, and the order ends granted
// in part, denied or ended (outcomeOf), with the steps and their outcomes as the
// reason; what was granted stays valid.
// While a step waits for the applicant, or its clock stands still, so does the
// order. A step is withdrawn alone only when no later one waits for it;
// withdrawing the order withdraws what runs. With a result to collect, the steps
// stay decided until the order is handed over, under one code, unless one is
// collected before.
//
// What is put together from a cart is worked out in memory, kept in the
// transaction that opens its draft, and swept when no case names it. An order
// from a cart is of no desk; the lead department of a bundle reads of its order
// the ladder, and answers and papers only in its own steps.
//
// The row of the order is the lock of the whole order: a command on a step locks
// the order first and then the step (parent_id never changes, so it is read
// without a lock), a command on the order locks the order first and then, where
// it touches them, the steps by their ids. Whoever needs one step only (typing,
// files, the nightly clock) locks no other row after it. So two transactions
// never wait for each other. The number of a step is that of its order with the
// number of the step behind it, so that no sequence is locked either.
//
// # Papers
//
// What a party handed in once serves for its other cases as long as it is valid
// (papers.go): the files are shared, never copied, and never offered to anybody
// who could not read them where they came from. How far a copy is trusted
// (package paper) is derived, kept with each snapshot, and raised to B for all
// cases at once when somebody of staff holds it against the original.
// A tolerated material (容缺, gaps.go) opens a gap at acceptance; while one is
// open nothing is decided. It is closed by HandIn, Waive, or the day: after a
// reminder the case lapses as its item says.
//
// # Awards
//
// A firm on a public list gets what it did not apply for (免申即享, award.go):
//
//	draft ──Award──▶ decided ──▶ delivered ──Revoke──▶ revoked
//
// all but the last in one transaction, under a key that makes one case. Such a case
// has the channel award, a number, a decision with its basis, a paper, news and a
// rating, but no answers, no papers and no acceptance: its data version is 0, it has
// no clock, and nobody can apply again with it. Its tasks are none, so the table of
// rights says who sees it and may undo it as for any case. Award is given by the
// module that keeps the list, never on a page, and stands in EventKinds only. The
// procedure of the item has no part in it, see Award. Having tells who has a benefit
// already, by an application or by a list. A firm that has one by a list may still
// apply for the item: whoever looks at the application, and the firm before it hands
// it in, is told of the award (given.go), and people judge.
//
// # Clocks that stand still
//
// A special procedure stands still for as long as the applicant was told it
// takes (行政许可法 art. 45), and no longer: the sweep ends it as of that instant,
// however late it looks, and what was ended for a task is not paused for it again.
// A return names a day for the answer; when it is over the desk that asked and its
// head hear of it once, and the case stands in ListStalled until somebody acts
// (standing.go).
//
// Only the limits of the office stand still. A paused case can be examined and
// decided: what the pause was for may have come to nothing, a file may be decided
// as it is, and the decision ends the pause. Days that are not the office's run
// on: the day of a tolerated material is the applicant's, that of a publicity was
// promised to everybody, and a renewal is decided before the old certificate ends
// (行政许可法 art. 50). Only the clock itself is not touched twice: while one stands
// still, Pause and Extend are refused.
//
// # Invariants
//
//   - No state without an event; events of a case are numbered without a gap.
//   - One decision for each case; nobody decides what he filed or examined.
//   - What was submitted is kept for ever as a numbered snapshot; what is being
//     typed lives in a buffer and reaches the file only by Submit or Reply.
//   - A case keeps the version of its item that it was submitted under.
//   - Everything missing is asked for once: a second supplement notice for the
//     same submission is refused (行政许可法 art. 32(4)).
//   - Deadlines are instants derived from the acceptance, the pauses and the
//     extensions (package workday); the working day of acceptance is not counted.
//   - After the jobs no clock stands still past the end that was told.
//   - A list shows exactly what the page would show: both read the table in rights.go.
//   - No step without its case or the reason why there is none; no group begins
//     before the one before it was granted, if only in part; an order is granted
//     if and only if every step that the answers ask for was, in full.
//
// # Boundaries
//
// Owns the tables cases_* and the view cases_v_fact, whose column part tells
// orders from steps and plain cases: figures of work count the latter two.
// Publishes Happened. Uses
// catalogue (items), identity (people, firms, certificates), notify and files.
package cases
