// Package offlinetest is the one fixture for tests of the desk and of what stands
// on it: a real desk in a folder of its own, the sandbox as its platform, and a
// clock that a test turns. It calls the desk's public acts only, and only tests
// import it.
package offlinetest

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/assets"
	"counterfoil/offline"
)

// Ids of the demo's boxes.
const (
	Box      = "X1123-6430582-102F5"          // holds Reel
	Reel     = "R112102F-0000242-2585"        // two codes, not active
	ReelCode = "1001901070000000258-M4DEDSfV" // one of them
	FreeCode = "1001260105000000301-Wd5kPz2R" // not active, of another box
	OtherBox = "X22169-3141157-33475"         // holds none of these
)

// The names and PINs of a shop's operators.
const (
	ManagerName = "mgr"
	ManagerPIN  = "9999"
	CashierName = "amy"
	CashierPIN  = "1111"
)

// Opening is when a shop opens.
var Opening = time.Date(2026, 11, 22, 10, 15, 0, 0, Zone)

// Shop is a desk and its platform.
type Shop struct {
	TB       testing.TB
	Clock    *Clock           // the desk's and the platform's
	URL      string           // the platform's; set by a change, it is another process's
	Sandbox  *sandbox.Sandbox // the platform; nil where it is another process
	Settings offline.Settings // of the desk, from its next opening on
	Client   api.Settings     // of its client, likewise
	Desk     *offline.Desk    // nil once stopped
	People

	server *sandbox.Server
	off    atomic.Int64 // by how much the desk's own clock is wrong
	ends   []func()     // what Close undoes, newest last
}

// People are who works there, signed in at every opening.
type People struct {
	Manager offline.Session
	Cashier offline.Session
	Nobody  bool // set by a change: the folder is left without operators
}

// signIn signs in whoever there is.
func (p *People) signIn(desk *offline.Desk) {
	p.Manager, _ = desk.SignIn(context.Background(), ManagerName, ManagerPIN)
	p.Cashier, _ = desk.SignIn(context.Background(), CashierName, CashierPIN)
}

// Open opens a shop on a sandbox that holds the demo's boxes, at a quarter past
// ten of a fixed day; its desk is not started. It ends with the test. change may
// alter everything before the desk is opened.
func Open(tb testing.TB, change ...func(*Shop)) *Shop {
	tb.Helper()
	s := &Shop{TB: tb, Clock: NewClock(Opening)}
	tb.Cleanup(s.Close)
	s.Settings = offline.Settings{
		Data: s.Folder(), CounterName: "C01", Number: 1, ShopNo: "1490", ShopName: "银泰店", Zone: Zone, DayStartsAt: 4 * time.Hour,
		PublicPINs: true,
		Reserve:    64 << 10, // a counter's own is slow to make as often as here
		Rules: offline.Rules{
			SettleTime: 200 * time.Millisecond, AttentionAfter: time.Minute, AbsentAfter: time.Hour, VoidLeaves: api.StatusVoid,
			StatusForwardOnly: true, StatusAloneDone: true, DuplicateTraceCodes: []string{"32"},
		},
		Calls: offline.Calls{
			AnswerTimeout: 30 * time.Second, PrelookMaxAge: time.Minute, Parallel: 4, LookupAction: api.ActionLookup, ReelActions: true,
		},
		Limits: offline.Limits{MaxOperations: 200, MaxAmountFen: 500_000, MaxTotalFen: 5_000_000, MaxAge: 24 * time.Hour},
	}
	s.Client = api.Settings{
		ShopNo: "1490", TraceMustMatch: true,
		Device: api.Device{DeviceNo: "POS01", Brand: "663", MWVersion: "1", PTLVersion: "1", POSVersion: "1"},
		MACKey: sandbox.DefaultMACKey, AppSecret: sandbox.DefaultAppSecret,
	}
	for _, f := range change {
		f(s)
	}
	if s.URL == "" {
		s.listen()
	}
	s.Reopen()
	return s
}

// Close ends the shop, as the end of the test does; a test that opens many
// closes each.
func (s *Shop) Close() {
	s.TB.Helper()
	s.Stop()
	for _, end := range slices.Backward(s.ends) {
		end()
	}
	s.ends = nil
}

// Now is the time on the desk's own clock.
func (s *Shop) Now() time.Time { return s.Clock.Now().Add(time.Duration(s.off.Load())) }

// SetWrong has the desk's own clock be off by d, and the platform's be right.
func (s *Shop) SetWrong(d time.Duration) { s.off.Store(int64(d)) }

// listen starts the sandbox.
func (s *Shop) listen() {
	s.TB.Helper()
	var err error
	s.Sandbox, err = sandbox.New(sandbox.Options{Seed: 1, Now: s.Clock.Now})
	s.Must(err)
	s.Must(s.Sandbox.Load(bytes.NewReader(assets.DemoBoxes)))
	s.ends = append(s.ends, func() { s.Must(s.Sandbox.Close()) })
	s.listenAt("127.0.0.1:0")
	s.ends = append(s.ends, s.Down)
	s.URL = s.server.URL()
}

func (s *Shop) listenAt(addr string) {
	s.TB.Helper()
	var err error
	s.server, err = s.Sandbox.Listen(addr)
	s.Must(err)
}

// Down ends the platform's server: connections are refused, and what was on
// its way is cut.
func (s *Shop) Down() {
	s.TB.Helper()
	s.Must(s.server.Close())
}

