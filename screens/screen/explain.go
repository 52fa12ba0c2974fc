package screen

import "counterfoil/offline"

// whyOverdue is the reason that the desk leaves to whoever looks: time alone makes it true.
const whyOverdue = "overdue"

// Tell puts into an operation, for a person to read, what only the desk can
// tell: WaitsFor becomes the id that the earlier operation is on, and what is
// unknown for long names that as its reason. It asks the desk, so only commands
// call it.
func (e *Env) Tell(op *offline.Operation) {
	if op.WaitsFor != "" {
		if earlier, err := e.Desk.Operation(e.Context, op.WaitsFor); err == nil {
			op.WaitsFor = earlier.ID
		}
	}
	if op.State == offline.Unknown && op.Why == "" && e.Desk.NeedsManager(*op) {
		op.Why = whyOverdue
	}
}
