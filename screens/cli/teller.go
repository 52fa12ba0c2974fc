package cli

import (
	"context"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/cli/config"
)

// teller works through a list of ids, several at a time, and prints the results
// in the order of the list.
type teller struct {
	*app
	counter *counter
	order   order
	who     people
	tried   atomic.Bool // the platform was asked at least once in this run
}

// outcome is what became of one id.
type outcome struct {
	id  api.ID
	op  offline.Operation
	err error
	// line and text are those of a line of the list that is no id.
	line int
	text string
}

// all works through the ids and then the list, with as many at a time as calls
// may be made in parallel. Memory stays small however long the list is.
func (t *teller) all(ctx context.Context, ids []api.ID, list io.Reader, name string) error {
	waiting := make(chan chan outcome, t.counter.settings.Desk("").Calls.Parallel-1)
	failed := make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer close(waiting)
		for _, id := range ids {
			t.begin(ctx, waiting, id)
		}
		failed <- eachLine(list, func(number int, text string) error {
			id, bad := api.ParseID(text)
			if bad != nil {
				slot := make(chan outcome, 1)
				slot <- outcome{line: number, text: text}
				waiting <- slot
				return ctx.Err()
			}
			t.begin(ctx, waiting, id)
			return ctx.Err()
		})
	}()
	var broken error
	hear := func(slot chan outcome) {
		// What was begun is waited for even if its result cannot be printed any more.
		o := <-slot
		if broken == nil {
			if broken = t.tell(o, name); broken != nil {
				cancel()
			}
		}
	}
	for {
		select {
		case slot, more := <-waiting:
			if more {
				hear(slot)
				continue
			}
			err := <-failed
			if broken == nil && err != nil {
				return trouble(err, "cli.activate.no_file", map[string]any{"File": name})
			}
			return broken
		case <-ctx.Done():
			// Not to the list's end: it may be a terminal that nobody types on.
			hearBegun(waiting, hear)
			if broken != nil {
				return broken
			}
			return ctx.Err()
		}
	}
}

// hearBegun prints the outcomes of what was begun.
func hearBegun(waiting <-chan chan outcome, hear func(chan outcome)) {
	for {
		select {
		case slot, more := <-waiting:
			if !more {
				return
			}
			hear(slot)
		default:
			return
		}
	}
}

// begin starts work on one id once fewer than the most are at work.
func (t *teller) begin(ctx context.Context, waiting chan<- chan outcome, id api.ID) {
	if ctx.Err() != nil {
		return
	}
	slot := make(chan outcome, 1)
	waiting <- slot
	go func() {
		op, err := t.one(ctx, id)
		slot <- outcome{id: id, op: op, err: err}
	}()
}

// tell prints one outcome. Only a failure of standard output ends the list.
func (t *teller) tell(o outcome, list string) error {
	switch {
	case o.line > 0:
		t.raise(exitFailed)
		t.say("cli.activate.bad_line", map[string]any{"File": list, "Line": o.line, "Text": shorten(o.text)})
		return nil
	case o.err != nil:
		text, code := t.sentence(o.err)
		t.raise(code)
		if !strings.Contains(text, string(o.id)) {
			text = string(o.id) + ": " + text
		}
		t.talk(text)
		if code == exitFailed {
			t.log.Error("not accepted", "id", o.id, "err", o.err)
		}
		return nil
	}
	t.raise(exitOf(o.op))
	return t.printer(t.counter, t.who.operator, o.id).result(o.op)
}

// one asks what the id is, accepts the operation, and waits for its answer.
func (t *teller) one(ctx context.Context, id api.ID) (offline.Operation, error) {
	amount, err := t.look(ctx, id)
	if err != nil {
		return offline.Operation{}, err
	}
	r := offline.Request{
		Kind: t.order.kind, ID: id, AmountFen: amount,
		Operator: t.who.operator, Approver: t.who.approver, Offline: t.order.queueOnly,
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
	wait, cancel := context.WithTimeout(ctx, t.patience())
	defer cancel()
	// Whatever ended the wait, the operation is accepted: it is printed as it stands.
	now, err := t.counter.Wait(wait, op.Op)
	if err != nil {
		return t.counter.Operation(context.WithoutCancel(ctx), op.Op)
	}
	return now, nil
}

// patience leaves time for the prelook and for the attempt's own answer, each
// of which may take answer_timeout.
func (t *teller) patience() time.Duration {
	return 2*t.counter.settings.Client().AnswerTimeout + time.Second
}

// look asks the platform for the id, so that the operation is judged on what is
// true now, and returns the amount of an activation.
func (t *teller) look(ctx context.Context, id api.ID) (int64, error) {
	var card offline.Card
	var err error
	if t.order.queueOnly {
		card, err = t.counter.Card(ctx, id)
	} else {
		card, err = t.counter.Lookup(ctx, id, t.firstSink())
	}
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	switch {
	case t.order.kind != offline.Activate:
		return 0, nil // the desk judges what is not known of it
	case t.order.amountFen > 0:
		return t.order.amountFen, nil
	case err != nil && offline.KindOf(err) != offline.ErrNothingKnown:
		return 0, err
	case card.AmountOK:
		return card.AmountFen, nil
	}
	return 0, &usageError{Phrase: config.Phrase{ID: "error." + string(offline.ErrAmountNeeded), Args: map[string]any{"ID": string(id)}}}
}

// firstSink makes the first look-up of a run go to the platform even where the
// link counts as offline; later ones need not each wait for a time-out.
func (t *teller) firstSink() func(api.Node) error {
	if t.tried.Swap(true) {
		return nil
	}
	return func(api.Node) error { return nil }
}
