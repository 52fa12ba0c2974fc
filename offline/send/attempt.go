package send

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"counterfoil/api"
	"counterfoil/offline/journal"
	"counterfoil/offline/link"
	"counterfoil/offline/operation"
	"counterfoil/offline/platformtime"
	"counterfoil/offline/worklist"
)

// lane says what a call must wait for. A worker waits for a permit, and the
// call of a committed attempt goes before other calls. A cashier's is the zero
// lane, which waits for nothing.
type lane struct {
	permits   *permits
	attempts  *permits // bound those that are committed and not answered
	gathering *gathering
	haste     bool
}

// hasty is the lane of a committed attempt: the longer it is open, the more a
// crash leaves to be asked about.
func (in lane) hasty() lane {
	in.haste = true
	return in
}

// call runs a call when its turn comes; false where ctx ended first.
func (in lane) call(ctx context.Context, call func()) bool {
	if !in.permits.take(ctx, in.haste) {
		return false
	}
	defer in.permits.give()
	call()
	return true
}

// send takes a claimed, queued item through one attempt: look up, judge, mint
// and commit, send, commit what came back (docs/rules.md, "Before sending").
// What is not sent when ctx ends is given back as it was.
func (s *Sender) send(ctx context.Context, item *worklist.Item, in lane) {
	op, seen, ok := s.prepare(ctx, item, in)
	if !ok || !in.attempts.take(ctx, false) {
		return
	}
	defer in.attempts.give()
	in.gathering.wait()
	if s.old(seen) {
		return // it waited too long for its turn: it is looked up again
	}
	begun, err := s.beginAttempt(item, op, seen)
	if err != nil {
		s.putOff(item, err)
		return
	}
	in = in.hasty()
	s.outcome(item, begun, s.transmit(ctx, &begun, seen, in), in)
}

// prepare makes the look-up that an attempt is sent on, where no fresh one is
// at hand, and judges it. It reports false where nothing is to be sent.
func (s *Sender) prepare(ctx context.Context, item *worklist.Item, in lane) (operation.Operation, operation.Seen, bool) {
	op := item.Operation()
	if op.Kind == operation.Range { // its serials name no code that could be looked up
		return op, operation.Seen{At: s.o.Clock.Now()}, s.reached(item, op)
	}
	seen, fresh := s.o.Lookups.Fresh(api.ID(op.ID))
	if !fresh {
		var answer api.Answer
		looked := false
		in.call(ctx, func() {
			if looked = s.reachable(in); looked {
				answer, seen = s.o.Lookups.Look(s.jobs.calling(), api.ID(op.ID))
			}
		})
		if !looked {
			return op, seen, false
		}
		switch {
		case answer.Success():
		case s.o.Rules.Final(answer) && len(op.Unproven()) == 0:
			next, change := operation.UnknownID(op, answer, seen.At)
			s.move(item, next, change)
			return op, seen, false
		default:
			s.notLookedUp(item, op, answer)
			return op, seen, false
		}
	}
	next, change, ok := s.o.Rules.Prelooked(op, seen)
	if !ok {
		s.move(item, next, change)
	}
	return next, seen, ok
}

// old reports a look-up too old to be sent on.
func (s *Sender) old(seen operation.Seen) bool {
	return platformtime.Age(seen.At, s.o.Clock.Now()) > max(s.o.Calls.PrelookMaxAge, s.o.Calls.AnswerTimeout)
}

// beginAttempt mints the trace number and commits the attempt before its first byte
// (docs/rules.md, rules 1 and 3). Those that come together share a commit.
func (s *Sender) beginAttempt(item *worklist.Item, op operation.Operation, seen operation.Seen) (begun operation.Operation, err error) {
	err = s.o.Journal().Write(context.Background(), func(tx *journal.Tx) error {
		begun, err = s.attempt(tx, op, seen)
		return err
	})
	if err == nil {
		s.stored(item, begun)
	}
	return begun, err
}

// attempt adds an attempt to an operation, as part of a commit.
func (s *Sender) attempt(tx *journal.Tx, op operation.Operation, seen operation.Seen) (operation.Operation, error) {
	skew, _ := s.o.Clock.Skew()
	a := operation.Attempt{SentAt: s.o.Clock.Now(), Before: &seen, SkewMs: skew.Milliseconds()}
	if op.Kind == operation.Range {
		a.Trace, a.Before = op.Range.OrderID, nil
	} else {
		var err error
		if a.Trace, err = s.o.Traces.Mint(tx); err != nil {
			return op, err
		}
	}
	op, change := operation.Begun(op, a)
	return op, tx.Put(&op, string(change.Event))
}

