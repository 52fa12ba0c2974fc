package sandbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
)

// send posts one activation and returns its trace number with what came back, unjudged.
func (c *till) send(id string) (trace string, status int, answer []byte, err error) {
	body := c.activation(id)
	status, answer, err = c.raw(c.server.POSPURL()+"/"+api.ActionActivate, envelope(api.ActionActivate, body))
	return str(body, "traceNo"), status, answer, err
}

// begin sends an activation until the head of its answer has come.
func (c *till) begin(ctx context.Context, id string) (*http.Response, error) {
	text, _ := json.Marshal(envelope(api.ActionActivate, c.activation(id)))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.server.POSPURL()+"/"+api.ActionActivate, strings.NewReader(string(text)))
	if err != nil {
		c.t.Fatal(err)
	}
	return c.http.Do(req)
}

func TestCutConnections(t *testing.T) {
	t.Parallel()
	for do, applied := range map[string]int{"drop_request": 0, "drop_answer": 1} {
		t.Run(do, func(t *testing.T) {
			c := newTill(t)
			c.faults(sandbox.Fault{Action: api.ActionActivate, Times: 1, Do: do})
			trace, _, answer, err := c.send(reelTwo)
			if err == nil {
				t.Fatalf("an answer came: %s", answer)
			}
			want(t, "effects", c.effects()[trace], applied)
			want(t, "the query", c.query(trace)["returnCode"], map[int]string{0: "R01", 1: "R00"}[applied])
			want(t, "a second activation", c.activate(reelTwo), map[int]string{0: "A00", 1: "A91"}[applied])
		})
	}
}

func TestAFaultOfAnIDLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	c.faults(sandbox.Fault{Action: api.ActionActivate, ID: reelTwo, Do: "refuse:A05"})
	want(t, "another voucher", c.activate("1001260105000000301-Wd5kPz2R"), "A00")
	want(t, "the reel itself", c.activate(reelTwo), "A05")
	if _, err := sandbox.ParseFaults(strings.NewReader(`[{"id":"R1","do":"refuse_connection"}]`)); err == nil {
		t.Error("a connection is refused by an id that nobody has read")
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	t.Parallel()
	for _, it := range []struct {
		do      string
		status  int
		applied int
		looks   func([]byte) bool
	}{
		{"status:503", 503, 0, func(b []byte) bool { return !json.Valid(b) }},
		{"html", 200, 0, func(b []byte) bool { return strings.HasPrefix(string(b), "<!DOCTYPE html>") }},
		{"garbage", 200, 1, func(b []byte) bool { return !json.Valid(b) }},
		{"bad_sign", 200, 1, func(b []byte) bool { _, err := open(b); return json.Valid(b) && err != nil }},
		{"refuse:A05", 200, 0, func(b []byte) bool { f, err := open(b); return err == nil && f["returnCode"] == "A05" }},
		{"in_process", 200, 1, func(b []byte) bool { f, err := open(b); return err == nil && f["returnCode"] == "A80" }},
		{"twice", 200, 2, func(b []byte) bool { f, err := open(b); return err == nil && f["returnCode"] == "A00" }},
	} {
		t.Run(it.do, func(t *testing.T) {
			c := newTill(t)
			c.faults(sandbox.Fault{Action: api.ActionActivate, Times: 1, Do: it.do})
			trace, status, answer, err := c.send(reelTwo)
			if err != nil {
				t.Fatal(err)
			}
			want(t, "status", status, it.status)
			want(t, "effects", c.effects()[trace], it.applied)
			if !it.looks(answer) {
				t.Errorf("the answer is %q", answer)
			}
			if it.applied > 0 {
				want(t, "the query", c.query(trace)["returnCode"], "R00")
			}
		})
	}
}

func TestOtherAnswerBelongsToAnotherCall(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	earlier := c.trace()
	c.call(api.ActionLookup, fields{"traceNo": earlier, "qrcode": reelTwo})
	c.faults(sandbox.Fault{Action: api.ActionActivate, Do: "other_answer"})
	trace, _, answer, err := c.send(reelTwo)
	if err != nil {
		t.Fatal(err)
	}
	body, err := open(answer)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "trace of the answer", body["traceNo"], earlier)
	want(t, "effects", c.effects()[trace], 1)
}

