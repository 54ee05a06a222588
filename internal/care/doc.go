// Package care lets each firm have one officer who looks after it: the service
// commissioner (服务专员).
//
//	firm without officer ──Assign──▶ live assignment ──Assign to another──▶ ended
//
// # Invariants
//
//   - A firm has at most one live assignment; a new one ends the one before, so
//     who looked after it when can always be told.
//   - Only somebody with a post as commissioner is assigned: by the engine, by a
//     leader whose region holds the firm, or by the head of the commissioner's
//     department.
//   - A firm's file is read by its commissioner and by leaders of its region;
//     for everybody else it is not found.
//   - The private phones of agents leave this package masked.
//
// # Boundaries
//
// Owns the tables care_*. Reads firms, figures and certificates from identity
// and cases from cases, which makes its own check of rights. Visits, problems,
// consultations and complaints come later.
package care
