package lookups

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"counterfoil/api"
	"counterfoil/offline/catalog"
	"counterfoil/offline/link"
	"counterfoil/offline/operation"
	"counterfoil/offline/platformtime"
)

// Options are what the look-ups are given from outside.
type Options struct {
	Client  *api.Client
	Action  string        // of a look-up: the setting lookup_action
	MaxAge  time.Duration // of a look-up that an attempt may be sent on: prelook_max_age
	Link    *link.Link
	Clock   *platformtime.Clock
	Traces  *platformtime.Traces
	Catalog func() *catalog.Catalog // the one opened last
	// ReadOnly keeps nothing in the catalog.
	ReadOnly bool
	Changed  func() // called after confirmed statuses were written
	Log      *slog.Logger
	// Final reports a refusal that says something of what was asked; nil for none.
	Final func(api.Answer) bool
}

// Lookups is safe for concurrent use.
type Lookups struct {
	o       Options
	prelook *prelookCache
	writer  *catalogWriter
	yield   downloadYield

	// order keeps an answer from overwriting a status that is newer. An answer
	// is checked under it, enters the writer's queue under it, and is dropped
	// where an attempt went out since its question; a confirmed status enters
	// the queue under it after its attempt went out. So each answer is either
	// dropped or lies before the status.
	order sync.Mutex
}

// New starts the catalog's writer; Close ends it.
func New(o Options) *Lookups {
	l := &Lookups{o: o, prelook: newPrelookCache(o.MaxAge, o.Clock.Now)}
	l.writer = newCatalogWriter(o.Catalog, l.warn, o.Changed)
	return l
}

// Close writes what waits for the catalog. What comes later is dropped.
func (l *Lookups) Close() { l.writer.close() }

func (l *Lookups) warn(err error) { l.o.Log.Warn("catalog", "err", err) }

// Look asks the platform about id for the counter's own purposes, and again
// where a bad line lost the answer. What was seen is written into the catalog
// later, a large answer before Look returns; where it cannot be written, the
// answer still stands.
func (l *Lookups) Look(ctx context.Context, id api.ID) (answer api.Answer, seen operation.Seen) {
	answer = l.o.Link.Insist(ctx, func() api.Answer {
		answer, seen = l.ask(ctx, id, nil)
		return answer
	})
	return answer, seen
}

// Nodes is Look for somebody who wants each node; those of an answer that was
// lost come again.
func (l *Lookups) Nodes(ctx context.Context, id api.ID, each func(api.Node) error) api.Answer {
	return l.o.Link.Insist(ctx, func() api.Answer {
		answer, _ := l.ask(ctx, id, each)
		return answer
	})
}

// Show asks the platform about id for somebody who waits. each sees every node
// as it arrives, provisionally, and may be nil. What was seen is in the catalog
// when Show returns, where it could be written, and counts as fresh.
func (l *Lookups) Show(ctx context.Context, id api.ID, each func(api.Node) error) (api.Answer, operation.Seen) {
	begun := l.prelook.begin()
	sink, end := l.yield.waitedFor(ctx, each)
	defer end()
	answer, seen := l.ask(ctx, id, sink)
	l.came(id, answer, seen, begun)
	return answer, seen
}

// ShowInTurn is Show for one of a batch: it makes its call with a permit, and what
// was seen comes into the catalog together with what others of the batch saw. A
// sale waits for it: after that time, whatever still comes, there is no answer.
func (l *Lookups) ShowInTurn(ctx context.Context, id api.ID, within time.Duration, permit func(context.Context) (release func(), ok bool)) (api.Answer, operation.Seen) {
	release, ok := permit(ctx)
	if !ok {
		return api.Answer{Outcome: api.NotSent, Reason: api.ReasonCancelled, Err: ctx.Err()}, operation.Seen{}
	}
	begun := l.prelook.begin() // what goes out while it waits for its turn is no matter
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	answer, seen := l.ask(ctx, id, nil)
	release()
	if answer.Success() {
		l.Flush()
	}
	l.came(id, answer, seen, begun)
	return answer, seen
}

