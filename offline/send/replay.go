package send

import (
	"context"
	"maps"
	"sync"
	"time"

	"counterfoil/api"
	"counterfoil/offline/link"
	"counterfoil/offline/operation"
	"counterfoil/offline/platformtime"
	"counterfoil/offline/worklist"
)

// replayFruitless is after how many rounds in a row that closed no operation a
// replay ends. On a line that loses half of all answers a round closes an
// operation in two cases of three.
const replayFruitless = 8

// The pauses between such rounds, and those between questions for a sign of
// life, grow from replayFirst; variables, since the tests' platform needs no rest.
var (
	replayFirst = 100 * time.Millisecond
	replayLast  = 500 * time.Millisecond
	reachLast   = time.Second
)

// Replay sends and asks until a round changes nothing. Rounds that a bad line
// made fruitless are repeated a few times, so that what the platform can decide
// is decided and a replay ends whatever the platform does. each, which may be
// nil, is called with every operation whose state changed, one at a time. It is
// for a sender that does not Run.
func (s *Sender) Replay(ctx context.Context, each func(operation.Operation)) error {
	if each == nil {
		each = func(operation.Operation) {}
	}
	fruitless, pauses := 0, link.Growing(replayFirst, replayLast)
	for ctx.Err() == nil {
		s.recheckRound(ctx, each)
		before, tries := s.states()
		if len(before) == 0 {
			return nil
		}
		may := s.replays(ctx)
		if may == nil {
			return ctx.Err()
		}
		missed := s.o.Link.Missed()
		s.o.List.DropPauses(false)
		s.sendRound(ctx, may, each)
		s.o.List.DropPauses(false)
		s.askRound(ctx, may, each)
		after, more := s.states()
		if len(after) < len(before) {
			fruitless = 0
			pauses.Reset()
			continue
		}
		// Where all stand as before, another round is worth it only after attempts
		// that came to an end, or calls that nobody answered.
		if maps.Equal(before, after) && more == tries && missed == s.o.Link.Missed() {
			return ctx.Err()
		}
		if fruitless++; fruitless > replayFruitless {
			return ctx.Err()
		}
		link.Pause(ctx, pauses.NextBackOff())
	}
	return ctx.Err()
}

// replays says what a round may work on: everything where the platform is
// reached, else ranges, whose gateway is another server; nil for nothing.
func (s *Sender) replays(ctx context.Context) func(*operation.Operation) bool {
	ranges, others := false, false
	s.o.List.Each(func(op *operation.Operation) {
		ranges = ranges || openRange(op)
		others = others || !openRange(op)
	})
	switch {
	case others && s.reach(ctx):
		return func(*operation.Operation) bool { return true }
	case others:
		s.heldByMidnight()
	}
	if ranges && ctx.Err() == nil {
		return openRange
	}
	return nil
}

// reach asks for a sign of life unless the link is known to be online: several
// times where the platform was heard before, twice where it cannot be reached
// and never was. The answer also tells the platform's time, by which attempts
// of earlier runs are judged.
func (s *Sender) reach(ctx context.Context) bool {
	if _, at := s.o.Clock.Skew(); !at.IsZero() && s.o.Link.State() == link.Online {
		return true
	}
	pauses := link.Growing(replayFirst, reachLast)
	for absent, tries := 0, 0; absent < 2 && tries < 8; tries++ {
		switch answer := s.o.Link.Probe(ctx); {
		case answer.Outcome == api.Answered:
			return true
		case answer.Outcome == api.NotSent && !s.o.Link.EverHeard():
			absent++
		}
		if !link.Pause(ctx, pauses.NextBackOff()) {
			return false
		}
	}
	return false
}

// heldByMidnight says of what is queued that it waits for the new date, where
// that is why the platform was not asked.
func (s *Sender) heldByMidnight() {
	if !s.o.Traces.NearMidnight() {
		return
	}
	var items []*worklist.Item
	dated := func(op *operation.Operation) bool { return !openRange(op) } // an order's number has no day
	for item := s.o.List.TakeQueued(dated); item != nil; item = s.o.List.TakeQueued(dated) {
		s.putOff(item, platformtime.ErrMidnight)
		items = append(items, item)
	}
	s.release(items...)
}

// states is where every open operation stands and how many attempts were made
// for them, to see whether a round changed anything.
func (s *Sender) states() (all map[string]operation.State, attempts int) {
	all = map[string]operation.State{}
	s.o.List.Each(func(op *operation.Operation) {
		all[op.Op] = op.State
		attempts += len(op.Attempts)
	})
	return all, attempts
}

// sendRound sends each queued operation that only allows once, in order where that
// matters.
func (s *Sender) sendRound(ctx context.Context, only func(*operation.Operation) bool, each func(operation.Operation)) {
	var mu, telling sync.Mutex // each may ask the worklist, which asks may: mu is never held then
	tried := map[string]bool{}
	may := func(op *operation.Operation) bool {
		mu.Lock()
		defer mu.Unlock()
		return !tried[op.Op] && only(op)
	}
	sent := func(op operation.Operation) {
		mu.Lock()
		tried[op.Op] = true
		mu.Unlock()
		if op.State != operation.Queued {
			telling.Lock()
			defer telling.Unlock()
			each(op)
		}
	}
	// An outcome may free what waits behind it, also when the workers have gone.
	for before := -1; ctx.Err() == nil && before != len(tried); {
		before = len(tried)
		var workers sync.WaitGroup
		for range s.sendersMost() {
			workers.Go(func() { s.sendAll(ctx, may, sent) })
		}
		workers.Wait()
	}
}

// recheckRound looks once more at the closed operations that are due for it.
func (s *Sender) recheckRound(ctx context.Context, each func(operation.Operation)) {
	tried := map[string]bool{}
	closed := func(op *operation.Operation) bool { return !op.State.Open() && !tried[op.Op] }
	for ctx.Err() == nil {
		item, _ := s.o.List.TakeQuestion(closed)
		if item == nil {
			return
		}
		tried[item.Operation().Op] = true
		if op, changed := s.askOne(item); changed {
			each(op)
		}
	}
}

// askOne asks about a claimed item, gives it back, and tells whether its state changed.
func (s *Sender) askOne(item *worklist.Item) (op operation.Operation, changed bool) {
	was := item.Operation().State
	s.ask(item)
	op = item.Operation()
	s.release(item)
	return op, op.State != was
}

// askRound asks once about each operation that only allows and whose outcome is not
// known, as soon as settle_time has passed.
func (s *Sender) askRound(ctx context.Context, only func(*operation.Operation) bool, each func(operation.Operation)) {
	tried := map[string]bool{}
	may := func(op *operation.Operation) bool {
		return op.State == operation.Unknown && !tried[op.Op] && only(op)
	}
	free := newPermits(s.o.Calls.Parallel)
	tell := newPermits(1) // each is called by one at a time
	var asking sync.WaitGroup
	defer asking.Wait()
	for free.take(ctx, false) {
		item, in := s.o.List.TakeQuestion(s.passing(may))
		if item == nil {
			free.give()
			if in == 0 || !link.Pause(ctx, in) {
				return
			}
			continue
		}
		tried[item.Operation().Op] = true
		asking.Go(func() {
			defer free.give()
			if op, changed := s.askOne(item); changed {
				tell.take(context.Background(), false)
				defer tell.give()
				each(op)
			}
		})
	}
}
