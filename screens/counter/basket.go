package counter

import (
	"cmp"
	"strconv"
	"strings"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/sale"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// basketView draws the basket, and once it was sent how it went, large.
func (s *counter) basketView(width, height int) string {
	if !s.sent {
		return s.basketList(width, height)
	}
	summary := s.summary()
	if side := sideWidth(width); width >= wide && ui.Width(summary.Word)+8 <= side {
		return beside(s.basketList(width-side-1, height), summary.View(s.env.Theme, side, height))
	}
	return summary.View(s.env.Theme, width, lowResult) + "\n" + s.basketList(width, height-lowResult)
}

// basketList draws each line with its own amount and outcome.
func (s *counter) basketList(width, height int) string {
	t, e := s.env.Theme, s.env
	inner := width - 4
	if len(s.lines) == 0 {
		text, tone := e.T("basket.scan"), ui.Faint
		if s.noID != "" {
			text, tone = e.NotAnID(s.noID), ui.Bad
		}
		empty := make([]string, (height-3)/2, height)
		for _, row := range t.Wrap(tone, text, inner) {
			empty = append(empty, ui.Center(row, inner))
		}
		return t.Panel(t.Title(e.T("counter.basket")), empty, width, height, ui.Plain)
	}
	foot := s.basketFoot(inner)
	room := max(height-2-len(foot), 1)
	top := max(min(s.cursor-room/2, len(s.lines)-room), 0)
	shown := s.lines[top:min(top+room, len(s.lines))]
	outcomes := make([]string, len(shown))
	fixed, level, widest := basketFixed, 0, 0
	if inner >= basketLevels {
		level = 7
		fixed += level + 1
	}
	for i, l := range shown {
		outcomes[i] = s.outcome(l, inner-fixed-basketID)
		widest = max(widest, ui.Width(outcomes[i]))
	}
	id := max(min(inner-fixed-widest, 30), basketID)
	var rows []string
	for i, l := range shown {
		rows = append(rows, s.basketRow(l, top+i, id, level)+outcomes[i])
	}
	for len(rows) < room {
		rows = append(rows, "")
	}
	title := t.Title(e.T("counter.basket")) + "  " + e.T("counter.things", map[string]any{"Count": len(s.lines)})
	return t.Panel(title, append(rows, foot...), width, height, ui.Plain)
}

// What a row of the basket takes besides the number, the level and what became of
// it; from which room on it names the level; and how narrow the number may get.
const (
	basketFixed  = 2 + 3 + 1 + 1 + 11 + 2
	basketLevels = 70
	basketID     = 13
)

// basketFoot says what is to be said of the line in hand, and sums the basket.
func (s *counter) basketFoot(width int) []string {
	t, e := s.env.Theme, s.env
	var rows []string
	switch l := s.current(); {
	case s.noID != "":
		rows = t.Wrap(ui.Bad, e.NotAnID(s.noID), width)
	case l == nil:
	case l.Problem != nil:
		rows = t.Wrap(ui.Bad, e.Problem(l.Problem), width)
	case l.overlaps != "":
		rows = t.Wrap(ui.Queued, s.overlaps(l), width)
	case l.Op != nil:
		rows = t.Wrap(ui.Faint, e.Because(*l.Op), width)
	}
	if len(rows) == 0 {
		rows = []string{""}
	}
	return append(rows, s.totals(width))
}

// basketRow is a line of the basket without what became of it.
func (s *counter) basketRow(l *line, i, id, level int) string {
	t, e := s.env.Theme, s.env
	mark := "  "
	if i == s.cursor {
		mark = t.Paint(ui.Accent, t.Prompt) + " "
	}
	text := mark + ui.FitLeft(strconv.Itoa(i+1), 3) + " " + ui.FitMiddle(e.Mask(string(l.ID)), id) + " "
	if level > 0 {
		text += ui.Fit(e.T("level."+string(l.ID.Level())), level) + " "
	}
	amount := ""
	switch {
	case l.overlaps != "", l.denied: // it is not sent
	case l.Op != nil:
		amount = amountOf(e, *l.Op)
	default:
		amount = "¥ " + l.amount.View(t, 9, l == s.typesAmount())
	}
	return text + ui.FitLeft(amount, 11) + "  "
}

// outcome is what became of a line, or why it cannot be sent.
func (s *counter) outcome(l *line, room int) string {
	t, e := s.env.Theme, s.env
	not := func(id string) string { return ui.Cut(t.Paint(ui.Bad, t.Void+" "+e.T(id)), room) }
	switch {
	case l.looking:
		return ui.Cut(t.Paint(ui.Accent, t.Spin(e.Beat)+" "+e.T("counter.looking")), room)
	case l.Op != nil && l.Op.State == offline.Refused && e.Because(*l.Op) != "":
		return ui.Cut(t.Paint(ui.Bad, t.Bad+" "+e.Because(*l.Op)), room)
	case l.Op != nil || l.Moving:
		return l.Result(e).Line(t, room)
	}
	switch reason := l.notActivate(); reason {
	case "":
		if l.Problem != nil {
			return not("basket.not_taken")
		}
		return ui.Cut(s.counts(l.card.Node, room), room)
	case "reason.amount":
		return ui.Cut(t.Paint(ui.Queued, e.T(reason)), room)
	case "reason.overlaps":
		return ui.Cut(t.Paint(ui.Bad, t.Void+" "+e.T("basket.in_line", map[string]any{"N": s.place(l.overlaps)})), room)
	default:
		return not(strings.Replace(reason, "reason.", "basket.not_", 1))
	}
}

// place is the number of the line that an id stands in.
func (s *counter) place(id api.ID) int {
	for i, l := range s.lines {
		if l.ID == id {
			return i + 1
		}
	}
	return 0
}

// severity orders the tones of what is kept back, the gravest first.
var severity = []ui.Tone{ui.Bad, ui.Manager, ui.Unknown, ui.Queued}

// summary is how the basket went, as one order: which to hand over, which to keep
// back. It is green only where nothing is kept back.
func (s *counter) summary() ui.Result {
	e := s.env
	var done, moving int
	var fen int64
	since := e.Now()
	var kept []string
	tones := map[ui.Tone]bool{}
	good := ui.Good
	for i, l := range s.lines {
		r := ui.Result{Tone: ui.Bad}
		if l.Op != nil || l.Moving {
			r = l.Result(e)
		}
		switch {
		case r.Tone == ui.Accent:
			moving++
			if l.SentAt.Before(since) {
				since = l.SentAt
			}
		case l.Op != nil && l.Op.State == offline.Done:
			done++
			fen += l.Op.AmountFen
			if r.Tone != ui.Good {
				good = r.Tone // void, or too long ago to be handed over on
			}
		default:
			kept = append(kept, strconv.Itoa(i+1))
			tones[r.Tone] = true
		}
	}
	if moving > 0 {
		return sale.Waiting(e, e.T("basket.sending", map[string]any{"N": len(s.lines) - moving, "Of": len(s.lines)}), since)
	}
	return worded(e, good, tones, done, fen, kept)
}

// keptNamed is up to how many lines that are kept back are named.
const keptNamed = 8

// worded is a summary in words.
func worded(e *screen.Env, good ui.Tone, tones map[ui.Tone]bool, done int, fen int64, kept []string) ui.Result {
	dot := " " + e.Theme.Bullet + " "
	word := map[ui.Tone]string{ui.Good: "active", ui.Void: "void"}[good]
	word = e.T("basket."+cmp.Or(word, "done"), map[string]any{"N": done})
	if good != ui.Void && done > 0 {
		word += dot + screen.Money(fen)
	}
	r := ui.Result{Tone: good, Word: word, Order: e.T("result." + map[ui.Tone]string{ui.Good: "hand_over", ui.Void: "keep"}[good])}
	if good == ui.Faint {
		r.Order = e.T("result.look_first")
	}
	if len(kept) == 0 {
		return r
	}
	r.Tone = ui.Bad
	for _, tone := range severity {
		if tones[tone] {
			r.Tone = tone
			break
		}
	}
	lines := strings.Join(kept[:min(len(kept), keptNamed)], ", ")
	if len(kept) > keptNamed {
		lines += " …"
	}
	back := e.T("basket.keep_back", map[string]any{"N": len(kept)})
	if r.Order = e.T("basket.which", map[string]any{"Count": len(kept), "Lines": lines}); done > 0 {
		back = word + dot + back
	}
	r.Word = back
	return r
}

// overlaps says which other line already sends what this one names.
func (s *counter) overlaps(l *line) string {
	return s.env.T("basket.overlaps", map[string]any{"ID": s.env.Mask(string(l.overlaps))})
}

// compare marks each line that holds what an earlier line sends, or is held by
// it: sending both would ask for the same codes twice. It knows only the paths
// that look-ups showed.
func (s *counter) compare() {
	in := map[string]api.ID{}    // what earlier lines send
	above := map[string]api.ID{} // what holds it
	for _, l := range s.lines {
		l.overlaps = ""
		if l.unsent() {
			l.overlaps = above[string(l.ID)]
			for _, n := range l.card.Path {
				if id, ok := in[n.ID]; ok {
					l.overlaps = id
				}
			}
		}
		if l.overlaps != "" || l.denied || l.Op != nil && (l.Op.Kind == offline.Void || l.Op.State == offline.Refused || l.Op.State == offline.Withdrawn) {
			continue
		}
		in[string(l.ID)] = l.ID
		for _, n := range l.card.Path {
			above[n.ID] = l.ID
		}
	}
}

// totals sums the basket: what is to be sent, or how it went.
func (s *counter) totals(width int) string {
	t, e := s.env.Theme, s.env
	var fen int64
	unsent := 0
	states := map[offline.State]int{}
	sample := map[offline.State]offline.Operation{}
	for _, l := range s.lines {
		switch {
		case l.Op != nil:
			states[l.Op.State]++
			sample[l.Op.State] = *l.Op
		case l.notActivate() == "":
			unsent++
			v, _ := offline.ParseYuan(l.amount.Text())
			fen += v
		}
	}
	var parts []string
	if unsent > 0 {
		parts = append(parts, t.Paint(ui.Strong, e.T("basket.to_send", map[string]any{"Count": unsent})+"  "+screen.Money(fen)))
	}
	for _, state := range []offline.State{offline.Done, offline.Sending, offline.Queued, offline.Unknown, offline.Attention, offline.Refused} {
		if n := states[state]; n > 0 {
			m := e.Mark(sample[state])
			parts = append(parts, t.Paint(m.Tone, m.Symbol+" "+strconv.Itoa(n)+" "+m.Word))
		}
	}
	return ui.Cut(strings.Join(parts, "   "), width)
}
