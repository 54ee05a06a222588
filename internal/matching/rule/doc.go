// Package rule is the language of conditions about firms: CEL over a published,
// typed vocabulary of facts.
//
//	revenue(-1) >= 20000000 && research(-1) / revenue(-1) >= 0.03
//	  && industry.under("C26") && "高新技术企业" in qualifications
//	  && years_since(registered_on) >= 1 && certificate_end >= today + 90
//
// A rule has one meaning, that of CEL with the words bound to a row (Rule.Eval);
// Rule.Expr translates it for package engine where that gives the same answers,
// which a test holds against CEL for random rules and facts.
//
// # Invariants
//
//   - What is missing is unknown, and stays so through everything but what is
//     decided without it; with what is not applicable no comparison holds.
//   - Numbers are exact: a rule that asks for 3 % is met by 3 % and missed by less.
//   - A rule that divides says what a division by zero means.
//   - What is wrong with a rule is told when it is written, at its place: types,
//     years that are not kept, words that are retired, unknown members of lists.
//   - Length, depth and cost of a rule are bounded.
//
// # Boundaries
//
// Knows nothing of policies and databases. No tables.
package rule
