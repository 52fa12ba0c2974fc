package counter

import (
	"slices"
	"time"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// news is what became known behind another card. It belongs to the desk, not to
// a session: it stays until somebody has seen it.
type news struct {
	awaited map[string]bool // operations whose outcome nobody has seen yet
	unseen  []outcome       // oldest first
}

// outcome is an operation that became known, and how long the desk lets its
// voucher be handed over; zero for not.
type outcome struct {
	op    offline.Operation
	until time.Time
}

// seenAtOnce is above how many outcomes one Esc has seen them all.
const seenAtOnce = 9

// await remembers an operation whose outcome is still to be seen.
func (n *news) await(op string) {
	if n.awaited == nil {
		n.awaited = map[string]bool{}
	}
	n.awaited[op] = true
}

// undecided reports what a person was told of as not decided yet.
func undecided(op offline.Operation) bool {
	return op.State == offline.Unknown || op.State == offline.Queued && (op.Offline || len(op.Attempts) > 0 || op.WaitsFor != "")
}

// learn takes what the desk says now: of what is open, and of what was awaited
// and is not. inFront tells what a card shows itself.
func (n *news) learn(msg snapshot, inFront func(op string) bool) {
	for _, op := range msg.open {
		if undecided(op) {
			n.await(op.Op)
		}
	}
	for i := range n.unseen {
		if now, ok := msg.ops[n.unseen[i].op.Op]; ok {
			n.unseen[i].until = msg.until[now.Op]
		}
	}
	for id, op := range msg.ops {
		if !n.awaited[id] || op.State.Open() && op.State != offline.Attention {
			continue
		}
		delete(n.awaited, id)
		if !inFront(id) && (op.State == offline.Done || op.State == offline.Refused || op.State == offline.Attention) {
			n.unseen = append(n.unseen, outcome{op, msg.until[id]})
		}
	}
	slices.SortFunc(n.unseen, func(a, b outcome) int { return a.when().Compare(b.when()) })
}

// asksFor lists the operations that a reading must look at for the news.
func (n *news) asksFor() []string {
	ids := make([]string, 0, len(n.awaited)+len(n.unseen))
	for id := range n.awaited {
		ids = append(ids, id)
	}
	for _, o := range n.unseen[:min(len(n.unseen), seenAtOnce)] {
		ids = append(ids, o.op.Op)
	}
	return ids
}

// seen puts the outcome that is shown away, or all where they were only counted.
func (n *news) seen() {
	if len(n.unseen) > seenAtOnce {
		n.unseen = nil
		return
	}
	n.unseen = n.unseen[1:]
}

func (o outcome) when() time.Time {
	if o.op.FinishedAt != nil {
		return *o.op.FinishedAt
	}
	return o.op.AcceptedAt
}

// became is the last part of the message ids that say what became of it.
func (o outcome) became(e *screen.Env) string {
	switch {
	case o.op.State == offline.Done && o.op.Kind == offline.Void:
		return "void"
	case o.op.State == offline.Done && o.op.Kind == offline.Range: // no scan shows it
		return "range"
	case o.op.State == offline.Done && e.Now().After(o.until):
		return "active_before"
	case o.op.State == offline.Done:
		return "active"
	}
	return string(o.op.State)
}

// says is what became of the operation, and what to do with the voucher now, in
// so many columns: the id gives way first.
func (o outcome) says(e *screen.Env, width int) (text string, tone ui.Tone) {
	m := e.Mark(o.op)
	say := func(id string) string {
		return m.Symbol + " " + e.T("news."+o.became(e), map[string]any{"At": e.When(o.when()), "ID": id})
	}
	return say(ui.CutMiddle(e.Mask(o.op.ID), min(24, max(width-ui.Width(say("")), 5)))), m.Tone
}

// newsLine says the oldest of what became known and was not seen, or counts all.
func (s *counter) newsLine(width int) string {
	t, e := s.env.Theme, s.env
	n := len(s.unseen)
	right := t.Paint(ui.Accent, "Esc") + " " + e.T("counter.seen")
	if n > 1 {
		right = e.T("news.of", map[string]any{"N": n}) + "   " + right
	}
	text, tone := s.unseen[0].says(e, width-ui.Width(right)-2)
	if n > seenAtOnce {
		text, tone = e.T("news.many", map[string]any{"Active": s.count(offline.Done), "Refused": s.count(offline.Refused), "Attention": s.count(offline.Attention)}), ui.Queued
	}
	return ui.Spread(" "+t.Paint(tone, text), right, width)
}

// count counts what is not seen yet by its state.
func (n *news) count(state offline.State) (count int) {
	for _, o := range n.unseen {
		if o.op.State == state {
			count++
		}
	}
	return count
}
