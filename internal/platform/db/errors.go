package db

import (
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/tongban/tongban/internal/kernel/errs"
)

// Errors of the store, in the words of the house.
var (
	ErrNotFound  = errs.Define(errs.NotFound, "db.not_found")
	ErrStale     = errs.Define(errs.Stale, "db.stale")        // somebody changed the row in between
	ErrDuplicate = errs.Define(errs.Conflict, "db.duplicate") // a unique rule was broken
	ErrReference = errs.Define(errs.Conflict, "db.reference") // a row that is pointed at is missing
)

// translate turns the codes of both drivers into the sentinels above and
// leaves everything else as it came.
func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return ErrNotFound
	}
	if pe, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pe.Code {
		case "23505":
			return ErrDuplicate.Because(err)
		case "23503":
			return ErrReference.Because(err)
		}
		return err
	}
	if se, ok := errors.AsType[*sqlite.Error](err); ok {
		switch se.Code() {
		case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
			return ErrDuplicate.Because(err)
		case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
			return ErrReference.Because(err)
		}
	}
	return err
}

// retryable says that PostgreSQL gave a transaction up for the sake of another.
func retryable(err error) bool {
	pe, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pe.Code == "40001" || pe.Code == "40P01")
}
