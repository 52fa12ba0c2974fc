package sandbox

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"counterfoil/api"
)

// The paths in front of an action's name.
const (
	POSPPath = "/ebuyweb-posp/api"
	PaaSPath = "/paas/micro/ecoupon"
	B2BPath  = "/starbucksjs/b2b/code"
)

// maxRequest bounds what is read of a request; the longest list of ids fits many times.
const maxRequest = 1 << 20

// dripPause is the time between two bytes of slow_drip.
const dripPause = 100 * time.Millisecond

const signInPage = `<!DOCTYPE html><html><head><title>WLAN</title></head><body><h1>欢迎使用商场免费WiFi</h1><form>手机号 <input name="phone"></form></body></html>` + "\n"

// Handler serves the platform and the control surface. It cannot shut a port:
// refuse_connection needs Listen; here it cuts connections unread.
func (s *Sandbox) Handler() http.Handler {
	mux := http.NewServeMux()
	for action := range letters {
		mux.Handle("POST "+POSPPath+"/"+action, s.platform(action, s.posp))
	}
	mux.Handle("POST "+PaaSPath+"/"+api.ActionRecords, s.platform(api.ActionRecords, s.paas))
	mux.Handle("POST "+B2BPath+"/"+api.ActionRange, s.platform(api.ActionRange, s.b2b))
	mux.Handle("/sandbox/", s.ControlHandler())
	return s.guard(false, mux)
}

// platform runs one call through the faults.
func (s *Sandbox) platform(action string, answer func(string, []byte, firing) reply) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.faults.isShut() {
			cut(w)
			return
		}
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
		if err != nil {
			http.Error(w, "the request could not be read", http.StatusBadRequest)
			return
		}
		f, shut := s.faults.pick(action, raw)
		if shut != nil {
			if err := s.shutPort(shut); err != nil {
				s.options.Log.Error("the port could not be shut", "error", err)
			}
		}
		switch f.do {
		case doDropRequest:
			cut(w)
		case doStatus:
			s.send(w, textReply(f.status, "text/plain; charset=utf-8", http.StatusText(f.status)+"\n"))
		case doHTML:
			s.send(w, textReply(http.StatusOK, "text/html; charset=utf-8", signInPage))
		case doLate:
			now := s.lateNow()
			s.background(&s.late, func() {
				timer := time.NewTimer(f.pause)
				defer timer.Stop()
				select {
				case <-s.stop.Done():
					return
				case <-now:
				case <-timer.C:
				}
				answer(action, raw, f)
			})
			cut(w)
		case doDropAnswer:
			answer(action, raw, f)
			cut(w)
		case doGarbage:
			answer(action, raw, f)
			s.send(w, textReply(http.StatusOK, kindJSON, s.garbage(raw)))
		case doDelay:
			reply := answer(action, raw, f)
			if !s.pause(r.Context(), f.pause) {
				cut(w)
				return
			}
			s.send(w, reply)
		case doSlowDrip:
			reply := answer(action, raw, f)
			whole, flush := reply.write, http.NewResponseController(w)
			reply.write = func(w io.Writer) error {
				return whole(dripper{w, flush, func() bool { return s.pause(r.Context(), dripPause) }})
			}
			s.send(w, reply)
		case doDrip:
			answer(action, raw, f)
			flush := http.NewResponseController(w)
			s.send(w, reply{http.StatusOK, kindJSON, func(w io.Writer) error {
				for s.pause(r.Context(), f.pause) {
					if _, err := w.Write([]byte{' '}); err != nil {
						return err
					}
					if err := flush.Flush(); err != nil {
						return err
					}
				}
				return io.ErrClosedPipe
			}})
		case doGzip:
			reply := answer(action, raw, f)
			plain := reply.write
			reply.write = func(w io.Writer) error {
				z := gzip.NewWriter(w)
				return errors.Join(plain(z), z.Close())
			}
			w.Header().Set("Content-Encoding", "gzip")
			s.send(w, reply)
		default:
			s.send(w, answer(action, raw, f))
		}
	})
}

func (s *Sandbox) send(w http.ResponseWriter, r reply) {
	s.lastAnswer(w)
	w.Header().Set("Content-Type", r.kind)
	w.WriteHeader(r.status)
	if err := r.write(w); err != nil {
		panic(http.ErrAbortHandler) // the answer is not whole: its end must not look like one
	}
}

// lastAnswer tells the client not to keep its connection when the port is shut meanwhile.
func (s *Sandbox) lastAnswer(w http.ResponseWriter) {
	if s.faults.isShut() {
		w.Header().Set("Connection", "close")
	}
}

// dripper writes byte by byte.
type dripper struct {
	to    io.Writer
	flush *http.ResponseController
	wait  func() bool
}

func (d dripper) Write(p []byte) (int, error) {
	for i := range p {
		if !d.wait() {
			return i, io.ErrClosedPipe
		}
		if _, err := d.to.Write(p[i : i+1]); err != nil {
			return i, err
		}
		if err := d.flush.Flush(); err != nil {
			return i, err
		}
	}
	return len(p), nil
}

// cut ends the connection with a reset, as a broken line would.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// garbage is 64 bytes that are no JSON, the same for the same seed and request.
func (s *Sandbox) garbage(raw []byte) string {
	b := make([]byte, 64)
	for i := range b {
		b[i] = byte(scramble(s.faults.seed, string(raw), i))
	}
	b[0] = 0xff
	return string(b)
}

// pause waits for d, or returns false when ctx or the sandbox ends first.
func (s *Sandbox) pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-s.stop.Done():
	}
	return false
}

// background runs do, unless the sandbox is closed; Close waits for the group.
func (s *Sandbox) background(group *sync.WaitGroup, do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stop.Err() == nil {
		group.Go(do)
	}
}

// ControlHandler serves /sandbox/effects, /sandbox/faults and /sandbox/boxes alone.
func (s *Sandbox) ControlHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /sandbox/effects", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/jsonl")
		lines := json.NewEncoder(w)
		for _, e := range s.Effects() {
			e.At = e.At.In(s.options.Zone).Truncate(time.Millisecond)
			if lines.Encode(e) != nil {
				return
			}
		}
	})
	mux.HandleFunc("GET /sandbox/faults", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, s.Faults())
	})
	mux.HandleFunc("PUT /sandbox/faults", func(w http.ResponseWriter, r *http.Request) {
		list, err := ParseFaults(http.MaxBytesReader(w, r.Body, maxRequest))
		if err == nil {
			err = s.SetFaults(list)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.lastAnswer(w)
		writeJSON(w, s.Faults())
	})
	mux.HandleFunc("POST /sandbox/boxes", s.addBoxes)
	return s.guard(true, mux)
}

// addBoxes answers with the boxes added: ids and counts, of all together.
func (s *Sandbox) addBoxes(w http.ResponseWriter, r *http.Request) {
	added, err := s.post(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	writeJSON(w, added)
}

func writeJSON(w http.ResponseWriter, v any) {
	text, err := marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", kindJSON)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)+1))
	_, _ = io.WriteString(w, text+"\n")
}
