package sandbox_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
)

func (c *till) client() *api.Client {
	c.t.Helper()
	client, err := api.New(api.Settings{
		POSPURL: c.server.POSPURL(), PaaSURL: c.server.PaaSURL(), B2BURL: c.server.B2BURL(), AnswerTimeout: 30 * time.Second,
		ShopNo: "1490", Device: api.Device{DeviceNo: "POS01", Brand: "663", MWVersion: "20261122", PTLVersion: "20161010", POSVersion: "20261122"},
		PaaS: api.PaaS{AppID: sandbox.DefaultAppID, Lang: "zh_CN"}, B2B: api.B2B{PartnerID: 1504, MerchantID: "10001"},
		MACKey: sandbox.DefaultMACKey, AppSecret: sandbox.DefaultAppSecret, B2BSigner: api.RSASigner{Key: ownKey(), Public: &platformKey().PublicKey},
		TraceMustMatch: true, Now: func() time.Time { return noon },
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(client.Close)
	return client
}

func TestTheCounterAndTheSandboxUnderstandEachOther(t *testing.T) {
	t.Parallel()
	c := newTill(t, signs)
	client, ctx := c.client(), context.Background()
	said := func(what string, a api.Answer, code string) {
		t.Helper()
		if a.Outcome != api.Answered || a.Code != code {
			t.Errorf("%s: got %+v, want the code %s", what, a, code)
		}
	}
	trace := c.trace()
	said("activation", client.Activate(ctx, api.ActivateRequest{TraceNo: trace, ID: reelTwo, TotalAmount: "3000", Reel: true}), "A00")
	said("query", client.Query(ctx, api.QueryRequest{TraceNo: c.trace(), OriginalTraceNo: trace}), "R00")
	var nodes []api.Node
	said("look-up", client.Lookup(ctx, api.LookupRequest{TraceNo: c.trace(), ID: reelTwo}, func(n api.Node) error {
		nodes = append(nodes, n)
		return nil
	}), "H00")
	want(t, "nodes", len(nodes), 5)
	if last := nodes[len(nodes)-1]; last.Status != "00" || last.FaceValue != "15.0" || last.Name != "中杯饮品券(纸质)" || last.ValidTo != "" || last.Remaining != 2 {
		t.Errorf("the code reads %+v", last)
	}
	said("void", client.Void(ctx, api.VoidRequest{TraceNo: c.trace(), ID: reelTwo}), "V00")
	answer, records := client.Records(ctx, codeV)
	said("records", answer, "00")
	want(t, "records", len(records), 3)
	order := api.RangeRequest{
		OrderID: "order-1", Type: 2, BIN: "7020", From: "0000041", To: "0000045", Count: 5, SellingFen: 10000, CostFen: 8888,
	}
	said("range", client.ActivateRange(ctx, order), "80")
	said("range again", client.ActivateRange(ctx, order), "100")
	c.faults(sandbox.Fault{Do: "refuse_connection"})
	want(t, "a shut port", client.Void(ctx, api.VoidRequest{TraceNo: c.trace(), ID: reelTwo}).Outcome, api.NotSent)
}

func TestParallelCallsHaveOneEffect(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	id, err := c.box.Generate(1, 1, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	codes := make([]string, 24)
	for i := range codes {
		wait.Go(func() {
			if i%3 == 0 {
				codes[i] = str(c.lookup(id), "returnCode")
			} else {
				codes[i] = c.activate(id)
			}
		})
	}
	wait.Wait()
	count := map[string]int{}
	for _, code := range codes {
		count[code]++
	}
	want(t, "answers", fmt.Sprint(count), "map[A00:1 A91:15 H00:8]")
	want(t, "effects", len(c.box.Effects()), 1)
}
