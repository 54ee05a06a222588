// Package feedback asks who was served for a rating (好差评) and keeps it.
//
//	case delivered or refused ──Invite──▶ invitation ──Rate──▶ rating
//	                                          └─ 30 days ─▶ expired
//	rating: 5, 4, 3 ──▶ closed        2, 1 (差评) ──▶ to_rectify
//
// # Invariants
//
//   - One invitation for each service moment of a case, one rating for each
//     invitation (一次一评, 国办发〔2019〕51号).
//   - The secret of a link is known to whom it was told only; the database holds
//     its SHA-256.
//   - A bad rating that is not anonymous is due a call within one working day
//     (上海市优化营商环境条例 art. 30).
//   - The rated never learn who rated: no list of this package shows a case, a
//     person or the hour, and the audit entry of an anonymous rating has no actor.
//   - Nobody is made to rate: no box is compulsory but the score.
//
// # Not here yet
//
// The loop of rectification (整改) starts from the state to_rectify; the rule
// that a silent applicant counts as 基本满意 after seven days is not applied, so
// every rating was given by somebody.
//
// # Boundaries
//
// Owns the tables feedback_* and the view feedback_v_rating. Reacts to
// cases.Happened; tells by notify under the kind "rate".
package feedback
