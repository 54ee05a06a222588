// Package dossier is the file of a firm (一企一档): what is known of it, since
// when, from whom, and what was said before.
//
// A fact is one value of the published vocabulary (vocabulary.yaml) for a firm
// and, where it is yearly, a year. Facts are said, never overwritten:
//
//	said ──▶ present ──newer say of the same source──▶ past
//	  │        ▲
//	  │        └──────────────Decide────────────┐
//	  ├──▶ conflict (verified sources differ) ──┤
//	  ├──▶ waiting  (declared against verified) ┤
//	  └──▶ agrees   (somebody else says the same)
//	                                            └──▶ rejected
//
// # Invariants
//
//   - What is declared never replaces what is verified; it waits for a person.
//   - A source is replaced by its own newer word, measured by the day for which
//     it speaks, whatever the order of arrival: Resolve is a function of the set
//     of everything said and decided, so the present values are, too.
//   - Verified sources that differ are a conflict until a person of the
//     department that keeps the fact decides, with a reason; a word that was
//     rejected does not open the matter again by being repeated.
//   - Nothing said is ever deleted. At most one value of a fact is present.
//   - identity_enterprise and identity_figure are the present values in columns,
//     written in the same transaction and by nobody else. A year's figure that is
//     not known is missing, not zero.
//
// # Boundaries
//
// Owns the tables identity_fact, identity_fact_decision, identity_dossier and
// identity_sheet; keeps identity_enterprise and identity_figure. Publishes
// Changed and Answered. Certificates on file are read where they are and appear
// as facts of the source "certificate". Asks package register, which may be down:
//
//	register of a file: known
//	waiting ──it answers, or its sheet comes──▶ known
//	waiting ──it does not have the firm──▶ unknown
//	waiting, unknown ──two people of the department verify──▶ by_hand
//	waiting, unknown ──one of them rejects, with a reason──▶ rejected
//	rejected ──the register speaks of it──▶ known; ──a claim is accepted──▶ waiting
package dossier
