package offline

import (
	"context"
	"errors"

	"counterfoil/api"
	"counterfoil/offline/journal"
	"counterfoil/offline/worklist"
)

// Wait returns the operation once it is closed, needs a person, waits in the
// queue for a link or a time, or is unknown; or as it stands when ctx ends. On
// a desk that was not started it sends the operation itself.
func (d *Desk) Wait(ctx context.Context, op string) (Operation, error) {
	if !d.started() {
		d.sender.Drive(op)
		return d.Operation(ctx, op)
	}
	changed, stop := d.Watch()
	defer stop()
	for {
		at, open := d.list.Standing(op)
		if !open || !d.moving(at) {
			got, err := d.Operation(context.WithoutCancel(ctx), op)
			if err == nil || !d.tells(err) {
				return got, err
			}
		}
		select {
		case <-ctx.Done():
			return at.Operation, nil
		case <-changed:
		}
	}
}

// moving reports an open operation whose outcome will come without waiting for
// a link, a time or another operation. While the data folder is opened again,
// every open operation counts as moving.
func (d *Desk) moving(at worklist.Standing) bool {
	if at.Busy || d.ailing() {
		return true
	}
	return at.Operation.State == Queued && at.Due && at.WaitsFor == "" && d.link.State() != Offline
}

// Operation reads one operation.
func (d *Desk) Operation(ctx context.Context, op string) (Operation, error) {
	found, err := d.journal().Operation(ctx, op)
	if err != nil {
		return Operation{}, publicErrorOf(err, map[string]any{"Op": op})
	}
	d.overlay(&found)
	return found, nil
}

// Operations reads a page. Where damage hides some rows, a desk that was not
// started returns the others with ErrDamaged.
func (d *Desk) Operations(ctx context.Context, q Query) ([]Operation, error) {
	ops, err := d.journal().Operations(ctx, q)
	for i := range ops {
		d.overlay(&ops[i])
	}
	if err != nil && !(len(ops) > 0 && d.tells(err)) {
		return ops, publicError(err)
	}
	return ops, nil
}

// tells reports damage that a started desk repairs by itself and that its
// status shows meanwhile; lists then show what can be read.
func (d *Desk) tells(err error) bool { return d.ailing() && errors.Is(err, journal.ErrDamaged) }

// overlay adds what is true of this moment only: what a queued operation waits for.
func (d *Desk) overlay(op *Operation) {
	op.WaitsFor = ""
	if op.State != Queued {
		return
	}
	if at, open := d.list.Standing(op.Op); open {
		op.WaitsFor, op.Why, op.NextAt = at.WaitsFor, at.Operation.Why, at.Operation.NextAt
	}
}

// Waits says what queued operations wait for on a desk that was opened ReadOnly,
// which keeps no list of them: of one operation, or of all where it is nil.
func (d *Desk) Waits(ctx context.Context, only *Operation) *worklist.Waits {
	return worklist.NewWaits(only, func(id string) map[api.Level]string { return d.above(ctx, api.ID(id)) })
}

// Replay sends and asks until a round changes nothing. each, which may be nil,
// is called with every operation whose state changed. It is for a desk that was
// not started.
func (d *Desk) Replay(ctx context.Context, each func(Operation)) error {
	return d.sender.Replay(ctx, each)
}
