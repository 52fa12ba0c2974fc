package review

import (
	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// deepest is how many places Esc leads back through.
const deepest = 20

// place is an id that is reviewed, and how one stands in it.
type place struct {
	id    api.ID
	tab   int
	query offline.RecordQuery
	list  ui.List[row]
	read  reading
	sums
	moved  bool // the cursor was; until then it stays on the first row
	scroll int  // of the sums; the chosen one of the marks
	whole  bool // codes are shown whole, which the journal knows
	asked  bool // the id was scanned or typed, so it is shown whole
}

func newPlace(id api.ID) place {
	p := place{id: id, query: offline.RecordQuery{ID: id, Sort: "at", Desc: true}}
	p.list.Key = func(r row) string { return r.key }
	return p
}

// open reviews an id; asked says that somebody scanned or typed it. For a cashier a
// manager opens what is more than a code.
func (s *review) open(id api.ID, asked bool) tea.Cmd {
	s.entry, s.wanted = entry{}, ""
	if id.Level() != api.LevelCode && !s.env.May(offline.Review) {
		s.wanted = id
		return screen.Send(screen.OpenFor{Screen: screen.Review, Act: offline.Review, What: s.env.T("review.title")})
	}
	s.stop()
	if s.id != "" && s.id != id {
		s.back = append(s.back[max(len(s.back)-deepest+1, 0):], s.place)
	}
	s.place = newPlace(id)
	s.asked = asked
	s.list.SetHeight(s.room())
	return tea.Batch(s.rows(nil, false, true), s.begin(false))
}

// leave goes back to where one came from, as one stood there.
func (s *review) leave() tea.Cmd {
	s.stop()
	if len(s.back) == 0 {
		return screen.Send(screen.Go{Screen: screen.Counter})
	}
	last := len(s.back) - 1
	s.place, s.back = s.back[last], s.back[:last]
	s.read.awaited = false
	if !s.judged {
		return tea.Batch(s.refresh(), s.begin(false)) // it goes on where it was left
	}
	return s.refresh()
}
