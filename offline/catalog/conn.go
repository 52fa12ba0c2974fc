package catalog

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"github.com/mattn/go-sqlite3"
)

// conn is one connection with its prepared statements, straight on the driver:
// the bookkeeping of database/sql costs more than most of our rows. Not for
// concurrent use.
type conn struct {
	c     *sqlite3.SQLiteConn
	stmts map[string]*stmt
	args  []driver.NamedValue
	memo  memo
}

type stmt struct {
	*sqlite3.SQLiteStmt
	row record
}

func connect(dsn string) (*conn, error) {
	c, err := (&sqlite3.SQLiteDriver{}).Open(dsn)
	if err != nil {
		return nil, err
	}
	return &conn{c: c.(*sqlite3.SQLiteConn), stmts: map[string]*stmt{}}, nil
}

func (c *conn) close() error {
	if c == nil {
		return nil
	}
	var errs []error
	for _, s := range c.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.c.Close())...)
}

func (c *conn) stmt(q string) (*stmt, error) {
	if s := c.stmts[q]; s != nil {
		return s, nil
	}
	s, err := c.c.Prepare(q)
	if err != nil {
		return nil, err
	}
	c.stmts[q] = &stmt{SQLiteStmt: s.(*sqlite3.SQLiteStmt)}
	return c.stmts[q], nil
}

// query begins a statement. It takes no context: what runs is short, and a
// write must not be cut.
func (c *conn) query(s *stmt, args []any) (driver.Rows, error) {
	c.args = c.args[:0]
	for i, a := range args {
		if n, ok := a.(int); ok {
			a = int64(n)
		}
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	return s.QueryContext(context.Background(), c.args)
}

// exec runs a statement that returns no rows. Its arguments are string, int,
// int64 or []byte. As a query, because that is one crossing to C and not one
// for each argument.
func (c *conn) exec(q string, args ...any) error {
	s, err := c.stmt(q)
	if err != nil {
		return err
	}
	rows, err := c.query(s, args)
	if err != nil {
		return err
	}
	return rows.Close()
}

// script runs statements that are used once.
func (c *conn) script(q string) error {
	_, err := c.c.ExecContext(context.Background(), q, nil)
	return err
}

// pragma runs a statement whose rows do not matter: left unread they would
// keep the statement, and with it the transaction, open.
func (c *conn) pragma(q string) error {
	return c.each(q, nil, func(*record) error { return nil })
}

var errStop = errors.New("stop")

// each calls f for every row until it returns an error; errStop ends it well.
// f gets the same record for all rows, and may not run the same statement.
func (c *conn) each(q string, args []any, f func(*record) error) (err error) {
	s, err := c.stmt(q)
	if err != nil {
		return err
	}
	rows, err := c.query(s, args)
	if err != nil {
		return err
	}
	defer func() {
		if e := rows.Close(); err == nil {
			err = e
		}
	}()
	r := &s.row
	if r.values == nil {
		r.values = make([]driver.Value, len(rows.Columns()))
	}
	r.err = nil
	for {
		if err := rows.Next(r.values); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		err := f(r)
		if r.err != nil {
			return r.err
		}
		if errors.Is(err, errStop) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// number reads the first column of the first row; ok is false where there is none.
func (c *conn) number(q string, args ...any) (n int64, ok bool, err error) {
	err = c.each(q, args, func(r *record) error {
		n, ok = r.int(0), true
		return errStop
	})
	return n, ok && err == nil, err
}

// record is a row of a query. A column that is not what it should be counts as
// damage, and ends the query.
type record struct {
	values []driver.Value
	err    error
}

func (r *record) int(i int) int64 {
	n, ok := r.values[i].(int64)
	if !ok {
		r.fail(i)
	}
	return n
}

// bytes are the caller's own.
func (r *record) bytes(i int) []byte {
	switch v := r.values[i].(type) {
	case []byte:
		return v
	case string:
		return []byte(v)
	}
	r.fail(i)
	return nil
}

func (r *record) text(i int) string {
	switch v := r.values[i].(type) {
	case string:
		return v
	case []byte:
		return string(v)
	}
	r.fail(i)
	return ""
}

func (r *record) fail(i int) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: a %T in column %d", ErrDamaged, r.values[i], i)
	}
}

// pool lends reading connections.
type pool struct{ free chan *conn }

func (p *pool) use(ctx context.Context, f func(*conn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case c := <-p.free:
		defer func() { p.free <- c }()
		return f(c)
	case <-ctx.Done():
		return ctx.Err()
	}
}
