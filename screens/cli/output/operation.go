package output

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

// Signs go with the words of the states; colour is for screens.
var Signs = map[offline.State]string{
	offline.Queued: "◷", offline.Sending: "…", offline.Unknown: "?", offline.Done: "✔",
	offline.Refused: "✖", offline.Attention: "!", offline.Withdrawn: "↩", offline.Settled: "§",
}

// Result prints what became of an operation that was asked for just now.
func (p *Printer) Result(op offline.Operation) error {
	if p.JSON {
		return p.Line(p.Shown(op))
	}
	id := "cli.result." + string(op.State)
	if op.State == offline.Done || op.State == offline.Queued {
		id += "." + string(op.Kind)
	}
	if op.State == offline.Done && op.Kind == offline.Activate && !p.Desk.HandOver(context.Background(), op) {
		id = "cli.result.done.before"
	}
	held := ""
	if len(op.Evidence) > 0 && op.State == offline.Attention {
		held = strings.TrimSpace(p.word(op.Why, "why") + "  " + p.seen(lastSeen(op)))
	}
	parts := []string{Signs[op.State] + " " + p.Words.T(id, map[string]any{"By": op.SettledBy}), p.ID(op.ID), p.Yuan(op.AmountFen), p.answer(op), held, op.Op}
	if op.WaitsFor != "" {
		parts = append(parts, p.Words.T("cli.why.waits_for", map[string]any{"Op": op.WaitsFor}))
	}
	_, err := fmt.Fprintln(p.Out, Joined(parts...))
	return err
}

// lastSeen is what the last look-up showed, of a range the last of each of its
// codes that were looked up; nil for nothing.
func lastSeen(op offline.Operation) *offline.Seen {
	if op.Kind != offline.Range {
		return op.Evidence[len(op.Evidence)-1].Seen
	}
	last := map[string]*offline.Seen{}
	for _, ev := range op.Evidence {
		if ev.Seen != nil {
			last[ev.Message] = ev.Seen // the code, masked
		}
	}
	if len(last) == 0 {
		return nil
	}
	all := &offline.Seen{Counts: map[string]int{}}
	for _, seen := range last {
		for status, n := range seen.Counts {
			all.Counts[status] += n
		}
	}
	return all
}

// answer is the platform's word on the last attempt that has one.
func (p *Printer) answer(op offline.Operation) string {
	var code, message string
	if n := len(op.Attempts); n > 0 {
		code, message = op.Attempts[n-1].Code, op.Attempts[n-1].Message
	} else if n := len(op.Evidence); n > 0 && op.State == offline.Refused { // the look-up refused it, nothing was sent
		code, message = op.Evidence[n-1].Code, op.Evidence[n-1].Message
	}
	for _, ev := range op.Evidence {
		if ev.Asked == "repeat" && ev.Code != "" { // of a range's order, whose first answer is history
			code, message = ev.Code, ev.Message
		}
	}
	return strings.TrimSpace(code + " " + p.Text(message))
}

// Joined puts what is not empty on one line.
func Joined(parts ...string) string {
	return stream.OneLine(strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "  "))
}

// state is the words for a state; for what waits they say that it has not
// happened yet.
func (p *Printer) state(op offline.Operation) string {
	if op.State == offline.Queued {
		return p.Words.T("cli.result.queued." + string(op.Kind))
	}
	return p.Words.T("cli.state." + string(op.State))
}

// Row is an operation in a list.
func (p *Printer) Row(op offline.Operation) []string {
	return []string{
		op.AcceptedAt.In(p.Zone).Format("01-02 15:04:05"),
		Signs[op.State] + " " + p.state(op),
		p.Words.T("cli.kind." + string(op.Kind)), p.ID(op.ID), p.Yuan(op.AmountFen),
		op.Operator, op.Op, p.why(op),
	}
}

// why says what the state alone does not.
func (p *Printer) why(op offline.Operation) string {
	switch {
	case op.WaitsFor != "":
		return p.Words.T("cli.why.waits_for", map[string]any{"Op": op.WaitsFor})
	case op.Why != "":
		return p.word(op.Why, "why")
	}
	return p.answer(op)
}

// word translates a word of the journal from the first family that has it; one
// that has no words yet stands as it is.
func (p *Printer) word(word string, families ...string) string {
	for _, family := range families {
		id := family + "." + word
		if text := p.Words.T(id); word != "" && text != id {
			return text
		}
	}
	return word
}

// Page prints an operation with its attempts and evidence.
func (p *Printer) Page(op offline.Operation) {
	field := func(id, value string) {
		if value != "" {
			fmt.Fprintf(p.Out, "%s  %s\n", stream.Pad(p.Words.T("cli.op."+id), 16), stream.OneLine(value))
		}
	}
	field("op", op.Op)
	field("state", Signs[op.State]+" "+p.state(op))
	field("why", p.word(op.Why, "why"))
	field("kind", p.Words.T("cli.kind."+string(op.Kind)))
	field("id", strings.TrimSpace(p.ID(op.ID)+"  "+p.Words.T("cli.level."+op.Level)+"  "+p.Text(op.Name)))
	field("amount", p.Yuan(op.AmountFen))
	if r := op.Range; r != nil {
		field("order_id", r.OrderID)
		field("pieces", Joined(strconv.Itoa(r.Count), p.Yuan(r.SellingFen), p.Yuan(r.CostFen)))
		field("valid", Joined(r.ValidFrom, r.ValidTo))
		field("polls", strconv.Itoa(r.Polls))
	}
	field("operator", op.Operator)
	by := []string{op.ApprovedBy}
	if op.ApprovedBy != "" && op.ApprovedBy != op.Operator { // operations from before name her who acted alone
		for _, reason := range op.ApprovedFor {
			by = append(by, p.word(reason, "manager"))
		}
	}
	field("approved_by", strings.Join(by, "  "))
	field("counter", op.Counter)
	field("accepted_at", p.Moment(&op.AcceptedAt))
	if op.Offline {
		field("offline", p.Words.T("cli.yes"))
	}
	field("finished_at", p.Moment(op.FinishedAt))
	field("next_at", p.Moment(op.NextAt))
	field("waits_for", op.WaitsFor)
	field("order_no", op.OrderNo)
	if op.SettledAs != "" {
		field("settled", p.Words.T("cli.settled."+op.SettledAs)+"  "+op.Reason)
	}
	field("settled_by", op.SettledBy)
	field("settle_asked_by", op.SettleAskedBy)
	for i, attempt := range op.Attempts {
		field("attempt", Joined(
			strconv.Itoa(i+1), attempt.Trace, p.Moment(&attempt.SentAt), p.outcome(attempt.Outcome),
			p.word(attempt.Cause, "cause"), attempt.Code, p.Text(attempt.Message)))
	}
	for _, e := range op.Evidence {
		field("evidence", Joined(
			p.Moment(&e.At), p.word(e.Asked, "asked"), e.Trace, p.outcome(e.Outcome), p.word(e.Cause, "cause"),
			e.Code, p.Text(e.Message), stream.Counts(e.Seen), p.word(e.Verdict, "verdict", "why")))
	}
	field("chain", fmt.Sprintf("%d  %s", op.Seq, op.Hash))
}

func (p *Printer) outcome(outcome string) string {
	if outcome == "" {
		outcome = "on_its_way"
	}
	return p.word(outcome, "outcome")
}

// Moment writes a time in the shop's zone, nothing for none.
func (p *Printer) Moment(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.In(p.Zone).Format("2006-01-02 15:04:05")
}
