package send_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/assets"
	"counterfoil/offline/catalog"
	"counterfoil/offline/journal"
	"counterfoil/offline/link"
	"counterfoil/offline/lookups"
	"counterfoil/offline/operation"
	"counterfoil/offline/platformtime"
	"counterfoil/offline/send"
	"counterfoil/offline/worklist"
)

// Ids of the demo's boxes.
const (
	reel     = api.ID("R112102F-0000242-2585") // two codes, not active
	reelCode = api.ID("1001901070000000258-M4DEDSfV")
)

var zone = time.FixedZone("CST", 8*60*60)

// till is a sender with a journal of its own; a front stands before its platform.
type till struct {
	*send.Sender
	t       *testing.T
	options send.Options
	front   *front
	sandbox *sandbox.Sandbox
	journal *journal.Journal
	list    *worklist.List
	link    *link.Link
	lookups *lookups.Lookups
	catalog *catalog.Catalog
	traces  *platformtime.Traces
	ahead   atomic.Int64 // by how much all clocks were set on
	ops     atomic.Int64
	changed chan struct{} // holds one where something changed
	running sync.WaitGroup
	cancel  context.CancelFunc // ends Run
}

func openTill(t *testing.T, change ...func(*send.Options)) *till {
	t.Helper()
	l := &till{t: t, changed: make(chan struct{}, 1)}
	begun, from := time.Now(), time.Date(2026, 11, 22, 12, 0, 0, 0, zone)
	now := func() time.Time { return from.Add(time.Since(begun) + time.Duration(l.ahead.Load())) }
	log := slog.New(slog.DiscardHandler)
	var err error
	l.sandbox, err = sandbox.New(sandbox.Options{Seed: 1, Now: now})
	l.must(err)
	l.must(l.sandbox.Load(bytes.NewReader(assets.DemoBoxes)))
	l.front = &front{Handler: l.sandbox.Handler(), held: map[string]chan struct{}{}}
	server := httptest.NewServer(l.front)
	client, err := api.New(api.Settings{
		POSPURL: server.URL + "/ebuyweb-posp/api", PaaSURL: server.URL + "/paas/micro/ecoupon", AnswerTimeout: 30 * time.Second, ShopNo: "1490", TraceMustMatch: true,
		Device: api.Device{DeviceNo: "POS01", Brand: "663", MWVersion: "1", PTLVersion: "1", POSVersion: "1"},
		MACKey: sandbox.DefaultMACKey, AppSecret: sandbox.DefaultAppSecret, Now: now,
		B2BURL: server.URL + sandbox.B2BPath, B2B: api.B2B{PartnerID: 1504, MerchantID: "10001"},
	})
	l.must(err)
	dir, err := os.MkdirTemp("/dev/shm", "counterfoil-test-")
	if err != nil {
		dir = t.TempDir()
	}
	l.journal, err = journal.Open(context.Background(), journal.Options{Dir: dir, Now: now})
	l.must(err)
	cache, err := catalog.Open(context.Background(), catalog.Options{Dir: dir})
	l.catalog = cache
	l.must(err)
	theJournal := func() *journal.Journal { return l.journal }
	clock := platformtime.NewClock(platformtime.Options{Now: now, Zone: zone, Journal: theJournal, Changed: l.signal, Log: log})
	l.traces = platformtime.NewTraces(clock, 1)
	l.link = link.New(link.Options{
		Now: now, Heard: clock.Note, Changed: func(bool, api.Answer) { l.Wake() },
		Back:   func() { l.list.DropPauses(true) },
		Permit: func() (func(), bool) { return l.PermitProbe() },
		Alive: func(ctx context.Context) api.Answer {
			trace, err := l.traces.Loose()
			if err != nil {
				return api.Answer{Outcome: api.NotSent, Reason: api.ReasonCancelled, Err: err}
			}
			return client.Query(ctx, api.QueryRequest{TraceNo: trace, OriginalTraceNo: trace})
		},
	})
	l.options = send.Options{
		Rules: operation.Rules{
			SettleTime: 10 * time.Millisecond, AttentionAfter: time.Minute, AbsentAfter: time.Hour,
			VoidLeaves: api.StatusVoid, StatusForwardOnly: true, StatusAloneDone: true,
		},
		Calls: send.Calls{
			AnswerTimeout: 30 * time.Second, PrelookMaxAge: time.Minute, Parallel: 4, LookupAction: api.ActionLookup, ReelActions: true,
		},
		Platform: send.Platform{Client: client, Link: l.link, Clock: clock, Traces: l.traces},
		Journal:  theJournal, Log: log, Changed: l.signal,
		Above: func(ctx context.Context, id api.ID) map[api.Level]string {
			_, above, err := cache.Above(ctx, id)
			l.must(err)
			return above
		},
		Samples: func(context.Context, *operation.RangeOrder, func(api.ID) bool) []api.ID { return nil },
	}
	for _, f := range change {
		f(&l.options)
	}
	l.lookups = lookups.New(lookups.Options{
		Client: client, Action: api.ActionLookup, MaxAge: l.options.Calls.PrelookMaxAge, Link: l.link, Clock: clock, Traces: l.traces,
		Catalog: func() *catalog.Catalog { return cache }, Changed: l.signal, Log: log,
	})
	l.list = worklist.NewList(clock, l.options.Rules.SettleTime)
	l.options.List, l.options.Lookups = l.list, l.lookups
	l.Sender = send.New(l.options)
	l.Start()
	t.Cleanup(func() {
		l.front.letGo()
		l.stop(0)
		l.Close()
		l.lookups.Close()
		client.Close()
		_ = cache.Close()
		_ = l.journal.Close()
		server.Close()
		_ = l.sandbox.Close()
		_ = os.RemoveAll(dir)
	})
	return l
}

