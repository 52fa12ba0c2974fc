package counter

import (
	"slices"
	"sync/atomic"
	"time"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/sale"
	"counterfoil/ui"
)

// line is one scanned thing: what is known of it, and its sale.
type line struct {
	sale.Sale
	card     seen
	known    bool // the card holds more than the id
	looking  bool
	since    time.Time     // when the look-up began
	received *atomic.Int64 // codes of it that came by now
	asked    bool          // the look-up was begun in this session
	left     bool          // its session ended while the desk was asked to accept it
	denied   bool          // the platform does not know the id
	amount   ui.Field
	edited   bool   // the amount was typed
	overlaps api.ID // what is in the basket before it and holds it, or is held by it; "" for nothing
}

func newLine(id api.ID) *line {
	l := &line{looking: true, received: &atomic.Int64{}, amount: sale.AmountField()}
	l.ID = id
	l.card.Node.ID, l.card.Node.Level = string(id), id.Level()
	return l
}

// renew leaves of a line what outlives a session.
func (l *line) renew() {
	l.left = l.left || l.Moving && l.Op == nil
	l.looking = l.looking || l.left && l.Op == nil
	l.Moving, l.asked, l.Problem = false, false, nil
}

// prefill puts the known value in, unless the cashier has typed one.
func (l *line) prefill() {
	if l.edited {
		return
	}
	if l.card.AmountOK {
		l.amount.Set(offline.Yuan(l.card.AmountFen), true)
	} else {
		l.amount.Clear()
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
	case l.overlaps != "":
		return "reason.overlaps"
	case l.card.Voided != nil:
		return "reason.look_again"
	case l.card.Fresh && l.card.Node.Codes > 0 && counts[api.StatusInactive] == 0 && counts[api.StatusActive] > 0:
		return "reason.active"
	case l.card.Fresh && l.card.Node.Codes > 0 && counts[api.StatusInactive] == 0:
		return "reason.not_inactive"
	}
	if fen, err := offline.ParseYuan(l.amount.Text()); err != nil || fen == 0 {
		return "reason.amount"
	}
	return ""
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
	case l.Op == nil && l.overlaps != "":
		return "reason.overlaps"
	case l.card.Fresh && n.Codes > 0 && int64(n.Counts[api.StatusVoid]) == n.Codes:
		return "reason.void"
	}
	return ""
}

// unsent reports that the line still waits to be sent.
func (l *line) unsent() bool { return l.Op == nil && !l.Moving && !l.denied }
