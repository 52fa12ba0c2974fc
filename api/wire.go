package api

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"sync"
)

var errSealed = errors.New("the call was given up")

// wire is a connection that counts what is written on it and can be sealed,
// after which nothing more leaves. Counting and sealing share a lock, so that
// "nothing was written" stays true however late net/http's writer wakes up.
type wire struct {
	net.Conn
	mu      sync.Mutex
	written int64
	sealed  bool
}

// Write counts before it writes and takes back what did not go: a write that
// is under way while the wire is sealed counts as written.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	if w.sealed {
		w.mu.Unlock()
		return 0, errSealed
	}
	w.written += int64(len(p))
	w.mu.Unlock()
	n, err := w.Conn.Write(p)
	if n < len(p) {
		w.mu.Lock()
		w.written -= int64(len(p) - n)
		w.mu.Unlock()
	}
	return n, err
}

func (w *wire) count() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.written
}

func (w *wire) seal() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sealed = true
	return w.written
}

// wireOf finds the counted connection below TLS, also TLS inside a TLS proxy.
func wireOf(conn net.Conn) *wire {
	for {
		switch c := conn.(type) {
		case *wire:
			return c
		case *tls.Conn:
			conn = c.NetConn()
		default:
			return nil
		}
	}
}

// flight is what one request did on the wire. Hooks may run on other
// goroutines, even after the call has ended.
type flight struct {
	mu       sync.Mutex
	wire     *wire
	before   int64 // what had been written when the request got the connection
	earlier  bool  // an earlier connection of the same call was written to
	reused   bool
	blind    bool // a connection that cannot be counted: taken as written
	inTLS    bool
	tlsError bool
}

// trace returns the hooks.
func (f *flight) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		TLSHandshakeStart: func() {
			f.mu.Lock()
			f.inTLS = true
			f.mu.Unlock()
		},
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			f.mu.Lock()
			f.inTLS, f.tlsError = false, err != nil
			f.mu.Unlock()
		},
		GotConn: f.got,
	}
}

func (f *flight) got(info httptrace.GotConnInfo) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.wire != nil {
		f.earlier = f.earlier || f.wire.seal() > f.before
	}
	f.wire = wireOf(info.Conn)
	f.reused = info.Reused
	if f.wire == nil {
		f.blind = true
		return
	}
	f.before = f.wire.count()
}

// seal stops the request for good and says whether any of it, or of TLS around
// it, was written, whether the connection was a kept one, and whether TLS failed.
func (f *flight) seal() (written, reused, badTLS bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	written = f.earlier || f.blind
	if f.wire != nil {
		written = f.wire.seal() > f.before || written
	}
	return written, f.reused, f.tlsError || f.inTLS
}

// cut closes the connection, so that nothing that comes late is read as the
// answer to another request.
func (f *flight) cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.wire != nil {
		_ = f.wire.Close()
	}
}
