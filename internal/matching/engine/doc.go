// Package engine answers many rules for many rows of facts at once, with three
// answers: yes, no, and unknown because a fact is missing.
//
//	facts ──Append, Set──▶ Table          columns in blocks of 4,096 rows
//	rules ──Compile──────▶ Program        every comparison once, whichever rules make it
//	both  ──NewIndex─────▶ Index          a code for each row and term: how many thresholds are below
//	      ──Run──────────▶ Matrix         every rule for every row
//	      ──Near─────────▶ Matrix         what is one step away
//	      ──NewJudge─────▶ Judge          every rule for one row
//	      ──NewLive──────▶ Live           all of it while rows and rules change
//	Table ──Scan─────────▶ Matrix         one rule that no index knows
//
// A rule is an Expr; Expr.Eval is what it means, row by row, and everything else
// here has to give the same answers. A comparison with what is missing is
// unknown, one with what is not applicable does not hold, and a ratio says itself
// what it is over zero.
//
// How it is quick: a row is compared with all thresholds of a term at once (its
// code, which stands bit by bit, so that the rows above a threshold come as planes,
// 64 rows in one step a bit); two planes stand for three answers, certain and
// possible, so that And and Or are done for 64 rows in one operation on each; the
// parts of a rule that most rows fail come first, and words without rows left are
// passed over. (The planes are those of Kleene's logic; the codes are the ranks of
// the bit-sliced and encoded bitmap indexes of Wu, Otoo and Shoshani, and of
// packet classification by Lakshman and Stiliadis.)
//
// Where a processor has AVX2 the matrix is reckoned with it, 256 rows in one step
// (kernel_amd64.s: ranks to planes, joins of planes, answers written down); elsewhere,
// and with GODEBUG=cpu.avx2=off, in Go alone. Kernel says which. A column that nobody
// fills in a block takes no memory there.
//
// # Invariants
//
//   - Matrix.At equals Expr.Eval for every row and rule.
//   - Run and RunPortable make the same matrix, word by word.
//   - Rows after the last one of a block count nowhere.
//   - A Table that an Index reads is not changed meanwhile.
//
// # Boundaries
//
// Knows nothing of firms, policies, databases or CEL. No tables.
package engine
