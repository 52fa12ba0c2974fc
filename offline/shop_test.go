package offline_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/assets"
	"counterfoil/offline"
)

// A shop for tests: the real desk in a folder of its own, the sandbox as its platform.
type shop struct {
	t       testing.TB
	box     *sandbox.Sandbox
	server  *sandbox.Server
	remote  string // the address of a platform in another process, instead of box and server
	dir     string
	rules   offline.Rules
	calls   offline.Calls
	limits  offline.Limits
	now     func() time.Time // the counter's clock
	truth   func() time.Time // the platform's
	folders []string
	client  *api.Client
	desk    *offline.Desk
}

const (
	macKey = "94365019BBF9CEEAB0DF658E67754A70"
	secret = "D6954F665B12A4318DF2DE43082858DE"
	// Seeded by the demo: two codes, not active.
	reel     = api.ID("R112102F-0000242-2585")
	reelCode = api.ID("1001901070000000258-M4DEDSfV")
)

var amy = offline.Session{Name: "amy", Role: offline.Cashier}
var mgr = offline.Session{Name: "mgr", Role: offline.Manager}

// noon keeps a test away from midnight, where no trace number is minted.
func noon() func() time.Time {
	zone := time.FixedZone("CST", 8*60*60)
	start := time.Now()
	local := start.In(zone)
	shift := time.Date(local.Year(), local.Month(), local.Day(), 12, 0, 0, 0, zone).Sub(start)
	return func() time.Time { return time.Now().Add(shift).In(zone) }
}

func openShop(t testing.TB, change ...func(*shop)) *shop {
	t.Helper()
	s := &shop{t: t, now: noon()}
	s.dir = s.folder()
	s.truth = s.now
	s.rules = offline.Rules{
		SettleTime: 30 * time.Millisecond, AttentionAfter: time.Minute, AbsentAfter: time.Hour,
		VoidLeaves: "05", StatusForwardOnly: true, StatusAloneDone: true, DuplicateTraceCodes: []string{"32"},
	}
	s.calls = offline.Calls{
		AnswerTimeout: 300 * time.Millisecond, PrelookMaxAge: time.Minute, Parallel: 4, LookupAction: api.ActionLookup, ReelActions: true,
	}
	s.limits = offline.Limits{MaxOperations: 200, MaxAmountFen: 500_000, MaxTotalFen: 5_000_000, MaxAge: 24 * time.Hour}
	for _, f := range change {
		f(s)
	}
	if s.remote == "" {
		box, err := sandbox.New(sandbox.Options{Seed: 1, Now: s.truth})
		s.must(err)
		s.must(box.Load(bytes.NewReader(assets.DemoBoxes)))
		s.box = box
		s.up()
	}
	s.reopen()
	t.Cleanup(s.close)
	return s
}

// close ends the shop; a test that opens many closes each.
func (s *shop) close() {
	if s.desk != nil {
		s.must(s.desk.Stop())
		s.desk = nil
	}
	if s.box != nil {
		s.down()
		_ = s.box.Close()
		s.box = nil
	}
	for _, dir := range s.folders {
		_ = os.RemoveAll(dir)
	}
	s.folders = nil
}

// folder makes a data folder, in memory where the machine has such a place:
// these tests are about decisions, not about the disk. The shop removes it.
func (s *shop) folder() string {
	s.t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "counterfoil-test-")
	if err != nil {
		return s.t.TempDir()
	}
	s.folders = append(s.folders, dir)
	return dir
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// up brings the platform back at the address it had.
func (s *shop) up() {
	s.t.Helper()
	addr := "127.0.0.1:0"
	if s.server != nil {
		addr = strings.TrimPrefix(s.server.URL(), "http://")
	}
	server, err := s.box.Listen(addr)
	s.must(err)
	s.server = server
}

// down cuts the network: connections are refused.
func (s *shop) down() {
	s.t.Helper()
	_ = s.server.Close()
}

