package queue

import (
	"cmp"
	"strconv"
	"strings"

	"counterfoil/offline"
	"counterfoil/screens/sale"
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
		put("counter.amount", e.Money(op.AmountFen))
	}
	if r := op.Range; r != nil {
		put("detail.range", e.T("detail.range_pieces", map[string]any{"Count": r.Count, "Selling": e.Money(r.SellingFen), "Cost": e.Money(r.CostFen)}))
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
	return append(lines, append([]string{""}, e.History(op, width)...)...)
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
