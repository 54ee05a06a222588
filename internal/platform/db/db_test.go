package db_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

func put(ctx context.Context, d *db.DB, k, v string) error {
	_, err := d.Exec(ctx, `INSERT INTO db_setting (key, value) VALUES ($1, $2)`, k, v)
	return err
}

func has(t *testing.T, d *db.DB, k string) bool {
	t.Helper()
	_, ok, err := db.Maybe(t.Context(), d.Read(t.Context()), db.Scalar[string], `SELECT value FROM db_setting WHERE key=$1`, k)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

// TestConformance is the behaviour that every store may rely on, on both engines.
func TestConformance(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		t.Run("a write outside a transaction is refused", func(t *testing.T) {
			if err := put(ctx, d, "a", "1"); !errors.Is(err, db.ErrNoTx) {
				t.Fatalf("err = %v, want ErrNoTx", err)
			}
			if err := db.BeforeCommit(ctx, func(context.Context) error { return nil }); !errors.Is(err, db.ErrNoTx) {
				t.Fatalf("BeforeCommit = %v, want ErrNoTx", err)
			}
			if _, err := db.One(ctx, d.Write(ctx), db.Scalar[int], `SELECT 1`); err == nil {
				t.Fatal("Write(ctx).QueryRow worked without a transaction")
			}
		})
		t.Run("the inner transaction joins, the outer decides", func(t *testing.T) {
			boom := errors.New("boom")
			after := false
			err := d.InTx(ctx, func(ctx context.Context) error {
				db.AfterCommit(ctx, func() { after = true })
				if err := d.InTx(ctx, func(ctx context.Context) error { return put(ctx, d, "inner", "1") }); err != nil {
					return err
				}
				if !has2(ctx, d, "inner") {
					t.Error("a read inside does not see the write before it")
				}
				return boom
			})
			if !errors.Is(err, boom) || has(t, d, "inner") || after {
				t.Fatalf("err=%v kept=%v after=%v", err, has(t, d, "inner"), after)
			}
		})
		t.Run("a panic rolls back", func(t *testing.T) {
			func() {
				defer func() { _ = recover() }()
				_ = d.InTx(ctx, func(ctx context.Context) error {
					if err := put(ctx, d, "panic", "1"); err != nil {
						return err
					}
					panic("x")
				})
			}()
			if has(t, d, "panic") {
				t.Fatal("the write survived a panic")
			}
		})
		t.Run("hooks run last and may fail the commit", func(t *testing.T) {
			var order []string
			err := d.InTx(ctx, func(ctx context.Context) error {
				for range 2 {
					if err := db.Batch(ctx, "k", 1, func(_ context.Context, all []int) error {
						if len(all) != 2 {
							t.Errorf("batch holds %v", all)
						}
						order = append(order, "before")
						return nil
					}); err != nil {
						return err
					}
				}
				db.AfterCommit(ctx, func() { order = append(order, "after") })
				order = append(order, "body")
				return nil
			})
			if err != nil || len(order) != 3 || order[0] != "body" || order[2] != "after" {
				t.Fatalf("order %v err %v", order, err)
			}
			no := errors.New("no")
			err = d.InTx(ctx, func(ctx context.Context) error {
				if err := put(ctx, d, "hook", "1"); err != nil {
					return err
				}
				return db.BeforeCommit(ctx, func(context.Context) error { return no })
			})
			if !errors.Is(err, no) || has(t, d, "hook") {
				t.Fatalf("err = %v", err)
			}
		})
		t.Run("errors speak the words of the house", func(t *testing.T) {
			err := d.InTx(ctx, func(ctx context.Context) error {
				if err := put(ctx, d, "dup", "1"); err != nil {
					return err
				}
				return put(ctx, d, "dup", "2")
			})
			if !errors.Is(err, db.ErrDuplicate) {
				t.Errorf("duplicate: %v", err)
			}
			err = d.InTx(ctx, func(ctx context.Context) error {
				_, err := d.Exec(ctx, `INSERT INTO notify_delivery (id,message_id,channel,address,locale,state,attempts,error,created_at,sent_at)
					VALUES ('x','none','mail','','','',0,'',0,0)`)
				return err
			})
			if !errors.Is(err, db.ErrReference) {
				t.Errorf("reference: %v", err)
			}
			err = d.InTx(ctx, func(ctx context.Context) error {
				return d.ExecOne(ctx, `UPDATE db_setting SET value='x' WHERE key='missing'`)
			})
			if !errors.Is(err, db.ErrStale) {
				t.Errorf("stale: %v", err)
			}
			if _, err := db.One(ctx, d.Read(ctx), db.Scalar[string], `SELECT value FROM db_setting WHERE key='missing'`); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("missing: %v", err)
			}
		})
		t.Run("instants and JSON come back as they went", func(t *testing.T) {
			at := time.Date(2026, 2, 14, 23, 59, 59, 987e6, time.UTC)
			var got time.Time
			var doc map[string]string
			err := d.InTx(ctx, func(ctx context.Context) error {
				_, err := d.Exec(ctx, `INSERT INTO notify_message (id,account_id,dedup_key,kind,params,link,needs_you,created_at,read_at)
					VALUES ('m','a','k','x',$1,'',$2,$3,0)`, db.ToJSON(map[string]string{"名": "值"}), true, db.MS(at))
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			row := d.Read(ctx).QueryRowContext(ctx, `SELECT created_at, params FROM notify_message WHERE params->>'名' = $1 AND needs_you`, "值")
			if err := row.Scan(db.Time{Time: &got}, db.JSON[map[string]string]{V: &doc}); err != nil || !got.Equal(at) || doc["名"] != "值" {
				t.Fatalf("%v %v %v", got, doc, err)
			}
		})
		t.Run("concurrent writers all get through", func(t *testing.T) {
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					for range 10 {
						if err := d.InTx(ctx, func(ctx context.Context) error {
							_, err := d.Exec(ctx, `INSERT INTO db_setting (key, value) VALUES ('n', '1')
								ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(db_setting.value AS INTEGER) + 1 AS TEXT)`)
							return err
						}); err != nil {
							t.Error(err)
						}
					}
				})
			}
			wg.Wait()
			if n, err := db.One(ctx, d.Read(ctx), db.Scalar[string], `SELECT value FROM db_setting WHERE key='n'`); err != nil || n != "80" {
				t.Fatalf("n = %s, %v", n, err)
			}
		})
		t.Run("migrating again changes nothing", func(t *testing.T) {
			if n, err := d.Migrate(ctx); err != nil || n != 0 {
				t.Fatalf("%d, %v", n, err)
			}
			if have, want, err := d.SchemaVersion(ctx); err != nil || have != want || want == 0 {
				t.Fatalf("have %d want %d, %v", have, want, err)
			}
		})
	})
}

