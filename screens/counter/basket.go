package counter

import (
	"strconv"
	"strings"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// basketView draws the basket: each line with its own amount and outcome.
func (s *counter) basketView(width, height int) string {
	t, e := s.env.Theme, s.env
	inner := width - 4
	if len(s.lines) == 0 {
		empty := make([]string, (height-3)/2, height)
		text, tone := e.T("basket.scan"), ui.Faint
		if s.noID != "" {
			text, tone = e.NotAnID(s.noID), ui.Bad
		}
		empty = append(empty, ui.Center(t.Paint(tone, text), inner))
		return t.Panel(t.Title(e.T("counter.basket")), empty, width, height, ui.Plain)
	}
	room := height - 4
	top := max(min(s.cursor-room/2, len(s.lines)-room), 0)
	var rows []string
	for i := top; i < min(top+room, len(s.lines)); i++ {
		rows = append(rows, s.basketRow(i, inner))
	}
	for len(rows) < room {
		rows = append(rows, "")
	}
	foot := ""
	switch l := s.current(); {
	case s.noID != "":
		foot = t.Paint(ui.Bad, e.NotAnID(s.noID))
	case l != nil && l.Problem != nil:
		foot = t.Paint(ui.Bad, e.Problem(l.Problem))
	case l != nil && l.overlaps != "":
		foot = t.Paint(ui.Queued, s.overlaps(l))
	case l != nil && l.Op != nil:
		foot = t.Paint(ui.Faint, e.Because(*l.Op))
	}
	rows = append(rows, foot, s.totals(inner))
	title := t.Title(e.T("counter.basket")) + "  " + e.T("counter.things", map[string]any{"Count": len(s.lines)})
	return t.Panel(title, rows, width, height, ui.Plain)
}

func (s *counter) basketRow(i, width int) string {
	t, e := s.env.Theme, s.env
	l := s.lines[i]
	chosen := i == s.cursor
	mark := "  "
	if chosen {
		mark = t.Paint(ui.Accent, t.Prompt) + " "
	}
	id := min(max(width/3, 24), 32)
	text := mark + ui.FitLeft(strconv.Itoa(i+1), 3) + " " + ui.FitMiddle(e.Mask(string(l.ID)), id) + " " +
		ui.Fit(e.T("level."+string(l.ID.Level())), 7) + " "
	if l.overlaps != "" {
		return ui.Cut(text+"  "+s.outcome(l, width), width) // no amount: it is not sent
	}
	amount := ""
	switch {
	case l.Op != nil:
		amount = screen.Money(l.Op.AmountFen)
	case !l.denied:
		amount = "¥ " + l.amount.View(t, 12, l == s.typesAmount())
	}
	text += ui.FitLeft(amount, 12) + "  "
	return ui.Cut(text+s.outcome(l, width-ui.Width(text)), width)
}

// outcome is what became of a line, or what it still needs.
func (s *counter) outcome(l *line, room int) string {
	t, e := s.env.Theme, s.env
	switch {
	case l.looking:
		return t.Paint(ui.Accent, t.Spin(e.Beat)+" "+e.T("counter.looking"))
	case l.Op != nil || l.Moving:
		return l.Result(e).Line(t, room)
	case l.denied:
		return t.Paint(ui.Bad, t.Bad+" "+e.T("reason.denied"))
	}
	if l.overlaps != "" {
		return t.Paint(ui.Queued, s.overlaps(l))
	}
	if reason := l.notActivate(); reason != "" {
		return t.Paint(ui.Queued, e.T(reason))
	}
	return s.counts(l.card.Node, false)
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
