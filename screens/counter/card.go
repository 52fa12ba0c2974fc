package counter

import (
	"strings"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

func (s *counter) cardView(width, height int) string {
	t, e := s.env.Theme, s.env
	l := s.current()
	if l == nil {
		tone, text := ui.Faint, e.T("counter.empty")
		if s.noID != "" {
			tone, text = ui.Bad, e.NotAnID(s.noID)
		}
		words := t.Wrap(tone, text, width-8)
		lines := make([]string, max((height-2-len(words))/2, 0), height)
		for _, row := range words {
			lines = append(lines, ui.Center(row, width-4))
		}
		return t.Panel("", lines, width, height, ui.Plain)
	}
	title := t.Title(e.T("level."+string(l.ID.Level()))) + t.Paint(ui.Faint, " "+t.Bullet+" ") + t.Paint(ui.Strong, ui.CutMiddle(s.number(l), width-18))
	return t.Panel(title, s.cardLines(l, width-4, height-2), width, height, ui.Plain)
}

// cardLines say what is known of a line, the amount, and what was done with it
// here. A problem takes the place of what is known besides the name.
func (s *counter) cardLines(l *line, width, height int) []string {
	t, e := s.env.Theme, s.env
	if l.denied {
		return t.Wrap(ui.Bad, s.problem(l), width)
	}
	var lines []string
	if l.known {
		name := l.card.Node.Name
		if name == "" {
			name = e.T("level." + string(l.ID.Level()))
		}
		lines = append(lines, ui.Spread(t.Paint(ui.Strong, name), s.worth(l), width))
	} else if !l.looking && l.Problem == nil && l.open() == nil {
		lines = append(lines, t.Paint(ui.Queued, e.T("counter.nothing_known")))
	}
	if l.Problem != nil && (l.open() == nil || offline.KindOf(l.Problem) != offline.ErrNothingKnown) {
		tone, said := s.stands(l)
		problem := t.Wrap(tone, said, width)
		return append(append(lines[:min(len(lines), max(height-1-len(problem), 0))], problem...), s.amountLine(l))
	}
	if l.known {
		lines = append(append(lines, s.status(l, width)...), s.pathLine(l, width))
	}
	for height > lowCard && len(lines) < 3 {
		lines = append(lines, "")
	}
	lines = append(lines, ui.Spread(s.amountLine(l), s.age(l), width))
	if height > lowCard {
		lines = append(lines, "")
	}
	return append(lines, s.here(l, width, height-len(lines))...)
}

// number is a line's id as its card may show it.
func (s *counter) number(l *line) string {
	if l.given() {
		return string(l.ID)
	}
	return s.env.Mask(string(l.ID))
}

// problem is the sentence for a line's error.
func (s *counter) problem(l *line) string {
	if l.given() {
		return s.env.Problem(l.Problem, l.ID)
	}
	return s.env.Problem(l.Problem)
}

// stands is what stands in the way of a line, and where nothing is known of it in an
// outage, what can be done all the same.
func (s *counter) stands(l *line) (ui.Tone, string) {
	if l.blind() {
		return ui.Queued, s.env.T("counter.blind", map[string]any{"ID": s.env.Mask(string(l.ID))})
	}
	return ui.Bad, s.problem(l)
}

// worth is what is offered as the amount.
func (s *counter) worth(l *line) string {
	if l.card.AmountFen == 0 {
		return ""
	}
	return s.env.Money(l.card.AmountFen)
}

// status is a proportion bar with counts, or a code's status and validity. Where a
// void was done since it was seen, that is said instead of what was seen. Counts
// stand below the bar where there is no room behind it.
func (s *counter) status(l *line, width int) []string {
	t, e, n := s.env.Theme, s.env, l.card.Node
	if v := l.card.Voided; v != nil {
		return []string{ui.Cut(t.Paint(ui.Void, t.Void+" "+e.T("counter.voided", map[string]any{"At": e.When(v.AcceptedAt), "Name": v.Operator})), width)}
	}
	if n.Level == api.LevelCode {
		m := e.CodeMark(n)
		return []string{ui.Spread(t.Paint(m.Tone, m.String()), s.validity(n), width)}
	}
	if n.Codes == 0 {
		return []string{""}
	}
	head, counts := e.Codes(n.Codes)+"  ", s.codeCounts(n, width)
	bar := min(width-ui.Width(head)-ui.Width(counts)-2, 24)
	if bar < 0 {
		return []string{head + t.Proportion(min(width-ui.Width(head), 24), proportion(n)...), counts}
	}
	return []string{head + t.Proportion(bar, proportion(n)...) + "  " + counts}
}

// proportion are a node's codes by status, the active ones first.
func proportion(n offline.Node) []ui.Part {
	return []ui.Part{
		{Tone: ui.Good, N: int64(n.Counts[api.StatusActive])}, {Tone: ui.Queued, N: int64(n.Counts[api.StatusFrozen])},
		{Tone: ui.Void, N: int64(n.Counts[api.StatusVoid])}, {Tone: ui.Plain, N: int64(n.Counts[api.StatusInactive])},
	}
}

// codeCounts says how many codes have which status, without words where they would
// not fit; of a code, its status.
func (s *counter) codeCounts(n offline.Node, room int) string {
	e := s.env
	if n.Level == api.LevelCode {
		m := e.CodeMark(n)
		return e.Theme.Paint(m.Tone, m.String())
	}
	var parts, bare []string
	known := 0
	for _, status := range screen.Statuses {
		count := n.Counts[status]
		if known += count; count > 0 {
			m := e.StatusMark(status)
			number := m.Symbol + " " + ui.Grouped(int64(count))
			parts, bare = append(parts, e.Theme.Paint(m.Tone, number+" "+m.Word)), append(bare, e.Theme.Paint(m.Tone, number))
		}
	}
	if other := n.Codes - int64(known); other > 0 {
		number := e.Theme.Bullet + " " + ui.Grouped(other)
		parts, bare = append(parts, number+" "+e.T("status.other")), append(bare, number)
	}
	if text := strings.Join(parts, "   "); ui.Width(text) <= room {
		return text
	}
	return strings.Join(bare, "  ")
}

func (s *counter) validity(n offline.Node) string {
	e := s.env
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

// pathLine names what holds the voucher, or counts what the node holds.
func (s *counter) pathLine(l *line, width int) string {
	if path := l.card.Path; len(path) > 0 {
		return ui.Cut(s.env.Holders(path, true, width), width)
	}
	return s.env.Theme.Paint(ui.Faint, s.env.Holds(l.card.Node))
}

// amountLine is the amount, and how it stands to the face value.
func (s *counter) amountLine(l *line) string {
	t, e := s.env.Theme, s.env
	if l.denied || l.Op != nil && l.Op.Kind == offline.Void {
		return ""
	}
	label := t.Paint(ui.Faint, e.T("counter.amount")) + "  "
	if l.Op != nil {
		return label + t.Paint(ui.Strong, e.Money(l.Op.AmountFen))
	}
	text := label + e.Words.Spell("¥ ") + l.amount.View(t, 14, s.typesAmount() == l)
	fen, err := offline.ParseYuan(l.amount.Text())
	switch face := l.card.AmountFen; {
	case face == 0 || err != nil:
	case fen == face:
		text += "  " + t.Paint(ui.Faint, e.T("counter.is_face"))
	default:
		text += "  " + t.Paint(ui.Queued, e.T("counter.not_face", map[string]any{"Face": e.Money(face)}))
	}
	return text
}

// age says how old what is shown is, or that the platform is being asked again.
func (s *counter) age(l *line) string {
	t, e := s.env.Theme, s.env
	switch {
	case l.looking && l.Op != nil:
		return t.Paint(ui.Accent, t.Spin(e.Beat)+" "+e.T("counter.looking"))
	case l.known && !l.card.Fresh && !l.looking:
		return t.Paint(ui.Queued, t.Wait+" "+e.T("counter.as_of", map[string]any{"Ago": e.Ago(l.card.Node.SeenAt)}))
	}
	return ""
}

// here says what is open here on the voucher, and what was done here with it and
// with what holds it, in at most so many rows.
func (s *counter) here(l *line, width, most int) []string {
	t, e := s.env.Theme, s.env
	var rows []string
	said := func(op offline.Operation) {
		m := e.Mark(op)
		values := map[string]any{"Kind": e.T("kind." + string(op.Kind)), "State": m.Word, "At": e.When(op.AcceptedAt), "Name": op.Operator, "On": ""}
		if op.ID != string(l.ID) {
			values["On"] = e.T("level." + op.Level)
		}
		id := "card.ended"
		switch {
		case op.State == offline.Done:
			id = "card." + string(op.Kind)
		case op.State.Open():
			id = "card.open"
		case op.State == offline.Refused:
			id = "card.refused_" + string(op.Kind) // never like one that was done
		}
		text := t.Paint(m.Tone, m.Symbol+" "+e.T(id, values))
		if why := e.Because(op); why != "" {
			text += "  " + t.Paint(ui.Faint, why)
		}
		rows = append(rows, ui.Cut(text, width))
	}
	shown := map[string]bool{}
	for _, list := range [][]offline.Operation{l.card.Pending, l.card.here} {
		for _, op := range list {
			if len(rows) < most && !shown[op.Op] && (l.Op == nil || l.Op.Op != op.Op || !op.State.Open()) {
				shown[op.Op] = true
				said(op)
			}
		}
	}
	return rows
}
