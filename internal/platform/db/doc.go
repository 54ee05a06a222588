// Package db opens SQLite or PostgreSQL behind one *DB and makes sure that
// every write happens inside a transaction.
//
//	db.InTx(ctx, func(ctx context.Context) error { … })   begins, or joins the one in ctx
//	db.Read(ctx)                                           the transaction, else the read pool
//	db.Write(ctx)                                          the transaction, else ErrNoTx
//
// The parameter of an InTx literal must be named ctx, so that it hides the
// outer one; a test in internal/arch checks each of them.
//
// # One SQL text
//
// Statements are written once with $1, $2 …; both engines take them. Instants
// are BIGINT unix milliseconds UTC with 0 for never, dates TEXT ISO, ids TEXT
// UUIDv7, money BIGINT fen, JSON in JSONB columns (a BLOB or TEXT to SQLite)
// read with ->>. What differs stands in Dialect and in the overlay folder of
// the migrations.
//
// # SQLite
//
// One write connection with _txlock=immediate, a pool of readers in WAL mode.
// A write transaction is therefore never upgraded and never meets SQLITE_BUSY
// inside one process; a second process waits busy_timeout. Do not read through
// DB.Read with an outer ctx inside InTx: it would see the state before.
//
// Transactions that meet are committed together, each in a savepoint of its own
// (group.go): one that fails takes nothing else with it. So what stands inside
// InTx may run on another goroutine, and twice. Connections keep their prepared
// statements (statements.go).
//
// # Invariants
//
//   - A context without a transaction can not write.
//   - Only the outermost InTx commits; an error or panic anywhere rolls all of it back.
//   - BeforeCommit hooks run inside the transaction, last; AfterCommit hooks run
//     only when the commit succeeded, and cannot fail it.
package db
