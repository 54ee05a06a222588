package bulk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/platform/db"
)

// table as it stands in the schema.
type table struct {
	name    string
	columns []string
	refs    []ref
}

// ref is a foreign key to the column id of another table.
type ref struct{ column, table string }

func text2(s db.Scanner) (x [2]string, err error) { return x, s.Scan(&x[0], &x[1]) }

// schema reads all tables with their columns and foreign keys.
func schema(ctx context.Context, d *db.DB) (map[string]*table, error) {
	columns, keys := `SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type='table' ORDER BY m.name, c.cid`,
		`SELECT m.name || '.' || f."from", f."table" FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type='table' ORDER BY 1`
	if d.Dialect() == db.Postgres {
		columns = `SELECT c.table_name::text, c.column_name::text FROM information_schema.columns c JOIN information_schema.tables t ON t.table_schema=c.table_schema AND t.table_name=c.table_name
			WHERE c.table_schema='public' AND t.table_type='BASE TABLE' ORDER BY c.table_name, c.ordinal_position`
		keys = `SELECT c.conrelid::regclass::text || '.' || a.attname, c.confrelid::regclass::text FROM pg_constraint c
			JOIN pg_attribute a ON a.attrelid=c.conrelid AND a.attnum=c.conkey[1] WHERE c.contype='f' ORDER BY 1`
	}
	out := map[string]*table{}
	rows, err := db.List(ctx, d.Read(ctx), text2, columns)
	if err != nil {
		return nil, fmt.Errorf("bulk: columns: %w", err)
	}
	for _, r := range rows {
		if out[r[0]] == nil {
			out[r[0]] = &table{name: r[0]}
		}
		out[r[0]].columns = append(out[r[0]].columns, r[1])
	}
	if rows, err = db.List(ctx, d.Read(ctx), text2, keys); err != nil {
		return nil, fmt.Errorf("bulk: keys: %w", err)
	}
	for _, r := range rows {
		name, column, _ := strings.Cut(r[0], ".")
		if t := out[name]; t != nil {
			t.refs = append(t.refs, ref{column, r[1]})
		}
	}
	return out, nil
}

// chosen are the tables that hold rows of an object, each after those that it
// refers to, with the condition that finds its rows ($1 is the id of the object).
type chosen struct {
	*table
	where string
	texts map[int]string // statements by number of rows
}

func choose(all map[string]*table, root, by string, also map[string]string, without []string) []chosen {
	where := map[string]string{root: `id = $1`}
	for name, t := range all {
		if w, ok := also[name]; ok {
			where[name] = w
		} else if name != root && slices.Contains(t.columns, by) && !slices.Contains(without, name) {
			where[name] = by + ` = $1`
		}
	}
	for range all { // tables that hang on those, by foreign key only
		for name, t := range all {
			for _, r := range t.refs {
				if w, ok := where[r.table]; ok && where[name] == "" && r.table != root && !slices.Contains(without, name) {
					where[name] = r.column + ` IN (SELECT id FROM ` + r.table + ` WHERE ` + w + `)`
				}
			}
		}
	}
	var out []chosen
	done := map[string]bool{}
	var add func(name string)
	add = func(name string) {
		if done[name] || where[name] == "" {
			return
		}
		done[name] = true
		for _, r := range all[name].refs {
			add(r.table)
		}
		out = append(out, chosen{all[name], where[name], map[int]string{}})
	}
	names := []string{}
	for name := range where {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		add(name)
	}
	return out
}
