package api

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"
)

// exchange is one request and the answer that is being read. Reading from it
// reads the answer's body.
type exchange struct {
	caller context.Context //nolint:containedctx // one call's, to tell its end from ours
	cancel context.CancelFunc
	flight flight
	timer  *time.Timer
	allowance
	late atomic.Bool
	incoming
	// transport has the connection back once the answer was read to its end.
	transport *http.Transport
	// begun and heard bracket the platform's stamping of its answer.
	begun, heard time.Time
}

const (
	// leastRate is how many bytes a second, in rows, a streamed answer must bring.
	leastRate = 16 << 10
	// rowMost is how many bytes a row counts for at most; a code has some 600.
	rowMost = 1 << 10
)

// allowance is the time that a streamed answer may still keep a call waiting:
// at first what is left of the answer's time, then more with every row for its
// bytes, but never more than that time at once. So no answer takes longer than
// its time and its rows at leastRate, none stands still for longer than its
// time, and white space or members that nobody reads bring it nothing.
type allowance struct {
	most time.Duration // 0 where the answer is not streamed: the timer runs through
	left time.Duration
	came int // bytes that no row was made of yet, as far as they can be read ahead
}

func (a *allowance) spend(took time.Duration, got int) {
	a.left -= took
	a.came = min(a.came+got, leastRate)
}

// earn is called for each row.
func (a *allowance) earn() {
	row := min(a.came, rowMost)
	a.came -= row
	a.left = min(a.most, a.left+time.Duration(row)*(time.Second/leastRate))
}

// incoming is an answer while it is read.
type incoming struct {
	body    io.ReadCloser
	readErr error
	size    int64 // what may still be read of it
	read    bool  // it has begun
	packed  bool  // it begins as gzip does
	tooBig  bool
	whole   bool // it was read to its end
	refused bool // and is none
}

// send posts payload once. It returns either an exchange whose status is 200,
// to be ended by the caller, or the answer that says why there is none. A kept
// connection that proves closed before a byte was written is replaced: nothing
// was sent, so nothing is sent twice.
func (c *Client) send(ctx context.Context, address string, payload []byte, limit int64, streamed bool) (*exchange, Answer) {
	for again := true; ; again = false {
		x, answer, stale := c.try(ctx, address, payload, limit, streamed)
		if !stale || !again {
			return x, answer
		}
		c.transport.CloseIdleConnections()
	}
}

// headers are those of every request; net/http only reads them.
var headers = http.Header{
	"Content-Type":    {"application/json; charset=utf-8"},
	"Accept":          {"application/json"},
	"Accept-Encoding": {"identity"},
	"User-Agent":      {"counterfoil"},
}

func (c *Client) try(ctx context.Context, address string, payload []byte, limit int64, streamed bool) (*exchange, Answer, bool) {
	within, cancel := context.WithCancel(ctx)
	x := &exchange{caller: ctx, cancel: cancel, incoming: incoming{size: limit}, transport: c.transport, begun: c.settings.Now()}
	began, wait := time.Now(), c.settings.AnswerTimeout
	x.timer = time.AfterFunc(wait, func() {
		x.late.Store(true)
		cancel()
	})
	hooks := x.flight.trace()
	// No GetBody and no idempotency header: net/http then has no means of
	// sending the request again.
	request, err := http.NewRequestWithContext(httptrace.WithClientTrace(within, hooks), http.MethodPost, address, io.NopCloser(bytes.NewReader(payload)))
	if err != nil {
		x.end()
		return nil, Answer{Outcome: NotSent, Reason: ReasonSetting, Err: errors.New("address cannot be used")}, false
	}
	request.ContentLength = int64(len(payload))
	request.Header = headers

	// The transport itself, not http.Client: no redirect is followed.
	response, err := c.transport.RoundTrip(request) //nolint:bodyclose // exchange.end closes it
	if err != nil {
		answer, stale := x.failed(err)
		x.end()
		return nil, answer, stale
	}
	x.heard = c.settings.Now()
	x.body = response.Body
	if streamed {
		x.allowance = allowance{most: wait, left: wait - time.Since(began)}
	}
	switch coding := response.Header.Get("Content-Encoding"); {
	case response.StatusCode == http.StatusProxyAuthRequired:
		x.end()
		return nil, unanswered(ReasonProxy, errProxy), false
	case response.StatusCode != http.StatusOK:
		x.end()
		return nil, unanswered(ReasonHTTP, fmt.Errorf("status %d", response.StatusCode)), false
	case coding != "" && !strings.EqualFold(coding, "identity"):
		x.end()
		return nil, unanswered(ReasonCoding, errCoding), false
	case response.ContentLength > limit:
		x.end()
		return nil, unanswered(ReasonTooLarge, fmt.Errorf("answer of %d bytes, limit %d", response.ContentLength, limit)), false
	}
	return x, Answer{}, false
}

