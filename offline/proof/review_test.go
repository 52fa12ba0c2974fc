package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/ui/vterm"
)

// What was committed before the kill is not asked for again: at most what a tenth
// of a second brings, and the calls on their way, are asked for twice.
func TestAReviewThatWasKilledGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	const codes, killedAt, twice = 400, 100, 100
	p, err := startPlatform(1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	to, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int64
	forward := httputil.NewSingleHostReverseProxy(to)
	between := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, api.ActionRecords) {
			asked.Add(1)
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(between.Close)
	till, err := newTill(t.Context(), vterm.Binary(t), "", t.TempDir(), between.URL, true)
	if err == nil {
		err = till.signUp(t.Context())
	}
	var added struct{ Boxes []string }
	if err == nil {
		var text []byte
		text, err = p.call(http.MethodPost, "/sandbox/boxes", map[string]any{"generate": map[string]int{"packages": 1, "reels": 4, "codes": codes}})
		err = errors.Join(err, json.Unmarshal(text, &added))
	}
	if err == nil {
		err = p.setFaults([]sandbox.Fault{{Action: api.ActionRecords, Do: "delay:20ms"}})
	}
	if err != nil {
		t.Fatal(err)
	}
	first, err := till.live(t.Context(), fate{until: func(context.Context) bool { return asked.Load() > killedAt }}, "review", added.Boxes[0])
	if before := asked.Load(); err != nil || !first.struck || before >= codes {
		t.Fatalf("%+v, %d codes asked for, %v: it was to be killed in the middle", first, before, err)
	}
	then, err := till.live(t.Context(), fate{}, "review", added.Boxes[0])
	if all := asked.Load(); err != nil || then.exit != 0 || all < codes || all > codes+twice {
		t.Errorf("exit %d, %v: %d calls for %d codes: %s", then.exit, err, all, codes, then.said)
	}
}