// run has the sender hand out what is due.
func (l *till) run() {
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	l.running.Go(func() { l.Run(ctx) })
}

// stop ends the sender as the desk does.
func (l *till) stop(grace time.Duration) {
	if l.cancel != nil {
		l.cancel()
	}
	l.running.Wait()
	l.Finish(grace)
}

func (l *till) signal() {
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

func (l *till) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// until waits for a condition.
func (l *till) until(what string, ok func() bool) {
	l.t.Helper()
	deadline := time.After(2 * time.Minute)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-l.changed:
		case <-tick.C:
		case <-deadline:
			l.t.Fatalf("never came true: %s", what)
		}
	}
}

func (l *till) faults(do ...sandbox.Fault) {
	l.t.Helper()
	l.must(l.sandbox.SetFaults(do))
}

func (l *till) forward(d time.Duration) { l.ahead.Add(int64(d)) }

// codes generates a box and returns its codes.
func (l *till) codes(n int) (all []api.ID) {
	l.t.Helper()
	box, err := l.sandbox.Generate(1, 1, n)
	l.must(err)
	answer, _ := l.lookups.Show(context.Background(), api.ID(box), func(n api.Node) error {
		if n.Level == api.LevelCode {
			all = append(all, api.ID(n.ID))
		}
		return nil
	})
	if !answer.Success() || len(all) != n {
		l.t.Fatalf("%d codes of box %s: %+v", len(all), box, answer)
	}
	return all
}

// show looks ids up for somebody who waits: they are fresh then.
func (l *till) show(ids ...api.ID) {
	l.t.Helper()
	for _, id := range ids {
		if answer, _ := l.lookups.Show(context.Background(), id, nil); !answer.Success() {
			l.t.Fatalf("look-up of %s: %+v", id, answer)
		}
	}
}

// accept places an operation on the list, as the desk does; it stays claimed.
func (l *till) accept(kind operation.Kind, id api.ID) *worklist.Item {
	l.t.Helper()
	op, _ := operation.Accepted(operation.Operation{
		Kind: kind, ID: string(id), Level: string(id.Level()), AmountFen: 3000, Offline: true,
		Operator: "amy", Counter: "C01", AcceptedAt: l.options.Clock.Now(), Day: "2026-11-22",
	})
	if kind == operation.Void {
		op.AmountFen = 0
	}
	return l.place(worklist.New(op, l.options.Above(context.Background(), id)))
}

func (l *till) place(item *worklist.Item) *worklist.Item {
	l.t.Helper()
	name := func() string { return fmt.Sprintf("01K%023d", l.ops.Add(1)) }
	l.must(l.list.Accept(item, func(worklist.View) error { return nil }, name))
	return item
}

// wait has operations wait in the queue, and returns their numbers.
func (l *till) wait(kind operation.Kind, ids ...api.ID) (ops []string) {
	l.t.Helper()
	for _, id := range ids {
		ops = append(ops, l.queue(l.accept(kind, id), operation.EventAccepted).Op)
	}
	return ops
}

// queue commits what became of an item, and gives it back.
func (l *till) queue(item *worklist.Item, event operation.Event, change ...func(*operation.Operation)) operation.Operation {
	l.t.Helper()
	op := item.Operation()
	for _, f := range change {
		f(&op)
	}
	op, err := l.CommitOnce(item, op, event)
	l.must(err)
	l.Release(item)
	return op
}

// sells accepts an operation that goes out at once beside all others.
func (l *till) sells(kind operation.Kind, id api.ID) string {
	l.t.Helper()
	item := l.accept(kind, id)
	begun, sent, err := l.AcceptAndSend(item, operation.EventAccepted, false)
	l.must(err)
	if !sent {
		begun, err = l.CommitOnce(item, item.Operation(), operation.EventAccepted)
		l.must(err)
		l.SendBeside(item, false)
	}
	return begun.Op
}

// stored is an operation as the journal has it.
func (l *till) stored(op string) operation.Operation {
	l.t.Helper()
	got, err := l.journal.Operation(context.Background(), op)
	l.must(err)
	return got
}

// count counts the stored operations of a state.
func (l *till) count(state operation.State) int {
	ops, err := l.journal.Operations(context.Background(), journal.Query{States: []operation.State{state}})
	if err != nil {
		l.t.Error(err)
	}
	return len(ops)
}

func (l *till) wantState(op string, want operation.State) operation.Operation {
	l.t.Helper()
	got := l.stored(op)
	if got.State != want {
		l.t.Fatalf("%s is %s (%s), want %s: %+v", op, got.State, got.Why, want, got.Attempts)
	}
	return got
}

// wantEffects holds what the platform applied against what should be.
func (l *till) wantEffects(ids ...api.ID) {
	l.t.Helper()
	got := map[string]int{}
	for _, e := range l.sandbox.Effects() {
		got[e.ID]++
	}
	for _, id := range ids {
		if got[string(id)] != 1 {
			l.t.Errorf("%s: %d effects", id, got[string(id)])
		}
		delete(got, string(id))
	}
	if len(got) > 0 {
		l.t.Errorf("effects on others: %v", got)
	}
}
