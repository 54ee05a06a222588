package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
)

// Exec runs a statement inside the transaction of ctx.
func (d *DB) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := d.Write(ctx).ExecContext(ctx, query, args...)
	if err != nil {
		return 0, translate(err)
	}
	n, err := res.RowsAffected()
	return n, translate(err)
}

// ExecOne runs a guarded UPDATE or DELETE (… WHERE id=$1 AND version=$2) and
// returns ErrStale when it met no row.
func (d *DB) ExecOne(ctx context.Context, query string, args ...any) error {
	n, err := d.Exec(ctx, query, args...)
	if err == nil && n == 0 {
		return ErrStale
	}
	return err
}

// Scanner is a row under the cursor.
type Scanner interface{ Scan(dest ...any) error }

// List runs a query and scans each row. The result is never nil.
func List[T any](ctx context.Context, q Querier, scan func(Scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, translate(err)
	}
	defer func() { _ = rows.Close() }()
	out := []T{}
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, translate(err)
		}
		out = append(out, v)
	}
	return out, translate(rows.Err())
}

// One runs a query for one row; none is ErrNotFound.
func One[T any](ctx context.Context, q Querier, scan func(Scanner) (T, error), query string, args ...any) (T, error) {
	v, err := scan(q.QueryRowContext(ctx, query, args...))
	if err != nil {
		var zero T
		return zero, translate(err)
	}
	return v, nil
}

// Aside is One for a statement that raises a counter whose values may be lost
// but never given twice. On PostgreSQL it is committed at once and by itself, so
// that nobody waits for a counter until the transaction of ctx has reached the
// disk; its own way to the disk is not waited for, since that of the transaction
// which shows the value to anybody comes after it. On SQLite, which has one
// writer, it is part of the transaction of ctx.
func Aside[T any](ctx context.Context, d *DB, scan func(Scanner) (T, error), query string, args ...any) (T, error) {
	if d.aside == nil || txFrom(ctx) == nil {
		return One(ctx, d.Write(ctx), scan, query, args...)
	}
	return One(ctx, Querier(d.aside), scan, query, args...)
}

// Maybe is One for a row that may be missing: ok is false then.
func Maybe[T any](ctx context.Context, q Querier, scan func(Scanner) (T, error), query string, args ...any) (v T, ok bool, err error) {
	v, err = One(ctx, q, scan, query, args...)
	if errors.Is(err, ErrNotFound) {
		return v, false, nil
	}
	return v, err == nil, err
}

// Scalar scans a single column.
func Scalar[T any](s Scanner) (v T, err error) {
	err = s.Scan(&v)
	return v, err
}

// Time is an instant column: unix milliseconds, 0 for the zero time.
type Time struct{ *time.Time }

// Scan reads the column.
func (t Time) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*t.Time = time.Time{}
	case int64:
		*t.Time = clock.FromMillis(v)
	default:
		return fmt.Errorf("db: instant column holds %T", src)
	}
	return nil
}

// MS is an instant as an argument of a statement.
func MS(t time.Time) int64 { return clock.Millis(t) }

// JSON is a JSONB column scanned into *V.
type JSON[V any] struct{ V *V }

// Scan reads the column; empty leaves the zero value.
func (j JSON[V]) Scan(src any) error {
	var b []byte
	switch v := src.(type) {
	case nil:
		return nil
	case string:
		b = []byte(v)
	case []byte:
		b = v
	default:
		return fmt.Errorf("db: json column holds %T", src)
	}
	if len(b) == 0 {
		return nil
	}
	return json.Unmarshal(b, j.V)
}

// ToJSON is a JSON argument of a statement. It panics on a value that cannot
// be JSON, which is a programmer's error.
func ToJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("db: " + err.Error())
	}
	return string(b)
}

// Args numbers the arguments of a statement that is put together.
type Args []any

// Add keeps v and returns its placeholder.
func (a *Args) Add(v any) string {
	*a = append(*a, v)
	return "$" + strconv.Itoa(len(*a))
}

// In returns "(…)" with one placeholder for each value; an empty list matches nothing.
func In[T any](a *Args, values []T) string {
	if len(values) == 0 {
		return "(NULL)"
	}
	ph := make([]string, len(values))
	for i, v := range values {
		ph[i] = a.Add(v)
	}
	return "(" + strings.Join(ph, ",") + ")"
}

// Row returns "(…)" with one placeholder for each value, to write several rows
// with one INSERT.
func (a *Args) Row(values ...any) string {
	ph := make([]string, len(values))
	for i, v := range values {
		ph[i] = a.Add(v)
	}
	return "(" + strings.Join(ph, ",") + ")"
}

// Column is a column and the value it holds or is to hold. The value is one that
// can be compared: a text, a number, a truth value, a sql.NullString.
type Column struct {
	Name  string
	Value any
}

// SetChanged returns "name=$n," for each column whose value is not what it was;
// without knowledge of what was, for all. A row is written with what changed in
// it only: SQLite writes every index anew that holds a column of an UPDATE,
// changed or not, and PostgreSQL none if no column of any index is touched.
func (a *Args) SetChanged(was *[]Column, now []Column) string {
	var out strings.Builder
	for i, c := range now {
		if was != nil && (*was)[i] == c {
			continue
		}
		out.WriteString(c.Name + "=" + a.Add(c.Value) + ",")
	}
	return out.String()
}

// LikePrefix escapes s for LIKE … ESCAPE '\' and appends the wildcard.
func LikePrefix(s string) string { return likeEscaper.Replace(s) + "%" }

// LikeAnywhere escapes s for LIKE … ESCAPE '\' between wildcards.
func LikeAnywhere(s string) string { return "%" + likeEscaper.Replace(s) + "%" }

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// NullString turns "" into NULL, for columns under a unique rule.
func NullString(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }
