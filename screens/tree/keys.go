package tree

import (
	"cmp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
	"counterfoil/ui/scan"
)

func (s *tree) key(k screen.Key) tea.Cmd {
	if s.search.typing {
		return s.searchKey(k)
	}
	name := k.Name()
	if k.Key.Text == "N" { // the one capital that means something else
		name = "N"
	}
	switch name {
	case "up", "k":
		return s.move(-1)
	case "down", "j":
		return s.move(1)
	case "pgup":
		return s.move(-room(s.size))
	case "pgdown":
		return s.move(room(s.size))
	case "home", "end":
		return s.readEnd(name == "end")
	case "enter":
		return s.toggle()
	case "right", "+":
		return s.unfold()
	case "left", "-":
		return s.fold()
	case "1", "2", "3", "4":
		s.to, s.byHand = int(name[0]-'0'), map[string]bool{}
		return s.read(s.cursorID(), false)
	case "esc":
		return s.back()
	}
	return s.act(k, name)
}

// act answers the keys that do something with the chosen node.
func (s *tree) act(k screen.Key, name string) tea.Cmd {
	at, ok := s.list.At()
	switch name {
	case "/":
		s.startTyping()
	case "n":
		return s.step(1)
	case "N":
		return s.step(-1)
	case "f":
		return s.nextFilter()
	case "d":
		return s.nextOutlier()
	case "r":
		if ok && s.load == nil {
			return s.lookUp(api.ID(at.node.ID), false)
		}
	case "y":
		if reason := s.notCopy(at); reason != "" {
			return screen.Say(s.env.T(reason), ui.Queued)
		}
		if ok {
			return tea.Batch(tea.SetClipboard(at.node.ID), screen.Say(s.env.T("tree.copied"), ui.Accent))
		}
	case "a":
		return s.begin(offline.Activate, s.notActivate(at))
	case "f4":
		return s.begin(offline.Void, s.notVoid(at))
	}
	return nil
}

// notCopy is why a node's id is not to be had: a code whose secret is hidden is
// for managers only.
func (s *tree) notCopy(at *row) string {
	if at != nil && s.env.Mask(at.node.ID) != at.node.ID && !s.env.Session.Role.May(offline.Unmask) {
		return "reason.manager"
	}
	return ""
}

func (s *tree) move(by int) tea.Cmd {
	s.list.Move(by)
	return s.more()
}

// unfold opens a node, and goes to its first child where it is open already.
func (s *tree) unfold() tea.Cmd {
	at, ok := s.list.At()
	switch {
	case !ok || at.node.Children == 0:
		return nil
	case s.isOpen(&at.node):
		return s.move(1)
	}
	s.byHand[at.node.ID] = true
	return s.read(at.node.ID, false)
}

// toggle opens a node, or closes it where it is open.
func (s *tree) toggle() tea.Cmd {
	at, ok := s.list.At()
	switch {
	case !ok:
		return nil
	case at.node.Children == 0:
		return screen.Say(s.env.T("reason.holds_nothing"), ui.Queued)
	}
	s.byHand[at.node.ID] = !s.isOpen(&at.node)
	return s.read(at.node.ID, false)
}

// fold closes a node, or the one that holds it.
func (s *tree) fold() tea.Cmd {
	at, ok := s.list.At()
	switch {
	case !ok:
		return nil
	case s.isOpen(&at.node):
		s.byHand[at.node.ID] = false
		return s.read(at.node.ID, false)
	case at.up == nil:
		return nil
	}
	return s.jump(at.up.node.ID)
}

// back ends the latest thing begun, then leaves.
func (s *tree) back() tea.Cmd {
	switch {
	case s.load != nil:
		s.load.cancel()
		return nil
	case s.search.text != "":
		s.stopSearch()
		return nil
	}
	return screen.Send(screen.Go{Screen: screen.Counter})
}

// nextFilter goes through all, and each status that was ever seen.
func (s *tree) nextFilter() tea.Cmd {
	next := append([]string{""}, s.statuses...)
	s.status = next[(slices.Index(next, s.status)+1)%len(next)]
	s.stood = s.place()
	return s.read(s.stood, false)
}

// ordered brings statuses into the order of a code's life.
func ordered(all []offline.SeenStatus) []string {
	known := screen.Statuses[:]
	place := func(code string) int {
		if i := slices.Index(known, code); i >= 0 {
			return i
		}
		return len(known)
	}
	var codes []string
	for _, st := range all {
		codes = append(codes, st.Code)
	}
	slices.SortFunc(codes, func(a, b string) int {
		return cmp.Or(place(a)-place(b), strings.Compare(a, b))
	})
	return codes
}

// point moves by the wheel; a click chooses a row, one more opens or closes it.
func (s *tree) point(p screen.Pointed) tea.Cmd {
	if p.Wheel != 0 {
		return s.move(3 * p.Wheel)
	}
	n := p.Y - headRows
	rows, cursor := s.list.Rows()
	switch {
	case n < 0 || n >= len(rows):
		return nil
	case n != cursor:
		s.list.Set(n)
		return s.more()
	}
	return s.toggle()
}

func (s *tree) paste(text string) tea.Cmd {
	if s.search.typing {
		s.search.field.Paste(text)
		return s.find()
	}
	return s.scan(text)
}

// Slow implements screen.SlowTaker: an id is gone to, also from the search's field.
func (s *tree) Slow(in scan.Input) tea.Cmd {
	text := in.Scan.Text
	if s.search.typing {
		text = s.search.field.Text()
	}
	if _, err := api.ParseID(text); err == nil && !(in.Silent() && s.search.typing) {
		if in.Scan.Repeat {
			return nil
		}
		return s.scan(text)
	}
	if in.Silent() {
		return nil
	}
	return s.env.EnterAgain()
}

// scan goes to a scanned id: at once where it is known, and once more after the
// platform answered.
func (s *tree) scan(text string) tea.Cmd {
	id, err := api.ParseID(text)
	if err != nil {
		return screen.Say(s.env.NotAnID(text), ui.Bad)
	}
	s.stopSearch()
	s.stop()
	s.status = ""
	return s.lookUp(id, true)
}
