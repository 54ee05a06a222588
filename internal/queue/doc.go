// Package queue brings visitors of a hall to its windows (排队叫号、预约).
//
//	            ┌────────── Transfer ──────────┐
//	            ▼                              │
//	Take ──▶ waiting ──Next──▶ called ──Serve──▶ serving ──Finish──▶ served
//	            ▲  CheckIn      │  ▲                   (or the visit ends)
//	 appointment booked         │  └──Recall──┐
//	                            └──NoShow──▶ missed
//	at midnight: waiting, called and serving ──Sweep──▶ lapsed
//
//	Book ──▶ booked ──CheckIn──▶ arrived          booked ──Cancel──▶ cancelled
//	            └── its day passes ──▶ missed
//
// Who is called next: priority given by a clerk, then those that another window
// transferred, then appointments whose slot has begun, then tickets in the order
// in which they were taken, and last appointments that are too early.
//
// # Invariants
//
//   - A number is given once in a hall on a day; numbers start anew each day.
//   - Two windows that call at the same moment get different tickets: the row of
//     the hall is the lock of everything that happens in its queue, and is taken
//     before anything else is read.
//   - A window has one ticket at most, called or served.
//   - A slot never holds more than its lane allows.
//   - A hall may limit its tickets of a day only if it takes appointments.
//   - A wait is told only where it was measured: without enough served tickets
//     or without an open window there is no figure.
//   - What hangs in a hall shows numbers, never names.
//
// # Boundaries
//
// Owns queue_*. Begins visits of cases/visit, and reacts to their end. Tells by
// notify under the kinds of NoticeKinds.
package queue
