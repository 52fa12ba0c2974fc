package api

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// refusing runs during while it judges an answer, and refuses it.
type refusing struct{ during func() }

func (refusing) Sign(map[string]string) (string, error) { return "signed", nil }

func (refusing) Checks() bool { return true }

func (r refusing) Verify(map[string]string, string) error {
	r.during()
	return errors.New("wrong")
}

// An answer that was read to its end has given its connection back: where it
// is refused after that, another call may be using it.
func TestRefusedAnswerLeavesAnotherCallsConnectionAlone(t *testing.T) {
	t.Parallel()
	arrived, judged := make(chan struct{}), make(chan struct{})
	base := platform(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if strings.HasSuffix(r.URL.Path, ActionRange) {
			_, _ = io.WriteString(w, `{"statusCode":100,"sign":"x"}`)
			return
		}
		close(arrived)
		<-judged
		_, _ = io.WriteString(w, signedAnswer(ActionActivate, inner(testTrace, "A00")))
	})
	other := make(chan Answer, 1)
	var c *Client
	c = testClient(t, base, func(s *Settings) {
		s.B2BSigner = refusing{func() {
			go func() {
				other <- c.Activate(context.Background(), ActivateRequest{TraceNo: testTrace, ID: "R1-1-1"})
			}()
			<-arrived
		}}
	})
	want(t, c.ActivateRange(context.Background(), RangeRequest{OrderID: "o1"}), Unanswered, ReasonSignature)
	close(judged)
	want(t, <-other, Answered, ReasonNone)
}

// Nothing that comes late on the connection of a refused answer is to be read
// as the answer to another call.
func TestConnectionOfARefusedAnswerIsNotUsedAgain(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	from := map[string]bool{}
	base := platform(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		mu.Lock()
		from[r.RemoteAddr] = true
		mu.Unlock()
		_, _ = io.WriteString(w, signedAnswer(ActionVoid, inner(testTrace, "A00")))
	})
	c := testClient(t, base)
	for range 3 {
		want(t, c.Activate(context.Background(), ActivateRequest{TraceNo: testTrace, ID: "R1-1-1"}), Unanswered, ReasonOther)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(from) != 3 {
		t.Fatalf("three refused answers came over %d connections", len(from))
	}
}

func TestKeptConnectionThatCannotBeWrittenIsReplaced(t *testing.T) {
	t.Parallel()
	good := signedAnswer(ActionActivate, inner(testTrace, "A00"))
	var seen atomic.Int64
	base := platform(t, func(w http.ResponseWriter, _ *http.Request) {
		seen.Add(1)
		_, _ = io.WriteString(w, good)
	})
	var dialled []*brittle
	c := testClient(t, base, func(s *Settings) {
		s.Transport = func(tr *http.Transport) {
			dial := tr.DialContext
			tr.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := dial(ctx, network, address)
				b := &brittle{Conn: conn}
				dialled = append(dialled, b)
				return b, err
			}
		}
	})
	want(t, activate(c), Answered, ReasonNone)
	dialled[0].broken.Store(true)
	want(t, activate(c), Answered, ReasonNone)
	if len(dialled) != 2 || seen.Load() != 2 {
		t.Fatalf("%d connections carried %d requests, want 2 and 2", len(dialled), seen.Load())
	}
}

// brittle is a connection whose peer is found gone at the next write.
type brittle struct {
	net.Conn
	broken atomic.Bool
}

func (b *brittle) Write(p []byte) (int, error) {
	if b.broken.Load() {
		return 0, syscall.EPIPE
	}
	return b.Conn.Write(p)
}

// Asking whether the gateway of ranges is there writes nothing, and finds out what
// a kept connection does not know.
func TestReachingTheGatewaySendsNothing(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	base := platform(t, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"statusCode":100}`)
	})
	c := testClient(t, base)
	for range 3 {
		if err := c.ReachB2B(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	want(t, c.ActivateRange(context.Background(), RangeRequest{OrderID: "o1"}), Answered, ReasonNone)
	if n := requests.Load(); n != 1 {
		t.Errorf("%d requests, one of them asked for", n)
	}
	nowhere, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = nowhere.Close()
	c = testClient(t, "http://"+nowhere.Addr().String())
	if c.ReachB2B(context.Background()) == nil {
		t.Error("a gateway that is not there is reached")
	}
}
