package counter

import (
	"io"
	"strings"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/idlist"
	"counterfoil/screens/screen"
	"counterfoil/ui"
	"counterfoil/ui/scan"
)

// entry is where what is typed goes. The cursor stands in one place: in the
// amount of the line in hand, or in the number.
type entry struct {
	typed    ui.Field // an id typed by hand
	inNumber bool     // Tab, or a letter, moved the cursor there
	before   before
}

// before is what stood in the fields when the latest run of keys began: a run
// that turns out to be a scan is taken out again.
type before struct {
	line   *line // whose amount the run went to, nil for the number's
	amount string
	edited bool
}

func (e *entry) clear() {
	e.typed.Clear()
	e.inNumber, e.before = false, before{}
}

func (s *counter) mark() {
	s.before = before{line: s.typesAmount()}
	if l := s.before.line; l != nil {
		s.before.amount, s.before.edited = l.amount.Text(), l.edited
	}
}

// typesAmount is the line in whose amount the cursor stands, nil where it stands
// in the number.
func (s *counter) typesAmount() *line {
	l := s.current()
	if s.inNumber || !s.typed.Empty() || s.sales.Busy() || l == nil || !l.unsent() {
		return nil
	}
	switch l.notActivate() {
	case "", "reason.amount", "reason.looking":
		return l
	}
	return nil
}

// lookKey looks again at what is in hand. It is shown as a key and never held
// back as one, since it also begins the number of a reel.
const lookKey = "look again"

// looksAgain is what stands in the number where only that was asked for.
const looksAgain = "R"

// typedID is what was typed as a number, "" where that is nothing.
func (e *entry) typedID() string {
	if text := e.typed.Text(); !strings.EqualFold(text, looksAgain) {
		return text
	}
	return ""
}

// typeKey takes a key where the cursor stands. In the amount a letter begins a
// number, which no amount has; nothing else leaves it. An R looks again besides.
func (s *counter) typeKey(k tea.KeyPressMsg) tea.Cmd {
	l, empty := s.typesAmount(), s.typed.Empty()
	if l != nil {
		if l.amount.Key(k) {
			l.edited, s.changed = true, true
			l.priced()
			return nil
		}
		if k.Text == "" || (k.Text[0]|0x20) < 'a' || (k.Text[0]|0x20) > 'z' {
			return nil
		}
		s.inNumber = true
	}
	s.typed.Key(k)
	if l = s.current(); l != nil && empty && strings.EqualFold(k.Text, looksAgain) && s.notLook(l) == "" {
		return s.look(l)
	}
	return nil
}

// notLook is the message id of why a line cannot be looked at again now, "" where it can.
func (s *counter) notLook(l *line) string {
	switch {
	case l.looking:
		return "reason.looking"
	case s.sales.Busy(), l.Moving && (l.Op == nil || l.Op.State.Open()):
		return "reason.open"
	}
	return ""
}

// lookUpTyped takes the number that was typed; what is none stays to be mended.
func (s *counter) lookUpTyped(entered offline.Entered) tea.Cmd {
	text := s.typed.Text()
	if _, err := api.ParseID(text); err != nil {
		return screen.Say(s.env.NotAnID(text), ui.Bad)
	}
	return s.take(input{text, entered})
}

// Slow implements screen.SlowTaker. What a machine typed is looked up, or taken
// out of the amount again; what a hand typed stays, and the next Enter counts.
func (s *counter) Slow(in scan.Input) tea.Cmd {
	l := s.before.line
	_, err := api.ParseID(in.Scan.Text)
	typed := l != nil && l == s.current() && l.unsent() && !s.sales.Busy() && (l.amount.Text() != s.before.amount || l.edited != s.before.edited)
	defer s.mark()
	switch {
	case typed && err == nil:
		l.edited = s.before.edited
		l.amount.Set(s.before.amount, false)
		l.prefill()
		s.entry.clear()
		if in.Scan.Repeat {
			return nil
		}
		return s.take(input{in.Scan.Text, offline.Scanned})
	case typed && (in.Even || in.Silent()):
		l.amount.Clear()
		l.priced()
		s.entry.clear()
		return screen.Say(s.env.T(ui.NotTyped), ui.Queued)
	case in.Silent():
		return nil
	case !s.typed.Empty() && in.Machine():
		return s.lookUpTyped(offline.Scanned)
	case !s.typed.Empty():
		return s.lookUpTyped(offline.Typed)
	}
	return s.env.EnterAgain()
}

// maxPasted is how many ids one paste may bring: each is looked up.
const maxPasted = 200

// maxOther is how much is kept of a pasted line that is no id, in characters.
const maxOther = 80

// paste takes pasted ids, several into a basket. It says what it did not take.
func (s *counter) paste(msg screen.Pasted) tea.Cmd {
	text := msg.Text
	if strings.Contains(text, "\t") && !idlist.Headed(text) {
		text = strings.Join(msg.Lines, "\n") // cells that were copied side by side are ids too
	}
	ids, others, _ := split(strings.NewReader(text))
	if l := s.typesAmount(); len(msg.Lines) == 1 && len(others) == 1 {
		if l == nil {
			return s.take(input{others[0].Text, offline.Pasted})
		}
		if !l.amount.Paste(others[0].Text) {
			return screen.Say(s.env.NotAnID(others[0].Text), ui.Bad)
		}
		l.edited, s.changed = true, true
		l.priced()
		return nil
	}
	if len(ids) == 1 && len(others) == 0 {
		return tea.Batch(s.takeListed(ids, offline.Pasted)...)
	}
	if len(ids) > 1 && !s.basket {
		if s.basket = true; s.finished() && !s.sales.Busy() {
			s.clear()
		}
	}
	fresh, again := s.unheld(ids)
	said := s.env.T("list.pasted", map[string]any{"Count": min(len(fresh), maxPasted)})
	if msg.More || len(fresh) > maxPasted {
		fresh = fresh[:min(len(fresh), maxPasted)]
		said = s.env.T("notice.pasted_more", map[string]any{"N": len(fresh)})
	}
	return tea.Batch(append(s.takeListed(fresh, offline.Pasted), s.leftOut(said, again, others))...)
}

// split reads a list: its ids, and the lines that are left out.
func split(list io.Reader) (ids, wrong []idlist.Line, err error) {
	err = idlist.Each(list, func(l idlist.Line) error {
		if l.Wrong == "" {
			ids = append(ids, l)
		} else {
			l.Text = api.Clean(l.Text, maxOther)
			wrong = append(wrong, l)
		}
		return nil
	})
	return ids, wrong, err
}

// takeListed takes the ids of a list with the amounts that stand there; entered is
// how it came in.
func (s *counter) takeListed(ids []idlist.Line, entered offline.Entered) (cmds []tea.Cmd) {
	for _, l := range ids {
		cmds = append(cmds, s.take(input{string(l.ID), entered}))
		if now := s.current(); l.Amount > 0 && now != nil && now.ID == l.ID && now.unsent() && !now.edited {
			now.amount.Set(offline.Yuan(l.Amount), false)
			now.edited, s.changed = true, true
			now.priced()
		}
	}
	return cmds
}
