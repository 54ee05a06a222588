// Package facts is the vocabulary of rules: the facts of a firm that rules read,
// made of the published vocabulary of files of firms (identity/dossier).
//
//	vocabulary.yaml ──▶ words (rule.Vocabulary) ──▶ columns of the engine
//	a firm's file   ──Row──▶ its values in those columns
//	a rule, a reason ──Sentence, Reason──▶ words that a person reads
//
// # Words
//
// Every fact but texts, ratios, lists and computed ones is a word under its key. Money is
// in whole yuan, fen dropped. A yearly fact is known Years years back, revenue(-1)
// being that of the last closed year. A list of certificates (qualifications) is
// the set of their types that are valid today, and for each type there is the
// day on which it ends, <type>_until, which is not applicable to a firm that has
// none, and 9999-12-31 where there is no end.
//
// # Invariants
//
//   - What is disputed is missing: a rule must not rely on it.
//   - Of a fact with absent: none, what nobody says is not missing: a flag is no,
//     a set is empty, a number is nought, a day and a code are not applicable.
//   - A fact that nobody can bring about (Fixed) is no step to a policy: industry,
//     region, the day of registration, past incidents.
//
// # Boundaries
//
// Knows the file of a firm, not where it is kept. No tables.
package facts
