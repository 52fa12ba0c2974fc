package counter

import (
	"bytes"
	"path/filepath"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/idlist"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// maxListed is how many lines a file may bring a basket to: each is looked up and shown.
const maxListed = 1000

// wrongNamed is how many of a file's wrong lines are named.
const wrongNamed = 3

// listRead brings what a file holds.
type listRead struct {
	path       string
	ids, wrong []idlist.Line
	err        error
}

// askList asks for the file of a list; problem is why the one named before was not taken.
func (s *counter) askList(path string, problem error) tea.Cmd {
	e := s.env
	return screen.Ask(screen.Counter, tagList, nil, func() *ui.Dialog {
		file := &ui.Field{Max: 1000}
		file.Set(path, true)
		return &ui.Dialog{
			Title: e.T("list.title"), Yes: "list.read", Problem: e.Problem(problem),
			Lines: []string{e.T("list.form", map[string]any{"Most": ui.Grouped(maxListed)})},
			Asks:  []ui.Ask{{Label: e.T("list.file"), Field: file}},
		}
	})
}

// readList reads what a person named.
func (s *counter) readList(path string) tea.Cmd {
	env := s.env
	path = strings.Trim(path, `"'`) // a terminal quotes a file that is dropped on it
	return screen.Reply(screen.Counter, func() tea.Msg {
		r := listRead{path: path}
		text, err := env.Desk.ReadList(path)
		if r.err = err; err != nil {
			return r
		}
		if r.ids, r.wrong, err = split(bytes.NewReader(text)); err != nil {
			r.err = badList(path, "no_text")
		}
		return r
	})
}

func badList(path, why string) error {
	return &offline.Error{Kind: offline.ErrBadList, Args: map[string]any{"Path": path, "Why": why}}
}

// listed puts what a file holds into the basket: all of it, or nothing.
func (s *counter) listed(r listRead) tea.Cmd {
	ids, again := s.unheld(r.ids)
	switch {
	case s.sales.Busy():
		return screen.Say(s.env.T("reason.open"), ui.Queued)
	case r.err == nil && len(ids)+s.holds() > maxListed:
		r.err = badList(r.path, "long")
	}
	if r.err != nil {
		return s.askList(r.path, r.err)
	}
	said := s.env.T("list.taken", map[string]any{"Count": len(ids), "File": filepath.Base(r.path)})
	return tea.Batch(append(s.takeListed(ids, offline.FromFile), s.leftOut(said, again, r.wrong))...)
}

// holds is how many lines the basket has that what comes now is added to.
func (s *counter) holds() int {
	if s.sent { // another basket begins
		return 0
	}
	return len(s.lines)
}

// unheld are the ids of a list that the basket does not hold, each once; again is
// how many others there are.
func (s *counter) unheld(ids []idlist.Line) (fresh []idlist.Line, again int) {
	held := map[api.ID]bool{}
	for _, l := range s.lines[:s.holds()] {
		held[l.ID] = true
	}
	for _, l := range ids {
		if !held[l.ID] {
			fresh = append(fresh, l)
		}
		held[l.ID] = true
	}
	return fresh, len(ids) - len(fresh)
}

// leftOut says behind what a list brought what it did not: ids that were there
// already, and lines that are no ids, of which it names the first.
func (s *counter) leftOut(said string, again int, wrong []idlist.Line) tea.Cmd {
	tone, parts := ui.Good, []string{said}
	if again > 0 {
		tone, parts = ui.Queued, append(parts, s.env.T("list.again", map[string]any{"Count": again}))
	}
	var first []string
	for _, l := range wrong[:min(len(wrong), wrongNamed)] {
		first = append(first, strings.TrimSuffix(strconv.Itoa(l.Number)+" “"+ui.Cut(l.Text, 24)+"”", " “”"))
	}
	if len(first) > 0 {
		tone, parts = ui.Queued, append(parts, s.env.T("list.left_out", map[string]any{"Count": len(wrong), "Lines": strings.Join(first, ", ")}))
	}
	return screen.Say(ui.Sentences(parts...), tone)
}