// Read reads the answer. For a look-up the timer runs while a read waits.
func (x *exchange) Read(p []byte) (int, error) {
	if x.size <= 0 {
		// One byte more decides between an answer of just this size and a larger one.
		p = p[:min(1, len(p))]
	}
	var n int
	var err error
	if x.most == 0 {
		n, err = x.body.Read(p)
	} else {
		// What the receiver of the rows takes for its work is not the network's.
		x.timer.Reset(max(x.left, 0))
		began := time.Now()
		n, err = x.body.Read(p)
		x.timer.Stop()
		x.spend(time.Since(began), n)
	}
	x.packed = x.packed || !x.read && bytes.HasPrefix(p[:n], []byte{0x1f, 0x8b})
	x.read = x.read || n > 0
	x.whole = x.whole || errors.Is(err, io.EOF)
	x.size -= int64(n)
	if x.size < 0 {
		x.tooBig = true
		return 0, errTooLarge
	}
	if err != nil && !x.whole {
		x.readErr = err
	}
	return n, err
}

// end lets the connection go: to be kept after an answer that was read to its
// end, else to be closed.
func (x *exchange) end() {
	x.timer.Stop()
	if x.body != nil {
		switch {
		case !x.whole:
			x.flight.cut()
		case x.refused:
			// The connection may be another call's by now: only an idle one is closed.
			x.transport.CloseIdleConnections()
		}
		_ = x.body.Close()
	}
	x.cancel()
}

// reject ends a call that got something which is no answer.
func (x *exchange) reject(reason Reason, err error) Answer {
	x.refused = true
	return unanswered(reason, err)
}

// unreadable says why the answer could not be read, given the reader's error.
func (x *exchange) unreadable(err error) Answer {
	x.refused = true
	switch {
	case x.tooBig || errors.Is(err, errTooLarge):
		return unanswered(ReasonTooLarge, errTooLarge)
	case x.readErr != nil:
		answer, _ := x.failed(x.readErr)
		return answer
	case x.packed:
		return unanswered(ReasonCoding, errCoding)
	}
	return unanswered(ReasonNotJSON, err)
}

// failed decides the outcome of a call that ended without an answer. stale
// reports a kept connection that was not written to and not given up by anyone.
func (x *exchange) failed(err error) (answer Answer, stale bool) {
	written, reused, badTLS := x.flight.seal()
	callerErr := x.caller.Err()
	answer = Answer{Outcome: NotSent, Reason: ReasonUnreachable, Err: spoken(err, written)}
	if written {
		answer.Outcome, answer.Reason = Unanswered, ReasonLost
	}
	switch {
	case errors.Is(callerErr, context.Canceled):
		answer.Reason = ReasonCancelled
	case callerErr != nil || x.late.Load():
		if written {
			answer.Reason = ReasonTimeout
		} else if badTLS {
			answer.Reason = ReasonTLS
		}
	case written:
		switch {
		case errors.Is(answer.Err, errMalformed):
			answer.Reason = ReasonNotJSON
		case errors.Is(answer.Err, errCoding):
			answer.Reason = ReasonCoding
		}
	case isProxy(err):
		answer.Reason = ReasonProxy
	case errors.As(err, new(*net.DNSError)):
		answer.Reason = ReasonDNS
	case badTLS || isTLS(err):
		answer.Reason = ReasonTLS
	default:
		stale = reused
	}
	return answer, stale
}

func isTLS(err error) bool {
	var (
		header  tls.RecordHeaderError
		alert   tls.AlertError
		verify  *tls.CertificateVerificationError
		unknown x509.UnknownAuthorityError
	)
	return errors.As(err, &header) || errors.As(err, &alert) || errors.As(err, &verify) || errors.As(err, &unknown)
}

// isProxy reports a proxy that is not there, or does not let the call through.
func isProxy(err error) bool {
	var op *net.OpError
	return errors.Is(err, errProxy) || errors.As(err, &op) && op.Op == "proxyconnect"
}

var (
	errProxy     = errors.New("the proxy does not let the call through")
	errCoding    = errors.New("the answer is packed in a way that was not asked for")
	errMalformed = errors.New("not an HTTP answer")
	errLost      = errors.New("connection lost")
)

// spoken returns err where its text holds only addresses and certificates.
// net/http quotes what a server sent in others, and that may hold codes, so
// after writing those get words of ours.
func spoken(err error, written bool) error {
	var op *net.OpError
	var dns *net.DNSError
	switch {
	case !written:
		return err
	case errors.As(err, &op), errors.As(err, &dns), isTLS(err),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return err
	case strings.Contains(err.Error(), "unsupported transfer encoding"):
		return errCoding
	case strings.Contains(err.Error(), "malformed"):
		return errMalformed
	}
	return errLost
}

func unanswered(reason Reason, err error) Answer {
	return Answer{Outcome: Unanswered, Reason: reason, Err: err}
}

func notConfigured(what string) Answer {
	return Answer{Outcome: NotSent, Reason: ReasonSetting, Err: errors.New("no " + what)}
}
