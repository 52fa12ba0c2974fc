package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline/offlinetest"
	"counterfoil/ui/vterm"
)

// killing is a till whose calls of one action take a while and are counted, and a
// box of the platform.
type killing struct {
	*till
	*platform
	asked atomic.Int64
	box   string
}

func newKilling(t *testing.T, action string, codes int) *killing {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	k := &killing{}
	var err error
	k.platform, err = startPlatform(1)
	must(err)
	t.Cleanup(k.stop)
	to, err := url.Parse(k.platform.url)
	must(err)
	forward := httputil.NewSingleHostReverseProxy(to)
	between := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, action) {
			k.asked.Add(1)
		}
		// Whole: once an answer begins the body is closed, and forwarding breaks off where it still looks for more.
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the one who asked is gone
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(between.Close)
	k.till, err = newTill(t.Context(), vterm.Binary(t), "", offlinetest.Folder(t), between.URL, true)
	must(err)
	k.environ = patient
	k.staff(t)
	text, err := k.call(http.MethodPost, "/sandbox/boxes", map[string]any{"generate": map[string]int{"packages": 1, "reels": 1, "codes": codes}})
	must(err)
	var added struct{ Boxes []string }
	must(json.Unmarshal(text, &added))
	k.box = added.Boxes[0]
	must(k.setFaults([]sandbox.Fault{{Action: action, Do: "delay:20ms"}}))
	return k
}

// goesOn runs a command that is killed after some calls, and then to its end: at
// most some more than all are made in both lives.
func (k *killing) goesOn(t *testing.T, all, killedAt, twice int64, args ...string) {
	t.Helper()
	k.asked.Store(0)
	first, err := k.live(t.Context(), fate{until: func(context.Context) bool { return k.asked.Load() > killedAt }}, args...)
	if before := k.asked.Load(); err != nil || !first.struck || before >= all {
		t.Fatalf("%+v, %d calls, %v: it was to be killed in the middle", first, before, err)
	}
	then, err := k.live(t.Context(), fate{}, args...)
	if calls := k.asked.Load(); err != nil || then.exit != 0 || calls < all || calls > all+twice {
		t.Errorf("exit %d, %v: %d calls for %d: %s", then.exit, err, calls, all, then.said)
	}
}

// What was committed before the kill is not asked for again: at most what a tenth
// of a second brings, and the calls on their way, are asked for twice.
func TestAReviewThatWasKilledGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	k := newKilling(t, api.ActionRecords, 400)
	k.goesOn(t, 400, 100, 100, "review", k.box)
}

// Each answer is kept when it is there: the calls on their way alone are made twice.
func TestAReconciliationThatWasKilledGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	k := newKilling(t, api.ActionLookup, 1)
	ids, err := k.stock(90)
	if err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) {
		t.Helper()
		if l, err := k.live(t.Context(), fate{}, args...); err != nil || l.exit != 0 {
			t.Fatal(args[0], l.exit, l.said, err)
		}
	}
	run(append([]string{"activate", "--amount", "30.00"}, ids...)...)
	all := int64(math.MaxInt64) // what must be asked: on a busy machine some of it is asked twice
	for range 2 {
		k.asked.Store(0)
		run("reconcile")
		all = min(all, k.asked.Load())
	}
	k.goesOn(t, all, all/3, 8, "reconcile")
}
