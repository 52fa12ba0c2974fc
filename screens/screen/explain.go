package screen

import "counterfoil/offline"

// whyOverdue is the one reason that is not stored: time alone makes it true.
const whyOverdue = "overdue"

// Explain fills in, for a person to read, what an operation itself does not
// hold: WaitsFor becomes the id of the voucher that the earlier operation is on,
// and an operation that is unknown for long gets that as its reason. It asks the
// desk, so only commands call it.
func (e *Env) Explain(op *offline.Operation) {
	if op.WaitsFor != "" {
		if earlier, err := e.Desk.Operation(e.Context, op.WaitsFor); err == nil {
			op.WaitsFor = earlier.ID
		}
	}
	if op.State == offline.Unknown && op.Why == "" && e.Desk.NeedsManager(*op) {
		op.Why = whyOverdue
	}
}
