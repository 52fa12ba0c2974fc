package api

import (
	"bufio"
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"counterfoil/api/apitest"
)

// piped has a client's connections end at serve, inside the program, so that they
// share the time of a synctest bubble; n counts them from 1.
func piped(t *testing.T, serve func(n int, conn net.Conn)) func(*Settings) {
	var all sync.WaitGroup
	n := 0
	return func(s *Settings) {
		s.Transport = func(tr *http.Transport) {
			t.Cleanup(func() {
				tr.CloseIdleConnections()
				all.Wait()
			})
			tr.DialContext = func(context.Context, string, string) (net.Conn, error) {
				ours, theirs := net.Pipe()
				n++
				all.Go(func() {
					defer func() { _ = theirs.Close() }()
					serve(n, theirs)
				})
				return ours, nil
			}
		}
	}
}

func TestAnAnswerThatDoesNotComeInTimeIsUnanswered(t *testing.T) {
	t.Parallel()
	good := signedAnswer(ActionActivate, inner(testTrace, "A00"))
	for name, pause := range map[string]time.Duration{"nothing": time.Hour, "byte by byte": time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := testClient(t, "http://127.0.0.1", piped(t, func(_ int, conn net.Conn) {
					_, _ = readRequest(bufio.NewReader(conn))
					if pause < time.Hour {
						_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", len(good))
						drip(conn, good, 1, pause)
					}
					_, _ = io.Copy(io.Discard, conn)
				}))
				start := time.Now()
				want(t, activate(c), Unanswered, ReasonTimeout)
				if took, wait := time.Since(start), c.settings.AnswerTimeout; took != wait {
					t.Errorf("it held the call for %v, its time is %v", took, wait)
				}
			})
		})
	}
}

// drip writes text in pieces with a pause between them until it is done or the
// connection is gone.
func drip(conn net.Conn, text string, piece int, pause time.Duration) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for len(text) > 0 {
		<-tick.C
		n := min(piece, len(text))
		if _, err := io.WriteString(conn, text[:n]); err != nil {
			return
		}
		text = text[n:]
	}
}

func TestALookUpTakesNoLongerThanItsTimeAndWhatItsRowsDeserve(t *testing.T) {
	t.Parallel()
	// Only waiting counts: idle leaves some of it also where reading takes long.
	const id, wait, large, idle = "X1123-6430582-102F5", 500 * time.Millisecond, 40 * leastRate, 150 * time.Millisecond
	box := func(codes int, idsLast bool) string {
		var text strings.Builder
		apitest.WriteBox(&text, codes, idsLast)
		return text.String()
	}
	signed := func(inner string) string { return signedAnswer(ActionLookup, inner) }
	small, spaces := box(1, false), strings.Repeat(" ", large)
	good, last := signed(box(1000, false)), signed(box(1000, true))
	wrapped := signedFields(ActionLookup, "", "body", base64.StdEncoding.EncodeToString([]byte(small))+strings.Repeat("\n", large/2))
	for name, c := range map[string]struct {
		text        string
		first, rest int // bytes at once, then at each tick, or 0 for all of them in 30 ticks
		tick        time.Duration
		outcome     Outcome
		reason      Reason
	}{
		"slow but steady":                      {good, 0, 0, 40 * time.Millisecond, Answered, ReasonNone},
		"slow but steady, ids last":            {last, 0, 0, 40 * time.Millisecond, Answered, ReasonNone},
		"spaces before the envelope":           {spaces + signed(small), 0, 0, idle, Unanswered, ReasonTimeout},
		"spaces before the body":               {"{" + spaces + signed(small)[1:], 0, 0, idle, Unanswered, ReasonTimeout},
		"line ends in the Base64":              {marshal(wrapped), 0, 0, idle, Unanswered, ReasonTimeout},
		"spaces in the body":                   {signed("{" + spaces + small[1:]), 0, 0, idle, Unanswered, ReasonTimeout},
		"a member that nobody reads":           {signed(`{"x":"` + spaces + `",` + small[1:]), 0, 0, idle, Unanswered, ReasonTimeout},
		"rows that nobody reads":               {signed(`{"x":[` + strings.Repeat(`{"code":"1"},`, large/20) + `1],` + small[1:]), 0, 0, idle, Unanswered, ReasonTimeout},
		"spaces behind the rows":               {signed(small[:len(small)-1] + spaces + "}"), 0, 0, idle, Unanswered, ReasonTimeout},
		"stalled":                              {good[:len(good)/2], len(good) / 2, 1, time.Millisecond, Unanswered, ReasonTimeout},
		"its bytes, one by one":                {signed(small), 0, 1, 20 * time.Millisecond, Unanswered, ReasonTimeout},
		"much at once, then its bytes by ones": {good, len(good) - 1000, 1, 20 * time.Millisecond, Unanswered, ReasonTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := testClient(t, "http://127.0.0.1", piped(t, func(_ int, conn net.Conn) {
					_, _ = readRequest(bufio.NewReader(conn))
					_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", max(len(c.text), len(good)/2+1), c.text[:c.first])
					drip(conn, c.text[c.first:], cmp.Or(c.rest, len(c.text)/30), c.tick)
					_, _ = io.Copy(io.Discard, conn)
				}), func(s *Settings) { s.AnswerTimeout = wait })
				start := time.Now()
				a := client.Lookup(context.Background(), LookupRequest{TraceNo: testTrace, ID: id}, func(Node) error { return nil })
				took := time.Since(start)
				want(t, a, c.outcome, c.reason)
				if good := c.outcome == Answered; good && took < wait || !good && took > 2*wait {
					t.Errorf("it took %v, its time is %v", took, wait)
				}
			})
		})
	}
}

func TestConnectionThatTimedOutIsNotUsedAgain(t *testing.T) {
	t.Parallel()
	good := signedAnswer(ActionActivate, inner(testTrace, "A00"))
	synctest.Test(t, func(t *testing.T) {
		c := testClient(t, "http://127.0.0.1", piped(t, func(n int, conn net.Conn) {
			r := bufio.NewReader(conn)
			for {
				if _, err := readRequest(r); err != nil {
					return
				}
				if n > 1 {
					respond(conn, good)
				}
			}
		}))
		want(t, activate(c), Unanswered, ReasonTimeout)
		want(t, activate(c), Answered, ReasonNone)
	})
}
