package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// heard is what a platform got in one request.
type heard struct {
	path   string
	fields map[string]any
	body   map[string]any
	raw    string
}

func listening(t *testing.T, to *heard, answer func() string) string {
	t.Helper()
	return platform(t, func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		*to = heard{path: r.Method + " " + r.URL.Path, raw: string(text)}
		if ct := r.Header.Get("Content-Type"); !strings.HasPrefix(ct, "application/json") {
			t.Errorf("content type %q", ct)
		}
		if r.Header.Get("Accept-Encoding") != "identity" {
			t.Error("a packed answer was not ruled out")
		}
		if err := json.Unmarshal(text, &to.fields); err != nil {
			t.Error(err)
		}
		if body, ok := to.fields["body"].(string); ok {
			plain, err := base64.StdEncoding.DecodeString(body)
			if err != nil || json.Unmarshal(plain, &to.body) != nil {
				t.Errorf("body %q", body)
			}
		}
		_, _ = io.WriteString(w, answer())
	})
}

func TestEachActionIsSentAsDocumented(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	id := ID("R156A001-0000491-0505")
	for _, c := range []struct {
		action string
		call   func(*Client) Answer
		body   string
	}{
		{ActionActivate, func(c *Client) Answer {
			return c.Activate(ctx, ActivateRequest{TraceNo: testTrace, ID: id, TotalAmount: "3000"})
		}, `{"businessType":12,"qrcode":"R156A001-0000491-0505","totalAmount":"3000","traceNo":"20261122000001036903120"}`},
		{ActionReelActivate, func(c *Client) Answer {
			return c.Activate(ctx, ActivateRequest{TraceNo: testTrace, ID: id, TotalAmount: "3000", Reel: true})
		}, `{"businessType":12,"qrcode":"R156A001-0000491-0505","totalAmount":"3000","traceNo":"20261122000001036903120"}`},
		{ActionVoid, func(c *Client) Answer {
			return c.Void(ctx, VoidRequest{TraceNo: testTrace, ID: id})
		},
			`{"businessType":12,"qrcode":"R156A001-0000491-0505","traceNo":"20261122000001036903120"}`},
		{ActionReelVoid, func(c *Client) Answer { return c.Void(ctx, VoidRequest{TraceNo: testTrace, ID: id, Reel: true}) },
			`{"businessType":12,"qrcode":"R156A001-0000491-0505","traceNo":"20261122000001036903120"}`},
		{ActionActivateQuery, func(c *Client) Answer {
			return c.Query(ctx, QueryRequest{TraceNo: testTrace, OriginalTraceNo: "20261122000001036903119"})
		}, `{"businessType":12,"originalTraceNo":"20261122000001036903119","traceNo":"20261122000001036903120"}`},
		{ActionLookup, func(c *Client) Answer {
			return c.Lookup(ctx, LookupRequest{TraceNo: testTrace, ID: id}, func(Node) error { return nil })
		}, `{"businessType":12,"qrcode":"R156A001-0000491-0505","traceNo":"20261122000001036903120"}`},
		{"queryOther", func(c *Client) Answer {
			return c.Lookup(ctx, LookupRequest{TraceNo: testTrace, ID: id, Action: "queryOther"}, func(Node) error { return nil })
		}, `{"businessType":12,"qrcode":"R156A001-0000491-0505","traceNo":"20261122000001036903120"}`},
	} {
		t.Run(c.action, func(t *testing.T) {
			var got heard
			base := listening(t, &got, func() string { return signedAnswer(c.action, showing(id, testTrace, "00")) })
			a := c.call(testClient(t, base))
			want(t, a, Answered, ReasonNone)
			if !a.Success() || a.TraceNo != testTrace {
				t.Fatalf("%+v", a)
			}
			if got.path != "POST /posp/"+c.action || marshal(got.body) != c.body {
				t.Fatalf("%s with %s", got.path, marshal(got.body))
			}
			fields := map[string]string{}
			for name, value := range got.fields {
				text, ok := value.(string)
				if !ok {
					t.Fatalf("%s is no string", name)
				}
				fields[name] = text
			}
			if len(fields) != 10 || fields["action"] != c.action || fields["timestamp"] != "1795342503" ||
				fields["sign"] != SignPOSP(fields, testKey) {
				t.Fatalf("%v", fields)
			}
		})
	}
}