func TestDelayAppliesAtOnce(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	c.faults(sandbox.Fault{Action: api.ActionActivate, Do: "delay:1h"})
	ctx, giveUp := context.WithCancel(t.Context())
	go func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for len(c.box.Effects()) == 0 && ctx.Err() == nil {
			<-tick.C
		}
		giveUp()
	}()
	if res, err := c.begin(ctx, reelTwo); err == nil {
		_ = res.Body.Close()
		t.Fatal("an answer came")
	}
	want(t, "effects", len(c.box.Effects()), 1)

	c.faults(sandbox.Fault{Do: "delay:30ms"})
	start := time.Now()
	want(t, "delayed", c.lookup(reelTwo)["returnCode"], "H00")
	if took := time.Since(start); took < 30*time.Millisecond {
		t.Errorf("answered after %v", took)
	}
}

func TestLateAppliesAfterTheCut(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	c.faults(sandbox.Fault{Action: api.ActionActivate, Times: 1, Do: "late:1h"}, sandbox.Fault{Action: api.ActionActivate, Times: 1, Do: "late:10ms"})
	trace, _, _, err := c.send(reelTwo)
	if err == nil {
		t.Fatal("an answer came")
	}
	want(t, "at first", c.query(trace)["returnCode"], "R01")
	c.box.ApplyLate()
	want(t, "effects", c.effects()[trace], 1)
	want(t, "afterwards", c.query(trace)["returnCode"], "R00")
	trace, _, _, _ = c.send(codeV)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for c.query(trace)["returnCode"] == "R01" { // by itself
		<-tick.C
	}
}

func TestCloseDropsWhatIsLate(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	c.faults(sandbox.Fault{Do: "late:1h"})
	if _, _, _, err := c.send(reelTwo); err == nil {
		t.Fatal("an answer came")
	}
	if err := c.box.Close(); err != nil {
		t.Fatal(err)
	}
	want(t, "effects", len(c.box.Effects()), 0)
}

func TestSlowDripSendsTheWholeAnswer(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	c.faults(sandbox.Fault{Action: api.ActionActivate, Do: "slow_drip"})
	res, err := c.begin(t.Context(), reelTwo)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	start, some := time.Now(), make([]byte, 1)
	for range 4 {
		if n, err := res.Body.Read(some); n != 1 || err != nil {
			t.Fatalf("%d bytes, %v", n, err)
		}
	}
	if took := time.Since(start); took < 200*time.Millisecond {
		t.Errorf("four bytes came in %v", took)
	}
	want(t, "effects", len(c.box.Effects()), 1)
}

func TestStaleLookupAnswersTheStatusBefore(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	c.activate(reelTwo)
	c.faults(sandbox.Fault{Times: 1, Do: "stale_lookup"})
	c.query("20261122000001999999999") // does not use the rule up
	stale := leaves(c.lookup(reelTwo))
	fresh := leaves(c.lookup(reelTwo))
	want(t, "stale", strings.HasSuffix(stale[0], "=03"), true)
	want(t, "fresh", strings.HasSuffix(fresh[0], "=00"), true)
}

func TestQueryAlwaysOK(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	c.faults(sandbox.Fault{Do: "query_always_ok"})
	want(t, "a trace never sent", c.query("20261122000001999999999")["returnCode"], "R00")
}

func TestRefusedConnectionsAreReallyRefused(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	want(t, "before", c.lookup(reelTwo)["returnCode"], "H00") // leaves a connection that could get round the shut port
	c.faults(sandbox.Fault{Do: "refuse_connection"})
	for range 3 {
		if _, _, _, err := c.send(reelTwo); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Fatalf("got %v", err)
		}
	}
	req, err := http.NewRequest(http.MethodPut, c.server.ControlURL()+"/sandbox/faults", strings.NewReader("[]"))
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	want(t, "afterwards", c.activate(reelTwo), "A00")
}

