package api

import (
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

func securePlatform(t *testing.T) (server *httptest.Server, ca []byte) {
	t.Helper()
	server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 {
			t.Errorf("the request came over HTTP/%d", r.ProtoMajor)
		}
		_, _ = io.WriteString(w, signedAnswer(ActionActivate, inner(testTrace, "A00")))
	}))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = quiet
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
}

func TestPrivateAuthorityIsTrustedAndOthersAreNot(t *testing.T) {
	t.Parallel()
	server, ca := securePlatform(t)
	c := testClient(t, server.URL, func(s *Settings) { s.CA = ca })
	want(t, activate(c), Answered, ReasonNone)
	want(t, activate(c), Answered, ReasonNone)
	want(t, activate(testClient(t, server.URL)), NotSent, ReasonTLS)
}

// proxy is a CONNECT proxy; with cutAfter > 0 it cuts a tunnel after so many
// bytes from the client.
func proxy(t *testing.T, status int, cutAfter int64) *url.URL {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || status != http.StatusOK {
			w.WriteHeader(status)
			return
		}
		far, err := net.Dial("tcp", r.Host)
		if err != nil {
			t.Error(err)
			return
		}
		near, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(near, "HTTP/1.1 200 OK\r\n\r\n")
		var both sync.WaitGroup
		closeBoth := func() { _ = near.Close(); _ = far.Close() }
		both.Go(func() {
			defer closeBoth()
			if cutAfter > 0 {
				_, _ = io.CopyN(far, near, cutAfter)
				return
			}
			_, _ = io.Copy(far, near)
		})
		both.Go(func() { defer closeBoth(); _, _ = io.Copy(near, far) })
		both.Wait()
	}))
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestOutcomeIsRightThroughAProxy(t *testing.T) {
	t.Parallel()
	server, ca := securePlatform(t)
	through := func(u *url.URL) func(*Settings) {
		return func(s *Settings) {
			s.CA = ca
			s.Transport = func(tr *http.Transport) { tr.Proxy = http.ProxyURL(u) }
		}
	}
	want(t, activate(testClient(t, server.URL, through(proxy(t, 200, 0)))), Answered, ReasonNone)
	want(t, activate(testClient(t, server.URL, through(proxy(t, 502, 0)))), NotSent, ReasonUnreachable)
	// The handshake takes more than 300 bytes from the client, less than 1800.
	want(t, activate(testClient(t, server.URL, through(proxy(t, 200, 300)))), NotSent, ReasonTLS)
	want(t, activate(testClient(t, server.URL, through(proxy(t, 200, 1800)))), Unanswered, ReasonLost)
}

func TestSettingsThatCannotBeRightAreRefused(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"http://posp.example.com/api", "ftp://127.0.0.1/", "127.0.0.1:80", "https://", "https://u:p@h/", "https://h/?x=1",
		"https://h/#f", "http://127.0.0.1.example.com/", "http://10.0.0.1/", "://",
	} {
		if _, err := New(Settings{POSPURL: address}); err == nil {
			t.Errorf("%s was accepted", address)
		} else if !strings.Contains(err.Error(), "POSP") {
			t.Errorf("the error does not say which: %v", err)
		}
	}
	for _, address := range []string{"", "https://h/api/", "http://127.0.0.1:8421/posp", "http://[::1]:1/", "http://localhost:1"} {
		if _, err := New(Settings{PaaSURL: address}); err != nil {
			t.Errorf("%s was refused: %v", address, err)
		}
	}
	if _, err := New(Settings{CA: []byte("no certificate")}); err == nil {
		t.Error("a private authority without a certificate was accepted")
	}
}
