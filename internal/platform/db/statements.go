package db

import (
	"container/list"
	"context"
	"database/sql/driver"
	"errors"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"modernc.org/sqlite"
)

// keptStatements is how many prepared statements one SQLite connection keeps.
// The commands of the house need fewer; what is put together at run time
// (lists with filters) comes and goes at the far end.
const keptStatements = 256

// sqliteConnector opens connections that keep their prepared statements: the
// driver prepares the text of a statement again at every call, which for the
// wide statements of a command costs more than doing them.
type sqliteConnector struct {
	dsn   string
	watch func(query string)
}

// Connect opens a connection.
func (c sqliteConnector) Connect(context.Context) (driver.Conn, error) {
	inner, err := (&sqlite.Driver{}).Open(c.dsn)
	if err != nil {
		return nil, err
	}
	full, ok := inner.(sqliteConn)
	if !ok {
		return nil, errors.Join(errors.New("db: the SQLite driver has changed its connection"), inner.Close())
	}
	return &keeper{sqliteConn: full, byText: map[string]*list.Element{}, order: list.New(), watch: c.watch}, nil
}

// Driver returns the driver underneath.
func (c sqliteConnector) Driver() driver.Driver { return &sqlite.Driver{} }

// sqliteConn is what a connection of the driver can do and database/sql asks for.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// keeper is a connection with its prepared statements, the last used in front.
// database/sql lets one goroutine at a time in.
type keeper struct {
	sqliteConn
	byText map[string]*list.Element
	order  *list.List
	watch  func(query string)
}

// kept is one prepared statement; busy while its rows are being read, so that
// the same text asked again meanwhile is prepared anew.
type kept struct {
	text string
	stmt preparedStmt
	busy bool
}

type preparedStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// ExecContext runs a statement.
func (k *keeper) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	k.tell(query)
	s, err := k.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return k.sqliteConn.ExecContext(ctx, query, args)
	}
	res, err := s.stmt.ExecContext(ctx, args)
	if err != nil {
		k.drop(s)
	}
	return res, err
}

// QueryContext runs a query.
func (k *keeper) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	k.tell(query)
	s, err := k.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return k.sqliteConn.QueryContext(ctx, query, args)
	}
	rows, err := s.stmt.QueryContext(ctx, args)
	if err != nil {
		k.drop(s)
		return nil, err
	}
	s.busy = true
	return &keptRows{Rows: rows, of: k, stmt: s}, nil
}

// Close closes the statements and the connection.
func (k *keeper) Close() error {
	for e := k.order.Front(); e != nil; e = e.Next() {
		_ = e.Value.(*kept).stmt.Close()
	}
	k.order.Init()
	clear(k.byText)
	return k.sqliteConn.Close()
}

func (k *keeper) tell(query string) {
	if k.watch != nil {
		k.watch(query)
	}
}

// prepared returns the kept statement for a text, nil for what is not worth
// keeping or is being read at the moment.
func (k *keeper) prepared(ctx context.Context, query string) (*kept, error) {
	if e, ok := k.byText[query]; ok {
		s := e.Value.(*kept)
		if s.busy {
			return nil, nil //nolint:nilnil // "none" is an answer
		}
		k.order.MoveToFront(e)
		return s, nil
	}
	if !keepable(query) {
		return nil, nil //nolint:nilnil // see above
	}
	stmt, err := k.PrepareContext(ctx, unnamed(query))
	if err != nil {
		return nil, err
	}
	full, ok := stmt.(preparedStmt)
	if !ok {
		return nil, errors.Join(errors.New("db: the SQLite driver has changed its statements"), stmt.Close())
	}
	s := &kept{text: query, stmt: full}
	k.byText[query] = k.order.PushFront(s)
	for e := k.order.Back(); k.order.Len() > keptStatements && e != nil; {
		old, before := e.Value.(*kept), e.Prev()
		if !old.busy {
			k.drop(old)
		}
		e = before
	}
	return s, nil
}

// drop closes a statement: the oldest, or one that failed.
func (k *keeper) drop(s *kept) {
	if e, ok := k.byText[s.text]; ok && e.Value == s {
		k.order.Remove(e)
		delete(k.byText, s.text)
		_ = s.stmt.Close()
	}
}

// keepable says that a text is of one of the kinds that commands consist of;
// pragmas, migrations and the like are done once.
func keepable(query string) bool {
	q := strings.TrimLeft(query, " \t\r\n")
	word, _, _ := strings.Cut(q[:min(len(q), 8)], " ")
	switch strings.ToUpper(word) {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "SAVEPOIN", "RELEASE", "ROLLBACK":
		return true
	}
	return false
}

// unnamed turns placeholders that are numbered in their order ($1, $2, …) into
// plain ones. SQLite takes the numbered for names and looks each up in the list
// of all at every call, which for an INSERT of many rows is most of the work.
// Other texts stay as they are.
func unnamed(query string) string {
	var out strings.Builder
	next, from := 1, 0
	for i := 0; i < len(query); i++ {
		switch c := query[i]; c {
		case '\'', '"':
			end := strings.IndexByte(query[i+1:], c)
			if end < 0 {
				return query
			}
			i += end + 1
		case '?':
			return query
		case '$':
			digits := 0
			for i+1+digits < len(query) && query[i+1+digits] >= '0' && query[i+1+digits] <= '9' {
				digits++
			}
			if query[i+1:i+1+digits] != strconv.Itoa(next) {
				return query
			}
			out.WriteString(query[from:i])
			out.WriteByte('?')
			next++
			i += digits
			from = i + 1
		}
	}
	out.WriteString(query[from:])
	return out.String()
}

// keptRows gives its statement free when they are closed.
type keptRows struct {
	driver.Rows
	of   *keeper
	stmt *kept
}

// Close ends the reading.
func (r *keptRows) Close() error {
	r.stmt.busy = false
	err := r.Rows.Close()
	if err != nil {
		r.of.drop(r.stmt)
	}
	return err
}

// watcher tells the statements of PostgreSQL, whose driver keeps prepared
// statements by itself.
type watcher struct{ watch func(query string) }

// TraceQueryStart is called before each statement.
func (w watcher) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	w.watch(data.SQL)
	return ctx
}

// TraceQueryEnd is called after each statement.
func (watcher) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
