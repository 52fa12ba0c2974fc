package catalog

import (
	"context"
	"database/sql"
	"errors"
)

// conn is one connection with its prepared statements. Not for concurrent use.
type conn struct {
	db    *sql.DB
	c     *sql.Conn
	stmts map[string]*sql.Stmt
}

func connect(dsn string) (*conn, error) {
	db, err := sql.Open("sqlite3", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	c, err := db.Conn(context.Background())
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &conn{db: db, c: c, stmts: map[string]*sql.Stmt{}}, nil
}

func (c *conn) close() error {
	if c == nil {
		return nil
	}
	var errs []error
	for _, s := range c.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.c.Close(), c.db.Close())...)
}

func (c *conn) stmt(q string) (*sql.Stmt, error) {
	if s := c.stmts[q]; s != nil {
		return s, nil
	}
	s, err := c.c.PrepareContext(context.Background(), q)
	if err == nil {
		c.stmts[q] = s
	}
	return s, err
}

func (c *conn) exec(q string, args ...any) error {
	s, err := c.stmt(q) //nolint:sqlclosecheck // kept for the life of the connection
	if err != nil {
		return err
	}
	_, err = s.ExecContext(context.Background(), args...)
	return err
}

// first scans the first row; ok is false where there is none.
func (c *conn) first(q string, args []any, dest ...any) (ok bool, err error) {
	s, err := c.stmt(q) //nolint:sqlclosecheck // kept for the life of the connection
	if err != nil {
		return false, err
	}
	err = s.QueryRowContext(context.Background(), args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// pragma runs a statement whose rows do not matter: left unread they would
// keep the statement, and with it the transaction, open.
func (c *conn) pragma(q string) error {
	return c.each(q, nil, func(*sql.Rows) error { return nil })
}

var errStop = errors.New("stop")

// each calls f for every row until it returns an error; errStop ends it well.
func (c *conn) each(q string, args []any, f func(*sql.Rows) error) (err error) {
	s, err := c.stmt(q) //nolint:sqlclosecheck // kept for the life of the connection
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(context.Background(), args...)
	if err != nil {
		return err
	}
	defer func() {
		if e := rows.Close(); err == nil {
			err = e
		}
	}()
	for rows.Next() {
		if err := f(rows); errors.Is(err, errStop) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return rows.Err()
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
