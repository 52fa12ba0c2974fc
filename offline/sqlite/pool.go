package sqlite

import (
	"context"
	"errors"
	"sync"
)

// ErrClosed: the pool is closed.
var ErrClosed = errors.New("sqlite: closed")

// Pool lends connections for reading. It opens one only where all that are open
// are lent: each has its schema to read and its statements to prepare. It is safe
// for concurrent use. Whoever has one must not ask for another: all might wait then.
type Pool struct {
	name  string
	turns chan struct{} // as many as may be lent
	once  sync.Once
	done  chan struct{} // closed with the pool

	mu   sync.Mutex
	idle []*Conn // the last one used at the end
}

// NewPool makes a pool of at most n connections to what Name made, of which some may
// be open already. It opens no other yet.
func NewPool(name string, n int, open ...*Conn) *Pool {
	p := &Pool{name: name, turns: make(chan struct{}, n), done: make(chan struct{}), idle: open}
	for range n {
		p.turns <- struct{}{}
	}
	return p
}

// Use lends fn a connection; its readings end when ctx does. Errors: ErrClosed,
// that of ctx, of opening, and of fn.
func (p *Pool) Use(ctx context.Context, fn func(*Conn) error) error {
	select {
	case <-p.turns:
	case <-p.done:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	c := p.lend()
	defer func() {
		p.takeBack(c)
		_ = p.closeIdle() // what a reader finds broken it says itself
		p.turns <- struct{}{}
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

// lend takes the connection that was used last, nil where none is open and free.
func (p *Pool) lend() *Conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.idle) - 1
	if last < 0 {
		return nil
	}
	c := p.idle[last]
	p.idle = p.idle[:last]
	return c
}

func (p *Pool) takeBack(c *Conn) {
	if c == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, c)
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
	if !p.closed() {
		return nil
	}
	p.mu.Lock()
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	var all error
	for _, c := range idle {
		all = errors.Join(all, c.Close())
	}
	return all
}
