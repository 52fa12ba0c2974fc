package counter

import (
	"slices"
	"sync/atomic"
	"time"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/sale"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// line is one scanned thing: what is known of it, and its sale.
type line struct {
	sale.Sale
	place
	card     seen
	asking        // its look-up
	denied   bool // the platform does not know the id
	amount   ui.Field
	edited   bool  // the amount was typed
	fen      int64 // the amount, 0 where it is none
	overlaps *line // what is in the basket before it and holds it, or is held by it; nil for nothing
}

// place is where a line stands in a basket.
type place struct {
	n      int    // its number, by which people speak of it
	by     string // who scanned it
	again  int    // how often it was scanned again
	left   bool   // it is in the basket no more
	orphan bool   // its session ended while the desk was asked to accept it
}

// asking is a line's look-up.
type asking struct {
	known    bool // the card holds more than the id
	looking  bool
	since    time.Time     // when the look-up began
	received *atomic.Int64 // codes of it that came by now
	asked    bool          // it was begun in this session
	pooled   bool          // it is one of the basket's, of which few run at a time
}

func newLine(id api.ID) *line {
	l := &line{asking: asking{looking: true, received: &atomic.Int64{}}, amount: sale.AmountField()}
	l.ID = id
	l.card.Node.ID, l.card.Node.Level = string(id), id.Level()
	return l
}

// renew leaves of a line what outlives a session.
func (l *line) renew() {
	l.orphan = l.orphan || l.Moving && l.Op == nil
	l.looking = l.looking || l.orphan && l.Op == nil
	l.Moving, l.asked, l.pooled, l.Problem = false, false, false, nil
}

// prefill puts the known value in, unless the cashier has typed one.
func (l *line) prefill() {
	switch {
	case l.edited:
	case l.card.AmountOK:
		l.amount.Set(offline.Yuan(l.card.AmountFen), true)
	default:
		l.amount.Clear()
	}
	l.priced()
}

// priced reads the amount that stands now.
func (l *line) priced() {
	fen, err := offline.ParseYuan(l.amount.Text())
	if l.fen = fen; err != nil {
		l.fen = 0
	}
}

// notActivate is the message id of why it cannot be activated now, "" where it can.
func (l *line) notActivate() string {
	if l == nil {
		return "reason.scan"
	}
	counts := l.card.Node.Counts
	switch {
	case l.looking:
		return "reason.looking"
	case l.Moving, l.Op != nil && l.Op.State.Open(), l.Op == nil && l.open() != nil:
		return "reason.open"
	case l.Op != nil:
		return "reason.finished"
	case l.denied:
		return "reason.denied"
	case l.overlaps != nil:
		return "reason.overlaps"
	case l.card.Voided != nil:
		return "reason.look_again"
	case (l.card.Fresh || !l.card.Node.Partial) && l.card.Node.Codes > 0 && counts[api.StatusInactive] == 0:
		return l.notInactive()
	case l.repeats(offline.ErrAlreadyActive):
		return "reason.active_here"
	case l.fen == 0:
		return "reason.amount"
	}
	return ""
}

// repeats reports a line of which the desk refused to do again what is done here, or
// would, by what it knows without a fresh look-up.
func (l *line) repeats(done offline.ErrorKind) bool {
	return offline.KindOf(l.Problem) == done || !l.card.Fresh && offline.KindOf(l.card.foreseen) == done
}

// given reports a line whose id somebody scanned, typed or pasted; those of a file
// are shown masked.
func (l *line) given() bool { return l.Entered != offline.FromFile && l.Entered != offline.FromTree }

// offered reports a line that can be activated, once it has an amount.
func (l *line) offered() bool {
	reason := l.notActivate()
	return reason == "" || reason == "reason.amount"
}

// blind reports a line of which nothing is known, in an outage, and that an amount
// puts into the queue.
func (l *line) blind() bool {
	return offline.KindOf(l.Problem) == offline.ErrNothingKnown && l.offered()
}

// mixed is why a line goes to the manager once it is sent, "" where it does not.
func (l *line) mixed(e *screen.Env) string {
	if !l.unsent() || !l.offered() {
		return ""
	}
	one := l.Sale
	one.Describe(offline.Activate, l.card.Card)
	return one.Mixed(e)
}

// notInactive is why a line cannot be activated of which no code is inactive.
func (l *line) notInactive() string {
	n := l.card.Node
	switch {
	case n.Counts[api.StatusActive] > 0:
		return "reason.active"
	case int64(n.Counts[api.StatusVoid]) == n.Codes:
		return "reason.void"
	}
	return "reason.not_inactive"
}

// open is the newest operation that is open here on this very id, nil for none.
func (l *line) open() *offline.Operation {
	for i, op := range slices.Backward(l.card.Pending) {
		if op.ID == string(l.ID) {
			return &l.card.Pending[i]
		}
	}
	return nil
}

// notVoid is the message id of why it cannot be voided now, "" where it can.
func (l *line) notVoid() string {
	if l == nil {
		return "reason.scan"
	}
	n := l.card.Node
	switch {
	case l.looking:
		return "reason.looking"
	case l.Moving && (l.Op == nil || l.Op.State.Open()):
		return "reason.open"
	case l.denied:
		return "reason.denied"
	case l.Op == nil && l.overlaps != nil:
		return "reason.overlaps"
	case l.card.Fresh && n.Codes > 0 && int64(n.Counts[api.StatusVoid]) == n.Codes, offline.KindOf(l.Problem) == offline.ErrAlreadyVoid:
		return "reason.void"
	}
	return ""
}

// unsent reports that the line still waits to be sent.
func (l *line) unsent() bool { return l.Op == nil && !l.Moving && !l.denied }

// failed reports a line of a sent basket that is not done, and does not get there
// by waiting alone.
func (l *line) failed() bool {
	return l.Op == nil || l.Op.State != offline.Done && l.Op.State != offline.Queued && l.Op.State != offline.Sending
}
