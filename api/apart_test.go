package api

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// ownAnswer is what the platform says to the call with this trace number, and
// the nodes in it. Every fifth is large; every second leaves out what the
// others say, so that something left over would show, and has a code without id.
func ownAnswer(trace string, n int) (text string, nodes []Node) {
	reel, codes := "R"+trace, 1+n%3
	if n%5 == 4 {
		codes = 500
	}
	nodes = []Node{{Level: LevelReel, ID: reel, Remaining: -1}}
	var list strings.Builder
	for i := range codes {
		code := Node{Level: LevelCode, ID: fmt.Sprintf("%s-%d", trace, i), Parent: reel, Remaining: -1}
		if i > 0 {
			list.WriteByte(',')
		}
		fmt.Fprintf(&list, `{"code":%q`, code.ID)
		if n%2 == 0 {
			code.Name, code.Status, code.FaceValue = "券"+trace, "0"+trace[len(trace)-1:], trace+".0"
			fmt.Fprintf(&list, `,"ticketName":%q,"status":%q,"faceValue":%q`, code.Name, code.Status, code.FaceValue)
		}
		list.WriteString("}")
		nodes = append(nodes, code)
	}
	desc := fmt.Sprintf(`"returnDesc":"好 %s"`, trace)
	if n%2 == 1 {
		list.WriteString(",{}")
		desc = `"orderNo":"o1"`
	}
	return fmt.Sprintf(`{"voucherReel":[{"reelId":%q,"codeDetail":[%s]}],"returnCode":"P00",%s,"traceNo":%q}`,
		reel, list.String(), desc, trace), nodes
}

// Calls that follow each other, whole or broken, or go out at the same time
// share connections and the client, and nothing of their answers.
func TestNoCallSeesWhatIsAnothers(t *testing.T) {
	t.Parallel()
	base := platform(t, func(w http.ResponseWriter, r *http.Request) {
		request, _ := io.ReadAll(r.Body)
		fields, err := readEnvelope(strings.NewReader(string(request)), smallAnswer, nil)
		if err != nil || fields["sign"] != SignPOSP(fields, testKey) {
			t.Errorf("request %q is wrongly signed (%v)", request, err)
		}
		plain, _ := base64.StdEncoding.DecodeString(fields["body"])
		trace := scalarText(fieldsOf(plain)["traceNo"])
		if want := fmt.Sprintf(`{"traceNo":%q,"qrcode":"R%s",`, trace, trace); !strings.HasPrefix(string(plain), want) {
			t.Errorf("request %q, want %s", plain, want)
		}
		n, err := strconv.Atoi(trace[len(trace)-3:])
		if err != nil {
			t.Error(err)
		}
		text, _ := ownAnswer(trace, n)
		answer := signedAnswer(filepath.Base(r.URL.Path), text, "zone", "Z"+trace)
		if n%2 == 1 { // a field that is signed before the body and comes after it
			late := signedFields(filepath.Base(r.URL.Path), text, "area", trace)
			answer = ordered(late, "body", "action", "area", "deviceNo", "shopNo", "brand", "mwVersion", "ptlVersion", "posVersion", "timestamp", "sign")
		}
		switch n % 7 {
		case 3:
			answer = strings.Replace(answer, `"sign":"`, `"sign":"0`, 1)
		case 5:
			answer = answer[:len(answer)/2]
		}
		_, _ = io.WriteString(w, answer)
	})
	c := testClient(t, base)
	full := errors.New("full")
	var all sync.WaitGroup
	for sender := range 6 {
		all.Go(func() {
			got, want := map[string][]Node{}, map[string][]Node{}
			for n := range 60 {
				trace := fmt.Sprintf("20261122%06d000000%03d", sender+1, n)
				var nodes []Node
				a := c.Lookup(context.Background(), LookupRequest{TraceNo: trace, ID: ID("R" + trace)}, func(node Node) error {
					if nodes = append(nodes, node); n%11 == 10 {
						return full
					}
					return nil
				})
				b := c.Void(context.Background(), VoidRequest{TraceNo: trace, ID: ID("R" + trace)})
				broken := n%7 == 3 || n%7 == 5
				message, order := "好 "+trace, ""
				if n%2 == 1 {
					message, order = "", "o1"
				}
				for _, answer := range []Answer{a, b} {
					switch {
					case answer.Success() && (broken || answer.TraceNo != trace || answer.Message != message || answer.OrderNo != order),
						!answer.Success() && !broken && (answer.Reason != ReasonSink || n%11 != 10):
						t.Errorf("%s got %+v", trace, answer)
					}
				}
				if a.Success() && (a.Nodes != int64(len(nodes)) || a.Skipped != int64(n%2)) {
					t.Errorf("%s has %d nodes and skipped %d", trace, a.Nodes, a.Skipped)
				}
				if a.Success() {
					got[trace] = nodes
					_, want[trace] = ownAnswer(trace, n)
				}
			}
			for trace := range want {
				if !slices.Equal(got[trace], want[trace]) {
					t.Errorf("%s: %d nodes, not the %d that were sent", trace, len(got[trace]), len(want[trace]))
				}
			}
		})
	}
	all.Wait()
}

// A cache of texts gives for every text what Clean gives, however they alternate.
func TestCachedTextsAreTheTextsThemselves(t *testing.T) {
	t.Parallel()
	cache := textCache{}
	for n := range 4 * cachedTexts {
		for _, text := range []string{"未激活", "a\tb", fmt.Sprint(n), strings.Repeat("x", cachedLength+1), "", fmt.Sprint(n / 2)} {
			if got := cache.clean([]byte(text), 5); got != Clean(text, 5) {
				t.Fatalf("%q became %q", text, got)
			}
		}
	}
	if len(cache) != cachedTexts {
		t.Fatalf("%d texts are kept", len(cache))
	}
}
