package cli

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/cli/lists"
	"counterfoil/screens/idlist"
)

// teller works through a list of ids, several at a time, and prints the results
// in the order of the list.
type teller struct {
	*app
	counter  *counter
	order    order
	who      people
	batch    *offline.Batch           // nil for one id by itself
	selling  chan struct{}            // holds one for each that is being accepted or on its way
	keep     map[api.ID]func()        // ends what keeps the ids of the arguments, until they are begun
	ended    map[api.ID]chan struct{} // of the lines that are begun, by id: closed when its last one ended
	progress lists.Progress
	tried    atomic.Bool // the platform was asked at least once in this run
	asking   sync.Mutex  // one question at a time
}

// How many lines may be on their way, and how many begun, for each call that may be
// made at once. Those on their way share commits; what is begun goes on while an
// earlier line waits for its answer.
const (
	sellingFor = 16
	begunFor   = 64
)

func (a *app) teller(c *counter, o order, who people) *teller {
	parallel := c.settings.Desk("").Calls.Parallel
	t := &teller{app: a, counter: c, order: o, who: who, selling: make(chan struct{}, sellingFor*parallel), keep: map[api.ID]func(){}, ended: map[api.ID]chan struct{}{}}
	t.progress.Words, t.progress.Began = a.words, time.Now()
	if o.from != "" {
		t.progress.Terminal = a.drawnOn()
	}
	return t
}

// outcome is what became of one line.
type outcome struct {
	idlist.Line
	op    offline.Operation
	err   error
	ended chan struct{}
}

// all works through the ids and then the list. Memory stays small however long
// the list is. What is begun when the work is interrupted ends, and is not printed.
func (t *teller) all(ctx context.Context, ids []api.ID, list *lists.List) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lines, unread := t.read(ctx, ids, list)
	most := begunFor * t.counter.settings.Desk("").Calls.Parallel
	var begun []chan outcome // in the order of the list
	turn := make(chan struct{})
	close(turn)
	redraw := time.NewTicker(time.Second)
	defer redraw.Stop()
	var broken, left error // left are lines that were not begun
	for reading := true; reading || len(begun) > 0; {
		var next <-chan idlist.Line
		interrupted := ctx.Done()
		if !reading {
			interrupted = nil
		} else if len(begun) < most {
			next = lines
		}
		var first chan outcome
		if len(begun) > 0 {
			first = begun[0]
		}
		select {
		case l, more := <-next:
			if reading = more; more {
				var done chan outcome
				done, turn = t.begin(ctx, l, turn)
				begun = append(begun, done)
			}
		case o := <-first:
			// What was begun is waited for even if its result cannot be printed any more.
			begun = begun[1:]
			if o.ended != nil && t.ended[o.ID] == o.ended {
				delete(t.ended, o.ID)
			}
			if errors.Is(o.err, context.Canceled) {
				left = o.err
				continue
			}
			if t.judge(&o); ctx.Err() == nil {
				t.progress.Clear()
				if broken = t.tell(o); broken != nil {
					cancel()
				}
				t.progress.Draw()
			}
		case <-redraw.C:
			t.progress.Draw()
		case <-interrupted:
			reading, left = false, ctx.Err() // not to the list's end: it may be a terminal that nobody types on
		}
	}
	t.progress.Clear()
	if err := cmp.Or(broken, left); err != nil {
		return err
	}
	if t.progress.Terminal != nil && ctx.Err() == nil {
		t.talk(t.progress.Text())
	}
	return <-unread
}

