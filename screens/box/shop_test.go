package box

import (
	"bytes"
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/assets"
	"counterfoil/offline"
)

// Clock runs on from a quarter past ten of a fixed day and can be turned forward.
type Clock struct {
	mu    sync.Mutex
	begun time.Time
	ahead time.Duration
}

// Now is the time there.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	start := time.Date(2026, 11, 22, 10, 15, 0, 0, time.FixedZone("CST", 8*60*60))
	return start.Add(time.Since(c.begun) + c.ahead)
}

// Forward turns it on.
func (c *Clock) Forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// Shop is a real desk on the sandbox, which holds the demo's boxes.
type Shop struct {
	Clock   *Clock
	Sandbox *sandbox.Sandbox
	Desk    *offline.Desk
}

// OpenShop opens one that ends with the test.
func OpenShop(tb testing.TB) *Shop {
	tb.Helper()
	must := func(err error) {
		if err != nil {
			tb.Fatal(err)
		}
	}
	s := &Shop{Clock: &Clock{begun: time.Now()}}
	var err error
	s.Sandbox, err = sandbox.New(sandbox.Options{Seed: 1, Now: s.Clock.Now})
	must(err)
	must(s.Sandbox.Load(bytes.NewReader(assets.DemoBoxes)))
	server, err := s.Sandbox.Listen("127.0.0.1:0")
	must(err)
	client, err := api.New(api.Settings{
		POSPURL: server.URL() + "/ebuyweb-posp/api", AnswerTimeout: 5 * time.Second, ShopNo: "1490",
		Device: api.Device{DeviceNo: "POS01", Brand: "663", MWVersion: "1", PTLVersion: "1", POSVersion: "1"},
		MACKey: sandbox.DefaultMACKey, AppSecret: sandbox.DefaultAppSecret, TraceMustMatch: true, Now: s.Clock.Now,
	})
	must(err)
	dir, err := os.MkdirTemp("/dev/shm", "counterfoil-test-")
	if err != nil {
		dir = tb.TempDir()
	}
	s.Desk, err = offline.Open(context.Background(), offline.Settings{
		Data: dir, CounterName: "C01", Number: 1, ShopNo: "1490", ShopName: "银泰店",
		Zone: time.FixedZone("CST", 8*60*60), DayStartsAt: 4 * time.Hour,
		Rules: offline.Rules{
			AnswerTimeout: 5 * time.Second, SettleTime: 200 * time.Millisecond, AttentionAfter: time.Minute, AbsentAfter: time.Hour,
			PrelookMaxAge: time.Minute, Parallel: 4, LookupAction: api.ActionLookup, ReelActions: true, VoidLeaves: "05",
			StatusForwardOnly: true, StatusAloneDone: true, DuplicateTraceCodes: []string{"32"},
		},
		Limits: offline.Limits{MaxOperations: 200, MaxAmountFen: 500_000, MaxTotalFen: 5_000_000, MaxAge: 24 * time.Hour},
		Now:    s.Clock.Now,
	}, client)
	must(err)
	s.Desk.Start()
	tb.Cleanup(func() {
		must(s.Desk.Stop())
		must(server.Close())
		must(s.Sandbox.Close())
		_ = os.RemoveAll(dir)
	})
	return s
}

// Known generates a box and looks it up.
func (s *Shop) Known(tb testing.TB, packages, reels, codes int) (box string) {
	tb.Helper()
	box, err := s.Sandbox.Generate(packages, reels, codes)
	if err != nil {
		tb.Fatal(err)
	}
	s.LookUp(tb, box)
	return box
}

// LookUp brings an id into the catalog.
func (s *Shop) LookUp(tb testing.TB, id string) {
	tb.Helper()
	if card, err := s.Desk.Lookup(context.Background(), api.ID(id), nil); err != nil || !card.Fresh {
		tb.Fatalf("look-up of %s: fresh %v, %v", id, card.Fresh, err)
	}
}