// Up brings the platform back at the address it had.
func (s *Shop) Up() {
	s.TB.Helper()
	s.listenAt(strings.TrimPrefix(s.server.URL(), "http://"))
}

// Folder makes an empty folder that goes with the shop.
func (s *Shop) Folder() string {
	s.TB.Helper()
	dir, err := inMemory()
	if err != nil {
		return s.TB.TempDir()
	}
	s.ends = append(s.ends, func() { _ = os.RemoveAll(dir) })
	return dir
}

// OnDisk has the shop's data on the disk, for what is about its speed.
func OnDisk(s *Shop) {
	s.TB.Helper()
	dir, err := os.MkdirTemp("", "counterfoil-test-")
	s.Must(err)
	s.ends = append(s.ends, func() { _ = os.RemoveAll(dir) })
	s.Settings.Data = dir
}

// Reopen opens the desk, as a next start of the program would.
func (s *Shop) Reopen() {
	s.TB.Helper()
	s.Stop()
	client := s.NewClient()
	s.Settings.Now = s.Now
	if names, _ := os.ReadDir(s.Settings.Data); len(names) == 0 && !s.Nobody && !s.Settings.ReadOnly {
		first := s.Settings
		first.Now = func() time.Time { return Opening.Add(-time.Minute) }
		Staff(s.TB, first)
	}
	var err error
	s.Desk, err = offline.Open(context.Background(), s.Settings, client)
	s.Must(err)
	s.signIn(s.Desk)
}

// NewClient returns a client of the platform, as the desk's.
func (s *Shop) NewClient() *api.Client {
	s.TB.Helper()
	s.Client.POSPURL, s.Client.Now, s.Client.AnswerTimeout = s.URL+sandbox.POSPPath, s.Now, s.Settings.Calls.AnswerTimeout
	if s.Client.PaaS.AppID != "" {
		s.Client.PaaSURL = s.URL + sandbox.PaaSPath
	}
	if s.Client.B2B.MerchantID != "" && s.Client.B2BURL == "" {
		s.Client.B2BURL = s.URL + sandbox.B2BPath
	}
	client, err := api.New(s.Client)
	s.Must(err)
	return client
}

// Start starts the desk and waits for the platform's first answer, so that a
// test begins on a known link.
func (s *Shop) Start() *Shop {
	s.TB.Helper()
	s.Desk.Start()
	s.Eventually("the platform's first answer", func() bool { return s.Desk.Status().Link != offline.Unheard })
	return s
}

// Stop ends the desk, if it is open; nothing can be read from it any more.
func (s *Shop) Stop() {
	s.TB.Helper()
	if s.Desk != nil {
		desk := s.Desk
		s.Desk = nil
		s.Must(desk.Stop())
	}
}

// Eventually waits until something is true of the running desk.
func (s *Shop) Eventually(what string, ok func() bool) {
	s.TB.Helper()
	changed, stop := s.Desk.Watch()
	defer stop()
	deadline := time.After(90 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-changed:
		case <-tick.C:
		case <-deadline:
			st := s.Desk.Status()
			s.TB.Fatalf("never came true: %s; link %s, open %+v, trouble %v, found %v", what, st.Link, st.OpenCount, st.Fault, st.Healed)
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

// As signs somebody in.
func (s *Shop) As(name, pin string) offline.Session {
	s.TB.Helper()
	who, err := s.Desk.SignIn(context.Background(), name, pin)
	s.Must(err)
	return who
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

// Codes generates so many codes that the desk knows.
func (s *Shop) Codes(n int) (codes []string) {
	s.TB.Helper()
	box, err := s.Sandbox.Generate(1, 1, n)
	s.Must(err)
	_, err = s.Desk.Lookup(context.Background(), api.ID(box), func(n api.Node) error {
		if n.Level == api.LevelCode {
			codes = append(codes, n.ID)
		}
		return nil
	})
	s.Must(err)
	return codes
}

// LookUp has the desk learn an id from the platform.
func (s *Shop) LookUp(id string) {
	s.TB.Helper()
	if card, err := s.Desk.Lookup(context.Background(), api.ID(id), nil); err != nil || !card.Fresh {
		s.TB.Fatalf("look-up of %s: fresh %v, %v", id, card.Fresh, err)
	}
}

// Zone is the shop's.
var Zone = time.FixedZone("CST", 8*60*60)

// Clock starts at a given moment, runs on, and can be set forward.
type Clock struct {
	mu      sync.Mutex
	ahead   time.Duration // of the machine's
	stopped time.Time     // the machine's time where it stands still, zero where it runs
}

// NewClock returns a clock that shows a moment now.
func NewClock(from time.Time) *Clock {
	c := &Clock{}
	c.Forward(time.Until(from))
	return c
}

// Now is the clock's time, as it would be read from a file: without a monotonic reading.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.stopped
	if now.IsZero() {
		now = time.Now()
	}
	return now.Add(c.ahead).In(Zone).Round(0)
}

// Stop has the clock go on by Forward alone, until what it returns is called, or
// what stopped it before.
func (c *Clock) Stop() (run func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.stopped.IsZero() {
		return func() {}
	}
	c.stopped = time.Now()
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.ahead -= time.Since(c.stopped)
		c.stopped = time.Time{}
	}
}

// Forward sets the clock forward.
func (c *Clock) Forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}
