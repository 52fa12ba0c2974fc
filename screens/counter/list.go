package counter

import (
	"bytes"
	"path/filepath"
	"slices"
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
	held := map[api.ID]bool{}
	for _, l := range s.lines {
		if !s.sent { // else another basket begins
			held[l.ID] = true
		}
	}
	r.ids = slices.DeleteFunc(r.ids, func(l idlist.Line) bool {
		again := held[l.ID]
		held[l.ID] = true
		return again
	})
	switch {
	case s.sales.Busy():
		return screen.Say(s.env.T("reason.open"), ui.Queued)
	case r.err == nil && len(held) > maxListed:
		r.err = badList(r.path, "long")
	}
	if r.err != nil {
		return s.askList(r.path, r.err)
	}
	said, tone := s.env.T("list.taken", map[string]any{"Count": len(r.ids), "File": filepath.Base(r.path)}), ui.Good
	var first []string
	for _, l := range r.wrong[:min(len(r.wrong), wrongNamed)] {
		first = append(first, strings.TrimSuffix(strconv.Itoa(l.Number)+" “"+ui.Cut(l.Text, 24)+"”", " “”"))
	}
	if len(first) > 0 {
		said, tone = said+" "+s.env.T("list.left_out", map[string]any{"Count": len(r.wrong), "Lines": strings.Join(first, ", ")}), ui.Queued
	}
	return tea.Batch(append(s.takeListed(r.ids, offline.FromFile), screen.Say(said, tone))...)
}
