package day

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/screens/slip"
	"counterfoil/ui"
)

// book is what was read of the desk.
type book struct {
	x       offline.DayReport
	closes  []offline.DayReport          // newest first
	last    offline.ReconciliationRecord // the last check
	read    bool
	problem error
}

// reading is how the reading of the reports stands.
type reading struct {
	front   bool      // the screen is in front
	awaited bool      // it is on its way
	again   bool      // and must be done once more
	asks    bool      // the close is asked for when it is there
	rest    time.Time // not read anew before
}

type (
	bookRead struct {
		book
		whole bool
		rest  time.Time // when it may be read anew
	}
	reprinted struct {
		z     offline.DayReport
		notes []offline.DayNote
		err   error
	}
	noted struct {
		note offline.DayNote
		err  error
	}
	saved struct {
		path string
		err  error
	}
)

// Failure implements screen.Failing.
func (m bookRead) Failure() error { return m.problem }

// changed reads the report anew where the screen is in front: what changes in
// quick succession makes one reading.
func (s *day) changed() tea.Cmd {
	switch {
	case s.reading.awaited:
		s.reading.again = true
	case s.reading.front:
		return s.load(false)
	}
	return nil
}

// load reads report X, and where whole is set, or a day was closed, the closes and
// the last check too. What nobody asked for waits until the last reading's rest is over.
func (s *day) load(whole bool) tea.Cmd {
	env, was, rest := s.env, s.book, s.reading.rest
	s.reading.awaited, s.reading.again = true, false
	if whole {
		rest = time.Time{}
	}
	return screen.Reply(screen.BusinessDay, func() tea.Msg {
		select {
		case <-env.Context.Done():
			return nil
		case <-time.After(time.Until(rest)):
		}
		began := time.Now()
		now := bookRead{book: was}
		if now.x, now.problem = env.Desk.ReportX(env.Context, env.Session); now.problem == nil && (whole || !was.read || now.x.From != was.x.From) {
			now.whole = true
			if now.closes, now.problem = env.Desk.Closes(env.Context, env.Session); now.problem == nil {
				now.last, _, now.problem = env.Desk.LastReconciliation(env.Context, env.Session)
			}
		}
		now.rest = time.Now().Add(max(pauses*time.Since(began), soonest))
		return now
	})
}

const (
	// A report is read at most once in soonest, and for a large day so rarely that
	// reading takes a twentieth of the time.
	soonest = 300 * time.Millisecond
	pauses  = 20
)

// took takes what was read.
func (s *day) took(msg bookRead) tea.Cmd {
	if s.problem = msg.problem; msg.problem == nil {
		if s.x, s.read = msg.x, true; msg.whole {
			s.closes, s.last = msg.closes, msg.last
			s.follow()
		}
	}
	s.fill(true)
	s.reading.awaited, s.reading.rest = false, msg.rest
	var next []tea.Cmd
	if s.reading.asks && msg.problem == nil {
		s.reading.asks = false
		next = append(next, s.ask())
	}
	if s.reading.again {
		next = append(next, s.changed())
	}
	return tea.Batch(next...)
}

// reprint shows a copy of a close.
func (s *day) reprint(z int64) tea.Cmd {
	env := s.env
	return screen.Reply(screen.BusinessDay, func() tea.Msg {
		r, notes, err := env.Desk.Reprint(env.Context, env.Session, z)
		return reprinted{r, notes, err}
	})
}

// save keeps the slip in front as a file.
func (s *day) save() tea.Cmd {
	env, r := s.env, *s.report()
	return screen.Reply(screen.BusinessDay, func() tea.Msg {
		path, err := slip.Keep(env.Desk, env.Words, &r)
		return saved{path, err}
	})
}

func (s *day) saved(msg saved) tea.Cmd {
	if msg.err != nil {
		return screen.Say(s.env.Problem(msg.err), ui.Bad)
	}
	return screen.Say(s.env.T("day.saved", map[string]any{"File": msg.path}), ui.Good)
}

// noteLength is how many characters of a note can be typed here.
const noteLength = 120

// askNote asks for a note on the close in front.
func (s *day) askNote() tea.Cmd {
	e, z := s.env, s.z.Z
	return screen.Ask(screen.BusinessDay, tagNote, z, func() *ui.Dialog {
		return &ui.Dialog{Title: e.T("day.note_on", map[string]any{"Z": z}), Yes: "day.note", Tone: ui.Manager,
			Asks: []ui.Ask{{Label: e.T("day.note"), Field: &ui.Field{Max: noteLength}}}}
	})
}

func (s *day) note(z int64, text string) tea.Cmd {
	env := s.env
	return screen.Reply(screen.BusinessDay, func() tea.Msg {
		n, err := env.Desk.NoteClose(env.Context, env.Session, z, text)
		return noted{n, err}
	})
}

func (s *day) noted(msg noted) tea.Cmd {
	if msg.err != nil {
		return screen.Say(s.env.Problem(msg.err), ui.Bad)
	}
	if s.z != nil && s.z.Z == msg.note.Z {
		s.z.notes = append(s.z.notes, msg.note)
	}
	return screen.Say(s.env.T("day.noted", map[string]any{"Z": msg.note.Z}), ui.Good)
}
