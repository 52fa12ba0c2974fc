package api

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// quiet keeps servers from writing about cut connections.
var quiet = log.New(io.Discard, "", 0)

// listener serves raw connections; n counts them from 1.
func listener(t *testing.T, serve func(n int, conn net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for n := 1; ; n++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer func() { _ = conn.Close() }()
				serve(n, conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		all.Wait()
	})
	return "http://" + l.Addr().String()
}

// readRequest reads one whole request and returns the business body's text.
func readRequest(r *bufio.Reader) (string, error) {
	request, err := http.ReadRequest(r)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(request.Body)
	if err != nil {
		return "", err
	}
	if body := fieldsOf(text)["body"]; body != nil {
		plain, err := base64.StdEncoding.DecodeString(scalarText(body))
		return string(plain), err
	}
	return string(text), nil
}

func respond(conn net.Conn, text string) {
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(text), text)
}

func activate(c *Client) Answer {
	return c.Activate(context.Background(), ActivateRequest{TraceNo: testTrace, ID: "R156A001-0000491-0505", TotalAmount: "3000"})
}

func TestNothingWrittenIsNotSent(t *testing.T) {
	t.Parallel()
	closed := listener(t, func(int, net.Conn) {})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := "http://" + l.Addr().String()
	_ = l.Close()

	for name, c := range map[string]struct {
		base   string
		change func(*Settings)
		reason Reason
	}{
		"connection refused": {refused, func(*Settings) {}, ReasonUnreachable},
		"name not resolved": {"https://posp.invalid", func(s *Settings) {
			s.Transport = func(tr *http.Transport) {
				tr.DialContext = func(context.Context, string, string) (net.Conn, error) {
					return nil, &net.DNSError{Err: "no such host", Name: "posp.invalid", IsNotFound: true}
				}
			}
		}, ReasonDNS},
		"connected too late": {refused, func(s *Settings) {
			s.AnswerTimeout = 20 * time.Millisecond
			s.Transport = func(tr *http.Transport) {
				tr.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
					<-ctx.Done()
					return nil, ctx.Err()
				}
			}
		}, ReasonUnreachable},
		"cut in the TLS handshake": {strings.Replace(closed, "http:", "https:", 1), func(*Settings) {}, ReasonTLS},
		"no address":               {refused, func(s *Settings) { s.POSPURL = "" }, ReasonSetting},
		"no key":                   {refused, func(s *Settings) { s.MACKey = "" }, ReasonSetting},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, activate(testClient(t, c.base, c.change)), NotSent, c.reason)
		})
	}
}

func TestCancelledBeforeWritingIsNotSent(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	c := testClient(t, "http://127.0.0.1:1", func(s *Settings) {
		s.Transport = func(tr *http.Transport) {
			tr.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
				cancel()
				<-ctx.Done()
				return nil, ctx.Err()
			}
		}
	})
	want(t, c.Query(ctx, QueryRequest{TraceNo: testTrace}), NotSent, ReasonCancelled)
	want(t, c.Query(ctx, QueryRequest{TraceNo: testTrace}), NotSent, ReasonCancelled)
}

func TestWrittenWithoutAnAnswerIsUnanswered(t *testing.T) {
	t.Parallel()
	good := signedAnswer(ActionActivate, inner(testTrace, "A00"))
	read := func(conn net.Conn) { _, _ = readRequest(bufio.NewReader(conn)) }
	big := strings.Repeat(" ", smallAnswer+1)
	for name, c := range map[string]struct {
		serve  func(conn net.Conn)
		reason Reason
	}{
		"reset while writing": {func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 1))
			_ = conn.(*net.TCPConn).SetLinger(0)
		}, ReasonLost},
		"cut while reading":       {func(conn net.Conn) { _, _ = io.ReadFull(conn, make([]byte, 10)) }, ReasonLost},
		"cut after reading":       {read, ReasonLost},
		"cut in the status line":  {func(conn net.Conn) { read(conn); _, _ = io.WriteString(conn, "HTTP/1.1 2") }, ReasonNotJSON},
		"closed after the answer": {func(conn net.Conn) { read(conn); respond(conn, good+strings.Repeat(" ", 9)); _ = conn.Close() }, ReasonNone},
		"answer shorter than said": {func(conn net.Conn) {
			read(conn)
			_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(good)+9, good[:40])
		}, ReasonLost},
		"answer ends half way": {func(conn net.Conn) { read(conn); respond(conn, good[:len(good)/2]) }, ReasonNotJSON},
		"garbage for HTTP": {func(conn net.Conn) {
			read(conn)
			_, _ = io.WriteString(conn, "\x00\x01\x02 1001901070000000258-M4DEDSfV\r\n\r\n")
		}, ReasonNotJSON},
		"too large, length said": {func(conn net.Conn) { read(conn); respond(conn, big) }, ReasonTooLarge},
		"too large, length not said": {func(conn net.Conn) {
			read(conn)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"x\":\""+big+"\"}")
		}, ReasonTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := listener(t, func(_ int, conn net.Conn) { c.serve(conn) })
			a := activate(testClient(t, base))
			if c.reason == ReasonNone {
				want(t, a, Answered, ReasonNone)
				return
			}
			want(t, a, Unanswered, c.reason)
			if strings.Contains(a.Err.Error(), "1001901070000000258") {
				t.Fatalf("the error quotes a code: %v", a.Err)
			}
		})
	}
}

