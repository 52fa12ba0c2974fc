package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Two reels with their codes, as in signed answers about either.
const (
	ours      = `{"reelId":"R00001","codeDetail":[{"code":"10000001","status":"03"}]}`
	theirs    = `{"reelId":"R00002","codeDetail":[{"code":"10000002","status":"00"}]}`
	ownTrace  = `"traceNo":"` + testTrace + `"`
	otherKin  = "20261121000001999999998" // another number of the same counter
	elsewhere = "20261122000002036903120" // of another counter
)

func asked(t *testing.T, id ID, text string, change ...func(*Settings)) Answer {
	t.Helper()
	c := testClient(t, answering(t, signedAnswer(ActionLookup, text)), change...)
	return c.Lookup(context.Background(), LookupRequest{TraceNo: testTrace, ID: id}, func(Node) error { return nil })
}

func TestALookUpThatDoesNotShowTheIDIsAnotherAnswer(t *testing.T) {
	t.Parallel()
	for text, ids := range map[string]string{ // which ids it is an answer about
		`"voucherReel":[` + ours + `]`:                                                                "R00001 10000001",
		`"voucherReel":[` + theirs + `,` + ours + `]`:                                                 "R00001 10000001",
		`"voucherReel":[` + theirs + `]`:                                                              "",
		`"voucherBox":[{"boxId":"X00001","voucherPkg":[{"pkgId":"B00001"}]}]`:                         "X00001 B00001",
		`"voucherPkg":[{"pkgId":"B00001","voucherReel":[` + ours + `]}]`:                              "B00001 R00001 10000001",
		`"codeDetail":[{"code":"10000001"}]`:                                                          "10000001",
		`"codeDetail":[{"code":"10000001","ticketName":"R00001","activityName":"X00001 and B00001"}]`: "10000001",
		`"voucherReel":[{"codeDetail":[{"code":"10000001"}]}]`:                                        "10000001", // nobody says whose
		`"voucherPkg":[{"pkgId":"R00001"}],"voucherReel":[{"reelId":"10000001"}]`:                     "",
		`"voucherReel":[{"reelId":"r00001"}],"codeDetail":[{"code":"100000010"}]`:                     "",
		`"boxId":"X00001","pkgId":"B00001","reelId":"R00001","code":"10000001"`:                       "",
		`"voucherReel":[]`: "",
		`"x":0`:            "",
	} {
		for _, id := range []string{"X00001", "B00001", "R00001", "10000001"} {
			a := asked(t, ID(id), `{"returnCode":"H00",`+ownTrace+`,`+text+`}`)
			if want := strings.Contains(" "+ids+" ", " "+id+" "); a.Success() != want || !want && a.Reason != ReasonOther {
				t.Errorf("%s answered with %s: %+v", id, text, a)
			}
		}
	}
	if a := asked(t, "R00001", `{"returnCode":"H10",`+ownTrace+`}`); a.Outcome != Answered || a.Code != "H10" {
		t.Errorf("a refusal shows nothing and names the request: %+v", a)
	}
}

func TestNodesInTheAnswerToAnAttemptOrAQueryIncludeTheID(t *testing.T) {
	t.Parallel()
	calls := map[string]func(*Client) Answer{
		ActionActivate: func(c *Client) Answer {
			return c.Activate(context.Background(), ActivateRequest{TraceNo: testTrace, ID: "R00001"})
		},
		ActionVoid: func(c *Client) Answer {
			return c.Void(context.Background(), VoidRequest{TraceNo: testTrace, ID: "R00001"})
		},
		ActionActivateQuery: func(c *Client) Answer {
			return c.Query(context.Background(), QueryRequest{TraceNo: testTrace, OriginalTraceNo: otherKin, ID: "R00001"})
		},
	}
	for action, call := range calls {
		for text, taken := range map[string]bool{
			`"voucherReel":[` + ours + `]`:                true,
			`"voucherReel":[` + theirs + `,` + ours + `]`: true,
			`"voucherPkg":[]`:                             true,
			`"orderNo":"1"`:                               true,
			`"voucherReel":[` + theirs + `]`:              false,
			`"codeDetail":[{"code":"10000001"}]`:          false,
			`"voucherReel":[{"reelId":"\u0007"}]`:         false,
		} {
			for _, code := range []string{"00", "A05"} {
				a := call(testClient(t, answering(t, signedAnswer(action, `{"returnCode":"`+code+`",`+ownTrace+`,`+text+`}`))))
				if got := a.Outcome == Answered; got != taken || !taken && a.Reason != ReasonOther {
					t.Errorf("%s, %s, %s: %+v", action, code, text, a)
				}
			}
		}
	}
}

func TestAReplayIsRefusedWhereOtherTraceNumbersAreOnlyWarnedAbout(t *testing.T) {
	t.Parallel()
	warn := func(s *Settings) { s.TraceMustMatch = false }
	for trace, taken := range map[string]bool{testTrace: true, "ccs203781546843174561": true, elsewhere: true, testTrace + "0": true, "": true, otherKin: false} {
		text := `{"returnCode":"A00","voucherReel":[` + ours + `],"traceNo":"` + trace + `"}`
		a := testClient(t, answering(t, signedAnswer(ActionActivate, text)), warn).
			Activate(context.Background(), ActivateRequest{TraceNo: testTrace, ID: "R00001"})
		looked := asked(t, "R00001", text, warn)
		for _, a := range []Answer{a, looked} {
			if a.Success() != taken || !taken && a.Reason != ReasonOther || taken && a.TraceDiffers != (trace != testTrace) {
				t.Errorf("%q: %+v", trace, a)
			}
		}
	}
}

