package send

import (
	"context"
	"log/slog"
	"sync"
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
	Rules   operation.Rules
	Calls   Calls
	Client  *api.Client
	Journal func() *journal.Journal // the one opened last
	List    *worklist.List
	Lookups *lookups.Lookups
	Link    *link.Link
	Clock   *platformtime.Clock
	Traces  *platformtime.Traces
	// Above is what holds an id, as far as it is known now.
	Above func(context.Context, api.ID) map[api.Level]string
	// Samples are a few codes of a range, as far as the catalog knows any.
	Samples func(context.Context, *operation.RangeOrder) []api.ID
	Changed func() // called after something that a face may show changed
	Log     *slog.Logger
}

// Sender sends and asks. It is safe for concurrent use.
type Sender struct {
	o Options
	// permits bound the calls on their way; claims bound the attempts that are
	// committed and not answered: after a crash each of these is asked about.
	permits *permits
	claims  *permits
	// gathering is nil where few attempts may be open at once: a worker would only wait.
	gathering *gathering
	wake      chan struct{} // holds one where the dispatcher should look again
	jobs      sync.WaitGroup

	mu      sync.Mutex // guards what follows
	open    bool       // new jobs may begin
	workers int        // sending
	askers  int        // asking
	looked  time.Time  // when the dispatcher looked over the list last
	fault   error      // the journal's last trouble, nil once it writes again
	calls   context.Context
	cut     context.CancelFunc
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
	s := &Sender{o: o, permits: newPermits(o.Calls.Parallel), claims: newPermits(ahead), wake: make(chan struct{}, 1)}
	if ahead > o.Calls.Parallel {
		s.gathering = &gathering{}
	}
	s.calls, s.cut = context.WithCancel(context.Background())
	return s
}

// crew is how many workers send: some look up while others wait for their commit.
func (s *Sender) crew() int { return s.claims.of + s.o.Calls.Parallel }

// Start lets jobs begin: those of Run and those that a cashier waits for.
func (s *Sender) Start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = true
	if s.calls.Err() != nil {
		s.calls, s.cut = context.WithCancel(context.Background())
	}
}

// Finish lets no further job begin and waits for those at work; after grace
// their calls are cut off. What is cut off reads unknown and is asked about.
func (s *Sender) Finish(grace time.Duration) {
	s.mu.Lock()
	s.open = false
	cut := s.cut
	s.mu.Unlock()
	timer := time.AfterFunc(grace, cut)
	s.jobs.Wait()
	timer.Stop()
}

// Close cuts off what Finish left.
func (s *Sender) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut()
}

// calling is the context of calls: it outlives a worker's by what Finish grants.
func (s *Sender) calling() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// hold has Finish wait for the caller until jobs.Done; false after Finish.
func (s *Sender) hold() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open {
		s.jobs.Add(1)
	}
	return s.open
}

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
	if s.permits.try() {
		return s.permits.give, true
	}
	return func() {}, s.o.Link.State() == link.Offline
}

// Permit waits for the right to make one call that nobody at the counter waits
// for; ok is false where ctx ended first.
func (s *Sender) Permit(ctx context.Context) (release func(), ok bool) {
	return s.permits.give, s.permits.take(ctx, false)
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
