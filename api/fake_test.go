package api

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"counterfoil/api/apitest"
)

const (
	testKey    = "94365019BBF9CEEAB0DF658E67754A70"
	testSecret = "D6954F665B12A4318DF2DE43082858DE"
	testTrace  = apitest.Trace
)

// testTime is what the platform's clock shows in these tests.
var testTime = time.Date(2026, 11, 22, 10, 15, 3, 0, time.UTC)

// testSettings point all three envelopes at base.
func testSettings(base string) Settings {
	return Settings{
		POSPURL: base + "/posp", PaaSURL: base + "/paas", B2BURL: base + "/b2b",
		AnswerTimeout: 30 * time.Second, ShopNo: "CN123456", MACKey: testKey, AppSecret: testSecret,
		Device:         Device{DeviceNo: "POS01", Brand: "663", MWVersion: "20161010", PTLVersion: "20161010", POSVersion: "20161010"},
		PaaS:           PaaS{AppID: "ebuyde43082858d1", Lang: "zh_CN"},
		B2B:            B2B{PartnerID: 1504, MerchantID: "10001"},
		TraceMustMatch: true,
		Now:            func() time.Time { return testTime },
	}
}

func testClient(t testing.TB, base string, change ...func(*Settings)) *Client {
	t.Helper()
	s := testSettings(base)
	for _, f := range change {
		f(&s)
	}
	c, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// platform serves handle and returns its address.
func platform(t testing.TB, handle http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server.URL
}

// answering serves one text to every request.
func answering(t testing.TB, text string) string {
	t.Helper()
	return platform(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, text)
	})
}

// signedFields is a POSP answer's envelope with the right signature.
func signedFields(action, inner string, extra ...string) map[string]string {
	fields := map[string]string{
		"action": action, "deviceNo": "POS01", "shopNo": "CN123456", "brand": "663",
		"body":      base64.StdEncoding.EncodeToString([]byte(inner)),
		"mwVersion": "20161010", "ptlVersion": "20161010", "posVersion": "20161010",
		"timestamp": strconv.FormatInt(testTime.Unix(), 10),
	}
	for i := 0; i+1 < len(extra); i += 2 {
		fields[extra[i]] = extra[i+1]
	}
	fields["sign"] = SignPOSP(fields, testKey)
	return fields
}

// signedAnswer is signedFields as JSON.
func signedAnswer(action, inner string, extra ...string) string {
	return marshal(signedFields(action, inner, extra...))
}

// ordered writes fields in the given order, so that tests choose what comes first.
func ordered(fields map[string]string, names ...string) string {
	var b strings.Builder
	for i, name := range names {
		fmt.Fprintf(&b, "%c%q:%s", "{,"[min(i, 1)], name, marshal(fields[name]))
	}
	return b.String() + "}"
}

func marshal(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSpace(b.String())
}

func inner(trace, code string) string {
	return fmt.Sprintf(`{"traceNo":%q,"orderNo":"179031014530","transDate":"20261122101503","returnCode":%q,"returnDesc":"SUCCESS"}`, trace, code)
}

// showing is inner with a node of that reel.
func showing(id ID, trace, code string) string {
	return fmt.Sprintf(`{"voucherReel":[{"reelId":%q}],`, id) + inner(trace, code)[1:]
}

func want(t *testing.T, a Answer, outcome Outcome, reason Reason) {
	t.Helper()
	if a.Outcome != outcome || a.Reason != reason {
		t.Fatalf("got %s/%q (%v), want %s/%q", a.Outcome, a.Reason, a.Err, outcome, reason)
	}
	if (a.Err == nil) != (outcome == Answered) {
		t.Fatalf("outcome %s comes with error %v", outcome, a.Err)
	}
}

// collect gathers a look-up's nodes.
func collect(to *[]Node) func(Node) error {
	return func(n Node) error {
		*to = append(*to, n)
		return nil
	}
}
