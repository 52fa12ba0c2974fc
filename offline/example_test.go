package offline_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/assets"
	"counterfoil/offline"
)

// A desk on a platform in the same process: a reel is activated, and the answer
// waited for. Errors are left out here; a program looks at each.
func Example() {
	ctx := context.Background()
	platform, _ := sandbox.New(sandbox.Options{})
	_ = platform.Load(bytes.NewReader(assets.DemoBoxes))
	server, _ := platform.Listen("127.0.0.1:0")
	defer func() { _ = server.Close() }()

	client, _ := api.New(api.Settings{
		POSPURL: server.POSPURL(), MACKey: sandbox.DefaultMACKey, AnswerTimeout: 30 * time.Second,
		ShopNo: "1490", Device: api.Device{DeviceNo: "POS01", Brand: "663"}, TraceMustMatch: true,
	})
	folder, _ := os.MkdirTemp("", "counterfoil-example-")
	defer func() { _ = os.RemoveAll(folder) }()
	desk, _ := offline.Open(ctx, offline.Settings{
		Data: folder, CounterName: "C01", Number: 1, ShopNo: "1490", PublicPINs: true,
		Rules: offline.Rules{VoidLeaves: api.StatusVoid, StatusForwardOnly: true, SettleTime: time.Second, AbsentAfter: time.Minute},
		Calls: offline.Calls{AnswerTimeout: 30 * time.Second, PrelookMaxAge: time.Minute, Parallel: 4, LookupAction: api.ActionLookup, ReelActions: true},
	}, client)
	desk.Start()
	defer func() { _ = desk.Stop() }()

	_ = desk.AddOperator(ctx, offline.Session{}, "mgr", offline.Manager, "9999")
	manager, _ := desk.SignIn(ctx, "mgr", "9999")
	operation, _ := desk.Accept(ctx, offline.Request{
		Kind: offline.Activate, ID: "R112102F-0000242-2585", AmountFen: 3000, Operator: manager,
	})
	operation, _ = desk.Wait(ctx, operation.Op)
	fmt.Println(operation.ID, operation.State)
	// Output: R112102F-0000242-2585 done
}
