package offline

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"counterfoil/api"
	"counterfoil/offline/catalog"
	"counterfoil/offline/journal"
	"counterfoil/offline/journal/salvage"
	"counterfoil/offline/link"
	"counterfoil/offline/lookups"
	"counterfoil/offline/operators"
	"counterfoil/offline/platformtime"
)

// Desk is the counter's one worker for money: it accepts, sends, asks and
// remembers. It is safe for concurrent use.
type Desk struct {
	s      Settings
	client *api.Client
	book   atomic.Pointer[journal.Journal] // another one after a reopening
	cache  atomic.Pointer[catalog.Catalog]
	people *operators.People
	log    *slog.Logger

	clock   *platformtime.Clock
	traces  *platformtime.Traces
	link    *link.Link
	watch   *watchers
	ids     idSource
	lookups *lookups.Lookups
	drain   *drain
	healer  *healer

	// gate is held for reading by a person's act on operations, and for writing
	// while the data folder is opened again.
	gate sync.RWMutex

	// mu guards what follows. It is never held over a commit or a call.
	mu      sync.Mutex
	open    *openSet
	fault   *Error
	healing bool
	healed  *Error // what the last reopening found
	// healedAt is when.
	healedAt time.Time
	started  bool
	// busyLanes counts the lanes at work, at most Calls.Parallel; askingLanes those of them that ask.
	busyLanes, askingLanes int
	// giveWay has a sending lane end where a question is due and nobody asks; lookAgain bounds how often that is looked for.
	giveWay   bool
	lookAgain time.Time

	wake    chan struct{}
	cancel  context.CancelFunc
	workers sync.WaitGroup
	lanes   sync.WaitGroup
	sending context.Context // outlives cancel by a grace, so that an answer on its way is heard
	cut     context.CancelFunc
	stopped func() error // the end, once
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
	j, err := salvage.Open(ctx, journal.Options{Dir: s.Data, Now: s.Now, Log: s.Log, ReadOnly: s.ReadOnly})
	if err != nil {
		return nil, told(err)
	}
	d := &Desk{
		s: s, client: client, log: s.Log,
		watch: newWatchers(),
		open:  newOpenSet(),
		wake:  make(chan struct{}, 1),

		healer: newHealer(),
	}
	d.stopped = sync.OnceValue(d.stop)
	d.book.Store(j)
	d.people = operators.New(d.journal, s.Now, s.PublicPINs)
	c, err := catalog.Open(ctx, d.catalogOptions())
	if err != nil {
		_ = j.Close()
		return nil, told(err)
	}
	d.cache.Store(c)
	d.drain = d.newDrain(d.due, nil)
	d.clock = platformtime.NewClock(platformtime.Options{
		Now: s.Now, Zone: s.Zone, Journal: d.journal, Beside: s.ReadOnly, Changed: d.changed, Log: s.Log,
	})
	d.traces = platformtime.NewTraces(d.clock, s.Number)
	d.link = d.newLink()
	d.lookups = d.newLookups()
	if err := d.traces.Resume(ctx); err != nil {
		d.log.Warn("trace sequence not read", "err", err)
	}
	d.sending, d.cut = context.WithCancel(context.Background())
	if err := d.startOver(ctx); err != nil {
		d.cut()
		d.lookups.Close()
		_ = c.Close()
		_ = d.journal().Close()
		return nil, told(err)
	}
	return d, nil
}

// startOver reads what the last run left. Damage that only reading finds is
// salvaged at once: nothing is on its way yet.
func (d *Desk) startOver(ctx context.Context) error {
	if err := d.clock.Load(ctx); err != nil || d.s.ReadOnly {
		return err
	}
	err := d.recover(ctx, causeEnded)
	if errors.Is(err, journal.ErrDamaged) {
		err = d.reopen(ctx, causeEnded)
	}
	return err
}

// journal is the journal as it was opened last. A reader of the one before is
// told that it is damaged.
func (d *Desk) journal() *journal.Journal { return d.book.Load() }

func (d *Desk) newLookups() *lookups.Lookups {
	return lookups.New(lookups.Options{
		Client: d.client, Action: d.s.Calls.LookupAction, MaxAge: d.s.Calls.PrelookMaxAge,
		Link: d.link, Clock: d.clock, Traces: d.traces,
		Catalog: d.catalog, ReadOnly: d.s.ReadOnly, Changed: d.changed, Log: d.log,
	})
}

// catalog is the catalog as it was opened last.
func (d *Desk) catalog() *catalog.Catalog { return d.cache.Load() }

func (d *Desk) catalogOptions() catalog.Options {
	return catalog.Options{Dir: d.s.Data, ReadOnly: d.s.ReadOnly}
}

// Start begins probing, replaying and asking in the background.
func (d *Desk) Start() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.started || d.s.ReadOnly {
		return
	}
	d.started = true
	ctx, cancel := context.WithCancel(context.Background())
	d.cancel = cancel
	watchClock := func(ctx context.Context) { d.clock.Watch(ctx, d.poke) }
	for _, work := range []func(context.Context){d.work, d.link.Run, watchClock, d.watchCatalog} {
		d.workers.Go(func() { work(ctx) })
	}
}

// Stop ends the background work, waits for it and closes the data folder. A
// second call returns what the first one did.
func (d *Desk) Stop() error { return d.stopped() }

func (d *Desk) stop() error {
	d.mu.Lock()
	cancel := d.cancel
	d.cancel = nil
	d.mu.Unlock()
	if cancel != nil {
		cancel()
	}
	d.workers.Wait()
	grace := time.AfterFunc(sendingGrace, d.cut)
	d.lanes.Wait()
	grace.Stop()
	d.cut()
	if err := d.traces.Save(); err != nil {
		d.log.Error("trace sequence not saved", "err", err)
	}
	d.lookups.Close()
	d.client.Close()
	err := d.catalog().Close()
	if jerr := d.journal().Close(); jerr != nil {
		err = jerr
	}
	if err != nil {
		return told(err)
	}
	return nil
}

// Day is the current business day, yyyy-MM-dd: a night's sales before
// day_starts_at belong to the evening before.
func (d *Desk) Day() string { return d.dayOf(d.clock.Platform()) }

func (d *Desk) dayOf(t time.Time) string {
	return t.In(d.s.Zone).Add(-d.s.DayStartsAt).Format(time.DateOnly)
}

// poke makes the dispatcher look again; a poke that is already waiting is enough.
func (d *Desk) poke() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}
