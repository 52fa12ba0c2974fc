package lookups_test

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/assets"
	"counterfoil/offline/catalog"
	"counterfoil/offline/link"
	"counterfoil/offline/lookups"
	"counterfoil/offline/platformtime"
)

// Ids of the demo's boxes.
const (
	box   = api.ID("X1123-6430582-102F5")
	reel  = api.ID("R112102F-0000242-2585") // two codes, not active
	code  = api.ID("1001901070000000258-M4DEDSfV")
	other = api.ID("R151102F-0000241-2555")
)

// till is a room of look-ups on a catalog of its own, with the sandbox as its platform.
type till struct {
	*lookups.Lookups
	t       *testing.T
	sandbox *sandbox.Sandbox
	client  *api.Client
	catalog *catalog.Catalog
	clock   *platformtime.Clock
	traces  *platformtime.Traces
	// answered, where it is set, is called with each answer before anything comes of it.
	answered func(api.Answer)
	wrong    atomic.Int64 // by how much the till's own clock is
	stopped  atomic.Bool  // all clocks stand still, where they began
	changed  atomic.Int64
	end      func() // closes the look-ups, once
}

var zone = time.FixedZone("CST", 8*60*60)

func openTill(t *testing.T, change ...func(*lookups.Options)) *till {
	l := &till{t: t}
	begun, from := time.Now(), time.Date(2026, 11, 22, 12, 0, 0, 0, zone)
	truth := func() time.Time {
		if l.stopped.Load() {
			return from
		}
		return from.Add(time.Since(begun))
	}
	now := func() time.Time { return truth().Add(time.Duration(l.wrong.Load())) }
	var err error
	l.sandbox, err = sandbox.New(sandbox.Options{Seed: 1, Now: truth})
	l.must(err)
	l.must(l.sandbox.Load(bytes.NewReader(assets.DemoBoxes)))
	server, err := l.sandbox.Listen("127.0.0.1:0")
	l.must(err)
	l.client, err = api.New(api.Settings{
		POSPURL: server.URL() + "/ebuyweb-posp/api", AnswerTimeout: 30 * time.Second, ShopNo: "1490", TraceMustMatch: true,
		Device: api.Device{DeviceNo: "POS01", Brand: "663", MWVersion: "1", PTLVersion: "1", POSVersion: "1"},
		MACKey: sandbox.DefaultMACKey, AppSecret: sandbox.DefaultAppSecret, Now: now,
	})
	l.must(err)
	l.catalog, err = catalog.Open(context.Background(), catalog.Options{Dir: t.TempDir()})
	l.must(err)
	log := slog.New(slog.DiscardHandler)
	// Beside an open counter a clock writes nothing, so that no journal is needed.
	l.clock = platformtime.NewClock(platformtime.Options{Now: now, Zone: zone, Beside: true, Changed: func() {}, Log: log})
	l.traces = platformtime.NewTraces(l.clock, 1)
	o := lookups.Options{
		Client: l.client, Action: api.ActionLookup, MaxAge: time.Minute, Clock: l.clock, Traces: l.traces,
		Link: link.New(link.Options{
			Now: now, Heard: l.heard, Back: func() {}, Changed: func(bool, api.Answer) {},
			Alive: func(ctx context.Context) api.Answer {
				trace := l.trace()
				return l.client.Query(ctx, api.QueryRequest{TraceNo: trace, OriginalTraceNo: trace})
			},
		}),
		Catalog: func() *catalog.Catalog { return l.catalog }, Changed: func() { l.changed.Add(1) }, Log: log,
	}
	for _, f := range change {
		f(&o)
	}
	l.Lookups = lookups.New(o)
	l.end = sync.OnceFunc(l.Close)
	t.Cleanup(func() {
		l.end()
		l.client.Close()
		_ = l.catalog.Close()
		_ = server.Close()
		_ = l.sandbox.Close()
	})
	return l
}

func (l *till) trace() string {
	l.t.Helper()
	trace, err := l.traces.Loose()
	if err != nil {
		l.t.Error(err)
	}
	return trace
}

// activates sells a code, as a drain does.
func (l *till) activates(id api.ID) {
	l.t.Helper()
	l.Look(context.Background(), id)
	answer := l.client.Activate(context.Background(), api.ActivateRequest{TraceNo: l.trace(), ID: id, TotalAmount: "1500"})
	l.Sent(id)
	if !answer.Success() {
		l.t.Errorf("activation of %s: %+v", id, answer)
	}
	l.Confirm(id, "00")
}

func (l *till) heard(a api.Answer) {
	l.clock.Note(a)
	if l.answered != nil {
		l.answered(a)
	}
}

func (l *till) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *till) faults(do ...sandbox.Fault) {
	l.t.Helper()
	l.must(l.sandbox.SetFaults(do))
}

// show looks id up for somebody who waits.
func (l *till) show(id api.ID) {
	l.t.Helper()
	if answer, _ := l.Show(context.Background(), id, nil); !answer.Success() {
		l.t.Fatalf("look-up of %s: %+v", id, answer)
	}
}

// look looks id up for the counter's own ends.
func (l *till) look(id api.ID) {
	l.t.Helper()
	if answer, _ := l.Look(context.Background(), id); !answer.Success() {
		l.t.Fatalf("look-up of %s: %+v", id, answer)
	}
}

// node is what the catalog holds of id, once all that is known by now is written.
func (l *till) node(id api.ID) (catalog.Node, bool) {
	l.t.Helper()
	l.Flush()
	n, ok, err := l.catalog.Get(context.Background(), id)
	l.must(err)
	return n, ok
}

func (l *till) wantFresh(id api.ID, want bool) {
	l.t.Helper()
	if _, fresh := l.Fresh(id); fresh != want {
		l.t.Errorf("%s: fresh %v, want %v", id, fresh, want)
	}
}

// codes generates a box and returns its codes.
func (l *till) codes(packages, reels, codes int) (box api.ID, all []api.ID) {
	l.t.Helper()
	id, err := l.sandbox.Generate(packages, reels, codes)
	l.must(err)
	answer, _ := l.Show(context.Background(), api.ID(id), func(n api.Node) error {
		if n.Level == api.LevelCode {
			all = append(all, api.ID(n.ID))
		}
		return nil
	})
	if !answer.Success() || len(all) != codes {
		l.t.Fatalf("%d codes of box %s: %+v", len(all), id, answer)
	}
	return api.ID(id), all
}
