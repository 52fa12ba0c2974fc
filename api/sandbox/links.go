package sandbox

import (
	"context"
	"net"
	"net/http"
	"time"
)

// idlePatience is how long a client may take to let go of a kept connection.
const idlePatience = 500 * time.Millisecond

type connKey struct{}

// watch is the HTTP server's ConnState hook.
func (v *Server) watch(conn net.Conn, state http.ConnState) {
	shut := v.sandbox.faults.isShut()
	v.linksMu.Lock()
	defer v.linksMu.Unlock()
	switch state {
	case http.StateNew:
		v.links[conn] = &link{state: state}
	case http.StateClosed, http.StateHijacked:
		delete(v.links, conn)
	default:
		l := v.links[conn]
		l.state = state
		if state == http.StateIdle && shut {
			l.end(conn)
		}
	}
}

// busy marks the connection of a request while it is worked on.
func (v *Server) busy(next http.Handler) http.Handler {
	mark := func(ctx context.Context, on bool) {
		conn, _ := ctx.Value(connKey{}).(net.Conn)
		v.linksMu.Lock()
		defer v.linksMu.Unlock()
		if l := v.links[conn]; l != nil {
			l.busy = on
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mark(r.Context(), true)
		defer mark(r.Context(), false)
		next.ServeHTTP(w, r)
	})
}

// end closes our side of a kept connection. The client sees its end and
// closes its own; a hard close would lose what it sends at this moment.
func (l *link) end(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok && !l.ended {
		l.ended = true
		_ = tcp.CloseWrite()
	}
}

// dropIdle ends kept connections, which would get round a shut port, and
// waits until the clients have let go of them. Connections with a request
// under way are not waited for; their answers say that they are the last.
func (v *Server) dropIdle() {
	for deadline := time.Now().Add(idlePatience); time.Now().Before(deadline); {
		if v.endIdle() == 0 || !v.sandbox.pause(v.sandbox.stop, 2*time.Millisecond) {
			return
		}
	}
}

// endIdle returns how many connections without a request are left.
func (v *Server) endIdle() (left int) {
	v.linksMu.Lock()
	defer v.linksMu.Unlock()
	for conn, l := range v.links {
		if l.state == http.StateIdle {
			l.end(conn)
		}
		if !l.busy && l.state != http.StateNew {
			left++
		}
	}
	return left
}
