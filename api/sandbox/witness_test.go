package sandbox_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

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
	c.faults(sandbox.Fault{Action: api.ActionActivate, Do: "drip:10ms"})
	res, err := c.begin(t.Context(), reelTwo)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	spaces := make([]byte, 20)
	if n, err := io.ReadFull(res.Body, spaces); err != nil || strings.TrimSpace(string(spaces)) != "" {
		t.Fatalf("%q, %v", spaces[:n], err)
	}
	want(t, "effects", len(c.box.Effects()), 1)
}

func TestRecordsCanBeFaulty(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	client := c.client()
	records := func(do, code string) (api.Answer, []api.Record) {
		c.faults(sandbox.Fault{Do: do})
		return client.Records(t.Context(), api.ID(code))
	}
	_, plain := client.Records(t.Context(), codeV)
	_, twice := records("duplicate_records", codeV)
	want(t, "given twice", len(twice), 2*len(plain))
	_, got := records("unknown_types", codeV)
	want(t, "type", got[0].Type, "77")
	_, got = records("empty_shops", codeV)
	want(t, "shop", got[0].ShopNo+got[0].TID+got[0].ShopName, "")
	_, got = records("future_times", codeV)
	want(t, "of tomorrow", got[0].At > plain[0].At, true)
	_, got = records("many_records", codeV)
	want(t, "many", len(got), 10_000)
}

func TestOneCodeInTenIsSilentAndStaysSo(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	client := c.client()
	c.faults(sandbox.Fault{Do: "silent_tenth"})
	var silent [2][]int
	for round := range silent {
		for n := range 100 {
			code := api.ID(fmt.Sprintf("10019010700000%05d-M4DEDSfV", n))
			if a, _ := client.Records(t.Context(), code); a.Outcome != api.Answered {
				silent[round] = append(silent[round], n)
			}
		}
	}
	if n := len(silent[0]); n < 3 || n > 20 || !slices.Equal(silent[0], silent[1]) {
		t.Errorf("silent are %v, then %v", silent[0], silent[1])
	}
}
