// Package jobs runs work after the commit, through the river queue on both
// databases. Enqueue takes part in the transaction of its ctx: a job exists
// exactly when the change that asked for it does.
//
//	type deliver struct{ ID string `json:"id"` }
//	func (deliver) Kind() string { return "notify.deliver" }
//
//	jobs.Handle(q, func(ctx context.Context, a deliver) error { … })
//	q.Enqueue(ctx, deliver{ID: id})
//
// A job runs at least once: its handler must bear being repeated. A legal
// deadline is never only a job; it is a row with a due time that a periodic
// sweep finds, so nothing is lost when the queue stood still (see Every).
//
// # Invariants
//
//   - No job without its transaction; none lost by a crash: an abandoned job is rescued after five minutes.
//   - A failed job is retried with growing pauses (river's default: 25 attempts over some three weeks).
//
// Owns the tables river_*, made by river's own migrations.
package jobs
