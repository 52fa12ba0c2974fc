package api

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// ErrSettings is wrapped by every error of New.
var ErrSettings = errors.New("platform settings")

const (
	defaultAnswerTimeout = 10 * time.Second
	// idleTime is short because a connection that the far side or a router has
	// silently dropped costs an unknown outcome when it is written to.
	idleTime = 15 * time.Second
	// smallAnswer bounds every answer but a look-up's. It is far more than any
	// needs, so that a refusal with an endless text is still a refusal.
	smallAnswer = 16 << 20
	// lookupFields bounds a look-up's answer beside its body.
	lookupFields = 1 << 20
	// lookupAnswer bounds a look-up's answer on the wire, seven times the largest expected.
	lookupAnswer = 4 << 30
)

// Client calls the platform. It is safe for concurrent use and never sends a request twice by itself.
type Client struct {
	settings  Settings
	posp      string
	paas      string
	b2b       string
	transport *http.Transport
	// skew is the platform's clock less ours in nanoseconds, from the last
	// verified POSP answer: the middleware must follow the platform's clock.
	skew atomic.Int64
}

// New checks the settings and returns a client; it opens no connection. An
// address that is not https, or plain http to a loopback host, is an error,
// as is a private authority without a certificate.
func New(s Settings) (*Client, error) {
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.AnswerTimeout <= 0 {
		s.AnswerTimeout = defaultAnswerTimeout
	}
	c := &Client{settings: s}
	for _, a := range []struct {
		to   *string
		name string
		from string
	}{
		{&c.posp, "POSP address", s.POSPURL}, {&c.paas, "PaaS address", s.PaaSURL}, {&c.b2b, "B2B address", s.B2BURL},
	} {
		base, err := baseAddress(a.from)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrSettings, a.name, err)
		}
		*a.to = base
	}
	roots, err := authorities(s.CA)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSettings, err)
	}
	c.transport = newTransport(s, roots)
	return c, nil
}

// Terminal is the number by which the platform knows this till.
func (c *Client) Terminal() string { return c.settings.Device.DeviceNo }

// Close drops idle connections.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// baseAddress checks one of the platform's addresses; "" stays "".
func baseAddress(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil {
		return "", errors.New("not an address")
	}
	host := u.Hostname()
	switch {
	case host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return "", errors.New("want https://host/path without user, query or fragment")
	case u.Scheme == "https":
	case u.Scheme == "http" && isLoopback(host):
	default:
		return "", errors.New("want https (plain http for loopback only)")
	}
	return strings.TrimRight(text, "/"), nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

func authorities(pem []byte) (*x509.CertPool, error) {
	if len(pem) == 0 {
		return nil, nil //nolint:nilnil // nil is crypto/tls's word for the system's pool
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("the private authority holds no certificate")
	}
	return pool, nil
}

// newTransport is HTTP/1.1 only: on HTTP/2 many requests share a connection,
// and what was written of one of them could not be told.
func newTransport(s Settings, roots *x509.CertPool) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	dialer := &net.Dialer{Timeout: s.AnswerTimeout, KeepAlive: idleTime}
	t := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    s.AnswerTimeout,
		Protocols:              protocols,
		DisableCompression:     true,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        idleTime,
		MaxResponseHeaderBytes: 64 << 10,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, said *http.Response) error {
			if said.StatusCode == http.StatusProxyAuthRequired || said.StatusCode == http.StatusForbidden {
				return fmt.Errorf("%w: status %d", errProxy, said.StatusCode)
			}
			return nil
		},
	}
	if s.Transport != nil {
		s.Transport(t)
	}
	dial := t.DialContext
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &wire{Conn: conn}, nil
	}
	return t
}
