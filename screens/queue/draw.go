package queue

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// headRows stand above the list.
const headRows = 3

// View draws the list, or one operation with all that is known of it.
func (s *queue) View(width, height int) string {
	if s.detail != nil {
		return s.detailView(*s.detail, width, height)
	}
	t, e := s.env.Theme, s.env
	var tabs []string
	for i, f := range filters() {
		if i == s.filter {
			tabs = append(tabs, t.Solid(ui.Accent, " "+e.T(f.words)+" "))
		} else {
			tabs = append(tabs, t.Paint(ui.Faint, " "+e.T(f.words)+" "))
		}
	}
	rows := []string{" " + strings.Join(tabs, " "), " " + s.progress(width-2)}
	head := ui.Fit(e.T("queue.at"), 11) + " " + ui.Fit(e.T("queue.state"), 13) + " " + ui.Fit(e.T("queue.id"), min(max((width-1)/3, 26), 34)) +
		" " + ui.Fit(e.T("queue.level"), 7) + " " + ui.FitLeft(e.T("counter.amount"), 11)
	rows = append(rows, " "+t.Paint(ui.Faint, ui.Fit(head, width-1)))
	ops, at := s.list.Rows()
	for i, op := range ops {
		rows = append(rows, t.Row(s.env.Row(op, width-1), width, i == at))
	}
	switch {
	case s.problem != nil:
		rows = append(rows, " "+t.Paint(ui.Bad, e.Problem(s.problem)))
	case len(ops) == 0 && s.loaded:
		rows = append(rows, "", ui.Center(t.Paint(ui.Good, t.Good+" ")+e.T("queue.empty"), width))
	}
	return strings.Join(rows, "\n")
}

// progress says how many wait, how old the oldest is and how fast the queue
// goes out; or when the platform is tried again.
func (s *queue) progress(width int) string {
	t, e, st := s.env.Theme, s.env, s.env.Status
	if st.Link == offline.Offline {
		text := t.Offline + " " + e.T("queue.offline_since", map[string]any{"At": e.When(st.Since)})
		if in := st.NextProbe.Sub(e.Now()); !st.NextProbe.IsZero() && in > 0 {
			text += "  " + t.Bullet + "  " + e.T("queue.next_try", map[string]any{"N": int(in/time.Second) + 1})
		}
		return t.Paint(ui.Queued, ui.Cut(text, width))
	}
	if st.Waiting == 0 {
		return ""
	}
	parts := []string{t.Wait + " " + e.T("status_line.waiting", map[string]any{"Count": st.Waiting})}
	if !st.Oldest.IsZero() {
		parts = append(parts, e.T("queue.oldest", map[string]any{"Ago": e.Ago(st.Oldest)}))
	}
	if st.Closed > 0 {
		parts = append(parts, e.T("queue.gone_out", map[string]any{"Count": st.Closed}))
	}
	if st.Rate > 0 {
		parts = append(parts, e.T("queue.rate", map[string]any{"Rate": strconv.FormatFloat(st.Rate, 'f', 1, 64)}))
	}
	return t.Paint(ui.Accent, ui.Cut(strings.Join(parts, "  "+t.Bullet+"  "), width))
}

// detailView draws one operation: what it is, its attempts, the evidence.
func (s *queue) detailView(op offline.Operation, width, height int) string {
	t := s.env.Theme
	m := s.env.Mark(op)
	title := t.Paint(m.Tone, m.String()) + "  " + t.Paint(ui.Strong, s.env.Mask(op.ID))
	lines := s.detailLines(op, width-4)
	room := max(height-2, 1)
	top := min(s.scroll, max(len(lines)-room, 0))
	seen := lines[top:]
	if left := len(seen) - room; left > 0 {
		more := t.Paint(ui.Faint, s.env.T("queue.more_lines", map[string]any{"Count": left + 1}))
		seen = append(slices.Clone(seen[:room-1]), ui.Center(more, width-4))
	}
	return t.Panel(title, seen, width, height, ui.Plain)
}

// lowest is how far an operation's page can be scrolled.
func (s *queue) lowest() int {
	if s.detail == nil {
		return 0
	}
	return max(len(s.detailLines(*s.detail, s.size.Width-4))-max(s.size.Height-2, 1), 0)
}

