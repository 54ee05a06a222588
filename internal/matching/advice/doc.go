// Package advice says to one firm what the library of policies has for it: what it
// fits, what cannot be told because a fact is missing, what is one step away, what
// it would get, and why (政策匹配, the self-check among it).
//
// # Invariants
//
//   - Only clauses that are in force on the day are named.
//   - Unknown is never yes or no: it comes with the facts that are missing and
//     whom to ask.
//   - A sum that cannot be reckoned is none; a total counts of clauses that exclude
//     each other the one that is worth most.
//
// # Boundaries
//
// Keeps nothing. Who may read the advice of a firm is who may read its file
// (dossier.Sees).
package advice
