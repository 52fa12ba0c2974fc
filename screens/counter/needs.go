package counter

import (
	"slices"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// needsView lists what became known and was not seen, what a manager must look at,
// what is not known, and what goes out by itself.
func (s *counter) needsView(width, height int) string {
	t, e := s.env.Theme, s.env
	var rows []string
	add := func(op offline.Operation, text string) {
		m := e.Mark(op)
		head := m.Symbol + " " + ui.TimeOfDay(op.AcceptedAt, e.Zone) + " "
		id := ui.CutMiddle(e.Mask(op.ID), max(width-4-ui.Width(head)-1-ui.Width(text), 0))
		rows = append(rows, t.Paint(m.Tone, head)+id+" "+t.Paint(m.Tone, text))
	}
	for _, o := range s.unseen {
		add(o.op, e.T("needs."+o.became(e)))
	}
	for _, state := range []offline.State{offline.Attention, offline.Unknown} {
		for _, op := range s.open {
			told := func(o outcome) bool { return o.op.Op == op.Op }
			if op.State == state && !slices.ContainsFunc(s.unseen, told) {
				add(op, needs(e, op))
			}
		}
	}
	mine := len(rows)
	for _, op := range s.open {
		if op.State == offline.Queued {
			add(op, needs(e, op))
		}
	}
	title := t.Title(e.T("needs.title"))
	if mine > 0 {
		title += " " + t.Paint(ui.Strong, ui.Grouped(int64(mine)))
	}
	if waits := len(rows) - mine; waits > 0 { // nobody is needed for these, and they are counted apart
		title += " " + t.Bullet + " " + t.Paint(ui.Queued, e.T("status_line.waiting", map[string]any{"Count": waits}))
	}
	foot := ""
	if room := height - 2; len(rows) > room {
		foot = "1–" + ui.Grouped(int64(room)) + " / " + ui.Grouped(int64(len(rows)))
	}
	if len(rows) == 0 {
		rows = []string{t.Paint(ui.Faint, e.T("needs.nothing"))}
	}
	return t.Box(title, foot, rows, width, height, ui.Plain)
}

// needs says what an open operation waits for, in a few words.
func needs(e *screen.Env, op offline.Operation) string {
	switch {
	case op.State == offline.Attention, op.State == offline.Unknown && op.Why == screen.WhyOverdue:
		return e.T("needs.manager")
	case op.State == offline.Unknown && op.NextAt != nil && op.NextAt.After(e.Now()):
		return e.T("needs.asks", map[string]any{"At": e.Clock(*op.NextAt)})
	case op.State == offline.Unknown:
		return e.T("needs.asking")
	case op.WaitsFor != "":
		return e.T("needs.waits")
	}
	return e.T("needs.by_itself")
}
