package screen

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"counterfoil/offline"
	"counterfoil/ui"
)

// History says what was sent for an operation and what was learned of it since, in
// lines of at most width columns.
func (e *Env) History(op offline.Operation, width int) []string {
	t := e.Theme
	lines := []string{t.Title(e.T("detail.attempts"))}
	if len(op.Attempts) == 0 {
		lines = append(lines, indented(width, t.Paint(ui.Faint, e.T("detail.no_attempts")))...)
	}
	for _, a := range op.Attempts {
		took := ""
		if a.EndedAt != nil {
			took = fmt.Sprintf(" (%.1f s)", max(a.EndedAt.Sub(a.SentAt), 0).Seconds())
		}
		head := e.When(a.SentAt) + took + "  " + e.outcome(a.Outcome, a.Cause, a.Code, a.Message)
		if a.NoEffect {
			head += "  " + e.T("detail.no_effect")
		}
		lines = append(lines, indented(width, head, e.T("detail.before")+" "+e.seen(a.Before), e.T("detail.trace")+" "+a.Trace)...)
	}
	return append(append(lines, t.Title(e.T("detail.evidence"))), e.Pieces(op.Evidence, width)...)
}

// Pieces says what was asked and what came back.
func (e *Env) Pieces(evidence []offline.Evidence, width int) (lines []string) {
	t := e.Theme
	if len(evidence) == 0 {
		return indented(width, t.Paint(ui.Faint, e.T("detail.no_evidence")))
	}
	for _, ev := range evidence {
		parts := []string{e.When(ev.At), e.T("asked." + ev.Asked)}
		if outcome := e.outcome(ev.Outcome, ev.Cause, ev.Code, ev.Message); outcome != "" {
			parts = append(parts, outcome)
		}
		if ev.Seen != nil {
			parts = append(parts, e.seen(ev.Seen))
		}
		if ev.Verdict != "" {
			parts = append(parts, t.Path+" "+e.verdict(ev.Verdict))
		}
		lines = append(lines, indented(width, strings.Join(parts, "  "))...)
	}
	return lines
}

// indented wraps the texts of one thing; all but its first line stand further in.
func indented(width int, texts ...string) (lines []string) {
	for i, text := range texts {
		for j, row := range ui.Wrap(text, width-4) {
			indent := "  "
			if i+j > 0 {
				indent = "    "
			}
			lines = append(lines, indent+row)
		}
	}
	return lines
}

func (e *Env) outcome(outcome, cause, code, message string) string {
	switch {
	case outcome == "":
		return e.T("outcome.on_its_way")
	case outcome == "answered" && cause != "": // a range's, taken without a signature
		return strings.TrimSpace(code+" "+message) + "  " + e.T("cause."+cause)
	case outcome == "answered":
		return strings.TrimSpace(code + " " + message)
	case cause != "":
		return e.T("outcome.because", map[string]any{"What": e.T("outcome." + outcome), "Why": e.T("cause." + cause)})
	}
	return e.T("outcome." + outcome)
}

// verdict is what was concluded; some verdicts are the reason for a state.
func (e *Env) verdict(word string) string {
	switch word {
	case "done", "no_effect", "contradiction", "unclear", "refused":
		return e.T("verdict." + word)
	}
	return e.T("why." + word)
}

// seen writes what a look-up showed, "2 not active".
func (e *Env) seen(seen *offline.Seen) string {
	if seen == nil {
		return e.T("detail.not_seen")
	}
	if len(seen.Counts) == 0 && seen.Code != "" {
		return seen.Code
	}
	var parts []string
	for _, status := range slices.Sorted(maps.Keys(seen.Counts)) {
		m := e.StatusMark(status)
		parts = append(parts, ui.Grouped(int64(seen.Counts[status]))+" "+m.Word)
	}
	return strings.Join(parts, ", ") + " (" + seen.At.In(e.Zone).Format(time.TimeOnly) + ")"
}
