package queue

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"counterfoil/offline"
	"counterfoil/screens/sale"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// labelWidth is the room for what a fact of an operation is called.
const labelWidth = 15

// operation says all that is known of an operation in lines of at most width
// columns: what it asks of the cashier, what it is, its attempts, the evidence.
func (s *queue) operation(op offline.Operation, width int) []string {
	t, e := s.env.Theme, s.env
	lines := []string{t.Paint(ui.Strong, ui.CutMiddle(e.Mask(op.ID), width))}
	if order := (&sale.Sale{Op: &op}).Result(e).Order; op.State.Open() && order != "" {
		lines = append(lines, t.Wrap(e.Mark(op).Tone, order, width)...)
	}
	lines = append(lines, "")
	put := func(id, value string) {
		if value == "" {
			return
		}
		label := t.Paint(ui.Faint, ui.Fit(e.T(id), labelWidth))
		for _, row := range ui.Wrap(value, width-labelWidth-1) {
			lines = append(lines, label+" "+row)
			label = strings.Repeat(" ", labelWidth)
		}
	}
	put("detail.kind", strings.TrimSpace(e.T("kind."+string(op.Kind))+"  "+op.Name))
	if op.Kind != offline.Void {
		put("counter.amount", screen.Money(op.AmountFen))
	}
	if r := op.Range; r != nil {
		put("detail.range", e.T("detail.range_pieces", map[string]any{"Count": r.Count, "Selling": screen.Money(r.SellingFen), "Cost": screen.Money(r.CostFen)}))
		put("detail.order_id", r.OrderID)
		put("detail.polls", strconv.Itoa(r.Polls))
	}
	put("detail.by", s.by(op.Operator, op.ApprovedBy, op.ApprovedFor))
	accepted := e.When(op.AcceptedAt)
	if op.Offline {
		accepted += " " + t.Bullet + " " + e.T("detail.offline")
	}
	put("detail.accepted", accepted)
	if op.FinishedAt != nil {
		put("detail.finished", e.When(*op.FinishedAt))
	}
	put("detail.closed_by", s.by(cmp.Or(op.SettleAskedBy, op.SettledBy), op.SettledBy, nil))
	put("detail.why", e.Because(op))
	if op.NextAt != nil && op.State.Open() && op.NextAt.After(e.Now()) {
		put("detail.next", e.When(*op.NextAt))
	}
	put("detail.order", op.OrderNo)
	put("detail.op", op.Op)
	return append(lines, append([]string{""}, s.evidence(op, width)...)...)
}

// by says who asked, and which other manager approved it for what.
func (s *queue) by(by, manager string, reasons []string) string {
	if manager == "" || manager == by {
		return by
	}
	bullet := " " + s.env.Theme.Bullet + " "
	by += bullet + s.env.T("because.approved", map[string]any{"Name": manager})
	for _, reason := range reasons {
		by += bullet + s.env.T("manager."+reason)
	}
	return by
}

// evidence says what was sent for an operation and what was learned of it since.
func (s *queue) evidence(op offline.Operation, width int) []string {
	t, e := s.env.Theme, s.env
	lines := []string{t.Title(e.T("detail.attempts"))}
	put := func(texts ...string) {
		for i, text := range texts {
			for j, row := range ui.Wrap(text, width-4) {
				indent := "  "
				if i+j > 0 {
					indent = "    "
				}
				lines = append(lines, indent+row)
			}
		}
	}
	if len(op.Attempts) == 0 {
		put(t.Paint(ui.Faint, e.T("detail.no_attempts")))
	}
	for _, a := range op.Attempts {
		took := ""
		if a.EndedAt != nil {
			took = fmt.Sprintf(" (%.1f s)", max(a.EndedAt.Sub(a.SentAt), 0).Seconds())
		}
		head := e.When(a.SentAt) + took + "  " + s.outcome(a.Outcome, a.Cause, a.Code, a.Message)
		if a.NoEffect {
			head += "  " + e.T("detail.no_effect")
		}
		put(head, e.T("detail.before")+" "+s.seen(a.Before), e.T("detail.trace")+" "+a.Trace)
	}
	lines = append(lines, t.Title(e.T("detail.evidence")))
	if len(op.Evidence) == 0 {
		put(t.Paint(ui.Faint, e.T("detail.no_evidence")))
	}
	for _, ev := range op.Evidence {
		parts := []string{e.When(ev.At), e.T("asked." + ev.Asked)}
		if outcome := s.outcome(ev.Outcome, ev.Cause, ev.Code, ev.Message); outcome != "" {
			parts = append(parts, outcome)
		}
		if ev.Seen != nil {
			parts = append(parts, s.seen(ev.Seen))
		}
		if ev.Verdict != "" {
			parts = append(parts, t.Path+" "+s.verdict(ev.Verdict))
		}
		put(strings.Join(parts, "  "))
	}
	return lines
}

func (s *queue) outcome(outcome, cause, code, message string) string {
	e := s.env
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
		parts = append(parts, ui.Grouped(int64(seen.Counts[status]))+" "+m.Word)
	}
	return strings.Join(parts, ", ") + " (" + seen.At.In(s.env.Zone).Format(time.TimeOnly) + ")"
}
