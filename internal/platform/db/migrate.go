package db

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"testing/fstest"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

// migrations holds NNNN_<module>_<what>.sql, run on both engines. A file of
// the same name below sqlite/ or postgres/ takes its place on that engine.
//
//go:embed all:migrations
var migrations embed.FS

// Migrate brings the schema up to the newest migration and returns how many
// were applied. It is safe to call from several processes on PostgreSQL.
func (d *DB) Migrate(ctx context.Context) (int, error) {
	p, err := d.provider()
	if err != nil {
		return 0, err
	}
	res, err := p.Up(ctx)
	if err != nil {
		return len(res), fmt.Errorf("db: migrate: %w", err)
	}
	return len(res), nil
}

// SchemaVersion returns the migration that the database stands at and the newest one known.
func (d *DB) SchemaVersion(ctx context.Context) (have, want int64, err error) {
	p, err := d.provider()
	if err != nil {
		return 0, 0, err
	}
	have, want, err = p.GetVersions(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("db: schema version: %w", err)
	}
	return have, want, nil
}

func (d *DB) provider() (*goose.Provider, error) {
	files, err := merged(string(d.dialect))
	if err != nil {
		return nil, err
	}
	dialect := database.DialectSQLite3
	opts := []goose.ProviderOption{goose.WithVerbose(false), goose.WithAllowOutofOrder(true)} // numbers are taken before they are merged
	if d.dialect == Postgres {
		dialect = database.DialectPostgres
	}
	p, err := goose.NewProvider(dialect, d.write, files, opts...)
	if err != nil {
		return nil, fmt.Errorf("db: migrations: %w", err)
	}
	return p, nil
}

// merged lays the overlay of one engine over the common files.
func merged(engine string) (fs.FS, error) {
	out := fstest.MapFS{}
	for _, dir := range []string{"migrations", "migrations/" + engine} {
		entries, err := fs.ReadDir(migrations, dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("db: migrations: %w", err)
		}
		for _, e := range entries {
			if e.IsDir() {
				continue
			}
			b, err := fs.ReadFile(migrations, dir+"/"+e.Name())
			if err != nil {
				return nil, fmt.Errorf("db: migrations: %w", err)
			}
			out[e.Name()] = &fstest.MapFile{Data: b}
		}
	}
	return out, nil
}
