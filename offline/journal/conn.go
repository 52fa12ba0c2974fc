package journal

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"sync"

	"github.com/mattn/go-sqlite3"
)

// conn is one connection of SQLite with its prepared statements. The writer
// and the long walks use it instead of database/sql, whose bookkeeping costs
// more than the rows. It belongs to one goroutine.
type conn struct {
	c     *sqlite3.SQLiteConn
	stmts map[string]*sqlite3.SQLiteStmt
	width map[string]int // columns of each query; the driver makes their names anew every time
	args  []driver.NamedValue
}

// dsn names a database file for the driver; query is "mode=ro" and the like.
func dsn(path, query string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		abs = path
	}
	u := url.URL{Scheme: "file", Path: abs, RawQuery: query}
	return u.String()
}

func openConn(name string) (*conn, error) {
	c, err := (&sqlite3.SQLiteDriver{}).Open(name)
	if err != nil {
		return nil, err
	}
	return &conn{c: c.(*sqlite3.SQLiteConn), stmts: map[string]*sqlite3.SQLiteStmt{}, width: map[string]int{}}, nil
}

func (c *conn) close() error {
	for _, s := range c.stmts {
		_ = s.Close()
	}
	return c.c.Close()
}

func (c *conn) prepare(query string) (*sqlite3.SQLiteStmt, error) {
	if s := c.stmts[query]; s != nil {
		return s, nil
	}
	s, err := c.c.Prepare(query)
	if err != nil {
		return nil, err
	}
	c.stmts[query] = s.(*sqlite3.SQLiteStmt)
	return c.stmts[query], nil
}

func (c *conn) named(args []any) []driver.NamedValue {
	c.args = c.args[:0]
	for i, a := range args {
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	return c.args
}

// exec runs a prepared statement and returns the number of changed rows. Its
// arguments are string, int64, float64, []byte or nil.
func (c *conn) exec(query string, args ...any) (int64, error) {
	s, err := c.prepare(query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(context.Background(), c.named(args))
	if err != nil {
		return 0, err
	}
	n, _ := r.RowsAffected()
	return n, nil
}

// do runs a prepared statement whose number of changed rows is of no interest.
// The driver binds and steps a query in one crossing to C, an exec in one for
// each argument.
func (c *conn) do(query string, args ...any) error {
	s, err := c.prepare(query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(context.Background(), c.named(args))
	if err != nil {
		return err
	}
	return rows.Close()
}

// run executes statements that are used once.
func (c *conn) run(query string) error {
	_, err := c.c.ExecContext(context.Background(), query, nil)
	return err
}

// each calls fn for every row; the slice is used again for the next one.
func (c *conn) each(query string, args []any, fn func(row []driver.Value) error) error {
	s, err := c.prepare(query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(context.Background(), c.named(args))
	if err != nil {
		return err
	}
	width, known := c.width[query]
	if !known {
		width = len(rows.Columns())
		c.width[query] = width
	}
	row := make([]driver.Value, width)
	for {
		err = rows.Next(row)
		if err != nil {
			break
		}
		if err = fn(row); err != nil {
			break
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, rows.Close())
}

// one reads the first column of the first row; found is false where there is no row.
func (c *conn) one(query string, args ...any) (value driver.Value, found bool, err error) {
	err = c.each(query, args, func(row []driver.Value) error {
		value, found = row[0], true
		return errEnough
	})
	if found && err != nil {
		err = nil
	}
	return value, found, err
}

var errEnough = errors.New("enough")

func (c *conn) integer(query string, args ...any) (int64, error) {
	v, _, err := c.one(query, args...)
	n, _ := v.(int64)
	return n, err
}

func (c *conn) text(query string, args ...any) (string, error) {
	v, _, err := c.one(query, args...)
	return asText(v), err
}

func asText(v driver.Value) string {
	switch s := v.(type) {
	case string:
		return s
	case []byte:
		return string(s)
	case nil:
		return ""
	}
	return fmt.Sprint(v)
}

func asInt(v driver.Value) int64 {
	n, _ := v.(int64)
	return n
}

// readers is the pool of read-only connections, with its prepared statements.
type readers struct {
	db    *sql.DB
	mu    sync.Mutex
	stmts map[string]*sql.Stmt
}

// maxReaders bounds the read-only connections: a screen, an export, a check and one to spare.
const maxReaders = 4

func openReaders(name string) (*readers, error) {
	db, err := sql.Open("sqlite3", name)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(maxReaders)
	db.SetMaxIdleConns(maxReaders)
	return &readers{db: db, stmts: map[string]*sql.Stmt{}}, nil
}

func (r *readers) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	r.mu.Lock()
	s := r.stmts[query]
	if s == nil {
		var err error
		if s, err = r.db.PrepareContext(ctx, query); err != nil {
			r.mu.Unlock()
			return nil, err
		}
		r.stmts[query] = s
	}
	r.mu.Unlock()
	return s.QueryContext(ctx, args...)
}

// each is eachRow over these connections.
func (r *readers) each(ctx context.Context) eachRow {
	return func(query string, args []any, fn func(row []driver.Value) error) error {
		rows, err := r.query(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		columns, err := rows.Columns()
		if err != nil {
			return err
		}
		row := make([]driver.Value, len(columns))
		dest := make([]any, len(columns))
		for i := range row {
			dest[i] = (*any)(&row[i])
		}
		for rows.Next() {
			if err := rows.Scan(dest...); err != nil {
				return err
			}
			if err := fn(row); err != nil {
				return err
			}
		}
		return rows.Err()
	}
}

// row scans the first row; sql.ErrNoRows where there is none.
func (r *readers) row(ctx context.Context, query string, args []any, dest ...any) error {
	rows, err := r.query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	return rows.Scan(dest...)
}

func (r *readers) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.stmts {
		_ = s.Close()
	}
	return r.db.Close()
}
