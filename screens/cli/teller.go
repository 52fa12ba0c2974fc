package cli

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/cli/stream"
)

// teller works through a list of ids, several at a time, and prints the results
// in the order of the list.
type teller struct {
	*app
	counter *counter
	order   order
	who     people
	tried   atomic.Bool // the platform was asked at least once in this run
	asking  sync.Mutex  // one question at a time
}

// outcome is what became of one line.
type outcome struct {
	stream.Line
	op  offline.Operation
	err error
}

// all works through the ids and then the list, with as many at a time as calls
// may be made in parallel. Memory stays small however long the list is.
func (t *teller) all(ctx context.Context, ids []api.ID, list io.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lines := make(chan stream.Line)
	var unread error // known once lines is closed
	go func() {
		defer close(lines)
		give := func(l stream.Line) error {
			select {
			case lines <- l:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		for _, id := range ids {
			_ = give(stream.Line{ID: id})
		}
		unread = stream.EachLine(list, t.order.from, give)
	}()
	var begun []chan outcome // in the order of the list
	var broken error
	for reading := true; reading || len(begun) > 0; {
		var next chan stream.Line
		var interrupted <-chan struct{}
		if reading {
			interrupted = ctx.Done()
		}
		if reading && len(begun) < t.counter.settings.Desk("").Calls.Parallel {
			next = lines
		}
		var first chan outcome
		if len(begun) > 0 {
			first = begun[0]
		}
		select {
		case l, more := <-next:
			if reading = more && ctx.Err() == nil; reading {
				begun = append(begun, t.begin(ctx, l))
			}
		case o := <-first:
			// What was begun is waited for even if its result cannot be printed any more.
			begun = begun[1:]
			if broken == nil {
				if broken = t.tell(o); broken != nil {
					cancel()
				}
			}
		case <-interrupted:
			reading = false // not to the list's end: it may be a terminal that nobody types on
		}
	}
	switch {
	case broken != nil:
		return broken
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return unread
}

// begin starts work on one line.
func (t *teller) begin(ctx context.Context, l stream.Line) chan outcome {
	done := make(chan outcome, 1)
	go func() {
		o := outcome{Line: l}
		if l.Wrong == "" {
			o.op, o.err = t.one(ctx, l)
		}
		done <- o
	}()
	return done
}

// tell prints one outcome. Only a failure of standard output ends the list.
func (t *teller) tell(o outcome) error {
	switch kind := offline.KindOf(o.err); {
	case o.Wrong != "":
		t.leftOut(o.Line, t.order.from)
		return nil
	case errors.Is(o.err, context.Canceled):
		return nil // not begun: the command's end says so
	case o.err != nil:
		text, code := t.sentence(o.err)
		if o.Number > 0 && slices.Contains([]offline.ErrorKind{offline.ErrAlreadyActive, offline.ErrAlreadyVoid, offline.ErrOpenHere}, kind) {
			code = exitDone // a list that is given again goes on where it ended
		}
		t.raise(code)
		if !strings.Contains(text, string(o.ID)) {
			text = string(o.ID) + ": " + text
		}
		t.talk(text)
		if code == exitFailed {
			t.log.Error("not accepted", "id", o.ID, "err", o.err)
		}
		return nil
	}
	t.raise(exitOf[o.op.State])
	return t.printer(t.counter, t.who.operator, o.ID).Result(o.op)
}

// one asks what the id is, accepts the operation, and waits for its answer.
func (t *teller) one(ctx context.Context, l stream.Line) (offline.Operation, error) {
	began := time.Now()
	amount, err := t.look(ctx, l)
	if err != nil {
		return offline.Operation{}, err
	}
	r := offline.Request{
		Kind: t.order.kind, ID: l.ID, AmountFen: amount,
		Operator: t.who.operator, Approver: t.who.approver, Offline: t.order.queueOnly, Entered: offline.Typed,
	}
	if l.Number > 0 {
		r.Entered = offline.FromFile
	}
	op, err := t.counter.Accept(ctx, r)
	if offline.KindOf(err) == offline.ErrNotConfirmed {
		// Giving the command confirms that the operation may wait.
		r.Offline = true
		op, err = t.counter.Accept(ctx, r)
	}
	if err != nil || t.order.queueOnly {
		return op, err
	}
	// It is begun, so it is waited for whatever was interrupted; printed as it stands then.
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.patience(time.Since(began)))
	defer cancel()
	now, err := t.counter.Wait(wait, op.Op)
	if err != nil {
		return t.counter.Operation(context.WithoutCancel(ctx), op.Op)
	}
	return now, nil
}

// patience is how long an accepted operation is waited for: the look-up, which
// took so long by now, and the attempt may take answer_timeout each. A large
// look-up that took longer leaves the attempt its time.
func (t *teller) patience(gone time.Duration) time.Duration {
	wait := t.counter.settings.Client().AnswerTimeout
	return max(2*wait+time.Second-gone, wait)
}

// look asks the platform for the id, so that the operation is judged on what is
// true now, and returns the amount of an activation.
func (t *teller) look(ctx context.Context, l stream.Line) (int64, error) {
	var card offline.Card
	var err error
	if t.order.queueOnly {
		card, err = t.counter.Card(ctx, l.ID)
	} else {
		card, err = t.counter.Lookup(ctx, l.ID, t.firstSink())
	}
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	switch {
	case t.order.kind != offline.Activate:
		return 0, nil // the desk judges what is not known of it
	case t.order.amountOf(l) > 0:
		return t.order.amountOf(l), t.confirmFar(ctx, l.ID, t.order.amountOf(l), card.Node)
	case err != nil && offline.KindOf(err) != offline.ErrNothingKnown:
		return 0, err
	case card.AmountOK:
		return card.AmountFen, nil
	}
	return 0, wrongUsage("error."+string(offline.ErrAmountNeeded), map[string]any{"ID": string(l.ID)})
}

// firstSink makes the first look-up of a run go to the platform even where the
// link counts as offline; later ones need not each wait for a time-out.
func (t *teller) firstSink() func(api.Node) error {
	if t.tried.Swap(true) {
		return nil
	}
	return func(api.Node) error { return nil }
}
