package counter

import (
	"strconv"
	"strings"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// basketView draws the basket, and once it was sent how it went, large.
func (s *counter) basketView(width, height int) string {
	if !s.sent || len(s.lines) == 0 {
		return s.basketList(width, height)
	}
	summary := s.summary()
	if side := sideWidth(width); width >= wide && ui.Width(summary.Word)+8 <= side {
		return ui.SideBySide(s.basketList(width-side-1, height), summary.View(s.env.Theme, side, height))
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
	half := max(room/2, 1) // a key moves the list by half a page, or not at all
	top := max((s.cursor/half-1)*half, 0)
	shown := s.lines[top:min(top+room, len(s.lines))]
	outcomes := make([]string, len(shown))
	fixed, level, widest := basketFixed+s.numberWide(), 0, 0
	if inner >= basketLevels {
		level = 7
		fixed += level + 1
	}
	for i, l := range shown {
		outcomes[i] = s.outcomeCell(l, inner-fixed-basketID)
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
	basketFixed  = 2 + 1 + 1 + 11 + 2
	basketLevels = 70
	basketID     = 13
)

// numberWide is how wide the lines' numbers are drawn.
func (s *counter) numberWide() int { return max(len(strconv.Itoa(s.last)), 3) }

// basketFoot says what is to be said of the line in hand, and sums the basket.
func (s *counter) basketFoot(width int) []string {
	t, e := s.env.Theme, s.env
	var rows []string
	switch l := s.current(); {
	case s.noID != "":
		rows = t.Wrap(ui.Bad, e.NotAnID(s.noID), width)
	case l == nil:
	case l.Problem != nil:
		tone, said := s.stands(l)
		rows = t.Wrap(tone, said, width)
	case l.overlaps != nil:
		rows = t.Wrap(ui.Queued, e.T("basket.overlaps", map[string]any{"ID": e.Mask(string(l.overlaps.ID))}), width)
	case l.Op != nil:
		rows = t.Wrap(ui.Faint, e.Because(*l.Op), width)
	default:
		if l.again > 0 {
			rows = t.Wrap(ui.Queued, e.T("basket.again", map[string]any{"N": l.again + 1}), width)
		}
		if mixed := l.mixed(e); mixed != "" {
			rows = append(rows, t.Wrap(ui.Manager, mixed, width)...)
		}
	}
	if len(rows) == 0 {
		rows = []string{""}
	}
	if s.trouble != nil {
		rows = append(rows, t.Wrap(ui.Bad, e.T("basket.not_kept"), width)...)
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
	text := mark + ui.FitLeft(strconv.Itoa(l.n), s.numberWide()) + " " + ui.FitMiddle(e.Mask(string(l.ID)), id) + " "
	if level > 0 {
		text += ui.Fit(e.T("level."+string(l.ID.Level())), level) + " "
	}
	amount := ""
	switch {
	case l.overlaps != nil, l.denied: // it is not sent
	case l.Op != nil:
		amount = amountOf(e, *l.Op)
	default:
		amount = e.Words.Spell("¥ ") + l.amount.View(t, 13, l == s.typesAmount())
	}
	return text + ui.FitLeft(amount, max(11, ui.Width(amount))) + "  "
}

// outcomeCell is what became of a line, or why it cannot be sent.
func (s *counter) outcomeCell(l *line, room int) string {
	t, e := s.env.Theme, s.env
	switch {
	case l.looking:
		return ui.Cut(t.Paint(ui.Accent, t.Spin(e.Beat)+" "+e.T("counter.looking")), room)
	case l.Op != nil && l.Op.State == offline.Refused && e.Because(*l.Op) != "":
		return ui.Cut(t.Paint(ui.Bad, t.Bad+" "+e.Because(*l.Op)), room)
	case l.Op != nil || l.Moving:
		return l.Result(e).Line(t, room)
	case l.notActivate() == "reason.amount":
		return ui.Cut(t.Paint(ui.Queued, e.T("reason.amount")), room)
	case l.blind():
		return ui.Cut(t.Paint(ui.Queued, e.T("counter.nothing_known")), room)
	case l.notActivate() != "", l.Problem != nil:
		return ui.Cut(t.Paint(ui.Bad, t.Bad+" "+l.outcome(e)), room)
	}
	text := ""
	if l.mixed(e) != "" {
		text = t.Paint(ui.Manager, t.Person+" "+e.T("state.attention")) + "  "
	}
	if l.again > 0 { // the counts stand beside it: not all need be alike
		text += t.Paint(ui.Queued, e.Words.Spell("×"+strconv.Itoa(l.again+1))) + "  "
	}
	return text + ui.Cut(s.codeCounts(l.card.Node, room-ui.Width(text)), room-ui.Width(text))
}

// outcome says in words what became of a line, or why it is not sent.
func (l *line) outcome(e *screen.Env) string {
	reason := l.notActivate()
	switch {
	case l.Op != nil:
		return e.Mark(*l.Op).Word
	case l.Moving, l.looking:
		return e.T("reason.open")
	case reason == "" && offline.KindOf(l.Problem) == offline.ErrOverLimit:
		return e.T("basket.over_limit")
	case reason == "" && l.Problem != nil:
		return e.T("basket.not_taken")
	case reason == "reason.overlaps":
		return e.T("basket.in_line", map[string]any{"N": l.overlaps.n})
	case reason == "":
		return e.T("basket.not_sent")
	}
	return e.T(strings.Replace(reason, "reason.", "basket.not_", 1))
}

// totals sums the basket: what is to be sent, or how it went.
func (s *counter) totals(width int) string {
	t, e := s.env.Theme, s.env
	var parts []string
	if n := s.counts.looking; n > 0 {
		parts = append(parts, t.Paint(ui.Accent, e.T("basket.asking", map[string]any{"N": ui.Grouped(int64(n))})))
	}
	if n := s.counts.unsent.n; n > 0 {
		parts = append(parts, t.Paint(ui.Strong, e.T("basket.to_send", map[string]any{"Count": n})+"  "+e.Money(s.counts.unsent.fen)))
	}
	for _, state := range []offline.State{offline.Done, offline.Sending, offline.Queued, offline.Unknown, offline.Attention, offline.Refused} {
		if c := s.counts.states[state]; c.n > 0 {
			m := e.Mark(*c.sample)
			parts = append(parts, t.Paint(m.Tone, m.Symbol+" "+strconv.Itoa(c.n)+" "+m.Word))
		}
	}
	return ui.Cut(strings.Join(parts, "   "), width)
}
