package db_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tongban/tongban/internal/platform/db"
)

var errWanted = errors.New("wanted")

// TestTogether lets many goroutines write at once, some of which fail, panic,
// break a rule of the table, or give up: what was acknowledged is there, what
// failed is not, and hooks ran for what was committed only.
func TestTogether(t *testing.T) {
	t.Parallel()
	d, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	if _, err := d.Pool().ExecContext(t.Context(), `CREATE TABLE t (v TEXT PRIMARY KEY)`); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	acknowledged, hooked := map[string]bool{}, map[string]bool{}
	one := func(ctx context.Context, v, kind string) (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("%v: %w", p, errWanted)
			}
		}()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		if kind == "gone" {
			cancel()
		}
		return d.InTx(ctx, func(ctx context.Context) error {
			db.AfterCommit(ctx, func() {
				mu.Lock()
				defer mu.Unlock()
				hooked[v] = true
			})
			if _, err := d.Exec(ctx, `INSERT INTO t (v) VALUES ($1)`, v); err != nil {
				return err
			}
			if err := db.BeforeCommit(ctx, func(ctx context.Context) error {
				if kind == "late" {
					return errWanted
				}
				_, err := d.Exec(ctx, `INSERT INTO t (v) VALUES ($1)`, v+" too")
				return err
			}); err != nil {
				return err
			}
			switch kind {
			case "fails":
				return errWanted
			case "panics":
				panic("as wanted")
			case "twice":
				_, err := d.Exec(ctx, `INSERT INTO t (v) VALUES ($1)`, v)
				return err
			}
			return nil
		})
	}
	kinds := []string{"good", "good", "fails", "good", "panics", "twice", "good", "gone", "late", "good"}
	var wg sync.WaitGroup
	for g := range 32 {
		wg.Go(func() {
			for i := range 40 {
				v, kind := fmt.Sprintf("%d-%d", g, i), kinds[(g+i)%len(kinds)]
				err := one(t.Context(), v, kind)
				if (err == nil) != (kind == "good") {
					t.Errorf("%s: %v", kind, err)
				}
				if kind == "twice" && !errors.Is(err, db.ErrDuplicate) || kind == "gone" && !errors.Is(err, context.Canceled) {
					t.Errorf("%s: %v", kind, err)
				}
				mu.Lock()
				acknowledged[v] = err == nil
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	rows, err := db.List(t.Context(), d.Read(t.Context()), db.Scalar[string], `SELECT v FROM t`)
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, v := range rows {
		there[v] = true
	}
	for v, ok := range acknowledged {
		if there[v] != ok || there[v+" too"] != ok || hooked[v] != ok {
			t.Errorf("%s: acknowledged %v, there %v, its hook %v, after the commit %v", v, ok, there[v], there[v+" too"], hooked[v])
		}
	}
	for v := range there {
		if !acknowledged[strings.TrimSuffix(v, " too")] {
			t.Errorf("%s is there and was not acknowledged", v)
		}
	}
}

// TestTogetherLost ends the goroutine that writes in the middle of its
// transaction, as a failing test does: the next one can write.
func TestTogetherLost(t *testing.T) {
	t.Parallel()
	d, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	if _, err := d.Pool().ExecContext(t.Context(), `CREATE TABLE t (v TEXT PRIMARY KEY)`); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		func() {
			defer func() { _ = recover() }()
			_ = d.InTx(t.Context(), func(ctx context.Context) error { panic("gone") })
		}()
	}
	if err := d.InTx(t.Context(), func(ctx context.Context) error {
		_, err := d.Exec(ctx, `INSERT INTO t (v) VALUES ('a')`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
