package api

import (
	"context"
	"encoding/json"
	"runtime"
	"strings"
	"testing"
)

const oneCode = `"codeDetail":[{"code":"10000001"}]`

func TestEndlessTextsAreCutAndTheAnswerStands(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("长", 1_000_000) // two of them are more than is kept of a body
	some := long[:300_000]
	for name, inner := range map[string]string{
		"message":       `{"returnDesc":"` + some + `","returnCode":"H00",` + oneCode + `}`,
		"code's texts":  `{"returnCode":"H00","codeDetail":[{"statusDesc":"` + long + `","ticketName":"` + long + `","code":"10000001","activityName":"` + long + `"}]}`,
		"unknown field": `{"x":{"y":["` + some + `"]},"returnCode":"H00",` + oneCode + `}`,
		"name":          `{"` + some + `":1,"returnCode":"H00",` + oneCode + `}`,
		"held back":     `{"returnCode":"H00","voucherReel":[{"codeDetail":[{"code":"10000001","ticketName":"` + long + `"}],"x":"` + long + `"}]}`,
		"escapes":       `{"returnCode":"H00","codeDetail":[{"ticketName":"` + strings.Repeat(`\u957f\"\\`, 40_000) + `","code":"10000001"}]}`,
	} {
		a, nodes := lookup(t, inner)
		if !a.Success() || outline(nodes) != "c:10000001<" {
			t.Errorf("%s: %s/%s %q (%v)", name, a.Outcome, a.Reason, outline(nodes), a.Err)
		}
	}
}

func TestIDThatIsEndlessIsUnusable(t *testing.T) {
	t.Parallel()
	a, nodes := lookup(t, `{"returnCode":"H00","codeDetail":[{"code":"`+strings.Repeat("1", 3<<20)+`"},{"code":"10000002"}]}`)
	if !a.Success() || outline(nodes) != "c:10000002<" || a.Skipped != 1 {
		t.Fatalf("%+v %s", a, outline(nodes))
	}
}

// What is cut must stay JSON wherever in an escape the cut falls.
func TestCutsFallOnWholeEscapes(t *testing.T) {
	t.Parallel()
	for pad := range 14 {
		text := `"` + strings.Repeat("x", pad) + strings.Repeat(`\u957f\"\\\/`, 4000) + `"`
		c := &clipper{}
		cut := []byte(text)
		cut = cut[:c.cut(cut)]
		if !json.Valid(cut) || len(cut) > clippedText+16 || len(cut) < clippedText {
			t.Fatalf("pad %d: %d bytes that end in %q", pad, len(cut), cut[len(cut)-12:])
		}
	}
}

func TestCuttingMayBeginAnywhere(t *testing.T) {
	t.Parallel()
	for pad := range 14 {
		inner := `{"x":"` + strings.Repeat("y", maxToken-40+pad) + strings.Repeat(`\u957f\"\\`, 100_000) + `","returnCode":"H00",` + oneCode + `}`
		var nodes []Node
		tree := newRows("", collect(&nodes))
		if err := tree.decode(strings.NewReader(inner)); err != nil || outline(nodes) != "c:10000001<" || tree.head.code != "H00" {
			t.Fatalf("pad %d: %v %s", pad, err, outline(nodes))
		}
	}
}

func TestEndlessTextsTakeBoundedMemory(t *testing.T) {
	inner := `{"returnDesc":"` + strings.Repeat("长", 8_000_000) + `","returnCode":"H00",` + oneCode + `}`
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := newRows("", func(Node) error { return nil }).decode(strings.NewReader(inner)); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
		t.Fatalf("%d bytes for a text of %d", used, len(inner))
	}
}

func TestRefusalWithAnEndlessTextIsARefusal(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("长", 1_000_000)
	c := testClient(t, answering(t, signedAnswer(ActionActivate, `{"traceNo":"`+testTrace+`","returnCode":"A03","returnDesc":"`+long+`"}`)))
	a := c.Activate(context.Background(), ActivateRequest{TraceNo: testTrace, ID: "R00001"})
	want(t, a, Answered, ReasonNone)
	if a.Code != "A03" || len([]rune(a.Message)) != maxMessage {
		t.Fatalf("%q %q", a.Code, a.Message)
	}
}
