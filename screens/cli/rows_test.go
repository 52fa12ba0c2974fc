package cli_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"counterfoil/api"
)

func TestASaleDoesNotWaitForALookUpThatBringsRowsOnAndOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.staff()
	var looks, whole atomic.Int64
	platform := httptest.NewServer(http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if !strings.HasSuffix(r.URL.Path, api.ActionLookup) {
			to.WriteHeader(http.StatusNotFound)
			return
		}
		looks.Add(1)
		if rows(to, r, 300) {
			whole.Add(1)
		}
	}))
	settings, err := os.ReadFile(w.config)
	w.must(err)
	w.file("counterfoil.toml", strings.NewReplacer(w.server.POSPURL(), platform.URL, `"3s"`, `"300ms"`).Replace(string(settings)))
	op := w.run("activate", reel, "--amount", "30", "--json").want(t, 4).one(t)
	platform.Close()
	if op["state"] != "queued" || looks.Load() == 0 || whole.Load() != 0 {
		t.Errorf("%v after %d look-ups, %d of them to their end", op, looks.Load(), whole.Load())
	}
}

// rows answers a look-up with codes, some at each tick, until the caller hangs
// up; true where it waits for the last of them.
func rows(to http.ResponseWriter, r *http.Request, ticks int) bool {
	text := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	_, _ = io.WriteString(to, `{"action":"`+api.ActionLookup+`","body":"`+text(`{"codeDetail":[`))
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range ticks {
		_, _ = io.WriteString(to, text(strings.Repeat(`{"code":"1001901070010000001"},`, 99)))
		_ = http.NewResponseController(to).Flush()
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return false
		}
	}
	return true
}
