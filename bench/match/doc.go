// Command match measures the matching engine beside what one could have taken
// instead, in one run: plain CEL, expr, OPA, SQLite, DuckDB, Polars and closures
// in Go. It is a module of its own, so that the peers never become dependencies
// of the product.
//
// The firms and rules are those of internal/testkit/matchgen, the same every
// time. Before anything is timed each engine answers a sample and is held against
// Expr.Eval; if one differs nothing is measured. Of engines that are too slow for
// all pairs a sample is measured, and its size printed. The last line is JSON.
//
// What is given to the peers: the facts lie in memory in the form that each likes
// best, and making that is not timed; sums and ratios stand ready as whole
// numbers for all but "cel", which reckons them as a rule says them; codes are
// numbers, so that a branch is a range, and members of sets are flags. Rules
// stand outside and rows inside, 512 at a time, which is what their caches like
// best. SQLite, DuckDB and Polars only count, for one plane; expr and OPA, which
// do not know three answers, get guards around each comparison and answer
// certain or not; ours answers both planes for all pairs and keeps the answers.
package main
