// Package retention lets go of what people said in cases once it has been kept
// long enough: by a table that anybody can read (rules.yaml), after notice, and
// never while something still needs it.
//
//	ended ──planned──▶ due ──30 days before: told──▶ its day ──▶ erased
//	                                                    │
//	                        waits while something keeps it: looked at again each night
//
// What keeps a case beyond its day: it runs again, or a part of its order does; a
// promise is to be verified or a tolerated paper is to come; an objection waits
// for its answer; what was issued in it is valid; a credit record or a complaint
// rests on it; an administrator holds it, with a reason and an end, it or another
// part of its order. It ends earlier only when an audit administrator agrees. Within the time for reconsideration, a lawsuit or a
// claw-back the day has not come: the table adds them.
//
// # Invariants
//
//   - Nothing goes without notice 30 days before, and nothing whose state at that
//     moment, under the lock of the case, keeps it.
//   - The rule that counts for a case is found in the table for each case: its
//     last entry fits every one.
//   - A night does a bounded part; the next goes on.
//
// Owns tables cases_retention and cases_retention_hold. Sources: 个人信息保护法
// (2021) articles 19 and 47; 行政复议法 (2023) art. 20; 行政诉讼法 (2017) art. 46.
package retention
