package sandbox

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// reopenPatience is how long a shut port is tried for again before it is given up.
const reopenPatience = 5 * time.Second

// Server is a sandbox on a port of its own, which it can shut.
type Server struct {
	sandbox *Sandbox
	addr    string // with the port that was given
	http    *http.Server
	control *http.Server
	extra   net.Listener // the control surface's own port
	work    sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener // nil while shut
	closed   bool

	linksMu sync.Mutex
	links   map[net.Conn]*link
}

// link is what is known of one open connection.
type link struct {
	state http.ConnState
	busy  bool // a request of it is being worked on
	ended bool // our side is closed
}

// Listen serves the sandbox at addr, "127.0.0.1:0" for a free port. A second
// port carries the control surface alone and is never shut; it is on the
// loopback unless Options.OpenControls.
func (s *Sandbox) Listen(addr string) (*Server, error) {
	listener, err := listen(addr)
	if err != nil {
		return nil, err
	}
	host, _, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	if !s.options.OpenControls && !onLoopback(listener.Addr().String()) {
		host = "127.0.0.1"
	}
	extra, err := listen(net.JoinHostPort(host, "0"))
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	v := &Server{
		sandbox: s, addr: listener.Addr().String(), extra: extra, links: map[net.Conn]*link{},
		control: &http.Server{Handler: s.ControlHandler(), ReadHeaderTimeout: 10 * time.Second},
	}
	v.http = &http.Server{
		Handler: v.busy(s.Handler()), ReadHeaderTimeout: 10 * time.Second, ConnState: v.watch,
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, conn)
		},
	}
	v.serve(listener)
	v.work.Go(func() { _ = v.control.Serve(extra) }) // only ever ends by Close
	s.ports.add(v)
	return v, v.adjust()
}

// ports are those on which the sandbox listens.
type ports struct {
	timers sync.WaitGroup // of those to be opened again

	mu      sync.Mutex
	servers []*Server
}

func (p *ports) add(v *Server) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.servers = append(p.servers, v)
}

func (p *ports) remove(v *Server) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.servers = slices.DeleteFunc(p.servers, func(o *Server) bool { return o == v })
}

func listen(addr string) (net.Listener, error) {
	var c net.ListenConfig
	return c.Listen(context.Background(), "tcp", addr)
}

// URL is the address without a path, as in http://127.0.0.1:8421.
func (v *Server) URL() string { return "http://" + v.addr }

// ControlURL is the address of the control surface that stays open while the port is shut.
func (v *Server) ControlURL() string { return "http://" + v.extra.Addr().String() }

// POSPURL is the address a client's POSP calls go to, an action's name behind it.
func (v *Server) POSPURL() string { return v.URL() + POSPPath }

// PaaSURL is the address of the PaaS calls.
func (v *Server) PaaSURL() string { return v.URL() + PaaSPath }

// B2BURL is the address of the range action.
func (v *Server) B2BURL() string { return v.URL() + B2BPath }

// Close cuts every connection and waits until the port is free. It does not
// close the sandbox, and may be called twice.
func (v *Server) Close() error {
	v.sandbox.ports.remove(v)
	v.mu.Lock()
	v.closed = true
	v.mu.Unlock()
	err := errors.Join(v.http.Close(), v.control.Close())
	v.work.Wait()
	return err
}

// serve takes connections until the listener is closed.
func (v *Server) serve(listener net.Listener) {
	v.listener = listener
	v.work.Go(func() { _ = v.http.Serve(listener) }) // ends when the port is shut or the server closed
}

// adjust brings the port to what the rules say and returns when it is so:
// whoever connects after a rule was taken meets it.
func (v *Server) adjust() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	shut := v.sandbox.faults.isShut()
	switch {
	case v.closed || shut == (v.listener == nil):
		return nil
	case shut:
		err := v.listener.Close()
		v.listener = nil
		v.dropIdle()
		return err
	}
	// Another process's outgoing connection may hold the port for a moment.
	for deadline := time.Now().Add(reopenPatience); ; {
		listener, err := listen(v.addr)
		if err == nil {
			v.serve(listener)
			return nil
		}
		if time.Now().After(deadline) || !v.sandbox.pause(v.sandbox.stop, 20*time.Millisecond) {
			return err
		}
	}
}

// adjust brings every port to what the rules say.
func (p *ports) adjust() error {
	p.mu.Lock()
	servers := slices.Clone(p.servers)
	p.mu.Unlock()
	var err error
	for _, v := range servers {
		err = errors.Join(err, v.adjust())
	}
	return err
}
