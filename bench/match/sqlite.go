package main

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	_ "modernc.org/sqlite" // as the product has it

	"github.com/tongban/tongban/internal/matching/engine"
)

// sqliteTable puts ready firms into a table in memory: an integer for each
// number and flag, null for what is missing.
func sqliteTable(ctx context.Context, w *words, t *engine.Table, n int) (*sql.DB, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	names := []string{"id INTEGER PRIMARY KEY"}
	for i := range w.terms {
		names = append(names, fmt.Sprintf("t%d INTEGER", i))
	}
	for i := range w.flags {
		names = append(names, fmt.Sprintf("f%d INTEGER", i))
	}
	if _, err := db.ExecContext(ctx, "CREATE TABLE f ("+strings.Join(names, ",")+")"); err != nil {
		return nil, err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	put, err := tx.PrepareContext(ctx, "INSERT INTO f VALUES (?"+strings.Repeat(",?", len(names)-1)+")")
	if err != nil {
		return nil, err
	}
	args := make([]any, len(names))
	for id := range n {
		r := w.ready(t.Row(id))
		args = append(args[:0], id)
		for _, v := range r.n {
			if v == missing {
				args = append(args, nil)
			} else {
				args = append(args, v)
			}
		}
		for _, v := range r.f {
			if v == engine.Unknown {
				args = append(args, nil)
			} else {
				args = append(args, int64(v/engine.Yes))
			}
		}
		if _, err := put.ExecContext(ctx, args...); err != nil {
			return nil, err
		}
	}
	return db, tx.Commit()
}

// tally is what an engine that counts is held against: rows, and the sum of their
// numbers.
type tally struct{ N, Sum int64 }

func tallies(answers []engine.Tri) (yes, open tally) {
	for i, t := range answers {
		switch t {
		case engine.Yes:
			yes.N++
			yes.Sum += int64(i)
		case engine.Unknown:
			open.N++
			open.Sum += int64(i)
		case engine.No:
		}
	}
	return yes, open
}

// sqliteGate holds SQLite against the answers of the first rows.
func sqliteGate(ctx context.Context, db *sql.DB, texts []string, want [][]engine.Tri) error {
	for r, text := range texts {
		yes, open := tallies(want[r])
		var a, b tally
		q := "SELECT count(*), coalesce(sum(id), 0) FROM f WHERE id < ? AND "
		if err := db.QueryRowContext(ctx, q+text, len(want[r])).Scan(&a.N, &a.Sum); err != nil {
			return err
		}
		if err := db.QueryRowContext(ctx, q+text+" IS NULL", len(want[r])).Scan(&b.N, &b.Sum); err != nil {
			return err
		}
		if a != yes || b != open {
			return fmt.Errorf("sqlite: rule %d: %v and %v, want %v and %v: %s", r, a, b, yes, open, text)
		}
	}
	return nil
}

// sqliteCount counts one rule after the other until the time is over.
func sqliteCount(ctx context.Context, db *sql.DB, texts []string, most time.Duration) (rules int, took time.Duration, err error) {
	begin := time.Now()
	for _, text := range texts {
		var n int
		if err := db.QueryRowContext(ctx, "SELECT count(*) FROM f WHERE "+text).Scan(&n); err != nil {
			return 0, 0, err
		}
		rules++
		if took = time.Since(begin); took > most {
			break
		}
	}
	return rules, took, nil
}
