package counter

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"counterfoil/offline"
	"counterfoil/screens/sale"
	"counterfoil/ui"
)

// basketKeys are the keys of a basket besides those of a card.
func (s *counter) basketKeys() []ui.Binding {
	keys := []ui.Binding{
		{Keys: []string{"up", "down"}, Show: "↑↓", Words: "counter.choose", Minor: true},
		{Keys: []string{"delete"}, Show: "Del", Words: "counter.remove", Minor: true},
		{Keys: []string{"l"}, Words: "list.title", Minor: len(s.lines) > 0},
	}
	switch {
	case s.mayKeepFailed():
		return append([]ui.Binding{{Keys: []string{"e"}, Words: "basket.keep_failed"}}, keys...)
	case s.mayRemove():
		return append([]ui.Binding{{Keys: []string{"u"}, Words: "basket.undo", Minor: true}}, keys...)
	}
	return keys
}

func (s *counter) mayRemove() bool {
	return s.basket && !s.sent && len(s.lines) > 0 && !s.sales.Busy()
}

func (s *counter) mayKeepFailed() bool {
	return s.basket && s.sent && !s.sales.Busy() && len(s.counts.kept) > 0 && slices.ContainsFunc(s.lines, (*line).failed)
}

// through reports a sent basket of which nothing is on its way any more.
func (s *counter) through() bool {
	return s.basket && s.sent && len(s.counts.states) > 0 && !s.sales.Busy() && s.counts.moving == 0
}

// counts sum a basket up. They are made when something came in: drawing counts nothing.
type counts struct {
	looking    int // lines that the platform is asked about, or will be
	unsent     sum // lines that can be sent
	states     map[offline.State]count
	done       sum
	voided     bool      // what is done is voids
	until      time.Time // how long all that is active may be handed over; zero for not
	moving     int
	since      time.Time // when the first of what moves was sent
	kept       []int     // the numbers of the lines that are kept back
	unsendable int       // of them, those that were not sent
}

// sum is how many lines, and their amounts.
type sum struct {
	n   int
	fen int64
}

func (s *sum) add(fen int64) { s.n, s.fen = s.n+1, s.fen+fen }

type count struct {
	n      int
	sample *offline.Operation
}

// countLines makes the counts. Of a sent basket trouble goes to the top, then what is on
// its way or waits.
func (s *counter) countLines() {
	t := counts{states: map[offline.State]count{}}
	sorted := true
	for i, l := range s.lines {
		t.add(l)
		sorted = sorted && (i == 0 || inOrder(s.lines[i-1], l) <= 0)
	}
	if s.counts = t; s.sent && !sorted {
		l := s.current()
		s.lines = slices.Clone(s.lines)
		slices.SortFunc(s.lines, inOrder)
		if s.cursor > 0 { // the top stays in sight until a person goes elsewhere
			s.cursor = slices.Index(s.lines, l)
		}
	}
	slices.Sort(s.counts.kept)
}

// inOrder compares lines of a sent basket.
func inOrder(a, b *line) int { return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.n, b.n)) }

// rank orders the lines of a sent basket: what a person must look at comes first.
func (l *line) rank() int {
	switch {
	case l.Moving, l.Op != nil && l.Op.State == offline.Sending:
		return 1
	case l.Op == nil:
		return 0
	case l.Op.State == offline.Queued:
		return 2
	case l.Op.State == offline.Done:
		return 3
	}
	return 0
}

func (t *counts) add(l *line) {
	if l.Op != nil {
		c := t.states[l.Op.State]
		t.states[l.Op.State] = count{c.n + 1, l.Op}
	}
	if l.looking {
		t.looking++
	}
	if l.Op == nil && l.notActivate() == "" {
		t.unsent.add(l.fen)
	}
	switch {
	case l.rank() == 1:
		if t.moving++; t.since.IsZero() || l.SentAt.Before(t.since) {
			t.since = l.SentAt
		}
	case l.rank() == 3:
		t.voided = t.voided || l.Op.Kind == offline.Void
		if t.done.n == 0 || l.Until.Before(t.until) {
			t.until = l.Until
		}
		t.done.add(l.Op.AmountFen)
	default:
		if t.kept = append(t.kept, l.n); l.Op == nil {
			t.unsendable++
		}
	}
}

