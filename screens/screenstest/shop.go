// Package screenstest is a counter for the tests of screens: a real desk with
// the pretend platform behind it, a clock that a test turns, and a till that
// runs a screen's messages as the terminal library does and presses keys like a
// hand. Only tests import it.
package screenstest

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

// Zone is the shop's.
var Zone = time.FixedZone("CST", 8*60*60)

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

// Shop is a started desk on a platform that has answered.
type Shop struct {
	TB      testing.TB
	Clock   *Clock
	Sandbox *sandbox.Sandbox // nil where the platform is another process
	Desk    *offline.Desk
	stopped bool
}

// OpenShop opens one on a sandbox that holds the demo's boxes, at a quarter past
// ten of a fixed day. It ends with the test; change may alter its settings first.
func OpenShop(tb testing.TB, change ...func(*offline.Settings)) *Shop {
	tb.Helper()
	s := &Shop{TB: tb, Clock: &Clock{from: time.Date(2026, 11, 22, 10, 15, 0, 0, Zone), begun: time.Now()}}
	var err error
	s.Sandbox, err = sandbox.New(sandbox.Options{Seed: 1, Now: s.Clock.Now})
	s.Must(err)
	s.Must(s.Sandbox.Load(bytes.NewReader(assets.DemoBoxes)))
	server, err := s.Sandbox.Listen("127.0.0.1:0")
	s.Must(err)
	tb.Cleanup(func() {
		s.Must(server.Close())
		s.Must(s.Sandbox.Close())
	})
	s.open(server.URL(), change)
	return s
}

// OpenShopAt opens one on a platform in another process, by today's clock.
func OpenShopAt(tb testing.TB, url string) *Shop {
	tb.Helper()
	now := time.Now()
	s := &Shop{TB: tb, Clock: &Clock{from: now, begun: now}}
	s.open(url, nil)
	return s
}

func (s *Shop) open(url string, change []func(*offline.Settings)) {
	s.TB.Helper()
	client, err := api.New(api.Settings{
		POSPURL: url + "/ebuyweb-posp/api", AnswerTimeout: 5 * time.Second, ShopNo: "1490",
		Device: api.Device{DeviceNo: "POS01", Brand: "663", MWVersion: "1", PTLVersion: "1", POSVersion: "1"},
		MACKey: sandbox.DefaultMACKey, AppSecret: sandbox.DefaultAppSecret, TraceMustMatch: true, Now: s.Clock.Now,
	})
	s.Must(err)
	dir, err := os.MkdirTemp("/dev/shm", "counterfoil-test-")
	if err != nil {
		dir = s.TB.TempDir()
	}
	settings := offline.Settings{
		Data: dir, CounterName: "C01", Number: 1, ShopNo: "1490", ShopName: "银泰店", Zone: Zone, DayStartsAt: 4 * time.Hour,
		Rules: offline.Rules{
			AnswerTimeout: 5 * time.Second, SettleTime: 200 * time.Millisecond, AttentionAfter: time.Minute, AbsentAfter: time.Hour,
			PrelookMaxAge: time.Minute, Parallel: 4, LookupAction: api.ActionLookup, ReelActions: true, VoidLeaves: api.StatusVoid,
			StatusForwardOnly: true, StatusAloneDone: true, DuplicateTraceCodes: []string{"32"},
		},
		Limits: offline.Limits{MaxOperations: 200, MaxAmountFen: 500_000, MaxTotalFen: 5_000_000, MaxAge: 24 * time.Hour},
		Now:    s.Clock.Now,
	}
	for _, f := range change {
		f(&settings)
	}
	s.Desk, err = offline.Open(context.Background(), settings, client)
	s.Must(err)
	s.Desk.Start()
	s.TB.Cleanup(func() {
		s.Stop()
		_ = os.RemoveAll(dir)
	})
	s.heard()
}

// heard waits for the platform's first answer, so that every test begins on a known link.
func (s *Shop) heard() {
	s.TB.Helper()
	changed, stop := s.Desk.Watch()
	defer stop()
	deadline := time.After(10 * time.Second)
	for s.Desk.Status().Link == offline.Unheard {
		select {
		case <-changed:
		case <-deadline:
			s.TB.Fatal("the platform does not answer")
		}
	}
}

// Must ends the test on an error.
func (s *Shop) Must(err error) {
	s.TB.Helper()
	if err != nil {
		s.TB.Fatal(err)
	}
}

// Stop ends the desk before the test ends; from then on nothing can be read.
func (s *Shop) Stop() {
	s.TB.Helper()
	if !s.stopped {
		s.stopped = true
		s.Must(s.Desk.Stop())
	}
}

// People gives the shop its manager mgr (PIN 9999) and its cashier amy (PIN 1111).
func (s *Shop) People() {
	s.TB.Helper()
	ctx := context.Background()
	s.Must(s.Desk.AddOperator(ctx, offline.Session{}, "mgr", offline.Manager, "9999"))
	s.Must(s.Desk.AddOperator(ctx, offline.Session{Name: "mgr", Role: offline.Manager}, "amy", offline.Cashier, "1111"))
}

// Faults sets what goes wrong at the platform from now on; none for nothing.
func (s *Shop) Faults(list ...sandbox.Fault) {
	s.TB.Helper()
	s.Must(s.Sandbox.SetFaults(list))
}

// CutOff cuts the platform off and has the desk learn it.
func (s *Shop) CutOff() {
	s.TB.Helper()
	s.Faults(sandbox.Fault{Do: "refuse_connection"})
	for range 10 {
		s.Desk.Probe(context.Background())
		if s.Desk.Status().Link == offline.Offline {
			return
		}
	}
	s.TB.Fatal("the desk does not learn that the platform is cut off")
}

// WantEffects fails the test unless the platform applied n effects.
func (s *Shop) WantEffects(n int) {
	s.TB.Helper()
	if got := len(s.Sandbox.Effects()); got != n {
		s.TB.Errorf("%d effects on the platform, want %d", got, n)
	}
}

// Known generates a box and looks it up.
func (s *Shop) Known(packages, reels, codes int) (box string) {
	s.TB.Helper()
	box, err := s.Sandbox.Generate(packages, reels, codes)
	s.Must(err)
	s.LookUp(box)
	return box
}

// LookUp has the desk learn an id from the platform.
func (s *Shop) LookUp(id string) {
	s.TB.Helper()
	if card, err := s.Desk.Lookup(context.Background(), api.ID(id), nil); err != nil || !card.Fresh {
		s.TB.Fatalf("look-up of %s: fresh %v, %v", id, card.Fresh, err)
	}
}