func has2(ctx context.Context, d *db.DB, k string) bool {
	_, ok, _ := db.Maybe(ctx, d.Read(ctx), db.Scalar[string], `SELECT value FROM db_setting WHERE key=$1`, k)
	return ok
}

func TestBackupIsACopyThatOpens(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	ctx := t.Context()
	if err := d.InTx(ctx, func(ctx context.Context) error { return put(ctx, d, "kept", "1") }); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "copy with ' quote.db")
	if err := d.Backup(ctx, file); err != nil {
		t.Fatal(err)
	}
	if err := d.Backup(ctx, file); err == nil {
		t.Error("an existing file was overwritten")
	}
	c, err := db.Open(ctx, file, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if !has(t, c, "kept") {
		t.Error("the copy lacks what was written")
	}
}

// TestSetChanged: a row is written with what changed in it.
func TestSetChanged(t *testing.T) {
	was := []db.Column{{Name: "a", Value: "x"}, {Name: "b", Value: int64(1)}, {Name: "c", Value: db.NullString("")}}
	now := []db.Column{{Name: "a", Value: "x"}, {Name: "b", Value: int64(2)}, {Name: "c", Value: db.NullString("n")}}
	var args db.Args
	if set := args.SetChanged(&was, now); set != "b=$1,c=$2," || len(args) != 2 || args[0] != int64(2) {
		t.Errorf("changed: %s %v", set, args)
	}
	args = nil
	if set := args.SetChanged(nil, now); set != "a=$1,b=$2,c=$3," || len(args) != 3 {
		t.Errorf("nothing known: %s %v", set, args)
	}
	args = nil
	if set := args.SetChanged(&now, now); set != "" || len(args) != 0 {
		t.Errorf("nothing changed: %s %v", set, args)
	}
}