// reopen opens the data folder anew, as a next start of the program would.
func (s *shop) reopen() {
	s.t.Helper()
	url := s.remote
	if url == "" {
		url = s.server.URL()
	}
	client, err := api.New(api.Settings{
		POSPURL: url + "/ebuyweb-posp/api", PaaSURL: url + "/paas/micro/ecoupon", B2BURL: url + "/starbucksjs/b2b/code",
		AnswerTimeout: s.calls.AnswerTimeout, ShopNo: "1490",
		Device: api.Device{DeviceNo: "POS01", Brand: "663", MWVersion: "20261122", PTLVersion: "20161010", POSVersion: "20261122"},
		PaaS:   api.PaaS{AppID: "app", Lang: "zh_CN"}, B2B: api.B2B{PartnerID: 1504, MerchantID: "10001"},
		MACKey: macKey, AppSecret: secret, TraceMustMatch: true, Now: s.now,
	})
	s.must(err)
	desk, err := offline.Open(context.Background(), offline.Settings{
		Data: s.dir, CounterName: "C01", Number: 1, ShopNo: "1490", ShopName: "Demo",
		Zone: time.FixedZone("CST", 8*60*60), DayStartsAt: 4 * time.Hour, Rules: s.rules, Calls: s.calls, Limits: s.limits, Now: s.now,
	}, client)
	s.must(err)
	s.client, s.desk = client, desk
}

func (s *shop) faults(do ...sandbox.Fault) {
	s.t.Helper()
	s.must(s.box.SetFaults(do))
}

func (s *shop) accept(kind offline.Kind, id api.ID, more ...func(*offline.Request)) offline.Operation {
	s.t.Helper()
	op, err := s.tryAccept(kind, id, more...)
	s.must(err)
	return op
}

func (s *shop) tryAccept(kind offline.Kind, id api.ID, more ...func(*offline.Request)) (offline.Operation, error) {
	r := offline.Request{Kind: kind, ID: id, Operator: amy}
	if kind == offline.Activate {
		r.AmountFen = 3000
	}
	for _, f := range more {
		f(&r)
	}
	return s.desk.Accept(context.Background(), r)
}

func waiting(r *offline.Request) { r.Offline = true }

func approved(r *offline.Request) { r.Approver = mgr }

// sent waits for an operation as the command line does.
func (s *shop) sent(op offline.Operation) offline.Operation {
	s.t.Helper()
	got, err := s.desk.Wait(context.Background(), op.Op)
	s.must(err)
	return got
}

// replayed sends and asks until nothing changes, and returns the operation.
func (s *shop) replayed(op offline.Operation) offline.Operation {
	s.t.Helper()
	s.must(s.desk.Replay(context.Background(), nil))
	got, err := s.desk.Operation(context.Background(), op.Op)
	s.must(err)
	return got
}

func (s *shop) wantState(op offline.Operation, want offline.State) {
	s.t.Helper()
	if op.State != want {
		s.t.Fatalf("%s %s is %s (%s), want %s\nattempts %+v\nevidence %+v", op.Kind, op.ID, op.State, op.Why, want, op.Attempts, op.Evidence)
	}
}

func (s *shop) wantEffects(want int) {
	s.t.Helper()
	if got := s.box.Effects(); len(got) != want {
		s.t.Fatalf("the platform applied %d effects, want %d: %+v", len(got), want, got)
	}
}

// until waits for a condition of the running desk.
func (s *shop) until(what string, ok func() bool) {
	s.t.Helper()
	changed, stop := s.desk.Watch()
	defer stop()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-changed:
		case <-tick.C:
		case <-deadline:
			s.t.Fatalf("never came true: %s", what)
		}
	}
}

func (s *shop) state(op string) offline.State {
	got, err := s.desk.Operation(context.Background(), op)
	s.must(err)
	return got.State
}

// movable is a clock that a test sets.
type movable struct{ shift atomic.Int64 }

func (m *movable) over(base func() time.Time) func() time.Time {
	return func() time.Time { return base().Add(time.Duration(m.shift.Load())) }
}

func (m *movable) add(d time.Duration) { m.shift.Add(int64(d)) }
