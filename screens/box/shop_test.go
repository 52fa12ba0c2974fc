package box

import (
	"bytes"
	"context"
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/assets"
	"counterfoil/offline"
)

// Clock runs on from a moment and can be turned forward.
type Clock struct {
	mu    sync.Mutex
	from  time.Time
	begun time.Time
	ahead time.Duration
}

// Now is the time there.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.from.Add(time.Since(c.begun) + c.ahead)
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

// OpenShop opens one that ends with the test, at a quarter past ten of a fixed day.
func OpenShop(tb testing.TB) *Shop {
	tb.Helper()
	s := &Shop{Clock: &Clock{from: time.Date(2026, 11, 22, 10, 15, 0, 0, zone), begun: time.Now()}}
	var err error
	if s.Sandbox, err = sandbox.New(sandbox.Options{Seed: 1, Now: s.Clock.Now}); err != nil {
		tb.Fatal(err)
	}
	if err := s.Sandbox.Load(bytes.NewReader(assets.DemoBoxes)); err != nil {
		tb.Fatal(err)
	}
	server, err := s.Sandbox.Listen("127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := errors.Join(server.Close(), s.Sandbox.Close()); err != nil {
			tb.Error(err)
		}
	})
	s.open(tb, server.URL())
	return s
}

// OpenShopAt opens one on a platform in another process, by today's clock.
func OpenShopAt(tb testing.TB, url string) *Shop {
	tb.Helper()
	now := time.Now()
	s := &Shop{Clock: &Clock{from: now, begun: now}}
	s.open(tb, url)
	return s
}

var zone = time.FixedZone("CST", 8*60*60)

func (s *Shop) open(tb testing.TB, url string) {
	tb.Helper()
	must := func(err error) {
		if err != nil {
			tb.Fatal(err)
		}
	}
	client, err := api.New(api.Settings{
		POSPURL: url + "/ebuyweb-posp/api", AnswerTimeout: 5 * time.Second, ShopNo: "1490",
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
		Zone: zone, DayStartsAt: 4 * time.Hour,
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
		_ = os.RemoveAll(dir)
	})
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
