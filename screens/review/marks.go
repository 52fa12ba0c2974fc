package review

import (
	"slices"
	"strings"

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
	if s.scroll >= len(s.marks) {
		return nil
	}
	if m := &s.marks[s.scroll]; m.Code != "" || len(m.Records)+len(m.Operations)+len(m.IDs) > 0 {
		return m
	}
	return nil
}

// show leads to the code of a mark, or to the records that it rests on; what it
// rests on of this counter's is listed below it.
func (s *review) show(m *offline.Mark) tea.Cmd {
	switch {
	case m == nil:
		return nil
	case m.Code != "" && !s.isCode():
		return s.open(api.ID(m.Code), s.whole)
	case len(m.Records) == 0:
		return s.rest(s.scroll)
	}
	s.tab, s.query.Mark = tabRecords, m.Rule
	return s.rows(nil, false, true)
}

// rested brings the operations that the n-th mark of an id rests on.
type rested struct {
	id  api.ID
	n   int
	ops []offline.Operation
	err error
}

// mostRested is how many are listed; the case file has them all.
const mostRested = 8

// rest reads what the n-th mark rests on, or puts it away.
func (s *review) rest(n int) tea.Cmd {
	if _, ok := s.rests[n]; ok {
		delete(s.rests, n)
		return nil
	}
	env, r, ops := s.env, rested{id: s.id, n: n}, s.marks[n].Operations
	return screen.Reply(screen.Review, func() tea.Msg {
		for _, id := range ops[:min(len(ops), mostRested)] {
			op, err := env.Desk.Operation(env.Context, id)
			if err != nil {
				r.err = err
				return r
			}
			r.ops = append(r.ops, op)
		}
		return r
	})
}

// rested lists what a mark rests on.
func (s *review) rested(r rested) tea.Cmd {
	if r.err != nil || r.id != s.id || r.n >= len(s.marks) {
		return s.problem(r.err)
	}
	e, m, lines := s.env, s.marks[r.n], []string{}
	for _, op := range r.ops {
		amount := ""
		if op.AmountFen > 0 {
			amount = e.Money(op.AmountFen)
		}
		lines = append(lines, strings.Join(strings.Fields(strings.Join([]string{e.When(op.AcceptedAt), e.T("kind." + string(op.Kind)), s.mask(op.ID), amount, e.Mark(op).String()}, " ")), " "))
	}
	for _, id := range m.IDs[:min(len(m.IDs), mostRested)] {
		lines = append(lines, s.mask(id))
	}
	if more := len(m.Operations) + len(m.IDs) - len(lines); more > 0 {
		lines = append(lines, e.T("review.rest_more", map[string]any{"Count": more}))
	}
	if s.rests == nil {
		s.rests = map[int][]string{}
	}
	s.rests[r.n] = lines
	return nil
}

// markLines are the n-th mark's, with an empty one behind.
func (s *review) markLines(n, width int) []string {
	t, m, cursor := s.env.Theme, s.marks[n], "  "
	if n == s.scroll {
		cursor = t.Paint(ui.Accent, t.Prompt) + " "
	}
	head := cursor + s.markHead(m)
	if m.Code != "" {
		head += "  " + s.mask(m.Code)
	}
	lines := []string{head}
	for _, text := range append([]string{screen.MarkSentence(s.env.Words, m)}, s.rests[n]...) {
		for _, row := range ui.Wrap(text, width-8) {
			lines = append(lines, "    "+row)
		}
	}
	return append(lines, "")
}

// marksBox says what is worth a look, and why, from a little before the chosen mark
// on, or from as far before it as leaves no room empty.
func (s *review) marksBox(width, height int) string {
	const before = 2
	e, lines, seen := s.env, []string(nil), ""
	switch {
	case !s.judged:
		lines = []string{e.T("review.judging")}
	case len(s.marks) == 0:
		lines = []string{e.T("review.no_marks")}
	default:
		seen = ui.Grouped(int64(s.scroll+1)) + " / " + ui.Grouped(int64(len(s.marks)))
		from := s.scroll
		for used := len(s.markLines(from, width)); from > max(s.scroll-before, 0); from-- {
			if used += len(s.markLines(from-1, width)); used > height-1 {
				break
			}
		}
		for i := from; i < len(s.marks) && len(lines) < height-2; i++ {
			lines = append(lines, s.markLines(i, width)...)
		}
		for from--; from >= 0; from-- {
			more := s.markLines(from, width)
			if len(lines)+len(more) > height-1 { // the last line is empty
				break
			}
			lines = append(more, lines...)
		}
	}
	return e.Theme.Box(s.tabs(width), seen, lines[:min(len(lines), max(height-2, 0))], width, height, ui.Plain)
}
