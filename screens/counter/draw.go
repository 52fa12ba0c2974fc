package counter

import (
	"strings"

	"charm.land/lipgloss/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/sale"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// wide is the width from which card and result stand side by side.
const wide = 98

// Head implements screen.Headed: a notice stands under the scan field.
func (s *counter) Head() int { return 1 }

// View draws the scan field, what was scanned with its result, and the shift.
func (s *counter) View(width, height int) string {
	rows := []string{s.scanLine(width)}
	switch {
	case len(s.unseen) > 0:
		rows = append(rows, s.newsLine(width))
	case height > 24:
		rows = append(rows, "")
	}
	var top string
	switch {
	case s.basket:
		top = s.basketView(width, s.basketHeight(height))
	case width >= wide:
		side := min(max(width*36/100, 36), 52)
		tall := 9
		top = lipgloss.JoinHorizontal(lipgloss.Top, s.cardView(width-side-2, tall), "  ", s.resultView(side, tall))
	default:
		top = s.cardView(width, 8) + "\n" + s.resultView(width, 6)
	}
	rows = append(rows, top)
	used := strings.Count(strings.Join(rows, "\n"), "\n") + 1
	return strings.Join(rows, "\n") + "\n" + s.shiftView(width, height-used)
}

func (s *counter) basketHeight(height int) int { return height - 5 - height/5 }

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

func (s *counter) cardView(width, height int) string {
	t, e := s.env.Theme, s.env
	l := s.current()
	if l == nil {
		lines := []string{"", "", ui.Center(t.Paint(ui.Faint, e.T("counter.empty")), width-4)}
		if s.noID != "" {
			lines = []string{""}
			for _, row := range t.Wrap(ui.Bad, e.NotAnID(s.noID), width-8) {
				lines = append(lines, ui.Center(row, width-4))
			}
		}
		return t.Panel("", lines, width, height, ui.Plain)
	}
	title := t.Title(e.T("level."+string(l.ID.Level()))) + t.Paint(ui.Faint, " "+t.Bullet+" ") + t.Paint(ui.Strong, ui.CutMiddle(string(l.ID), width-18))
	return t.Panel(title, s.cardLines(l, width-4, height-2), width, height, ui.Plain)
}

// cardLines says what is known of a line; the amount always has the last row.
func (s *counter) cardLines(l *line, width, height int) []string {
	t, e := s.env.Theme, s.env
	n := l.card.Node
	var lines []string
	switch {
	case l.denied:
		return t.Wrap(ui.Bad, e.Problem(l.Problem), width)
	case l.known:
		name := n.Name
		if name == "" {
			name = e.T("level." + string(l.ID.Level()))
		}
		lines = append(lines, ui.Spread(t.Paint(ui.Strong, name), s.worth(l), width))
		counts := s.counts(n, true)
		if v := l.card.Voided; v != nil {
			counts = t.Paint(ui.Queued, e.T("counter.voided", map[string]any{"At": e.When(v.AcceptedAt), "Name": v.Operator}))
		}
		lines = append(lines, s.path(l, width), ui.Spread(counts, s.validity(n), width))
	case !l.looking && l.Problem == nil:
		lines = append(lines, t.Paint(ui.Queued, e.T("counter.nothing_known")))
	}
	lines = append(lines, s.notes(l, width)...)
	for len(lines) < height-1 {
		lines = append(lines, "")
	}
	return append(lines[:height-1], ui.Spread(s.amountLine(l), s.age(l), width))
}

// worth is the number of codes and their value.
func (s *counter) worth(l *line) string {
	e, n := s.env, l.card.Node
	var parts []string
	if n.Level != api.LevelCode && n.Codes > 0 {
		parts = append(parts, e.Codes(n.Codes))
	}
	if l.card.AmountOK {
		parts = append(parts, screen.Money(l.card.AmountFen))
	}
	return strings.Join(parts, " "+e.Theme.Bullet+" ")
}

// path names what holds the voucher, or counts what the node holds.
func (s *counter) path(l *line, width int) string {
	t, e := s.env.Theme, s.env
	path := l.card.Path
	if len(path) == 0 {
		return t.Paint(ui.Faint, e.Holds(l.card.Node))
	}
	return ui.Cut(e.Holders(path, true, width), width)
}

// counts says how many codes have which status, with zeros if asked; of a code,
// its status.
func (s *counter) counts(n offline.Node, none bool) string {
	e := s.env
	if n.Level == api.LevelCode {
		m := e.CodeMark(n)
		return e.Theme.Paint(m.Tone, m.String())
	}
	var parts []string
	known := 0
	for _, status := range screen.Statuses {
		count := n.Counts[status]
		known += count
		if count == 0 && (status == api.StatusFrozen || !none) {
			continue
		}
		m := e.StatusMark(status)
		if count == 0 {
			m.Tone = ui.Faint
		}
		parts = append(parts, e.Theme.Paint(m.Tone, m.Symbol+" "+ui.Grouped(int64(count))+" "+m.Word))
	}
	if other := n.Codes - int64(known); other > 0 {
		parts = append(parts, e.Theme.Bullet+" "+ui.Grouped(other)+" "+e.T("status.other"))
	}
	return strings.Join(parts, "   ")
}

func (s *counter) validity(n offline.Node) string {
	e := s.env
	if n.Level != api.LevelCode {
		return ""
	}
	text := e.T("valid.unlimited")
	switch {
	case n.ValidFrom != "" && n.ValidTo != "":
		text = screen.Day(n.ValidFrom) + " – " + screen.Day(n.ValidTo)
	case n.ValidTo != "":
		text = e.T("valid.until", map[string]any{"Day": screen.Day(n.ValidTo)})
	}
	if n.Remaining >= 0 {
		text += "  " + e.T("valid.times", map[string]any{"Count": n.Remaining})
	}
	return text
}

// notes say what went wrong, or what waits here for the voucher, or what was done last.
func (s *counter) notes(l *line, width int) []string {
	t, e := s.env.Theme, s.env
	if l.Problem != nil {
		return t.Wrap(ui.Bad, e.Problem(l.Problem), width)
	}
	said := func(op offline.Operation, id string) string {
		m := e.Mark(op)
		return ui.Cut(t.Paint(m.Tone, m.String())+"  "+e.T(id, map[string]any{
			"Kind": e.T("kind." + string(op.Kind)), "At": e.When(op.AcceptedAt), "Name": op.Operator}), width)
	}
	var rows []string
	for _, op := range l.card.Pending {
		if l.Op == nil || op.Op != l.Op.Op {
			rows = append(rows, said(op, "card.pending"))
		}
	}
	if last := l.card.Last; len(rows) == 0 && last != nil && l.Op == nil && !last.State.Open() {
		rows = append(rows, said(*last, "card.last"))
	}
	return rows
}

func (s *counter) amountLine(l *line) string {
	t, e := s.env.Theme, s.env
	if l.denied || l.Op != nil && l.Op.Kind == offline.Void {
		return ""
	}
	label := t.Paint(ui.Faint, e.T("counter.amount")) + "  ¥ "
	if l.Op != nil {
		return label + t.Paint(ui.Strong, offline.Yuan(l.Op.AmountFen))
	}
	return label + l.amount.View(t, 14, s.typesAmount() == l)
}

// age says how old what is shown is, or that the platform is being asked.
func (s *counter) age(l *line) string {
	t, e := s.env.Theme, s.env
	switch {
	case l.looking:
		return ""
	case l.known && !l.card.Fresh:
		return t.Paint(ui.Queued, t.Wait+" "+e.T("counter.as_of", map[string]any{"Ago": e.Ago(l.card.Node.SeenAt)}))
	}
	return ""
}

func (s *counter) resultView(width, height int) string {
	t, e := s.env.Theme, s.env
	l := s.current()
	switch {
	case l != nil && (l.Op != nil || l.Moving):
		return l.Result(e).View(t, width, height)
	case l != nil && l.denied:
		return ui.Result{Tone: ui.Bad, Symbol: t.Bad, Word: e.T("result.refused"), Order: e.T("result.do_not")}.View(t, width, height)
	}
	hint := ""
	if l != nil {
		switch reason := l.notActivate(); reason {
		case "":
			hint = t.Paint(ui.Accent, t.Enter) + " " + s.enterHint(l)
		case "reason.looking":
			return sale.Waiting(e, e.T("counter.looking"), l.since).View(t, width, height)
		default:
			hint = t.Paint(ui.Queued, e.T(reason))
		}
	}
	lines := make([]string, (height-3)/2, height)
	for _, row := range ui.Wrap(hint, width-4) {
		lines = append(lines, ui.Center(row, width-4))
	}
	return t.Panel("", lines, width, height, ui.Plain)
}

// enterHint says what Enter does with a card that can be activated.
func (s *counter) enterHint(l *line) string {
	one := l.Sale
	one.Describe(offline.Activate, l.card.Card)
	one.AmountFen, _ = offline.ParseYuan(l.amount.Text())
	if one.Differs() {
		return s.env.T("counter.type_twice", map[string]any{"Face": screen.Money(one.FaceFen)})
	}
	return s.env.T("counter.press_enter")
}

// shiftView lists this shift's operations, the newest first.
func (s *counter) shiftView(width, height int) string {
	t, e := s.env.Theme, s.env
	if height < 2 {
		return ui.Block("", width, max(height, 0))
	}
	title := t.Title(e.T("counter.shift"))
	if s.env.Session.Name != "" || s.sum.Active.Count > 0 {
		title += "   " + e.T("counter.operations", map[string]any{"Count": s.sum.Active.Count}) + "   " + screen.Money(s.sum.Active.Fen-s.sum.Void.Fen)
	}
	rows := []string{" " + title}
	if len(s.ops) == 0 {
		rows = append(rows, " "+t.Paint(ui.Faint, e.T("counter.no_operations")))
	}
	for _, op := range s.ops[:min(len(s.ops), height-1)] {
		rows = append(rows, " "+e.Row(op, width-1))
	}
	return ui.Block(strings.Join(rows, "\n"), width, height)
}
