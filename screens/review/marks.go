package review

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// markName is a rule in a word or two.
func markName(env *screen.Env, rule string) string { return env.T("mark_name." + rule) }

func (s *review) markHead(m offline.Mark) string {
	t := s.env.Theme
	return t.Paint(ui.Queued, t.Person+" "+markName(s.env, m.Rule)) + t.Paint(ui.Faint, "  "+m.Rule+" "+m.Threshold)
}

// marksOf are those that rest on a record.
func (s *review) marksOf(r *offline.Record) (found []offline.Mark) {
	if r == nil || len(r.Marks) == 0 {
		return nil
	}
	for _, m := range s.marks {
		if slices.Contains(r.Marks, m.Rule) && slices.Contains(m.Records, r.Key) {
			found = append(found, m)
		}
	}
	return found
}

// marked is the chosen mark, where it leads anywhere.
func (s *review) marked() *offline.Mark {
	if s.scroll >= len(s.marks) || s.marks[s.scroll].Code == "" && len(s.marks[s.scroll].Records) == 0 {
		return nil
	}
	return &s.marks[s.scroll]
}

// show leads to the code of a mark, or to the records that it rests on.
func (s *review) show(m *offline.Mark) tea.Cmd {
	if m == nil {
		return nil
	}
	if m.Code != "" && !s.isCode() {
		return s.open(api.ID(m.Code))
	}
	s.tab, s.query.Mark = tabRecords, m.Rule
	return s.rows(nil, false, true)
}

// marksBox says what is worth a look, and why, from a little before the chosen mark on.
func (s *review) marksBox(width, height int) string {
	const before = 2
	t, e := s.env.Theme, s.env
	var lines []string
	switch {
	case !s.judged:
		lines = []string{e.T("review.judging")}
	case len(s.marks) == 0:
		lines = []string{e.T("review.no_marks")}
	}
	seen := ""
	for i := max(s.scroll-before, 0); i < len(s.marks) && len(lines) < height-2; i++ {
		m, cursor := s.marks[i], "  "
		if i == s.scroll {
			cursor = t.Paint(ui.Accent, t.Prompt) + " "
			seen = ui.Grouped(int64(i+1)) + " / " + ui.Grouped(int64(len(s.marks)))
		}
		head := cursor + s.markHead(m)
		if m.Code != "" {
			head += "  " + s.mask(m.Code)
		}
		lines = append(append(append(lines, head), ui.Wrap("    "+screen.MarkSentence(e.Words, m), width-4)...), "")
	}
	return t.Box(s.tabs(width), seen, lines[:min(len(lines), max(height-2, 0))], width, height, ui.Plain)
}