func TestAMemberThatComesTwiceIsNoAnswer(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`"returnCode":"A05","returnCode":"A00"`, `"returnCode":"A00","returnCode":"A00"`, `"returnCode":"A00",` + ownTrace,
		`"returnCode":"A00","x":1,"x":1`, `"returnCode":"A00","return\u0043ode":"A00"`, `"returnCode":"A00","codeDetail":[],"codeDetail":[]`,
		`"returnCode":"A00","voucherReel":[{"reelId":"R00001","reelId":"R00001"}]`,
		`"returnCode":"A00","voucherReel":[{"codeDetail":[],"reelId":"R00001","codeDetail":[]}]`,
		`"returnCode":"A00","voucherReel":[{"reelId":"R00001","codeDetail":[{"code":"10000001","status":"00","status":"03"}]}]`,
		`"returnCode":"A00","voucherReel":[{"reelId":"R00001","codeDetail":[{"code":"10000001","code":"10000002"}]}]`,
		`"returnCode":"A00","voucherReel":[{"codeDetail":[{"code":"10000001","status":"00","status":"03"}],"reelId":"R00001"}]`,
	} {
		text = `{` + ownTrace + `,` + text + `}`
		want(t, asked(t, "R00001", text), Unanswered, ReasonNotJSON)
		c := testClient(t, answering(t, signedAnswer(ActionActivate, text)))
		want(t, c.Activate(context.Background(), ActivateRequest{TraceNo: testTrace, ID: "R00001"}), Unanswered, ReasonNotJSON)
	}
	for _, content := range []string{
		`{"returnCode":"99","returnCode":"00"}`, `{"returnCode":"00","returnData":[],"returnData":[]}`,
		`{"returnCode":"00","returnData":[{"swift":"1","swift":"2"}]}`,
	} {
		a, _ := testClient(t, answering(t, paasText(paasSigned(paasAnswer(content)), false))).Records(context.Background(), recordsCode)
		want(t, a, Unanswered, ReasonNotJSON)
	}
}

func TestRecordsOfOtherCodesAreNotOurs(t *testing.T) {
	t.Parallel()
	own, other := `{"code":"`+string(recordsCode)+`","swift":"1"}`, `{"code":"10000002","swift":"2"}`
	for rows, n := range map[string]int{own: 1, other + `,` + own: 1, other: -1, ``: 0} {
		text := paasText(paasSigned(paasAnswer(`{"returnCode":"00","returnData":[`+rows+`]}`)), false)
		a, records := testClient(t, answering(t, text)).Records(context.Background(), recordsCode)
		if a.Success() != (n >= 0) || n < 0 && a.Reason != ReasonOther || len(records) != max(n, 0) {
			t.Errorf("%q: %+v, %v", rows, a, records)
		}
	}
}

func TestAPackedAnswerIsCalledThat(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = io.WriteString(z, signedAnswer(ActionActivate, inner(testTrace, "A00")))
	_ = z.Close()
	for _, coding := range []string{"gzip", "GZIP", "br", "deflate", "gzip, identity", ""} {
		base := platform(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			if coding != "" {
				w.Header().Set("Content-Encoding", coding)
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(packed.Bytes())
		})
		want(t, activate(testClient(t, base)), Unanswered, ReasonCoding)
		a := testClient(t, base).Lookup(context.Background(), LookupRequest{TraceNo: testTrace, ID: "R00001"}, func(Node) error { return nil })
		want(t, a, Unanswered, ReasonCoding)
		a, _ = testClient(t, base).Records(context.Background(), recordsCode)
		want(t, a, Unanswered, ReasonCoding)
	}
	plain := platform(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Encoding", "identity")
		_, _ = io.WriteString(w, signedAnswer(ActionActivate, inner(testTrace, "A00")))
	})
	want(t, activate(testClient(t, plain)), Answered, ReasonNone)
}

func TestTroubleWithAProxyIsCalledThat(t *testing.T) {
	t.Parallel()
	server, ca := securePlatform(t)
	for status, reason := range map[int]Reason{407: ReasonProxy, 403: ReasonProxy, 502: ReasonUnreachable} {
		c := testClient(t, server.URL, func(s *Settings) {
			s.CA = ca
			s.Transport = func(tr *http.Transport) { tr.Proxy = http.ProxyURL(proxy(t, status, 0)) }
		})
		want(t, activate(c), NotSent, reason)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := &url.URL{Scheme: "http", Host: l.Addr().String()}
	_ = l.Close()
	want(t, activate(testClient(t, server.URL, func(s *Settings) {
		s.CA = ca
		s.Transport = func(tr *http.Transport) { tr.Proxy = http.ProxyURL(gone) }
	})), NotSent, ReasonProxy)
	// In front of a plain address the proxy had the whole request.
	refuses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) }))
	t.Cleanup(refuses.Close)
	want(t, activate(testClient(t, refuses.URL)), Unanswered, ReasonProxy)
}
