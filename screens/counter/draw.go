package counter

import (
	"strings"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/sale"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// wide is the width from which card and result stand side by side.
const wide = 98

// The heights of a card and a result one above the other.
const (
	lowCard   = 7
	lowResult = 6
)

// sideWidth is how wide the result and what needs the cashier are drawn.
func sideWidth(width int) int { return min(max(width*38/100, 36), 60) }

// topHeight is how high card and result are drawn side by side: the shape of a
// field has room beside an order and two lines of a reason.
func topHeight(height int) int { return min(max(height*2/5, 11), 13) }

// Head implements screen.Headed: a notice stands under the scan field.
func (s *counter) Head() int { return 1 }

// View draws the scan field, what became known, what was scanned with its result,
// the shift, and what needs the cashier.
func (s *counter) View(width, height int) string {
	rows := []string{s.scanLine(width)}
	if len(s.unseen) > 0 {
		rows = append(rows, s.newsLine(width))
	}
	left := height - len(rows)
	switch {
	case s.basket:
		rows = append(rows, s.basketView(width, left-left/4), s.below(width, left/4))
	case width >= wide:
		side, tall := sideWidth(width), topHeight(height)
		rows = append(rows, ui.SideBySide(s.cardView(width-side-1, tall), s.resultView(side, tall)), s.below(width, left-tall))
	case s.current() == nil:
		rows = append(rows, s.cardView(width, lowCard-2), s.below(width, left-lowCard+2))
	default:
		rows = append(rows, s.cardView(width, lowCard), s.resultView(width, lowResult), s.below(width, left-lowCard-lowResult))
	}
	return ui.Block(strings.Join(rows, "\n"), width, height)
}

func (s *counter) scanLine(width int) string {
	t, e := s.env.Theme, s.env
	label := t.Paint(ui.Strong, e.T("counter.scan")) + " " + t.Paint(ui.Accent, t.Prompt) + " "
	line := label + s.typed.View(t, width-ui.Width(label)-20, s.typesAmount() == nil)
	right := ""
	if s.basket {
		right = t.Paint(ui.Accent, t.Chosen+" "+e.T("counter.basket"))
	}
	return ui.Spread(" "+line, right, width)
}

// resultView says what became of the card's sale, what goes on, or what a key does.
func (s *counter) resultView(width, height int) string {
	t, e := s.env.Theme, s.env
	l := s.current()
	switch {
	case l == nil:
	case l.Op != nil || l.Moving:
		return l.Result(e).View(t, width, height)
	case l.denied:
		return ui.Result{Tone: ui.Bad, Word: e.T("result.refused"), Order: e.T("result.do_not")}.View(t, width, height)
	case l.looking:
		r := sale.Waiting(e, e.T("counter.looking"), l.since)
		r.Lines = s.received(l, width-8)
		return r.View(t, width, height)
	case l.open() != nil:
		before := sale.Sale{Op: l.open()}
		return before.Result(e).View(t, width, height)
	}
	hint := ""
	if l != nil {
		if reason := l.notActivate(); reason == "" {
			hint = t.Paint(ui.Accent, t.Enter) + " " + s.enterHint(l)
		} else {
			hint = t.Paint(ui.Queued, e.T(reason))
		}
	}
	lines := make([]string, (height-3)/2, height)
	for _, row := range ui.Wrap(hint, width-4) {
		lines = append(lines, ui.Center(row, width-4))
	}
	return t.Panel("", lines, width, height, ui.Plain)
}

// received draws how much of a look-up has come, where there is enough to count.
func (s *counter) received(l *line, width int) []string {
	t, e := s.env.Theme, s.env
	n, of := l.received.Load(), l.card.Node.Codes
	switch {
	case n == 0:
		return nil
	case of < n:
		return []string{e.T("counter.received", map[string]any{"N": ui.Grouped(n)})}
	}
	return []string{
		t.Proportion(min(width, 40), ui.Part{Tone: ui.Good, N: n}, ui.Part{Tone: ui.Plain, N: of - n}),
		e.T("counter.received_of", map[string]any{"N": ui.Grouped(n), "Of": ui.Grouped(of)}),
	}
}

// enterHint says what Enter does with a card that can be activated: how many codes
// it changes, and that a manager decides where they are not all alike.
func (s *counter) enterHint(l *line) string {
	one := l.Sale
	one.Describe(offline.Activate, l.card.Card)
	one.AmountFen, _ = offline.ParseYuan(l.amount.Text())
	if one.Differs() {
		return s.env.T("counter.type_twice", map[string]any{"Face": s.env.Money(one.FaceFen)})
	}
	n := l.card.Node
	switch mixed := one.Mixed(s.env); {
	case n.Level == api.LevelCode || n.Codes == 0:
		return s.env.T("counter.press_enter")
	case mixed != "":
		return s.env.T("counter.mixed", map[string]any{"Mixed": mixed})
	}
	return s.env.T("counter.press_enter_codes", map[string]any{"N": n.Codes})
}

// below draws the shift, and beside it what needs the cashier.
func (s *counter) below(width, height int) string {
	if width < wide {
		return s.shiftView(width, height)
	}
	side := sideWidth(width)
	return ui.SideBySide(s.shiftView(width-side-1, height), s.needsView(side, height))
}

// framed is the height from which the shift has a frame and headings.
const framed = 8

// shiftView lists this shift's operations, the newest first.
func (s *counter) shiftView(width, height int) string {
	e := s.env
	if height < framed {
		rows := []string{" " + s.shiftTitle(width-1)}
		for _, op := range s.ops[:min(len(s.ops), max(height-1, 0))] {
			rows = append(rows, " "+e.Row(op, width-1))
		}
		return ui.Block(strings.Join(rows, "\n"), width, max(height, 0))
	}
	table := ui.Table{
		Title: s.shiftTitle(width - 6), Cursor: -1, Total: int64(len(s.ops)), Empty: e.T("counter.no_operations"),
		Columns: []ui.Column{
			{Title: e.T("queue.at"), Width: 8}, {Title: e.T("queue.state"), Width: 12},
			{Title: e.T("queue.id"), Width: 22, Least: 14, Middle: true}, {Title: e.T("counter.amount"), Width: 11, Right: true},
			{Title: e.T("counter.level"), Width: 7, Optional: true}, {Title: e.T("detail.why"), Width: 40, Least: 12, Optional: true, Grow: true},
		},
	}
	for _, op := range s.ops[:min(len(s.ops), ui.TableRoom(height))] {
		m := e.Mark(op)
		why := e.Because(op)
		if why == "" {
			why = op.Name
		}
		table.Rows = append(table.Rows, []string{
			e.Clock(op.AcceptedAt), e.Theme.Paint(m.Tone, m.String()), e.Mask(op.ID), amountOf(e, op), e.T("level." + op.Level), e.Theme.Paint(ui.Faint, why)})
	}
	return table.View(e.Theme, width, height)
}

// amountOf is an operation's amount, or what else it is than an activation.
func amountOf(e *screen.Env, op offline.Operation) string {
	if op.Kind != offline.Activate {
		return e.T("kind." + string(op.Kind))
	}
	return e.Money(op.AmountFen)
}

// shiftTitle sums the shift; what was voided is taken off. No count is cut: where
// it does not fit, the difference is left out and then the name.
func (s *counter) shiftTitle(width int) string {
	t, e := s.env.Theme, s.env
	title := t.Title(e.T("counter.shift"))
	if e.Session.Name == "" {
		return title
	}
	count := func(tone ui.Tone, id string, n int, fen string) string {
		return t.Paint(tone, e.T("shift."+id, map[string]any{"N": ui.Grouped(int64(n)), "Sum": fen}))
	}
	parts := []string{count(ui.Good, "active", s.sums.Active.Count, short(e, s.sums.Active.Fen))}
	left := ""
	if n := s.sums.Void; n.Count > 0 {
		parts = append(parts, count(ui.Void, "void", n.Count, short(e, n.Fen)))
		left = " = " + t.Paint(ui.Strong, short(e, s.sums.Active.Fen-n.Fen))
	}
	refused := ""
	if n := s.sums.Refused; n > 0 {
		refused = " " + t.Bullet + " " + count(ui.Bad, "refused", n, "")
	}
	counts := strings.Join(parts, " "+t.Bullet+" ")
	text := title + "  " + counts + left + refused
	if ui.Width(text) > width {
		text = title + "  " + counts + refused
	}
	if ui.Width(text) > width {
		text = counts + refused
	}
	return text
}

// short is an amount as short as can be: whole yuan without their places.
func short(e *screen.Env, fen int64) string {
	return e.Words.Spell("¥") + strings.TrimSuffix(strings.TrimPrefix(screen.Money(fen), "¥ "), ".00")
}