func (s *queue) detailLines(op offline.Operation, width int) []string {
	t, e := s.env.Theme, s.env
	lines := []string{""}
	put := func(id, value string) {
		if value != "" {
			lines = append(lines, ui.Cut(t.Paint(ui.Faint, ui.Fit(e.T(id), 16))+" "+value, width))
		}
	}
	put("detail.kind", strings.TrimSpace(e.T("kind."+string(op.Kind))+"  "+op.Name))
	if op.Kind == offline.Activate {
		put("counter.amount", screen.Money(op.AmountFen))
	}
	by := op.Operator
	if op.ApprovedBy != "" && op.ApprovedBy != op.Operator {
		by += "  " + t.Bullet + "  " + e.T("because.approved", map[string]any{"Name": op.ApprovedBy})
		for _, reason := range op.ApprovedFor {
			by += "  " + t.Bullet + "  " + e.T("manager."+reason)
		}
	}
	put("detail.by", by)
	accepted := e.When(op.AcceptedAt)
	if op.Offline {
		accepted += "  " + t.Bullet + "  " + e.T("detail.offline")
	}
	put("detail.accepted", accepted)
	if op.FinishedAt != nil {
		put("detail.finished", e.When(*op.FinishedAt))
	}
	put("detail.why", e.Because(op))
	if op.NextAt != nil && op.State.Open() && op.NextAt.After(e.Now()) {
		put("detail.next", e.When(*op.NextAt))
	}
	put("detail.order", op.OrderNo)
	put("detail.op", op.Op)
	lines = append(lines, "", t.Title(e.T("detail.attempts")))
	if len(op.Attempts) == 0 {
		lines = append(lines, "  "+t.Paint(ui.Faint, e.T("detail.no_attempts")))
	}
	for i, a := range op.Attempts {
		lines = append(lines, s.attempt(i+1, a, width)...)
	}
	lines = append(lines, "", t.Title(e.T("detail.evidence")))
	if len(op.Evidence) == 0 {
		lines = append(lines, "  "+t.Paint(ui.Faint, e.T("detail.no_evidence")))
	}
	for _, ev := range op.Evidence {
		lines = append(lines, s.evidence(ev, width))
	}
	return lines
}

func (s *queue) attempt(n int, a offline.Attempt, width int) []string {
	t, e := s.env.Theme, s.env
	took := ""
	if a.EndedAt != nil {
		took = fmt.Sprintf("%.1f s", max(a.EndedAt.Sub(a.SentAt), 0).Seconds())
	}
	head := "  " + strconv.Itoa(n) + ". " + e.When(a.SentAt) + "  " + ui.Fit(took, 7) + s.outcome(a.Outcome, a.Cause, a.Code, a.Message)
	if a.NoEffect {
		head += "  " + t.Paint(ui.Faint, e.T("detail.no_effect"))
	}
	lines := []string{ui.Cut(head, width), ui.Cut("     "+t.Paint(ui.Faint, e.T("detail.trace")+" "+a.Trace+"  "+e.T("detail.before")+" "+s.seen(a.Before)), width)}
	return lines
}

func (s *queue) outcome(outcome, cause, code, message string) string {
	e := s.env
	switch {
	case outcome == "":
		return e.T("outcome.on_its_way")
	case outcome == "answered":
		return strings.TrimSpace(code + " " + message)
	case cause != "":
		return e.T("outcome.because", map[string]any{"What": e.T("outcome." + outcome), "Why": e.T("cause." + cause)})
	}
	return e.T("outcome." + outcome)
}

func (s *queue) evidence(ev offline.Evidence, width int) string {
	e := s.env
	text := "  " + e.When(ev.At) + "  " + ui.Fit(e.T("asked."+ev.Asked), 14) + "  " + s.outcome(ev.Outcome, ev.Cause, ev.Code, ev.Message)
	if ev.Seen != nil {
		text += "  " + s.seen(ev.Seen)
	}
	if ev.Verdict != "" {
		text += "  " + e.Theme.Path + " " + s.verdict(ev.Verdict)
	}
	return ui.Cut(text, width)
}

// verdict is what was concluded; some verdicts are the reason for a state.
func (s *queue) verdict(word string) string {
	switch word {
	case "done", "no_effect", "contradiction", "unclear", "refused":
		return s.env.T("verdict." + word)
	}
	return s.env.T("why." + word)
}

// seen writes what a look-up showed, "2 not active".
func (s *queue) seen(seen *offline.Seen) string {
	if seen == nil {
		return s.env.T("detail.not_seen")
	}
	if len(seen.Counts) == 0 && seen.Code != "" {
		return seen.Code
	}
	var parts []string
	for _, status := range slices.Sorted(maps.Keys(seen.Counts)) {
		m := s.env.StatusMark(status)
		parts = append(parts, strconv.Itoa(seen.Counts[status])+" "+m.Word)
	}
	return strings.Join(parts, ", ") + " (" + seen.At.In(s.env.Zone).Format(time.TimeOnly) + ")"
}