// left are the states of what is kept back, the gravest first, with their tones
// and what is to be done.
var left = []struct {
	state offline.State
	tone  ui.Tone
}{{offline.Refused, ui.Bad}, {offline.Attention, ui.Manager}, {offline.Unknown, ui.Unknown}, {offline.Queued, ui.Queued}}

// keptNamed is up to how many lines that are kept back are named.
const keptNamed = 8

// summary is how the basket went, as one order: which to hand over, which to keep
// back and what to do with them. It is green only where nothing is kept back.
func (s *counter) summary() ui.Result {
	e, t := s.env, &s.counts
	if t.moving > 0 {
		r := sale.Waiting(e, e.T("basket.sending", map[string]any{"N": len(s.lines) - t.moving - t.unsent.n, "Of": len(s.lines)}), t.since)
		if n := len(s.held); n > 0 {
			r.Lines = []string{e.T("basket.held", map[string]any{"Count": n})}
		}
		return r
	}
	r := s.done()
	if len(t.kept) == 0 {
		return r
	}
	done := r.Word
	r.Word, r.Tone = e.T("basket.keep_back", map[string]any{"N": len(t.kept)}), ui.Plain
	if t.done.n > 0 {
		r.Word = done + " " + e.Theme.Bullet + " " + r.Word
	}
	r.Tone = ui.Bad
	for i, one := range left {
		n := t.states[one.state].n
		if n == 0 {
			continue
		}
		if i > 0 && len(r.Lines) == 0 && t.unsendable == 0 {
			r.Tone = one.tone
		}
		r.Lines = append(r.Lines, e.T("basket.left_"+string(one.state), map[string]any{"N": n}))
	}
	if t.unsendable > 0 {
		r.Lines = append(r.Lines, e.T("basket.left_unsent", map[string]any{"N": t.unsendable}))
	}
	names := make([]string, 0, keptNamed+1)
	for _, n := range t.kept[:min(len(t.kept), keptNamed)] {
		names = append(names, strconv.Itoa(n))
	}
	lines := strings.Join(names, ", ")
	if len(t.kept) > keptNamed {
		lines += " …"
	}
	r.Order = e.T("basket.which", map[string]any{"Count": len(t.kept), "Lines": lines})
	return r
}

// done is the summary of what is done.
func (s *counter) done() ui.Result {
	e, t := s.env, &s.counts
	r := ui.Result{Tone: ui.Good, Order: e.T("result.hand_over")}
	word := "active"
	switch {
	case t.voided:
		r.Tone, r.Order, word = ui.Void, e.T("result.keep"), "void"
	case t.done.n > 0 && e.Now().After(t.until): // too long ago to be handed over on
		r.Tone, r.Order, word = ui.Faint, e.T("result.look_first"), "done"
	}
	r.Word = e.T("basket."+word, map[string]any{"N": t.done.n})
	if !t.voided && t.done.n > 0 {
		r.Word += " " + e.Theme.Bullet + " " + e.Money(t.done.fen)
	}
	return r
}

// overlapping tells which lines of a basket would ask for the same codes: a reel
// and the box that it is in. It knows only the paths that look-ups showed.
type overlapping struct {
	in    map[string]*line // what lines send, by its id
	above map[string]*line // by what holds it
}

// join marks a line that holds what an earlier line sends, or is held by it. It
// changes no other line, so a new last line is joined by itself.
func (o *overlapping) join(l *line) {
	if l.overlaps = nil; l.unsent() {
		l.overlaps = o.above[string(l.ID)]
		for _, n := range l.card.Path {
			if other, ok := o.in[n.ID]; ok {
				l.overlaps = other
			}
		}
	}
	if l.overlaps != nil || l.denied || l.Op != nil && !l.Counts(offline.Activate) {
		return
	}
	o.in[string(l.ID)] = l
	for _, n := range l.card.Path {
		o.above[n.ID] = l
	}
}

// compare joins every line anew, in the order in which they were scanned.
func (s *counter) compare() {
	s.recompare = false
	s.overlapping = overlapping{in: make(map[string]*line, len(s.lines)), above: map[string]*line{}}
	lines := s.lines
	if s.sent {
		lines = slices.SortedFunc(slices.Values(lines), func(a, b *line) int { return cmp.Compare(a.n, b.n) })
	}
	for _, l := range lines {
		s.join(l)
	}
}
