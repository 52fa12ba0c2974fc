package send

import (
	"context"
	"log/slog"
	"time"

	"counterfoil/api"
	"counterfoil/offline/journal"
	"counterfoil/offline/link"
	"counterfoil/offline/lookups"
	"counterfoil/offline/operation"
	"counterfoil/offline/platformtime"
	"counterfoil/offline/worklist"
)

// Calls say how the platform is called (configuration: [platform]).
type Calls struct {
	AnswerTimeout  time.Duration
	PrelookMaxAge  time.Duration // of the look-up an attempt is sent on
	Parallel       int           // calls on their way at once
	AmountInYuan   bool          // what totalAmount counts; fen otherwise (platform.md §5)
	FaceValueInFen bool
	LookupAction   string
	ReelActions    bool // reelActiveVoucher and reelDelVoucher for all but codes
}

// Options are what a sender is given from outside.
type Options struct {
	Platform
	Rules   operation.Rules
	Calls   Calls
	Journal func() *journal.Journal // the one opened last
	List    *worklist.List
	Lookups *lookups.Lookups
	// Above is what holds an id, as far as it is known now.
	Above func(context.Context, api.ID) map[api.Level]string
	// Samples are a few codes of a range, as far as the catalog knows any that is
	// allows; nil allows all.
	Samples func(ctx context.Context, r *operation.RangeOrder, is func(api.ID) bool) []api.ID
	Changed func() // called after something that a face may show changed
	Log     *slog.Logger
}

// Platform is the way to it: the client, the link, its clock and its trace numbers.
type Platform struct {
	Client *api.Client
	Link   *link.Link
	Clock  *platformtime.Clock
	Traces *platformtime.Traces
}

// Sender sends and asks. It is safe for concurrent use.
type Sender struct {
	o Options
	// drain is the lane of what waits. Its gathering is nil where few attempts may be
	// open at once: a worker would only wait.
	drain lane
	wake  chan struct{} // holds one where the dispatcher should look again
	jobs  jobs
	crew  crew
	fault fault
}

// aheadMost is how many attempts may be committed and not answered where a
// repeat can do no harm. Elsewhere it is the number of calls at once.
const aheadMost = 64

// New returns a sender that does nothing yet by itself.
func New(o Options) *Sender {
	o.Calls.Parallel = max(o.Calls.Parallel, 1)
	ahead := o.Calls.Parallel
	if o.Rules.StatusForwardOnly {
		ahead = max(ahead, aheadMost)
	}
	calls, cut := context.WithCancel(context.Background())
	s := &Sender{
		o: o, wake: make(chan struct{}, 1), jobs: jobs{calls: calls, cut: cut},
		drain: lane{permits: newPermits(o.Calls.Parallel), attempts: newPermits(ahead)},
	}
	if ahead > o.Calls.Parallel {
		s.drain.gathering = &gathering{}
	}
	return s
}

// Start lets jobs begin: those of Run and those that a cashier waits for.
func (s *Sender) Start() { s.jobs.start() }

// Finish lets no further job begin and waits for those at work; after grace
// their calls are cut off. What is cut off reads unknown and is asked about.
func (s *Sender) Finish(grace time.Duration) { s.jobs.finish(grace) }

// Close cuts off what Finish left.
func (s *Sender) Close() { s.jobs.close() }

// Wake has the dispatcher look again; one that already waits is enough.
func (s *Sender) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// PermitProbe takes a permit for a probe. Where all are taken the probe is not
// needed, since those calls tell as much; on a link that is offline it needs no
// permit, since nothing else asks.
func (s *Sender) PermitProbe() (release func(), ok bool) {
	if s.drain.permits.try() {
		return s.drain.permits.give, true
	}
	return func() {}, s.o.Link.State() == link.Offline
}

// Permit waits for the right to make one call that nobody at the counter waits
// for; ok is false where ctx ended first.
func (s *Sender) Permit(ctx context.Context) (release func(), ok bool) {
	return s.drain.permits.give, s.drain.permits.take(ctx, false)
}

// release gives items back to the list, and wakes the dispatcher and the faces.
func (s *Sender) release(items ...*worklist.Item) {
	for range s.o.List.Release(items...) {
		s.o.Link.NoteClosed()
	}
	s.Wake()
	s.o.Changed()
}

// Release gives back an item that the caller claimed.
func (s *Sender) Release(item *worklist.Item) { s.release(item) }