func TestClockFollowsThePlatform(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stamp, next string
		skew        time.Duration
	}{
		"an hour ahead":     {"1795346103", "1795346103", time.Hour},
		"a minute behind":   {"1795342443", "1795342443", -time.Minute},
		"less than we know": {"1795342504", "1795342503", time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			var got heard
			client := testClient(t, listening(t, &got, func() string {
				return signedAnswer(ActionActivate, inner(testTrace, "A00"), "timestamp", c.stamp)
			}))
			a := activate(client)
			want(t, a, Answered, ReasonNone)
			if a.Skew != c.skew || !a.ServerTime.Equal(testTime.Add(c.skew)) {
				t.Fatalf("skew %v, server %v", a.Skew, a.ServerTime)
			}
			want(t, activate(client), Answered, ReasonNone)
			if got.fields["timestamp"] != c.next {
				t.Fatalf("the next request is stamped %v, want %s", got.fields["timestamp"], c.next)
			}
		})
	}
}

func TestSkewIsTakenAtTheMiddleOfTheCall(t *testing.T) {
	t.Parallel()
	now := testTime
	c := testClient(t, platform(t, func(w http.ResponseWriter, _ *http.Request) {
		now = now.Add(4 * time.Second)
		_, _ = io.WriteString(w, signedAnswer(ActionActivate, inner(testTrace, "A00"), "timestamp", "1795342505"))
	}), func(s *Settings) { s.Now = func() time.Time { return now } })
	if a := activate(c); a.Outcome != Answered || a.Skew != 0 {
		t.Fatalf("skew %v", a.Skew)
	}
}

func TestPaaSRequestIsSignedOverTheExactContent(t *testing.T) {
	t.Parallel()
	var got heard
	base := listening(t, &got, func() string { return `{"content":{"returnCode":"00"}}` })
	a, _ := testClient(t, base).Records(context.Background(), "1006250730320020870=gHN3981K")
	want(t, a, Answered, ReasonNone)
	content := `{"code":"1006250730320020870=gHN3981K"}`
	if !strings.Contains(got.raw, `"content":`+content) {
		t.Fatalf("content is not sent as signed: %s", got.raw)
	}
	uuid, _ := got.fields["uuid"].(string)
	signed := map[string]string{
		"uuid": uuid, "appId": "ebuyde43082858d1", "action": ActionRecords, "timestamp": "1795342503000",
		"signType": "sha256", "lang": "zh_CN", "content": content,
	}
	if got.path != "POST /paas/"+ActionRecords || got.fields["sign"] != SignPaaS(signed, testSecret) ||
		len(uuid) != 41 || !strings.HasPrefix(uuid, "20261122-") {
		t.Fatalf("%s %s", got.path, got.raw)
	}
	if _, isNumber := got.fields["timestamp"].(float64); !isNumber {
		t.Fatal("the time stamp is no number")
	}
}

func TestRangeIsSentAsInTheExample(t *testing.T) {
	t.Parallel()
	var got heard
	base := listening(t, &got, func() string { return `{"statusCode":80}` })
	c := testClient(t, base)
	r := RangeRequest{OrderID: "2040132213w9181w0q77awwwd8", Type: 2, BIN: "7020", From: "0000041", To: "0000045", Count: 5, SellingFen: 10000, CostFen: 8888}
	want(t, c.ActivateRange(context.Background(), r), Answered, ReasonNone)
	example := `{"bin":"7020","codeType":"3","costPrice":"8888","endCardSe":"0000045","merchantId":10001,"number":5,"partnerId":1504,"partnerOrderId":"2040132213w9181w0q77awwwd8","sellingPrice":"10000","sign":"skip","startCardSe":"0000041","type":2,"ver":2}`
	if got.path != "POST /b2b/"+ActionRange || marshal(got.fields) != example {
		t.Fatalf("%s %s", got.path, marshal(got.fields))
	}
	r = RangeRequest{OrderID: "c1", Type: 1, BIN: "731018", From: "0000001", To: "0000002", Count: 2, ValidFrom: "2026-11-22 00:00:00"}
	want(t, c.ActivateRange(context.Background(), r), Answered, ReasonNone)
	for _, absent := range []string{"codeType", "sellingPrice", "costPrice", "validEnd"} {
		if _, there := got.fields[absent]; there {
			t.Errorf("a card's request carries %s", absent)
		}
	}
	if got.fields["validStart"] != "2026-11-22 00:00:00" {
		t.Error("validStart is missing")
	}
}
