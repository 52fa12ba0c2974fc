// Package sqlite is the one way to open SQLite here: a connection straight on
// the driver with its prepared statements, a pool of reading connections, rows,
// and what an error means for the database. It knows no table and decides
// nothing about damage; the journal and the catalog do.
package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net/url"
	"path/filepath"

	"github.com/mattn/go-sqlite3"
)

// ReadOnly is the query of a Name for a connection that must not write.
const ReadOnly = "mode=ro&_query_only=true&_busy_timeout=5000"

// Name addresses a database file for Open; query holds the driver's options,
// "mode=ro" and the like. One goroutine at a time uses a connection: SQLite need
// not guard it with mutexes.
func Name(path, query string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		abs = path
	}
	u := url.URL{Scheme: "file", Path: abs, RawQuery: "_mutex=no&" + query}
	return u.String()
}

// Version is that of the SQLite built in, as a text and as a number (3051003 is 3.51.3).
func Version() (string, int) {
	text, number, _ := sqlite3.Version()
	return text, number
}

// Conn is one connection with its prepared statements. It does without
// database/sql, whose bookkeeping costs more than most rows. One goroutine at a
// time may use it. Arguments are string, int, int64, float64, []byte or nil.
type Conn struct {
	c     *sqlite3.SQLiteConn
	ctx   context.Context // of the reading that has borrowed it from a Pool
	stmts map[string]*stmt
	args  []driver.NamedValue
}

type stmt struct {
	*sqlite3.SQLiteStmt
	row Row // used for every row of the statement
}

// Open opens a connection to what Name made, or to ":memory:".
func Open(name string) (*Conn, error) {
	c, err := (&sqlite3.SQLiteDriver{}).Open(name)
	if err != nil {
		return nil, err
	}
	return &Conn{c: c.(*sqlite3.SQLiteConn), ctx: context.Background(), stmts: map[string]*stmt{}}, nil
}

// Close closes the connection; nil is closed already.
func (c *Conn) Close() error {
	if c == nil {
		return nil
	}
	for _, s := range c.stmts {
		_ = s.Close()
	}
	return c.c.Close()
}

// AutoCommit reports that no transaction is open: some errors of SQLite roll back by themselves.
func (c *Conn) AutoCommit() bool { return c.c.AutoCommit() }

func (c *Conn) prepare(query string) (*stmt, error) {
	if s := c.stmts[query]; s != nil {
		return s, nil
	}
	s, err := c.c.Prepare(query)
	if err != nil {
		return nil, err
	}
	c.stmts[query] = &stmt{SQLiteStmt: s.(*sqlite3.SQLiteStmt)}
	return c.stmts[query], nil
}

// query runs the statement up to its first row.
func (c *Conn) query(query string, args []any) (*stmt, driver.Rows, error) {
	s, err := c.prepare(query)
	if err != nil {
		return nil, nil, err
	}
	c.args = c.args[:0]
	for i, a := range args {
		if n, ok := a.(int); ok {
			a = int64(n)
		}
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	rows, err := s.QueryContext(c.ctx, c.args)
	return s, rows, err
}

// Exec runs a prepared statement whose rows, if any, do not matter. It runs as
// a query because the driver then binds and steps in one call of C, not in one
// for each argument.
func (c *Conn) Exec(query string, args ...any) error {
	_, rows, err := c.query(query, args)
	if err != nil {
		return err
	}
	return rows.Close()
}

// Script runs statements that are used once, without preparing them.
func (c *Conn) Script(statements string) error {
	_, err := c.c.ExecContext(context.Background(), statements, nil)
	return err
}

// Stop is returned by the function given to Each to end the reading without an error.
var Stop = errors.New("sqlite: enough rows") //nolint:errname,staticcheck // like fs.SkipAll

// Each calls fn for every row until fn returns an error. The Row is used again
// for the next row, and fn must not run the same query.
func (c *Conn) Each(query string, args []any, fn func(Row) error) (err error) {
	s, rows, err := c.query(query, args)
	if err != nil {
		return err
	}
	defer func() {
		if e := rows.Close(); err == nil {
			err = e
		}
	}()
	if s.row == nil {
		s.row = make(Row, len(rows.Columns()))
	}
	for {
		err := rows.Next(s.row)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = fn(s.row)
		}
		if errors.Is(err, Stop) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Int reads the first column of the first row, 0 where there is no row.
func (c *Conn) Int(query string, args ...any) (n int64, err error) {
	err = c.Each(query, args, func(r Row) error {
		n = r.Int(0)
		return Stop
	})
	return n, err
}

// Text reads the first column of the first row, "" where there is no row.
func (c *Conn) Text(query string, args ...any) (s string, err error) {
	err = c.Each(query, args, func(r Row) error {
		s = r.Text(0)
		return Stop
	})
	return s, err
}
