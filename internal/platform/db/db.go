package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Dialect names the engine, for the few statements that must differ.
type Dialect string

// The two engines.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// ErrNoTx is a programmer's error: something wrote outside InTx.
var ErrNoTx = errors.New("db: write outside a transaction")

// DB is an open database with its two faces: a pool to read, one to write.
// On PostgreSQL both are the same pool.
type DB struct {
	dialect Dialect
	read    *sql.DB
	write   *sql.DB
	path    string  // file of a SQLite database
	group   *group  // of a SQLite database: what is written together
	aside   *sql.DB // of PostgreSQL: see Aside
}

// Querier is what a transaction and a pool have in common.
type Querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Options tune an opened database.
type Options struct {
	// Durable makes SQLite sync the log at every commit (synchronous=FULL), so
	// that an acknowledged write also survives loss of power. Without it a
	// commit survives the death of the process, not of the machine.
	Durable bool
	// MaxConns bounds the PostgreSQL pool, and the readers of SQLite; 0 means 16.
	MaxConns int
	// Watch is told the text of every statement, for tests that count them.
	Watch func(query string)
}

// Open opens "postgres://…", "sqlite:FILE" or a plain file path.
func Open(ctx context.Context, dsn string, o Options) (*DB, error) {
	if o.MaxConns <= 0 {
		o.MaxConns = 16
	}
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		cfg, err := pgx.ParseConfig(dsn)
		if err != nil {
			return nil, fmt.Errorf("db: open postgres: %w", err)
		}
		if o.Watch != nil {
			cfg.Tracer = watcher{o.Watch}
		}
		pool := stdlib.OpenDB(*cfg)
		pool.SetMaxOpenConns(o.MaxConns)
		pool.SetMaxIdleConns(o.MaxConns)
		pool.SetConnMaxIdleTime(5 * time.Minute)
		if err := pool.PingContext(ctx); err != nil {
			_ = pool.Close()
			return nil, fmt.Errorf("db: reach postgres: %w", err)
		}
		quick := cfg.Copy()
		quick.RuntimeParams["synchronous_commit"] = "off"
		aside := stdlib.OpenDB(*quick)
		aside.SetMaxOpenConns(2)
		aside.SetConnMaxIdleTime(5 * time.Minute)
		return &DB{dialect: Postgres, read: pool, write: pool, aside: aside}, nil
	}
	path := strings.TrimPrefix(dsn, "sqlite:")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("db: data folder: %w", err)
	}
	write := sql.OpenDB(sqliteConnector{sqliteDSN(path, o.Durable, true), o.Watch})
	write.SetMaxOpenConns(1)
	if err := write.PingContext(ctx); err != nil {
		_ = write.Close()
		return nil, fmt.Errorf("db: open %s: %w", path, err)
	}
	read := sql.OpenDB(sqliteConnector{sqliteDSN(path, o.Durable, false), o.Watch})
	read.SetMaxOpenConns(o.MaxConns)
	read.SetMaxIdleConns(o.MaxConns)
	return &DB{dialect: SQLite, read: read, write: write, path: path, group: &group{}}, nil
}

// sqliteDSN carries the pragmas, so that every connection of a pool has them;
// a PRAGMA executed once on a pool reaches one connection only.
func sqliteDSN(path string, durable, writer bool) string {
	q := url.Values{}
	sync := "NORMAL"
	if durable {
		sync = "FULL"
	}
	for _, p := range []string{"journal_mode(WAL)", "busy_timeout(10000)", "synchronous(" + sync + ")", "foreign_keys(1)", "temp_store(MEMORY)", "cache_size(-16000)", "wal_autocheckpoint(4000)"} {
		q.Add("_pragma", p)
	}
	if writer {
		q.Set("_txlock", "immediate")
	} else {
		q.Add("_pragma", "query_only(1)")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// Dialect tells which engine is behind.
func (d *DB) Dialect() Dialect { return d.dialect }

// ManyWriters says that somebody else can commit while a transaction of ours is
// open. On SQLite a second write would wait for the first, and inside of it for
// ever.
func (d *DB) ManyWriters() bool { return d.dialect == Postgres }

// Path is the file of a SQLite database, "" for PostgreSQL.
func (d *DB) Path() string { return d.path }

// Pool returns the write pool for libraries that manage their own statements
// (migrations, the job queue). Modules never use it.
func (d *DB) Pool() *sql.DB { return d.write }

// Ping checks that the database answers.
func (d *DB) Ping(ctx context.Context) error { return d.read.PingContext(ctx) }

// Close closes both pools.
func (d *DB) Close() error {
	err := d.read.Close()
	if d.write != d.read {
		err = errors.Join(err, d.write.Close())
	}
	if d.aside != nil {
		err = errors.Join(err, d.aside.Close())
	}
	return err
}

// Read returns the transaction in ctx if there is one, else the read pool.
func (d *DB) Read(ctx context.Context) Querier {
	if t := txFrom(ctx); t != nil {
		return t.tx
	}
	return d.read
}

// Write returns the transaction in ctx, or something that fails every call with ErrNoTx.
func (d *DB) Write(ctx context.Context) Querier {
	if t := txFrom(ctx); t != nil {
		return t.tx
	}
	return noTx{}
}

// Tx returns the *sql.Tx in ctx, for the job queue only; nil outside InTx.
func Tx(ctx context.Context) *sql.Tx {
	if t := txFrom(ctx); t != nil {
		return t.tx
	}
	return nil
}

type noTx struct{}

func (noTx) ExecContext(context.Context, string, ...any) (sql.Result, error) { return nil, ErrNoTx }
func (noTx) QueryContext(context.Context, string, ...any) (*sql.Rows, error) { return nil, ErrNoTx }

// QueryRowContext cannot carry an error in *sql.Row from outside the package,
// so it goes through a closed pool whose answer is an error as well.
func (noTx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return closedPool.QueryRowContext(ctx, query, args...)
}

var closedPool = func() *sql.DB {
	p, err := sql.Open("sqlite", "file::memory:")
	if err != nil {
		panic(err)
	}
	_ = p.Close()
	return p
}()
