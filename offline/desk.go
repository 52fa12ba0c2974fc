package offline

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"counterfoil/api"
	"counterfoil/offline/day"
	"counterfoil/offline/journal"
	"counterfoil/offline/link"
	"counterfoil/offline/lookups"
	"counterfoil/offline/operators"
	"counterfoil/offline/platformtime"
	"counterfoil/offline/send"
	"counterfoil/offline/worklist"
)

// Desk accepts, sends, asks and remembers. Its public acts are in the files of
// this package; the rooms below do the work. It is safe for concurrent use.
type Desk struct {
	s      Settings
	client *api.Client
	data   *folder

	people  *operators.People
	clock   *platformtime.Clock
	traces  *platformtime.Traces
	link    *link.Link
	lookups *lookups.Lookups
	list    *worklist.List
	sender  *send.Sender

	ids    worklist.IDs
	watch  *watchers
	health *health
	work   work
}

// work is what a started desk does in the background.
type work struct {
	mu      sync.Mutex
	started bool
	cancel  context.CancelFunc
	jobs    sync.WaitGroup
	stopped func() error // ends the desk; runs once
}

// sendingGrace is how long Stop waits for answers on their way before it cuts
// them off. What is cut off reads unknown and is asked about at the next start.
const sendingGrace = 3 * time.Second

// Open opens the data folder and marks what was in flight as unknown. It
// starts nothing. Errors: ErrLocked, ErrNewerDatabase, ErrDamaged, ErrReadOnly.
func Open(ctx context.Context, s Settings, client *api.Client) (*Desk, error) {
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.Zone == nil {
		s.Zone = time.FixedZone("CST", 8*60*60)
	}
	d := &Desk{s: s, client: client, watch: newWatchers(), health: newHealth()}
	var err error
	if d.data, err = openFolder(ctx, s, d.changed); err != nil {
		return nil, publicError(err)
	}
	d.work.stopped = sync.OnceValue(d.stop)
	d.wire()
	if err := d.startUp(ctx); err != nil {
		d.sender.Close()
		d.lookups.Close()
		return nil, publicError(errors.Join(err, d.data.close()))
	}
	return d, nil
}

// wire connects the rooms below the desk with each other.
func (d *Desk) wire() {
	s := d.s
	d.people = operators.New(d.journal, func() time.Time { return s.Now().In(s.Zone) }, s.PublicPINs, d.restored)
	d.clock = platformtime.NewClock(platformtime.Options{
		Now: s.Now, Zone: s.Zone, Journal: d.journal, Beside: s.ReadOnly, Changed: d.changed, Log: s.Log,
	})
	d.traces = platformtime.NewTraces(d.clock, s.Number)
	d.list = worklist.NewList(d.clock, s.Rules.SettleTime)
	d.link = link.New(link.Options{
		Now: s.Now, Alive: d.askAlive, Heard: d.clock.Note, Changed: d.linkChanged,
		Permit: func() (func(), bool) { return d.sender.PermitProbe() },
		Back:   func() { d.list.DropPauses(true) },
	})
	d.lookups = lookups.New(lookups.Options{
		Client: d.client, Action: s.Calls.LookupAction, MaxAge: s.Calls.PrelookMaxAge,
		Link: d.link, Clock: d.clock, Traces: d.traces,
		Catalog: d.data.catalog, ReadOnly: s.ReadOnly, Changed: d.changed, Log: s.Log, Final: s.Rules.Final,
	})
	d.data.reviews = d.newReviews()
	d.sender = send.New(send.Options{
		Platform: send.Platform{Client: d.client, Link: d.link, Clock: d.clock, Traces: d.traces},
		Rules:    s.Rules, Calls: s.Calls, Journal: d.journal, List: d.list, Lookups: d.lookups,
		Above: d.above, Samples: d.samples, Changed: d.changed, Log: s.Log,
	})
}

// journal is the journal as it was opened last.
func (d *Desk) journal() *journal.Journal { return d.data.journal() }

// Start begins probing, replaying and asking in the background.
func (d *Desk) Start() {
	d.work.mu.Lock()
	defer d.work.mu.Unlock()
	if d.work.started || d.s.ReadOnly {
		return
	}
	d.work.started = true
	ctx, cancel := context.WithCancel(context.Background())
	d.work.cancel = cancel
	d.sender.Start()
	watchClock := func(ctx context.Context) { d.clock.Watch(ctx, d.sender.Wake) }
	for _, job := range []func(context.Context){d.supervise, d.link.Run, watchClock, d.superviseCatalog, d.tellAllGaps} {
		d.work.jobs.Go(func() { job(ctx) })
	}
}

// started reports a desk that sends by itself.
func (d *Desk) started() bool {
	d.work.mu.Lock()
	defer d.work.mu.Unlock()
	return d.work.started
}

// Stop ends the background work, waits for it and closes the data folder. A
// second call returns what the first one did.
func (d *Desk) Stop() error { return d.work.stopped() }

func (d *Desk) stop() error {
	d.work.mu.Lock()
	cancel := d.work.cancel
	d.work.mu.Unlock()
	if cancel != nil {
		cancel()
	}
	d.work.jobs.Wait()
	d.sender.Finish(d.grace())
	d.sender.Close()
	if err := d.traces.Save(); err != nil {
		d.s.Log.Error("trace sequence not saved", "err", err)
	}
	d.lookups.Close()
	d.client.Close()
	return publicError(d.data.close())
}

// grace is how long Stop waits: for the answers of attempts, since a question
// that is cut off costs nothing.
func (d *Desk) grace() (wait time.Duration) {
	d.list.Each(func(op *Operation) {
		if op.State == Sending {
			wait = sendingGrace
		}
	})
	return wait
}

// Parallel is how many calls to the platform may be made at the same time.
func (d *Desk) Parallel() int { return max(d.s.Calls.Parallel, 1) }

// Day is the current business day, yyyy-MM-dd: a night's sales before
// day_starts_at belong to the evening before.
func (d *Desk) Day() string { return d.dayOf(d.clock.Platform()) }

func (d *Desk) dayOf(t time.Time) string { return day.Of(t.In(d.s.Zone), d.s.DayStartsAt) }