func TestRefusedConnectionsEndAfterTheirSeconds(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	c.faults(sandbox.Fault{Do: "refuse_connection", Skip: 2, Times: 1})
	want(t, "first", c.lookup(reelTwo)["returnCode"], "H00")
	want(t, "second", c.lookup(reelTwo)["returnCode"], "H00")
	start := time.Now()
	dial := func() error {
		conn, err := net.Dial("tcp", strings.TrimPrefix(c.server.URL(), "http://"))
		if err == nil {
			_ = conn.Close()
		}
		return err
	}
	if err := dial(); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Fatalf("got %v", err)
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for dial() != nil {
		if time.Since(start) > 10*time.Second {
			t.Fatal("the port stays shut")
		}
		<-tick.C
	}
	if took := time.Since(start); took < 900*time.Millisecond {
		t.Errorf("open again after %v", took)
	}
	want(t, "afterwards", c.activate(reelTwo), "A00")
}

func TestSkipTimesAndOrderOfRules(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	c.faults(
		sandbox.Fault{Action: api.ActionActivate, Skip: 1, Times: 2, Do: "refuse:A05"},
		sandbox.Fault{Action: "*", Skip: 1, Do: "refuse:A06"},
	)
	var got []string
	for range 5 {
		got = append(got, c.activate("R999999F-0000000-0000"))
	}
	want(t, "codes", got, []string{"A10", "A05", "A05", "A06", "A06"})
}

func TestTheSameSeedThrowsTheSameDice(t *testing.T) {
	t.Parallel()
	run := func(seed int64) string {
		c := newTill(t, func(o *sandbox.Options) { o.Seed = seed })
		c.faults(sandbox.Fault{Probability: 0.5, Do: "refuse:A05"})
		var codes []string
		for range 40 {
			codes = append(codes, c.activate("R999999F-0000000-0000"))
		}
		return strings.Join(codes, " ")
	}
	first := run(3)
	want(t, "the same seed", run(3), first)
	if run(4) == first {
		t.Error("another seed gives the same run")
	}
	if hits := strings.Count(first, "A05"); hits < 8 || hits > 32 {
		t.Errorf("%d of 40 with a probability of a half", hits)
	}
}

func TestRulesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{}`, `[{"do":"explode"}]`, `[{"do":""}]`, `[{}]`, `[{"do":"twice","when":"now"}]`, `[{"do":"delay"}]`, `[{"do":"delay:soon"}]`,
		`[{"do":"status:abc"}]`, `[{"do":"status:99"}]`, `[{"do":"refuse"}]`, `[{"do":"twice:2"}]`, `[{"do":"twice","action":"noSuch"}]`,
		`[{"do":"twice","skip":-1}]`, `[{"do":"twice","probability":0}]`, `[{"do":"twice","probability":2}]`, `[] []`,
		`[{"do":"refuse_connection","action":"activeVoucher"}]`, `[{"do":"refuse_connection","probability":0.5}]`,
		`[{"do":"stale_lookup","action":"delVoucher"}]`, `[{"do":"late:-5s"}]`, `[{"do":"drip:0s"}]`, `[{"do":"other_id","action":"delVoucher"}]`, `[{"do":"foreign_records","action":"delVoucher"}]`,
	} {
		if _, err := sandbox.ParseFaults(strings.NewReader(text)); !errors.Is(err, sandbox.ErrFaults) {
			t.Errorf("%s: got %v", text, err)
		}
	}
	c := newTill(t)
	c.faults(sandbox.Fault{Do: "refuse:A05"})
	if err := c.box.SetFaults([]sandbox.Fault{{Do: "explode"}}); !errors.Is(err, sandbox.ErrFaults) {
		t.Errorf("got %v", err)
	}
	want(t, "the old rules", c.box.Faults(), []sandbox.Fault{{Do: "refuse:A05"}})
	for _, do := range strings.Fields("refuse_connection drop_request drop_answer delay:5s status:503 garbage html bad_sign other_answer " +
		"other_id unsigned telling_records foreign_records duplicate_records unknown_types empty_shops future_times many_records silent_tenth gzip drip:500ms slow_drip refuse:A05 late:5s twice stale_lookup in_process query_always_ok") {
		if _, err := sandbox.ParseFaults(strings.NewReader(`[{"action":"","skip":0,"times":1,"probability":1,"do":"` + do + `"}]`)); err != nil {
			t.Error(err)
		}
	}
}
