package sandbox

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// guard refuses what a page in somebody's browser could send here: a request of
// a foreign origin, or one for a foreign name that was made to lead to this
// machine. The controls answer this machine only, unless they were opened.
func (s *Sandbox) guard(controls bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch peer, err := netip.ParseAddrPort(r.RemoteAddr); {
		case !ownName(r):
			http.Error(w, "this is not the host that the request names", http.StatusMisdirectedRequest)
		case foreignOrigin(r):
			http.Error(w, "requests of other origins are refused", http.StatusForbidden)
		case controls && !s.options.OpenControls && (err != nil || !peer.Addr().Unmap().IsLoopback()):
			http.Error(w, "the controls answer this machine only", http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// ownName reports whether a request names its host by an address, which no name
// server can turn to another machine, or as localhost. What came over the
// loopback must name that.
func ownName(r *http.Request) bool {
	host := (&url.URL{Host: r.Host}).Hostname()
	named, err := netip.ParseAddr(host)
	if err != nil {
		return strings.EqualFold(strings.TrimSuffix(host, "."), "localhost")
	}
	local, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return named.Unmap().IsLoopback() || named.IsUnspecified() || local != nil && !local.IP.IsLoopback()
}

func foreignOrigin(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	if site != "" && site != "same-origin" && site != "none" {
		return true
	}
	for _, origin := range r.Header.Values("Origin") {
		if from, err := url.Parse(origin); err != nil || from.Host != r.Host {
			return true
		}
	}
	return false
}

// OnLoopback reports whether only this machine can reach the server.
func (v *Server) OnLoopback() bool { return onLoopback(v.addr) }

func onLoopback(addr string) bool {
	at, err := netip.ParseAddrPort(addr)
	return err == nil && at.Addr().Unmap().IsLoopback()
}
