package db

import (
	"context"
	"fmt"
)

// Analyze lets the database look at its tables, so that it chooses plans by
// their sizes. On SQLite it keeps the sizes but not the samples of values: with
// samples a kept statement is prepared anew each time other values are bound,
// which costs more than the statements of a command do.
func (d *DB) Analyze(ctx context.Context) error {
	all := []string{`ANALYZE`}
	if d.dialect == SQLite {
		all = append(all, `DELETE FROM sqlite_stat4`, `ANALYZE sqlite_schema`)
	}
	for _, q := range all {
		if _, err := d.write.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("db: %s: %w", q, err)
		}
	}
	return nil
}
