package tree

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// aside is what happened on the chosen node, for the preview beside the tree.
type aside struct {
	id      string // of the node that was read last
	ops     []offline.Operation
	problem error
	reading bool
	stale   bool // and must be read once more
}

// happened brings what happened on a node and on what holds it.
type happened struct {
	id  string
	ops []offline.Operation
	err error
}

// look reads what happened on the chosen node where the preview is in sight: one
// reading at a time, and the next one is of what is chosen by then.
func (s *tree) look() tea.Cmd {
	a, id := &s.aside, s.cursorID()
	if s.size.Width < ui.Beside || id == "" || a.reading || id == a.id && !a.stale {
		return nil
	}
	a.reading, a.stale = true, false
	env := s.env
	return screen.Reply(screen.Tree, func() tea.Msg {
		ops, err := env.Desk.Here(env.Context, api.ID(id))
		for i := range ops {
			env.Explain(&ops[i])
		}
		return happened{id, ops, err}
	})
}

func (a *aside) take(msg happened) {
	a.id, a.ops, a.problem, a.reading = msg.id, msg.ops, msg.err, false
}

// asideView draws the chosen node in full, with the keys that do something with it.
func (s *tree) asideView(at *row, width, height int) string {
	t, e, inner := s.env.Theme, s.env, width-4
	if at == nil {
		return t.Box("", "", nil, width, height, ui.Plain)
	}
	below := []string{""}
	for _, b := range s.acts(at) {
		below = append(below, ui.Key(t, e.Words, b, inner)...)
	}
	lines := append(s.about(at, inner), "", t.Title(e.T("tree.here")))
	lines = append(lines, s.happened(at.node, inner)...)
	room := max(height-2-len(below), 0)
	lines = append(lines[:min(len(lines), room)], make([]string, max(room-len(lines), 0))...)
	return t.Box(t.Paint(ui.Strong, e.T("level."+string(at.node.Level))), "", append(lines, below...), width, height, ui.Plain)
}

// about says what a node is and holds, and which reel holds a code. What
// neighbours have in common stands first, so that a move changes few lines.
func (s *tree) about(at *row, width int) []string {
	t, e, n := s.env.Theme, s.env, at.node
	mark := ""
	if n.Level == api.LevelCode {
		m := e.CodeMark(n)
		mark = t.Paint(m.Tone, m.String())
	}
	id := t.Paint(ui.Strong, ui.CutMiddle(e.Mask(n.ID), width-ui.Width(mark)-2))
	worth, facts := s.facts(n)
	name := ui.CutMiddle(n.Name, width-ui.Width(worth)-2)
	lines := []string{ui.Spread(id, mark, width), ui.Spread(name, worth, width), ui.Cut(strings.Join(facts, " "+t.Bullet+" "), width)}
	if up := at.up; n.Level == api.LevelCode && up != nil {
		level := e.T("level." + string(up.node.Level))
		lines = append(lines, t.Paint(ui.Faint, level+" "+ui.CutMiddle(up.node.ID, width-ui.Width(level)-1)))
	} else if n.Level != api.LevelCode {
		width = min(width, 3*bar)
		lines = append(lines, s.proportion(n.Counts, width))
		for _, status := range s.statuses {
			if count := n.Counts[status]; count > 0 {
				m := e.StatusMark(status)
				lines = append(lines, ui.Spread(t.Paint(m.Tone, m.String()), ui.Grouped(int64(count)), width))
			}
		}
	}
	return append(lines, s.openWords(n.ID)...)
}

// facts are what a node is worth, "" for not known, and what it holds or how long it is valid.
func (s *tree) facts(n offline.Node) (worth string, facts []string) {
	e := s.env
	if fen, ok := e.Desk.Worth(n); ok {
		worth = e.Money(fen)
	}
	if n.Level != api.LevelCode {
		facts = []string{e.Codes(n.Codes)}
		if holds := e.Holds(n); holds != "" {
			facts = append(facts, holds)
		}
		return worth, facts
	}
	if n.Remaining >= 0 {
		facts = []string{e.T("valid.times", map[string]any{"Count": n.Remaining})}
	}
	if n.ValidTo == "" {
		return worth, append(facts, e.T("valid.unlimited"))
	}
	return worth, append(facts, e.T("valid.until", map[string]any{"Day": screen.Day(n.ValidTo)}))
}

// happened lists what was done here on a node and on what holds it, and says
// where that did not reach it.
func (s *tree) happened(n offline.Node, width int) (lines []string) {
	t, e, a := s.env.Theme, s.env, &s.aside
	switch {
	case a.id != n.ID:
		return nil // not read yet
	case a.problem != nil:
		return t.Wrap(ui.Bad, e.Problem(a.problem), width)
	case len(a.ops) == 0:
		return []string{t.Paint(ui.Faint, e.T("counter.no_operations"))}
	}
	untold := unchanged(n, a.ops)
	for i, op := range a.ops {
		m := e.Mark(op)
		text := e.When(op.AcceptedAt) + "  " + t.Paint(m.Tone, m.String())
		if op.ID != n.ID {
			text += "  " + e.T("level."+op.Level)
		}
		lines = append(lines, ui.Cut(text+" "+t.Bullet+" "+op.Operator, width))
		if i == untold.by {
			id := "tree.unchanged"
			if n.Level == api.LevelCode {
				id = "tree.unchanged_code"
			}
			lines = append(lines, t.Wrap(ui.Manager, "  "+t.Person+" "+e.T(id, map[string]any{"N": ui.Grouped(untold.codes), "Of": ui.Grouped(n.Codes)}), width)...)
		} else if why := e.Because(op); why != "" {
			for _, row := range t.Wrap(ui.Faint, why, width-2) {
				lines = append(lines, "  "+row)
			}
		}
	}
	return lines
}

// untouched are the codes that the newest operation that is done, the by-th of
// those that happened, did not change although it should have.
type untouched struct {
	by    int // -1 for none
	codes int64
}

// unchanged compares a node, as seen after the newest operation that is done on
// it or on what holds it, with what that wanted.
func unchanged(n offline.Node, ops []offline.Operation) untouched {
	for i, op := range ops {
		if op.State != offline.Done || op.FinishedAt == nil {
			continue
		}
		still := n.Counts[map[offline.Kind]string{offline.Activate: api.StatusInactive, offline.Void: api.StatusActive}[op.Kind]]
		if still > 0 && n.SeenAt.After(*op.FinishedAt) {
			return untouched{i, int64(still)}
		}
		break
	}
	return untouched{by: -1}
}

// detail says in two lines what the chosen row has no room for, where no preview is beside it.
func (s *tree) detail(at *row, width int) string {
	if at == nil {
		return "\n"
	}
	t, e, n := s.env.Theme, s.env, at.node
	parts := []string{t.Paint(ui.Strong, e.T("level."+string(n.Level))+" "+e.Mask(n.ID))}
	if n.Level == api.LevelCode {
		m := e.CodeMark(n)
		parts = append(parts, t.Paint(m.Tone, m.String()))
	}
	worth, facts := s.facts(n)
	rest := append([]string{worth}, append(facts, n.Name)...)
	return ui.Cut(" "+strings.Join(append(parts, s.openWords(n.ID)...), "  "), width) + "\n" + ui.Cut(" "+strings.Join(rest, "  "), width)
}