// read hands over the ids, then the list's lines. The error that ended the list
// is known once lines is closed.
func (t *teller) read(ctx context.Context, ids []api.ID, list *lists.List) (<-chan idlist.Line, <-chan error) {
	lines, unread := make(chan idlist.Line), make(chan error, 1)
	go func() {
		defer close(lines)
		give := func(l idlist.Line) error {
			if l.Wrong != "" && t.order.strict {
				return trouble(nil, "cli.activate.changed", map[string]any{"File": t.order.from, "Line": strconv.Itoa(l.Number)})
			}
			select {
			case lines <- l:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		for _, id := range ids {
			_ = give(idlist.Line{ID: id})
		}
		unread <- list.Each(give)
	}()
	return lines, unread
}

// begin starts work on one line. before is closed when the line before has its
// part of the batch, after when this one has.
func (t *teller) begin(ctx context.Context, l idlist.Line, before chan struct{}) (done chan outcome, after chan struct{}) {
	done, after = make(chan outcome, 1), make(chan struct{})
	if l.Wrong != "" {
		done <- outcome{Line: l}
		return done, before
	}
	earlier, ended := t.ended[l.ID], make(chan struct{})
	t.ended[l.ID] = ended
	go func() {
		has := sync.OnceFunc(func() { <-before; close(after) })
		defer has()
		defer close(ended)
		if earlier != nil {
			<-earlier // the first line of an id is the one that counts
		}
		o := outcome{Line: l, ended: ended}
		o.op, o.err = t.one(ctx, l, func(pieces, fen int64) *offline.Share {
			if t.batch == nil {
				return nil
			}
			<-before
			defer has()
			return t.batch.Take(offline.Line{Kind: t.order.kind, ID: l.ID, Pieces: pieces, Fen: fen})
		})
		done <- o
	}()
	return done, after
}

// repeats are the errors of what is done or open here already: a list that is
// given again goes on where it ended.
var repeats = []offline.ErrorKind{offline.ErrAlreadyActive, offline.ErrAlreadyVoid, offline.ErrOpenHere}

// skipped reports one of several that is not done again; of one id by itself that
// is a refusal.
func (t *teller) skipped(o *outcome) bool {
	return t.batch != nil && slices.Contains(repeats, offline.KindOf(o.err))
}

// judge counts one outcome and raises the exit code to what it deserves.
func (t *teller) judge(o *outcome) {
	t.progress.Lines++
	switch {
	case t.skipped(o):
		t.progress.Skipped++
	case o.err != nil:
		t.progress.Left++
		_, code := t.sentence(o.err)
		t.raise(code)
	case o.Wrong != "":
		t.progress.Left++
		t.raise(exitFailed)
	default:
		t.raise(exitOf[o.op.State])
		switch {
		case o.op.State == offline.Done:
			t.progress.Done++
		case o.op.State.Open():
			t.progress.Open++
		default:
			t.progress.Left++
		}
	}
}

// tell prints one outcome. Only a failure of standard output ends the list.
func (t *teller) tell(o outcome) error {
	switch {
	case o.Wrong != "":
		t.leftOut(o.Line, t.order.from)
		return nil
	case o.err != nil:
		text, code := t.sentence(o.err)
		if !strings.Contains(text, string(o.ID)) {
			text = string(o.ID) + ": " + text
		}
		if o.Number > 0 {
			t.sayOfLine(o.Number, t.order.from, text)
		} else {
			t.talk(text)
		}
		if code == exitFailed && !t.skipped(&o) {
			t.log.Error("not accepted", "id", o.ID, "err", o.err)
		}
		return nil
	}
	return t.printer(t.counter, t.who.operator, o.ID).Result(o.op)
}

// one asks what the id is, accepts the operation, and waits for its answer. Of
// several, what is open or done here is not asked for again.
func (t *teller) one(ctx context.Context, l idlist.Line, take func(pieces, fen int64) *offline.Share) (offline.Operation, error) {
	letGo := func() {}
	if t.order.kind == offline.Void {
		letGo = t.counter.Keep(l.ID)
		defer letGo()
		if end := t.keep[l.ID]; end != nil {
			end()
		}
	}
	if t.batch != nil {
		if op, err := t.counter.Repeats(ctx, t.order.kind, l.ID); err != nil {
			if op != nil && op.AcceptedAt.Before(t.progress.Began) { // else it has its part
				card, _ := t.counter.Card(ctx, l.ID)
				take(card.Node.Codes, op.AmountFen)
			}
			return offline.Operation{}, err
		}
	}
	began := time.Now()
	card, amount, err := t.look(ctx, l)
	if err != nil {
		return offline.Operation{}, err
	}
	r := offline.Request{
		Kind: t.order.kind, ID: l.ID, AmountFen: amount, Share: take(card.Node.Codes, amount),
		Operator: t.who.operator, Approver: t.who.approver, Offline: t.order.queueOnly, Entered: offline.Typed,
	}
	if l.Number > 0 {
		r.Entered = offline.FromFile
	}
	if err := t.voided(ctx, &card); err != nil {
		return offline.Operation{}, err
	}
	select {
	case t.selling <- struct{}{}:
	case <-ctx.Done():
		return offline.Operation{}, ctx.Err()
	}
	defer func() { <-t.selling }()
	op, err := t.counter.Accept(ctx, r)
	if offline.KindOf(err) == offline.ErrNotConfirmed {
		// Giving the command confirms that the operation may wait.
		r.Offline = true
		op, err = t.counter.Accept(ctx, r)
	}
	letGo()
	if err != nil && r.Share != nil && !slices.Contains(repeats, offline.KindOf(err)) {
		r.Share.GiveBack()
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

// voided is the error for one of several whose look-up shows that a void done here
// still holds. The desk takes it only from a look-up that nothing overtook, and the
// others overtake.
func (t *teller) voided(ctx context.Context, card *offline.Card) error {
	if t.batch == nil || t.order.kind != offline.Void || !card.Fresh || card.Node.Counts[api.StatusActive] > 0 {
		return nil
	}
	if _, err := t.counter.Foresee(ctx, offline.Void, card.Node); offline.KindOf(err) == offline.ErrAlreadyVoid {
		return err
	}
	return nil
}

// patience is how long an accepted operation is waited for: the look-up and the
// attempt may take answer_timeout each, of which some is gone by now. However long a
// question to a person took, the attempt keeps its own; and in a batch so do those
// before it.
func (t *teller) patience(gone time.Duration) time.Duration {
	wait := t.counter.settings.Client().AnswerTimeout
	if t.batch != nil {
		return sellingFor * wait
	}
	return max(2*wait+time.Second-gone, wait)
}

// look asks the platform for the id, so that the operation is judged on what is
// true now, and returns the amount of an activation.
func (t *teller) look(ctx context.Context, l idlist.Line) (card offline.Card, amount int64, err error) {
	if t.order.queueOnly {
		card, err = t.counter.Card(ctx, l.ID)
	} else {
		card, err = t.counter.LookupInTurn(ctx, l.ID, !t.tried.Swap(true))
	}
	if ctx.Err() != nil {
		return card, 0, ctx.Err()
	}
	switch {
	case t.order.kind != offline.Activate:
		return card, 0, nil // the desk judges what is not known of it
	case t.order.amountOf(l) > 0:
		return card, t.order.amountOf(l), t.confirmFar(ctx, l.ID, t.order.amountOf(l), card.Node)
	case err != nil && offline.KindOf(err) != offline.ErrNothingKnown:
		return card, 0, err
	case card.AmountOK:
		return card, card.AmountFen, nil
	}
	return card, 0, wrongUsage("error."+string(offline.ErrAmountNeeded), map[string]any{"ID": string(l.ID)})
}

// firstSink makes the first look-up of a run go to the platform even where the
// link counts as offline; later ones need not each wait for a time-out.
func (t *teller) firstSink() func(api.Node) error {
	if t.tried.Swap(true) {
		return nil
	}
	return func(api.Node) error { return nil }
}
