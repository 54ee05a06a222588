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
// Suspended is not a state but an open row in the ledger of pauses; lights are
// never stored, only the instants at which they change.
//
// # How a command works
//
// Every change is a named command: a row in the table of commands.go says from
// which states, who, and whether a reason is needed; a method of Service does
// it inside run, which loads and locks the case, checks right, state and
// version, and after the method writes the case, its events, the audit entry
// and the notices in the same transaction, and publishes Happened. To add a
// command: a constant and a row in commands.go, a method, a line in the form
// table of casesweb/commands.go, and the locale keys cases.command.<name>,
// cases.event.<name>.
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
//   - A list shows exactly what the page would show: both read the table in rights.go.
//
// # Boundaries
//
// Owns the tables cases_* and the view cases_v_fact. Publishes Happened. Uses
// catalogue (items), identity (people, firms, certificates), notify and files.
package cases
