package lookups_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline/lookups"
)

func TestALookUpAboutAnotherIDIsAskedAgainAndCountsForNothing(t *testing.T) {
	t.Parallel()
	for _, do := range []string{"other_id", "gzip"} {
		l := openTill(t)
		l.faults(sandbox.Fault{Times: 1, Do: do})
		l.show(reel) // the second answer is about it
		l.wantFresh(reel, true)

		l.faults(sandbox.Fault{Do: do})
		calls := 0
		l.answered = func(api.Answer) { calls++ }
		for _, id := range []api.ID{reel, code} {
			calls = 0
			answer, seen := l.Show(context.Background(), id, nil)
			if answer.Outcome == api.Answered || seen.Counts != nil || calls < 2 {
				t.Errorf("%s, %s: %+v, seen %v, after %d calls", do, id, answer, seen.Counts, calls)
			}
		}
		l.wantFresh(code, false)
		if answer, seen := l.Look(context.Background(), code); answer.Outcome == api.Answered || seen.Counts != nil {
			t.Errorf("%s: %+v, seen %v", do, answer, seen.Counts)
		}
		if n, known := l.node(other); known && !n.SeenAt.IsZero() {
			t.Errorf("%s: what nobody asked about is in the catalog: %+v", do, n)
		}
	}
}

func TestOnlyWhatIsBelowTheIDTellsOfIt(t *testing.T) {
	t.Parallel()
	const ours, theirs = `{"reelId":"R00001","codeDetail":[{"code":"10000001","status":"03"}]}`, `{"reelId":"R00002","codeDetail":[{"code":"10000002","status":"00"}]}`
	for tree, want := range map[string]map[api.ID]map[string]int{
		`"voucherReel":[` + theirs + `,` + ours + `]`:                                                   {"R00001": {"03": 1}, "10000001": {"03": 1}, "10000002": {"00": 1}},
		`"voucherReel":[` + ours + `,` + theirs + `]`:                                                   {"R00001": {"03": 1}, "R00002": {"00": 1}},
		`"voucherPkg":[{"voucherReel":[` + ours + `],"pkgId":"B00001"}],"voucherReel":[` + theirs + `]`: {"B00001": {"03": 1}, "R00002": {"00": 1}},
		`"voucherReel":[{"reelId":"R00001"},` + theirs + `]`:                                            {"R00001": {}},
		`"voucherReel":[` + ours + `,` + ours + `]`:                                                     {"R00001": {"03": 1}},
		`"codeDetail":[{"code":"10000001","status":"03"},{"code":"10000001","status":"00"}]`:            {"10000001": {"03": 1, "?": 1}},
	} {
		for id, counts := range want {
			l := openTill(t, answering(t, tree))
			answer, seen := l.Look(context.Background(), id)
			if !answer.Success() || !maps.Equal(seen.Counts, counts) {
				t.Errorf("%s of %s: %v, want %v (%+v)", id, tree, seen.Counts, counts, answer)
			}
		}
	}
}

// answering has every look-up be answered, signed, with that tree.
func answering(t *testing.T, tree string) func(*lookups.Options) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fields := map[string]string{}
		text, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(text, &fields)
		var asked struct{ TraceNo string }
		body, _ := base64.StdEncoding.DecodeString(fields["body"])
		_ = json.Unmarshal(body, &asked)
		fields["body"] = base64.StdEncoding.EncodeToString([]byte(`{"returnCode":"H00","traceNo":"` + asked.TraceNo + `",` + tree + `}`))
		fields["sign"] = api.SignPOSP(fields, sandbox.DefaultMACKey)
		_ = json.NewEncoder(w).Encode(fields)
	}))
	t.Cleanup(server.Close)
	client, err := api.New(api.Settings{POSPURL: server.URL, AnswerTimeout: 30 * time.Second, TraceMustMatch: true, MACKey: sandbox.DefaultMACKey})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return func(o *lookups.Options) { o.Client = client }
}
