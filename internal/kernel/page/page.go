// Package page holds the bounds of keyset paging: a list is read from a cursor
// on, never by offset, so that page 1000 costs as much as page 1.
package page

// Request asks for one page.
type Request struct {
	After string // cursor from the page before, "" for the first
	Size  int
}

// Limit is the size within 1…200, 50 when not given.
func (r Request) Limit() int {
	if r.Size <= 0 {
		return 50
	}
	return min(r.Size, 200)
}

// Result is one page; Next is "" on the last.
type Result[T any] struct {
	Rows []T
	Next string
}

// Cut takes the rows of a query that asked for one row more than the limit and
// makes a page of them.
func Cut[T any](rows []T, limit int, cursor func(T) string) Result[T] {
	if len(rows) <= limit {
		return Result[T]{Rows: rows}
	}
	return Result[T]{Rows: rows[:limit], Next: cursor(rows[limit-1])}
}
