package sandbox_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
)

// noon is the platform's time in these tests.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.FixedZone("CST", 8*3600))

const (
	reelTwo  = "R112102F-0000242-2585"
	codeV    = "1001901070000000258-M4DEDSfV"
	codeTwo  = "1001901070000000242-EOHEMM9K"
	boxOne   = "X1123-6430582-102F5"
	mixed    = "R112102F-0000243-2586"
	expired  = "R112102F-0000244-2587"
	redeemed = "1006250730320020870=gHN3981K"
)

// till is a client of this test's own: it trusts nothing but the wire.
type till struct {
	t      *testing.T
	box    *sandbox.Sandbox
	server *sandbox.Server
	http   *http.Client
	next   atomic.Int64
}

func newTill(t *testing.T, change ...func(*sandbox.Options)) *till {
	t.Helper()
	o := sandbox.Options{Seed: 7, Now: func() time.Time { return noon }}
	for _, f := range change {
		f(&o)
	}
	box, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	boxes, err := os.Open("../../assets/demo/boxes.json")
	if err != nil {
		t.Fatal(err)
	}
	defer boxes.Close()
	if err := box.Load(boxes); err != nil {
		t.Fatal(err)
	}
	server, err := box.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := box.Close(); err != nil {
			t.Error(err)
		}
	})
	return &till{t: t, box: box, server: server, http: &http.Client{Transport: transport}}
}

func (c *till) trace() string {
	return fmt.Sprintf("20261122000001%09d", c.next.Add(1))
}

// envelope is a signed POSP request around a business body.
func envelope(action string, body any) map[string]string {
	text, _ := json.Marshal(body)
	env := map[string]string{
		"action": action, "deviceNo": "POS01", "shopNo": "1490", "brand": "663", "mwVersion": "20261122",
		"ptlVersion": "20161010", "posVersion": "", "timestamp": "1795320000", "body": base64.StdEncoding.EncodeToString(text),
	}
	env["sign"] = api.SignPOSP(env, sandbox.DefaultMACKey)
	return env
}

type fields = map[string]any

// raw posts JSON and returns what came back, whatever it is.
func (c *till) raw(url string, body any) (int, []byte, error) {
	text, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	res, err := c.http.Post(url, "application/json", bytes.NewReader(text))
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

// open checks an answer's signature and returns its business body.
func open(answer []byte) (fields, error) {
	var env map[string]string
	if err := json.Unmarshal(answer, &env); err != nil {
		return nil, err
	}
	if env["sign"] == "" || api.SignPOSP(env, sandbox.DefaultMACKey) != env["sign"] {
		return nil, fmt.Errorf("signature %q is wrong", env["sign"])
	}
	body, err := base64.StdEncoding.DecodeString(env["body"])
	if err != nil {
		return nil, err
	}
	var out fields
	return out, json.Unmarshal(body, &out)
}

// call sends one POSP call and returns its verified body.
func (c *till) call(action string, body fields) fields {
	c.t.Helper()
	status, answer, err := c.raw(c.server.POSPURL()+"/"+action, envelope(action, body))
	if err != nil || status != http.StatusOK {
		c.t.Fatalf("%s: status %d, %v", action, status, err)
	}
	out, err := open(answer)
	if err != nil {
		c.t.Fatalf("%s: %v in %s", action, err, answer)
	}
	if out["traceNo"] != body["traceNo"] && body["traceNo"] != nil {
		c.t.Fatalf("%s: asked with trace %v, answered %v", action, body["traceNo"], out["traceNo"])
	}
	return out
}

func (c *till) activate(id string) string {
	c.t.Helper()
	return str(c.call(api.ActionActivate, c.activation(id)), "returnCode")
}

func (c *till) activation(id string) fields {
	return fields{"traceNo": c.trace(), "qrcode": id, "totalAmount": "3000", "businessType": 12}
}

func (c *till) void(id string) string {
	c.t.Helper()
	return str(c.call(api.ActionVoid, fields{"traceNo": c.trace(), "qrcode": id, "businessType": 12}), "returnCode")
}

func (c *till) lookup(id string) fields {
	c.t.Helper()
	return c.call(api.ActionLookup, fields{"traceNo": c.trace(), "qrcode": id, "businessType": 12})
}

func (c *till) query(trace string) fields {
	c.t.Helper()
	return c.call(api.ActionActivateQuery, fields{"traceNo": c.trace(), "originalTraceNo": trace, "businessType": 12})
}

func str(f fields, name string) string { s, _ := f[name].(string); return s }

// leaves lists the paths of a look-up's answer: box/package/reel/code=status.
func leaves(body fields) []string {
	var out []string
	list := func(f fields, name string) []fields {
		var items []fields
		all, _ := f[name].([]any)
		for _, item := range all {
			items = append(items, item.(fields))
		}
		return items
	}
	packages := func(at string, f fields) {
		for _, p := range list(f, "voucherPkg") {
			for _, r := range list(p, "voucherReel") {
				for _, d := range list(r, "codeDetail") {
					out = append(out, strings.Join([]string{at, str(p, "pkgId"), str(r, "reelId"), str(d, "code")}, "/")+"="+str(d, "status"))
				}
			}
		}
	}
	for _, b := range list(body, "voucherBox") {
		packages(str(b, "boxId"), b)
	}
	packages("", body)
	return out
}

// effects counts what was applied, per trace number.
func (c *till) effects() map[string]int {
	out := map[string]int{}
	for _, e := range c.box.Effects() {
		out[e.Trace]++
	}
	return out
}

func (c *till) faults(list ...sandbox.Fault) {
	c.t.Helper()
	if err := c.box.SetFaults(list); err != nil {
		c.t.Fatal(err)
	}
}

func want(t *testing.T, what string, got, wanted any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(wanted) {
		t.Errorf("%s: got %v, want %v", what, got, wanted)
	}
}
