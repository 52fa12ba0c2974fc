package sandbox_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
)

func TestFaultsThatNameSomethingElse(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	client, ctx := c.client(), context.Background()
	look := func(id api.ID) (api.Answer, []api.Node) {
		var nodes []api.Node
		a := client.Lookup(ctx, api.LookupRequest{TraceNo: c.trace(), ID: id}, func(n api.Node) error {
			nodes = append(nodes, n)
			return nil
		})
		return a, nodes
	}
	c.faults(sandbox.Fault{Do: "other_id"})
	for _, id := range []api.ID{reelTwo, codeV, "X1123-6430582-102F5"} {
		a, nodes := look(id)
		want(t, "reason", a.Reason, api.ReasonOther)
		if len(nodes) == 0 {
			t.Errorf("%s: nothing is shown", id)
		}
		for _, n := range nodes {
			if n.ID == string(id) {
				t.Errorf("%s is shown", id)
			}
		}
	}
	c.faults(sandbox.Fault{Do: "unsigned"})
	a, _ := look(reelTwo)
	want(t, "an unsigned look-up", a.Reason, api.ReasonSignature)
	trace := c.trace()
	a = client.Activate(ctx, api.ActivateRequest{TraceNo: trace, ID: reelTwo, TotalAmount: "3000", Reel: true})
	want(t, "an unsigned activation", a.Reason, api.ReasonSignature)
	want(t, "effects", c.effects()[trace], 1)
	a, _ = client.Records(ctx, codeV)
	want(t, "unsigned records are an answer, noted", a.Success() && a.Unsigned, true)

	c.faults(sandbox.Fault{Do: "telling_records"})
	a, records := client.Records(ctx, codeV)
	last := records[len(records)-1]
	want(t, "the number in the records", last.Extend["posSerialNo"], trace)
	want(t, "signed", a.Success() && !a.Unsigned && !a.TraceDiffers, true)
	c.faults(sandbox.Fault{Do: "foreign_records"})
	a, records = client.Records(ctx, codeV)
	last = records[len(records)-1]
	want(t, "the number in a longer text", strings.Contains(last.Extend["oms"], trace) && last.Extend["oms"] != trace, true)
	want(t, "foreign", last.ReturnCode == "99" && a.Unsigned && a.TraceDiffers, true)

	c.faults(sandbox.Fault{Do: "gzip"})
	a, _ = look(reelTwo)
	want(t, "packed", a.Reason, api.ReasonCoding)
}

func TestSpacesDripWithoutAnEnd(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	c.http.Timeout = 200 * time.Millisecond
	c.faults(sandbox.Fault{Action: api.ActionActivate, Do: "drip:10ms"})
	trace, _, answer, err := c.send(reelTwo)
	if err == nil {
		t.Fatalf("it ended: %q", answer)
	}
	want(t, "effects", c.effects()[trace], 1)
}
