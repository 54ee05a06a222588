package db_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestKeptStatements asks for more texts than a connection keeps, for one text
// within itself, and for one that fails: each answer is that of a fresh statement.
func TestKeptStatements(t *testing.T) {
	t.Parallel()
	d, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), db.Options{MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	if _, err := d.Pool().ExecContext(t.Context(), `CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT UNIQUE)`); err != nil {
		t.Fatal(err)
	}
	insert := func(ctx context.Context, id int, v string) error {
		_, err := d.Exec(ctx, `INSERT INTO t (id, v) VALUES ($1, $2)`, id, v)
		return err
	}
	if err := d.InTx(t.Context(), func(ctx context.Context) error {
		for i := range 300 {
			if err := insert(ctx, i, fmt.Sprint(i)); err != nil {
				return err
			}
			n, err := db.One(ctx, d.Read(ctx), db.Scalar[int], fmt.Sprintf(`SELECT count(*) + %d - %d FROM t`, i, i))
			if err != nil || n != i+1 {
				return fmt.Errorf("%d rows after %d: %w", n, i+1, err)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := d.InTx(t.Context(), func(ctx context.Context) error {
		const query = `SELECT v FROM t WHERE id > $1 ORDER BY id LIMIT 3`
		outer, err := d.Read(ctx).QueryContext(ctx, query, 10)
		if err != nil {
			return err
		}
		defer func() { _ = outer.Close() }()
		for want := 11; outer.Next(); want++ {
			var v string
			if err := outer.Scan(&v); err != nil || v != fmt.Sprint(want) {
				t.Errorf("outer %q, want %d, %v", v, want, err)
			}
			inner, err := db.List(ctx, d.Read(ctx), db.Scalar[string], query, 100)
			if err != nil || fmt.Sprint(inner) != "[101 102 103]" {
				t.Errorf("inner %v, %v", inner, err)
			}
		}
		return outer.Err()
	}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the statement that failed is good for the next
		err := d.InTx(t.Context(), func(ctx context.Context) error { return insert(ctx, 1, "x") })
		if err == nil {
			t.Fatal("one key twice")
		}
	}
	if err := d.InTx(t.Context(), func(ctx context.Context) error { return insert(ctx, 1000, "x") }); err != nil {
		t.Fatal(err)
	}
	// A change of the schema reaches what was prepared before it.
	if _, err := d.Pool().ExecContext(t.Context(), `ALTER TABLE t ADD COLUMN w TEXT DEFAULT 'new'`); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		w, err := db.One(t.Context(), d.Read(t.Context()), func(s db.Scanner) (w [3]any, err error) {
			return w, s.Scan(&w[0], &w[1], &w[2])
		}, `SELECT * FROM t WHERE id = $1`, 5)
		if err != nil || w[2] != "new" {
			t.Fatal(w, err)
		}
	}
}

// TestAside raises a counter in a transaction that is rolled back: a value is
// never given twice to somebody who saw it committed, and two transactions that
// are open at once do not wait for each other.
func TestAside(t *testing.T) {
	t.Parallel()
	d := dbtest.NewPostgres(t)
	next := func(ctx context.Context) (int, error) {
		return db.Aside(ctx, d, db.Scalar[int], `INSERT INTO cases_sequence (key, value) VALUES ('x', 1) ON CONFLICT (key) DO UPDATE SET value = cases_sequence.value + 1 RETURNING value`)
	}
	var inner, outer int
	if err := d.InTx(t.Context(), func(ctx context.Context) error {
		var err error
		if outer, err = next(ctx); err != nil {
			return err
		}
		other := context.WithoutCancel(t.Context()) // not inside
		return d.InTx(other, func(ctx context.Context) error {
			inner, err = next(ctx)
			return err
		})
	}); err != nil {
		t.Fatal(err)
	}
	if outer != 1 || inner != 2 {
		t.Errorf("got %d and %d", outer, inner)
	}
}
