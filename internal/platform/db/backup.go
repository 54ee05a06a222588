package db

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// ErrNotSQLite says that an operation exists only for the embedded database.
var ErrNotSQLite = errors.New("db: only for the embedded database; use pg_dump for PostgreSQL")

// Backup writes a consistent copy of a SQLite database to file while others
// read and write. The file must not exist.
func (d *DB) Backup(ctx context.Context, file string) error {
	if d.dialect != SQLite {
		return ErrNotSQLite
	}
	if _, err := os.Stat(file); err == nil {
		return fmt.Errorf("db: backup: %s exists already", file)
	}
	// VACUUM INTO only reads the source, so a reader does it and writers go on;
	// the connection is taken out of its query_only state for that long.
	conn, err := d.read.Conn(ctx)
	if err != nil {
		return fmt.Errorf("db: backup: %w", err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(ctx, "PRAGMA query_only(0)"); err != nil {
		return fmt.Errorf("db: backup: %w", err)
	}
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA query_only(1)") }()
	if _, err := conn.ExecContext(ctx, "VACUUM INTO $1", file); err != nil {
		return fmt.Errorf("db: backup: %w", err)
	}
	return nil
}

// Vacuum rewrites a SQLite database without its free pages, in which what was
// deleted or overwritten may still stand, and empties its log. Writers wait
// meanwhile, and the disk needs room for the database once more.
func (d *DB) Vacuum(ctx context.Context) error {
	if d.dialect != SQLite {
		return ErrNotSQLite
	}
	for _, stmt := range []string{"VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		if _, err := d.write.ExecContext(ctx, stmt); err != nil {
			return fmt.Errorf("db: vacuum: %w", err)
		}
	}
	return nil
}
