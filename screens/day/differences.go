package day

import (
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/screens/slip"
	"counterfoil/ui"
)

// page is one difference with both sides' evidence, in place of the table.
type page struct {
	differs offline.Difference
	op      offline.Operation // ours; its Op is "" until it is read, and where there is none
	scroll  int
}

// follow keeps the page of a difference that is still one, and leaves another.
func (s *day) follow() {
	if s.page == nil {
		return
	}
	was, all := s.page.differs, s.last.Result.Found
	i := slices.IndexFunc(all, func(d offline.Difference) bool { return d.ID == was.ID && d.Op == was.Op && d.Class == was.Class })
	if i < 0 {
		s.page = nil
		return
	}
	s.page.differs = all[i]
}

type opRead struct{ op offline.Operation }

// differences are the rows of the last check, what is only worth knowing last.
func (s *day) differences() (rows []row) {
	e, t := s.env, s.env.Theme
	var known []row
	for i, d := range s.last.Result.Found {
		mark := t.Paint(ui.Bad, t.Person)
		if d.Class == offline.Information {
			mark = t.Paint(ui.Faint, t.Bullet)
		}
		one := row{key: d.ID + d.Op + strconv.Itoa(i), differs: &d, cells: []string{
			mark + " " + e.Mask(string(about(&d))), slip.Sentence(e.Words, &d), strconv.Itoa(len(d.Codes)),
		}}
		if d.Class == offline.Information {
			known = append(known, one)
		} else {
			rows = append(rows, one)
		}
	}
	return append(rows, known...)
}

// open shows a difference's evidence, with our operation as it stands.
func (s *day) open(d offline.Difference) tea.Cmd {
	s.page = &page{differs: d}
	env := s.env
	return screen.Reply(screen.BusinessDay, func() tea.Msg {
		op, err := env.Desk.Operation(env.Context, d.Op)
		if err != nil {
			op = offline.Operation{} // the page does without
		}
		return opRead{op}
	})
}

// inHand is the difference that the keys act on.
func (s *day) inHand() (offline.Difference, bool) {
	if s.page != nil {
		return s.page.differs, true
	}
	if r, ok := s.list.At(); ok && r.differs != nil {
		return *r.differs, true
	}
	return offline.Difference{}, false
}

// InHand implements screen.Holder: the records, the tree and the queue open at it.
func (s *day) InHand() (id api.ID, asked bool) {
	r, _ := s.list.At()
	if d, ok := s.inHand(); ok {
		return about(&d), false
	}
	return api.ID(r.id), false
}

// about is the code that differs, or what holds those that do.
func about(d *offline.Difference) api.ID {
	if len(d.Codes) == 1 {
		return api.ID(d.Codes[0])
	}
	return api.ID(d.ID)
}

// mostCodes is how many of a difference's codes are listed.
const mostCodes = 50

// lines are a difference's: what differs, then our evidence and the platform's.
func (p *page) lines(e *screen.Env, width int) []string {
	t, d := e.Theme, p.differs
	lines := []string{t.Paint(ui.Strong, ui.CutMiddle(e.Mask(d.ID), width))}
	tone := ui.Bad
	if d.Class == offline.Information {
		tone = ui.Plain
	}
	lines = append(append(lines, t.Wrap(tone, slip.Sentence(e.Words, &d), width)...), "")
	field := func(id, value string) {
		lines = append(lines, t.Paint(ui.Faint, ui.Fit(e.T(id), 10))+" "+ui.Cut(value, width-11))
	}
	if p.op.Op != "" {
		field("day.ours", e.Mark(p.op).String()+" "+t.Bullet+" "+p.op.Operator+" "+t.Bullet+" "+e.When(p.op.AcceptedAt))
	}
	if d.Theirs != "" {
		field("day.theirs", e.StatusMark(d.Theirs).String())
	}
	for i, code := range d.Codes[:min(len(d.Codes), mostCodes)] {
		if i == 0 {
			field("level.code", e.Mask(code))
			continue
		}
		lines = append(lines, strings.Repeat(" ", 11)+e.Mask(code))
	}
	if more := len(d.Codes) - mostCodes; more > 0 {
		lines = append(lines, strings.Repeat(" ", 11)+"+ "+ui.Grouped(int64(more)))
	}
	if p.op.Op != "" {
		lines = append(append(lines, "", t.Title(e.T("day.ours"))), e.History(p.op, width)...)
	}
	return append(append(lines, "", t.Title(e.T("day.theirs"))), e.Pieces(d.Evidence, width)...)
}

// lowest is how far the page can be scrolled.
func (s *day) lowest() int {
	wide, high := s.room(s.size.Width, s.size.Height)
	return max(len(s.page.lines(s.env, wide-4))-high+2, 0)
}

func (s *day) pageView(width, height int) string {
	seen, part := ui.Window(s.page.lines(s.env, width-4), s.page.scroll, height-2)
	return s.env.Theme.Box(s.env.Theme.Title(s.env.T("day.difference")), part, seen, width, height, ui.Plain)
}
