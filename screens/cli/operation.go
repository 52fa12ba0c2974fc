package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"counterfoil/offline"
	"counterfoil/screens/cli/stream"
)

// signs go with the words of the states; colour is for screens.
var signs = map[offline.State]string{
	offline.Queued: "◷", offline.Sending: "…", offline.Unknown: "?", offline.Done: "✔",
	offline.Refused: "✖", offline.Attention: "!", offline.Withdrawn: "↩", offline.Settled: "§",
}

// result prints what became of an operation that was asked for just now.
func (p *printer) result(op offline.Operation) error {
	if p.json {
		return p.line(p.shown(op))
	}
	id := "cli.result." + string(op.State)
	if op.State == offline.Done || op.State == offline.Queued {
		id += "." + string(op.Kind)
	}
	if op.State == offline.Done && op.Kind == offline.Activate && !p.counter.HandOver(context.Background(), op) {
		id = "cli.result.done.before"
	}
	parts := []string{signs[op.State] + " " + p.words.T(id, map[string]any{"By": op.SettledBy}), p.id(op.ID), p.yuan(op.AmountFen), p.answer(op), op.Op}
	if op.WaitsFor != "" {
		parts = append(parts, p.words.T("cli.why.waits_for", map[string]any{"Op": op.WaitsFor}))
	}
	_, err := fmt.Fprintln(p.Stdout, joined(parts...))
	return err
}

// answer is the platform's word on the last attempt that has one.
func (p *printer) answer(op offline.Operation) string {
	var code, message string
	if n := len(op.Attempts); n > 0 {
		code, message = op.Attempts[n-1].Code, op.Attempts[n-1].Message
	} else if n := len(op.Evidence); n > 0 && op.State == offline.Refused { // the look-up refused it, nothing was sent
		code, message = op.Evidence[n-1].Code, op.Evidence[n-1].Message
	}
	return strings.TrimSpace(code + " " + p.text(message))
}

// joined puts what is not empty on one line.
func joined(parts ...string) string {
	return stream.OneLine(strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "  "))
}

// state is the words for a state; for what waits they say that it has not
// happened yet.
func (p *printer) state(op offline.Operation) string {
	if op.State == offline.Queued {
		return p.words.T("cli.result.queued." + string(op.Kind))
	}
	return p.words.T("cli.state." + string(op.State))
}

// row is an operation in a list.
func (p *printer) row(op offline.Operation) []string {
	return []string{
		op.AcceptedAt.In(p.zone).Format("01-02 15:04:05"),
		signs[op.State] + " " + p.state(op),
		p.words.T("cli.kind." + string(op.Kind)), p.id(op.ID), p.yuan(op.AmountFen),
		op.Operator, op.Op, p.why(op),
	}
}

// why says what the state alone does not.
func (p *printer) why(op offline.Operation) string {
	switch {
	case op.WaitsFor != "":
		return p.words.T("cli.why.waits_for", map[string]any{"Op": op.WaitsFor})
	case op.Why != "":
		return p.word(op.Why, "why")
	}
	return p.answer(op)
}

// word translates a word of the journal from the first family that has it; one
// that has no words yet stands as it is.
func (p *printer) word(word string, families ...string) string {
	for _, family := range families {
		id := family + "." + word
		if text := p.words.T(id); word != "" && text != id {
			return text
		}
	}
	return word
}

// page prints an operation with its attempts and evidence.
func (p *printer) page(op offline.Operation) {
	field := func(id, value string) {
		if value != "" {
			fmt.Fprintf(p.Stdout, "%s  %s\n", stream.Pad(p.words.T("cli.op."+id), 16), stream.OneLine(value))
		}
	}
	field("op", op.Op)
	field("state", signs[op.State]+" "+p.state(op))
	field("why", p.word(op.Why, "why"))
	field("kind", p.words.T("cli.kind."+string(op.Kind)))
	field("id", strings.TrimSpace(p.id(op.ID)+"  "+p.words.T("cli.level."+op.Level)+"  "+p.text(op.Name)))
	field("amount", p.yuan(op.AmountFen))
	if r := op.Range; r != nil {
		field("order_id", r.OrderID)
		field("pieces", joined(strconv.Itoa(r.Count), p.yuan(r.SellingFen), p.yuan(r.CostFen)))
		field("valid", joined(r.ValidFrom, r.ValidTo))
		field("polls", strconv.Itoa(r.Polls))
	}
	field("operator", op.Operator)
	by := []string{op.ApprovedBy}
	if op.ApprovedBy != op.Operator {
		for _, reason := range op.ApprovedFor {
			by = append(by, p.word(reason, "manager"))
		}
	}
	field("approved_by", strings.Join(by, "  "))
	field("counter", op.Counter)
	field("accepted_at", p.moment(&op.AcceptedAt))
	if op.Offline {
		field("offline", p.words.T("cli.yes"))
	}
	field("finished_at", p.moment(op.FinishedAt))
	field("next_at", p.moment(op.NextAt))
	field("waits_for", op.WaitsFor)
	field("order_no", op.OrderNo)
	if op.SettledAs != "" {
		field("settled", p.words.T("cli.settled."+op.SettledAs)+"  "+op.Reason)
	}
	field("settled_by", op.SettledBy)
	field("settle_asked_by", op.SettleAskedBy)
	for i, attempt := range op.Attempts {
		field("attempt", joined(
			strconv.Itoa(i+1), attempt.Trace, p.moment(&attempt.SentAt), p.outcome(attempt.Outcome),
			p.word(attempt.Cause, "cause"), attempt.Code, p.text(attempt.Message)))
	}
	for _, e := range op.Evidence {
		field("evidence", joined(
			p.moment(&e.At), p.word(e.Asked, "asked"), e.Trace, p.outcome(e.Outcome), p.word(e.Cause, "cause"),
			e.Code, p.text(e.Message), stream.Counts(e.Seen), p.word(e.Verdict, "verdict", "why")))
	}
	field("chain", fmt.Sprintf("%d  %s", op.Seq, op.Hash))
}

func (p *printer) outcome(outcome string) string {
	if outcome == "" {
		outcome = "on_its_way"
	}
	return p.word(outcome, "outcome")
}

func (p *printer) moment(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.In(p.zone).Format("2006-01-02 15:04:05")
}
