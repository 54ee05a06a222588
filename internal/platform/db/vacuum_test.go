package db_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestVacuumLeavesNothingFromBefore: what was overwritten stands in the file until then.
func TestVacuumLeavesNothingFromBefore(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "v.db")
	d, err := db.Open(t.Context(), file, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	const secret = "371602199001010018"
	for _, stmt := range []string{`CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT NOT NULL)`, `INSERT INTO t VALUES (1, '` + strings.Repeat(secret, 500) + `')`, `UPDATE t SET x='tb1.'`} {
		if err := d.InTx(t.Context(), func(ctx context.Context) error { _, err := d.Exec(ctx, stmt); return err }); err != nil {
			t.Fatal(err)
		}
	}
	holds := func() bool {
		t.Helper()
		for _, name := range []string{file, file + "-wal"} {
			b, err := os.ReadFile(name)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			if bytes.Contains(b, []byte(secret)) {
				return true
			}
		}
		return false
	}
	if !holds() {
		t.Fatal("the database forgets by itself: the command is of no use")
	}
	if err := d.Vacuum(t.Context()); err != nil {
		t.Fatal(err)
	}
	if holds() {
		t.Error("it can still be read")
	}
}

func TestVacuumIsForSQLite(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Vacuum(t.Context()); (d.Dialect() == db.SQLite) != (err == nil) || err != nil && !errors.Is(err, db.ErrNotSQLite) {
			t.Errorf("%s: %v", d.Dialect(), err)
		}
	})
}
