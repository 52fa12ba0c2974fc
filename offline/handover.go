package offline

import (
	"context"
	"time"

	"counterfoil/api"
)

// HandOverAge is how long evidence lets a voucher be handed over (docs/rules.md, "Asking").
const HandOverAge = 60 * time.Second

// HandOver reports whether a voucher may be handed over on this operation: an
// activation that is done, on evidence of the last sixty seconds, with no later
// operation of ours on the id or on what overlaps it.
func (d *Desk) HandOver(ctx context.Context, op Operation) bool {
	if op.Kind != Activate || op.State != Done || op.FinishedAt == nil || d.clock.now().Sub(*op.FinishedAt) > HandOverAge {
		return false
	}
	chain := d.ancestry(ctx, op)
	d.mu.Lock()
	for _, e := range d.open.overlapping(op.ID, api.Level(op.Level), chain) {
		if e.op.Op > op.Op {
			d.mu.Unlock()
			return false
		}
	}
	d.mu.Unlock()
	last, err := d.lastDone(ctx, op.ID, chain)
	return err == nil && (last == nil || last.Op <= op.Op)
}
