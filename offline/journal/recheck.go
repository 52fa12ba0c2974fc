package journal

import "context"

// Rechecks reads the operations that are closed and due to be looked at once
// more: refused ones, and those settled before they could no longer take effect.
func (j *Journal) Rechecks(ctx context.Context) ([]Operation, error) {
	return j.operations(ctx, selectWhole+` WHERE next_at <> '' AND state IN ('refused', 'settled') ORDER BY o.op`)
}
