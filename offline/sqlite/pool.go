package sqlite

import (
	"context"
	"errors"
	"sync"
)

// ErrClosed: the pool is closed.
var ErrClosed = errors.New("sqlite: closed")

// Pool lends connections for reading, opened when first needed. It is safe for
// concurrent use. Whoever has one must not ask for another: all might wait then.
type Pool struct {
	name string
	free chan *Conn // as many as may be lent; nil for one that is not open
	once sync.Once
	done chan struct{} // closed with the pool
}

// NewPool makes a pool of at most n connections to what Name made. It opens none yet.
func NewPool(name string, n int) *Pool {
	p := &Pool{name: name, free: make(chan *Conn, n), done: make(chan struct{})}
	for range n {
		p.free <- nil
	}
	return p
}

// Use lends fn a connection; its readings end when ctx does. Errors: ErrClosed,
// that of ctx, of opening, and of fn.
func (p *Pool) Use(ctx context.Context, fn func(*Conn) error) error {
	var c *Conn
	select {
	case c = <-p.free:
	case <-p.done:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() {
		p.free <- c
		_ = p.closeIdle() // what a reader finds broken it says itself
	}()
	if p.closed() {
		return ErrClosed
	}
	if c == nil {
		var err error
		if c, err = Open(p.name); err != nil {
			return err
		}
	}
	c.ctx = ctx
	defer func() { c.ctx = context.Background() }()
	return fn(c)
}

// Each is Conn.Each over a connection of the pool.
func (p *Pool) Each(ctx context.Context, query string, args []any, fn func(Row) error) error {
	return p.Use(ctx, func(c *Conn) error { return c.Each(query, args, fn) })
}

// Text is Conn.Text over a connection of the pool.
func (p *Pool) Text(ctx context.Context, query string, args ...any) (s string, err error) {
	err = p.Use(ctx, func(c *Conn) error {
		s, err = c.Text(query, args...)
		return err
	})
	return s, err
}

// Close closes the connections; one that is lent is closed when it comes back.
func (p *Pool) Close() error {
	p.once.Do(func() { close(p.done) })
	return p.closeIdle()
}

func (p *Pool) closed() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// closeIdle closes what nobody has, once the pool is closed.
func (p *Pool) closeIdle() error {
	var all error
	for p.closed() {
		select {
		case c := <-p.free:
			all = errors.Join(all, c.Close())
		default:
			return all
		}
	}
	return nil
}