// errHeldBack says that an attempt was committed and not sent after all.
var errHeldBack = errors.New("held back: the link went down, the look-up grew old, or the work ended")

func heldBack(err error) api.Answer {
	return api.Answer{Outcome: api.NotSent, Reason: api.ReasonCancelled, Err: err}
}

// transmit sends the attempt that was committed last, unless ctx ended, the
// look-up grew old or the link went down before its turn.
func (s *Sender) transmit(ctx context.Context, op *operation.Operation, seen operation.Seen, in lane) api.Answer {
	answer := heldBack(errHeldBack)
	in.call(ctx, func() {
		if (op.Kind == operation.Range || s.reachable(in)) && (in.permits == nil || !s.old(seen)) {
			answer = s.call(op)
		}
	})
	return answer
}

// reachable reports that a call may be tried: many may have waited for their
// turn when the link went offline. What a cashier waits for is tried in any case.
func (s *Sender) reachable(in lane) bool {
	return in.permits == nil || s.o.Link.State() != link.Offline
}

// call makes the call of the attempt that was committed last.
func (s *Sender) call(op *operation.Operation) api.Answer {
	ctx, id := s.jobs.calling(), api.ID(op.ID)
	trace := op.Attempts[len(op.Attempts)-1].Trace
	var answer api.Answer
	switch {
	case s.o.Journal().Damaged() != nil:
		answer = heldBack(errHeldBack) // what comes back could not be stored
	case op.Kind == operation.Range:
		return s.order(op)
	case !s.o.Traces.Today(trace):
		// Midnight came between the commit and the first byte: the number is discarded.
		answer = heldBack(platformtime.ErrMidnight)
	case op.Kind == operation.Activate:
		answer = s.o.Client.Activate(ctx, api.ActivateRequest{
			TraceNo: trace, ID: id, TotalAmount: s.amount(op.AmountFen), Reel: s.reelAction(id),
		})
	case op.Kind == operation.Void:
		answer = s.o.Client.Void(ctx, api.VoidRequest{TraceNo: trace, ID: id, Reel: s.reelAction(id)})
	default:
		return api.Answer{Outcome: api.NotSent, Reason: api.ReasonSetting, Err: fmt.Errorf("no action for %q", op.Kind)}
	}
	s.o.Lookups.Sent(id)
	return s.o.Link.Note(answer)
}

// amount writes fen as the platform counts them: the unit of totalAmount is not documented (platform.md §5).
func (s *Sender) amount(fen int64) string {
	if !s.o.Calls.AmountInYuan {
		return strconv.FormatInt(fen, 10)
	}
	return fmt.Sprintf("%d.%02d", fen/100, fen%100)
}

// reelAction chooses between the single-voucher and the B2B action (platform.md §2.5).
func (s *Sender) reelAction(id api.ID) bool {
	return s.o.Calls.ReelActions && id.Level() != api.LevelCode
}

// putOff leaves an operation as it is where an attempt or a question could not begin.
func (s *Sender) putOff(item *worklist.Item, err error) {
	op := item.Operation()
	if errors.Is(err, platformtime.ErrMidnight) {
		op = operation.PutOff(op, s.o.Traces.AfterMidnight())
	} else {
		s.Fail(err)
		s.retry(item, &op, operation.Retry{Kind: operation.RetryUnanswered, First: time.Second})
	}
	item.Set(op)
}

// notLookedUp leaves an operation queued that could not be looked up. It changes
// no state, so it is kept in memory only.
func (s *Sender) notLookedUp(item *worklist.Item, op operation.Operation, a api.Answer) {
	s.o.Log.Info("not sent yet", "op", op.Op, "reason", string(a.Reason), "code", a.Code, "err", a.Err)
	if errors.Is(a.Err, platformtime.ErrMidnight) {
		s.putOff(item, a.Err)
		return
	}
	op, change := operation.NotLookedUp(op, a.Outcome == api.Answered)
	s.retry(item, &op, change.Retry)
	item.Set(op)
}
