package sandbox

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestRequestsOfOtherOriginsAndForOtherHostsAreRefused(t *testing.T) {
	t.Parallel()
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	server, err := s.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	for _, c := range []struct {
		host, header, value string
		want                int
	}{
		{"", "", "", 200},
		{"localhost:8421", "", "", 200},
		{"[::1]:8421", "", "", 200},
		{"", "Origin", server.URL(), 200},
		{"evil.example", "", "", 421},
		{"localhost.evil.example:8421", "", "", 421},
		{"203.0.113.9", "", "", 421},
		{"evil.example", "Origin", "http://evil.example", 421},
		{"", "Origin", "http://evil.example", 403},
		{"", "Origin", "http://localhost:1", 403},
		{"", "Origin", "null", 403},
		{"", "Sec-Fetch-Site", "cross-site", 403},
	} {
		for _, path := range []string{"/sandbox/faults", POSPPath + "/queryVerifyInfo"} {
			method, want := http.MethodGet, c.want
			if path != "/sandbox/faults" {
				method = http.MethodPost
			}
			r, err := http.NewRequest(method, server.URL()+path, strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			if r.Host = c.host; c.header != "" {
				r.Header.Set(c.header, c.value)
			}
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			if err := answer.Body.Close(); err != nil || answer.StatusCode != want {
				t.Errorf("%s %v: %s, want %d", path, c, answer.Status, want)
			}
		}
	}
}

func TestControlsAnswerThisMachineOnlyUnlessTheyWereOpened(t *testing.T) {
	t.Parallel()
	for _, open := range []bool{false, true} {
		s, err := New(Options{OpenControls: open})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		server, err := s.Listen("0.0.0.0:0")
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		if server.OnLoopback() {
			t.Error("0.0.0.0 counts as loopback")
		}
		at, err := net.ResolveTCPAddr("tcp", strings.TrimPrefix(server.ControlURL(), "http://"))
		if err != nil || at.IP.IsLoopback() == open {
			t.Errorf("opened %v, and the controls' own port is at %v (%v)", open, at, err)
		}
		for peer, want := range map[string]bool{"127.0.0.1:5000": true, "[::1]:5000": true, "192.0.2.7:5000": open} {
			for _, handler := range []http.Handler{s.Handler(), s.ControlHandler()} {
				r := httptest.NewRequest(http.MethodGet, "/sandbox/faults", nil)
				r.Host, r.RemoteAddr = "127.0.0.1:8421", peer
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				if (w.Code == http.StatusOK) != want {
					t.Errorf("opened %v, from %s: %d", open, peer, w.Code)
				}
			}
		}
	}
}
