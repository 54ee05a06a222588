package db

import "testing"

func TestUnnamed(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{`SELECT 1`, `SELECT 1`},
		{`INSERT INTO t VALUES ($1,$2),($3,$4)`, `INSERT INTO t VALUES (?,?),(?,?)`},
		{`UPDATE t SET a=$2 WHERE id=$1`, `UPDATE t SET a=$2 WHERE id=$1`},
		{`SELECT $1, $1`, `SELECT $1, $1`},
		{`SELECT a->>'$.x$1', "$2" FROM t WHERE b=$1 AND c LIKE $2 ESCAPE '\'`, `SELECT a->>'$.x$1', "$2" FROM t WHERE b=? AND c LIKE ? ESCAPE '\'`},
		{`SELECT ?, $1`, `SELECT ?, $1`},
		{`SELECT $10`, `SELECT $10`},
		{`SELECT 'open, $1`, `SELECT 'open, $1`},
		{`SELECT $1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11`, `SELECT ?,?,?,?,?,?,?,?,?,?,?`},
	} {
		if got := unnamed(c[0]); got != c[1] {
			t.Errorf("%s becomes %s, want %s", c[0], got, c[1])
		}
	}
}
