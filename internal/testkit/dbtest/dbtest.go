// Package dbtest gives each test a migrated database of its own, on both engines.
//
//	func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }
//	dbtest.Each(t, func(t *testing.T, d *db.DB) { … })
//
// PostgreSQL is the server named by TONGBAN_TEST_PG (a postgres:// URL whose
// user may create databases), else one that the test binary starts itself from
// the initdb it finds, else the PostgreSQL half is skipped aloud. With CI set
// such a skip is a failure.
package dbtest

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/jobs"
)

// Main runs the tests of a package and stops the server they started, if any.
func Main(m *testing.M) int {
	code := m.Run()
	if server.stop != nil {
		server.stop()
	}
	if template.dir != "" {
		_ = os.RemoveAll(template.dir)
	}
	return code
}

// Each runs f once for each engine, as parallel subtests.
func Each(t *testing.T, f func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, New(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f(t, NewPostgres(t))
	})
}

// New returns a fresh SQLite database.
func New(t testing.TB) *db.DB {
	t.Helper()
	template.once.Do(makeTemplate)
	if template.err != nil {
		t.Fatalf("dbtest: %v", template.err)
	}
	file := filepath.Join(t.TempDir(), "tongban.db")
	if err := os.WriteFile(file, template.bytes, 0o600); err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	return open(t, file)
}

// NewPostgres returns a fresh PostgreSQL database, or skips.
func NewPostgres(t testing.TB) *db.DB {
	t.Helper()
	return open(t, PostgresURL(t))
}

// PostgresURL makes a fresh migrated PostgreSQL database and returns its URL, or skips.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server.once.Do(startServer)
	if server.err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("dbtest: no PostgreSQL, and CI must have one: %v", server.err)
		}
		t.Skipf("SKIPPED ON POSTGRESQL: %v", server.err)
	}
	name := "t" + strings.ReplaceAll(ids.New(time.Now()), "-", "")
	// CREATE DATABASE … TEMPLATE refuses while another copy is being made.
	server.mu.Lock()
	_, err := server.admin.Exec(`CREATE DATABASE ` + name + ` TEMPLATE ` + server.template)
	server.mu.Unlock()
	if err != nil {
		t.Fatalf("dbtest: create database: %v", err)
	}
	t.Cleanup(func() { _, _ = server.admin.Exec(`DROP DATABASE IF EXISTS ` + name + ` WITH (FORCE)`) })
	return withDatabase(server.url, name)
}

func open(t testing.TB, dsn string) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), dsn, db.Options{MaxConns: 8})
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

var template struct {
	once  sync.Once
	dir   string
	bytes []byte
	err   error
}

// makeTemplate migrates one SQLite file that every test then copies.
func makeTemplate() {
	template.err = func() error {
		dir, err := os.MkdirTemp("", "tongban-dbtest")
		if err != nil {
			return err
		}
		template.dir = dir
		file := filepath.Join(dir, "template.db")
		d, err := db.Open(context.Background(), file, db.Options{})
		if err != nil {
			return err
		}
		if err := migrate(d); err != nil {
			return err
		}
		copied := filepath.Join(dir, "copy.db")
		if err := d.Backup(context.Background(), copied); err != nil {
			return err
		}
		if err := d.Close(); err != nil {
			return err
		}
		template.bytes, err = os.ReadFile(copied)
		return err
	}()
}

func migrate(d *db.DB) error {
	if _, err := d.Migrate(context.Background()); err != nil {
		return err
	}
	return jobs.Migrate(context.Background(), d)
}

func withDatabase(base, name string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	u.Path = "/" + name
	return u.String()
}

var server struct {
	once     sync.Once
	mu       sync.Mutex
	url      string
	template string
	admin    *sql.DB
	stop     func()
	err      error
}

func startServer() {
	server.err = func() error {
		server.url = os.Getenv("TONGBAN_TEST_PG")
		if server.url == "" {
			base, stop, err := launch()
			if err != nil {
				return err
			}
			server.url, server.stop = base, stop
		}
		admin, err := sql.Open("pgx", server.url)
		if err != nil {
			return err
		}
		if err := admin.Ping(); err != nil {
			return fmt.Errorf("reach PostgreSQL: %w", err)
		}
		server.admin = admin
		server.template = "tpl" + strings.ReplaceAll(ids.New(time.Now()), "-", "")
		if _, err := admin.Exec(`CREATE DATABASE ` + server.template); err != nil {
			return err
		}
		stop := server.stop
		server.stop = func() {
			_, _ = admin.Exec(`DROP DATABASE IF EXISTS ` + server.template + ` WITH (FORCE)`)
			_ = admin.Close()
			if stop != nil {
				stop()
			}
		}
		d, err := db.Open(context.Background(), withDatabase(server.url, server.template), db.Options{MaxConns: 2})
		if err != nil {
			return err
		}
		defer func() { _ = d.Close() }()
		return migrate(d)
	}()
}

// Quiet is a logger for tests that shows errors only.
func Quiet() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
}
