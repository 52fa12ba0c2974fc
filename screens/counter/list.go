package counter

import (
	"bytes"
	"errors"
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

func (s *counter) mayList() bool { return s.basket && !s.sales.Busy() }

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

// readList reads the lines of a file, one more than fit at most.
func (s *counter) readList(path string) tea.Cmd {
	env := s.env
	path = strings.Trim(path, `"'`) // a terminal quotes a file that is dropped on it
	return screen.Reply(screen.Counter, func() tea.Msg {
		r := listRead{path: path}
		text, err := env.Desk.ReadList(path)
		if err != nil {
			r.err = err
			return r
		}
		seen := map[api.ID]bool{}
		err = idlist.Each(bytes.NewReader(text), func(l idlist.Line) error {
			switch {
			case l.Wrong != "":
				r.wrong = append(r.wrong, l)
			case !seen[l.ID]:
				seen[l.ID] = true
				r.ids = append(r.ids, l)
			}
			return nil
		})
		if errors.Is(err, idlist.ErrNoText) {
			r.err = badList(path, "no_text")
		}
		return r
	})
}

func badList(path, why string) error {
	return &offline.Error{Kind: offline.ErrBadList, Args: map[string]any{"Path": path, "Why": why, "Most": ui.Grouped(maxListed)}}
}

// listed puts what a file holds into the basket: all of it, or nothing.
func (s *counter) listed(r listRead) tea.Cmd {
	if r.err == nil && !s.sent {
		r.ids = slices.DeleteFunc(r.ids, func(l idlist.Line) bool { return s.line(l.ID) != nil })
	}
	room := maxListed
	if !s.sent {
		room -= len(s.lines)
	}
	switch {
	case s.sales.Busy():
		return screen.Say(s.env.T("reason.open"), ui.Queued)
	case r.err == nil && len(r.ids) > room:
		r.err = badList(r.path, "long")
	}
	if r.err != nil {
		return s.askList(r.path, r.err)
	}
	said, tone := s.env.T("list.taken", map[string]any{"Count": len(r.ids), "File": filepath.Base(r.path)}), ui.Good
	if len(r.wrong) > 0 {
		var first []string
		for _, l := range r.wrong[:min(len(r.wrong), wrongNamed)] {
			name := strconv.Itoa(l.Number)
			if text := api.Clean(l.Text, maxOther); text != "" {
				name += " “" + ui.Cut(text, 24) + "”"
			}
			first = append(first, name)
		}
		said, tone = said+" "+s.env.T("list.left_out", map[string]any{"Count": len(r.wrong), "Lines": strings.Join(first, ", ")}), ui.Queued
	}
	return tea.Batch(append(s.takeListed(r.ids), screen.Say(said, tone))...)
}