// came keeps what a look-up brought that somebody waited for. A refusal is an answer:
// an attempt is told the same before it is sent, and does not wait.
func (l *Lookups) came(id api.ID, answer api.Answer, seen operation.Seen, begun int64) {
	switch {
	case answer.Success():
		l.prelook.put(id, seen, begun)
	case l.o.Final == nil || !l.o.Final(answer):
		l.prelook.missed(id)
	}
}

// Fresh returns what was shown of id in this run, where it is not older than
// prelook_max_age and no attempt of ours may have changed it since.
func (l *Lookups) Fresh(id api.ID) (operation.Seen, bool) { return l.prelook.get(id) }

// InVain reports that the last look-up of id that somebody waited for brought nothing.
func (l *Lookups) InVain(id api.ID) bool { return l.prelook.inVain(id) }

// Sent notes that an attempt on id went out: what was seen before it may not be
// true any more.
func (l *Lookups) Sent(id api.ID) { l.prelook.sentOn(id) }

// Confirm notes in the catalog a status that the platform confirmed. It waits
// for a place among what is to be written.
func (l *Lookups) Confirm(id api.ID, status string) {
	at := l.o.Clock.Now()
	l.order.Lock()
	defer l.order.Unlock()
	l.writer.confirm(catalog.Confirmed{ID: id, Status: status, Seen: at})
}

// flushPatience bounds how long somebody waits for the catalog's writer.
const flushPatience = 200 * time.Millisecond

// Flush waits, but not for long, until what is known by now is in the catalog.
func (l *Lookups) Flush() { l.writer.flush(flushPatience) }

// statusUnread counts what an answer held under an id that cannot be one.
const statusUnread = "?"

// ask puts the question, and once more where the answer itself showed that the
// number's date was wrong, was about something else, or packed: asked again, it
// may be about the voucher. sink is nil where nobody waits; Look insists by itself.
func (l *Lookups) ask(ctx context.Context, id api.ID, sink func(api.Node) error) (api.Answer, operation.Seen) {
	answer, seen, dated := l.askOnce(ctx, id, sink)
	if !dated || sink != nil && (answer.Reason == api.ReasonOther || answer.Reason == api.ReasonCoding) {
		answer, seen, _ = l.askOnce(ctx, id, sink)
	}
	return answer, seen
}

// askOnce makes one call; dated is false for a refusal of a number whose date
// turned out not to be the platform's.
func (l *Lookups) askOnce(ctx context.Context, id api.ID, sink func(api.Node) error) (_ api.Answer, seen operation.Seen, dated bool) {
	trace, err := l.o.Traces.Loose()
	if err != nil {
		return api.Answer{Outcome: api.NotSent, Reason: api.ReasonCancelled, Err: err}, seen, true
	}
	store := l.newStore(ctx, id, sink == nil)
	defer store.abort()
	codes := counts{asked: string(id)}
	answer := l.o.Client.Lookup(ctx, api.LookupRequest{TraceNo: trace, ID: id, Action: l.o.Action}, func(n api.Node) error {
		codes.add(n)
		store.add(ctx, n)
		if sink != nil {
			return sink(n)
		}
		return nil
	})
	l.o.Link.Note(answer)
	seen = operation.Seen{At: l.o.Clock.Now(), Code: answer.Code}
	if !answer.Success() {
		return answer, seen, answer.Outcome != api.Answered || l.o.Traces.Today(trace)
	}
	stored := store.commit(ctx, seen.At)
	if seen.Counts = codes.byStatus(); codes.tooMany {
		seen.Counts = stored
	}
	if answer.Skipped > 0 && len(seen.Counts) > 0 {
		// What could not be read might be a code of any status.
		seen.Counts[statusUnread] += int(answer.Skipped)
	}
	return answer, seen, true
}