func TestStatusOtherThan200IsNeverAnAnswer(t *testing.T) {
	t.Parallel()
	for _, status := range []int{204, 301, 307, 308, 401, 404, 500, 503} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			var seen atomic.Int64
			base := platform(t, func(w http.ResponseWriter, _ *http.Request) {
				seen.Add(1)
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(status)
			})
			want(t, activate(testClient(t, base)), Unanswered, ReasonHTTP)
			if seen.Load() != 1 {
				t.Fatalf("%d requests, want 1: redirects are not followed", seen.Load())
			}
		})
	}
}

func TestCancelWhileWaitingIsUnanswered(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	base := listener(t, func(_ int, conn net.Conn) {
		_, _ = readRequest(bufio.NewReader(conn))
		cancel()
		_, _ = io.Copy(io.Discard, conn)
	})
	want(t, testClient(t, base).Void(ctx, VoidRequest{TraceNo: testTrace}), Unanswered, ReasonCancelled)
}

func TestServerThatClosesKeptConnectionsNeverGetsARequestTwice(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	seen := map[string]int{}
	base := listener(t, func(_ int, conn net.Conn) {
		text, err := readRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		trace := scalarText(fieldsOf([]byte(text))["traceNo"])
		mu.Lock()
		seen[trace]++
		mu.Unlock()
		respond(conn, signedAnswer(ActionActivate, inner(trace, "A00")))
	})
	c := testClient(t, base)
	for i := range 200 {
		trace := fmt.Sprintf("20261122000001%09d", i)
		a := c.Activate(context.Background(), ActivateRequest{TraceNo: trace, ID: "R1-1-1"})
		mu.Lock()
		times := seen[trace]
		mu.Unlock()
		if times > 1 || a.Outcome == NotSent || a.Outcome == Answered && times != 1 {
			t.Fatalf("call %d: %s, but seen %d times (%v)", i, a.Outcome, times, a.Err)
		}
	}
}

// What is reported as not sent must never arrive, however the moment of giving
// up falls between connecting, writing and reading.
func TestNotSentIsNeverSeenByTheServer(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	seen := map[string]bool{}
	base := platform(t, func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		if body := fieldsOf(text)["body"]; body != nil {
			plain, _ := base64.StdEncoding.DecodeString(scalarText(body))
			mu.Lock()
			seen[scalarText(fieldsOf(plain)["traceNo"])] = true
			mu.Unlock()
		}
		_, _ = io.WriteString(w, "{}")
	})
	c := testClient(t, base)
	outcomes := map[Outcome]int{}
	var notSent []string
	for i := range 600 {
		ctx, cancel := context.WithCancel(context.Background())
		timer := time.AfterFunc(time.Duration(rand.IntN(600))*time.Microsecond, cancel)
		trace := fmt.Sprintf("20261122000001%09d", i)
		a := c.Void(ctx, VoidRequest{TraceNo: trace, ID: "R1-1-1"})
		timer.Stop()
		cancel()
		outcomes[a.Outcome]++
		if a.Outcome == NotSent {
			notSent = append(notSent, trace)
		}
	}
	c.Close()
	mu.Lock()
	defer mu.Unlock()
	for _, trace := range notSent {
		if seen[trace] {
			t.Fatalf("%s was reported as not sent, but the server has it (%v)", trace, outcomes)
		}
	}
	if outcomes[NotSent] == 0 || outcomes[Unanswered] == 0 {
		t.Fatalf("the moments tried cover too little: %v", outcomes)
	}
}
