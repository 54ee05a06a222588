// Package tier has the ladders on which firms climb (梯度培育): 科技型中小企业 →
// 创新型中小企业 → 高新技术企业 → 专精特新 → 小巨人, and the zone's own 雏鹰 → 瞪羚 → 领军.
//
// A ladder is a file (ladders/*.yaml) that says of each rung what it asks for: what
// everybody has to meet, and a table of points, or what spares the points. A firm
// holds a rung by a certificate that is valid, and reaches it by the rule; the two
// are told apart everywhere.
//
//	ladders/*.yaml ──Published──▶ Rung ──Expr──▶ engine, for all firms at once
//	                                   ──Status─▶ one firm, with reasons and distances
//	Sweep, every night ──▶ matching_standing (as of today), matching_rung (what was reached, since when)
//
// # Invariants
//
//   - A score is answered between the least and the most that it can be. What only
//     experts can say is open between nothing and its maximum, and the answer is
//     yes or no only where that changes nothing.
//   - Expr and Status give the same answer.
//   - A firm reaches at most one highest rung of a ladder at a time; rows of
//     matching_rung of one firm and ladder do not overlap.
//   - Staff see firms of their region, a commissioner only those in his care.
//
// # Boundaries
//
// Owns the tables matching_rung, matching_standing and matching_target. Reads firms and
// certificates of identity and the facts of the dossier; whom a firm is in the
// care of is asked through a port.
package tier
