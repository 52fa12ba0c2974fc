package offline

import (
	"context"
	"fmt"
	"sync"
	"time"

	"counterfoil/offline/journal"
	"counterfoil/offline/journal/salvage"
	"counterfoil/offline/link"
	"counterfoil/offline/operation"
)

// After a device failure or damage the journal accepts nothing more: what is on
// disk is not known until it is opened again. A started desk does that by
// itself; a command ends, and its next run does it.

// health is the state of the data folder.
type health struct {
	// gate is held for reading by a person's act on operations, and for writing
	// while the data folder is opened again.
	gate   sync.RWMutex
	pauses *link.Reopening // of the journal

	mu        sync.Mutex
	reopening bool
	found     *Error // what the last reopening found, nil for nothing to tell
	foundAt   time.Time
	gaps      int // documented, and acknowledged by nobody
}

func newHealth() *health { return &health{pauses: link.NewReopening()} }

// foundShown is how long the status says what a reopening found.
const foundShown = 10 * time.Minute

// report is what the status says now of the last reopening, nil for nothing.
func (h *health) report(now time.Time) *Error {
	h.mu.Lock()
	defer h.mu.Unlock()
	found := h.found
	if found != nil && now.Sub(h.foundAt) >= foundShown {
		found = nil
	}
	if h.gaps > 0 && (found == nil || found.Kind == ErrReopened) {
		return &Error{Kind: ErrGap, Args: map[string]any{"Count": h.gaps}}
	}
	return found
}

func (h *health) setReopening(now bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reopening = now
}

// supervise runs the sender while the journal accepts, and opens the journal
// again when it stops accepting.
func (d *Desk) supervise(ctx context.Context) {
	for ctx.Err() == nil {
		broke := d.journal().Broke()
		sound, end := context.WithCancel(ctx)
		d.work.jobs.Go(func() {
			select {
			case <-broke:
				end() // what a worker has not sent by now is not sent
			case <-sound.Done():
			}
		})
		d.sender.Run(sound)
		end()
		if ctx.Err() == nil {
			d.recover(ctx)
		}
	}
}

// recover lets no further act in, waits for the calls on their way, opens the
// data folder again and reads back what is there. A call that takes longer than
// an answer may is cut off, and its operation is asked about like the others.
func (d *Desk) recover(ctx context.Context) {
	d.health.setReopening(true)
	defer d.changed()
	defer d.health.setReopening(false)
	d.sender.Fail(d.journal().Damaged())
	d.health.gate.Lock()
	defer d.health.gate.Unlock()
	d.sender.Finish(d.s.Calls.AnswerTimeout + sendingGrace)
	well := d.health.pauses.Until(ctx, func() error {
		err := d.reopen(ctx, causeReopened)
		if err != nil {
			if KindOf(publicError(err)) == ErrInternal {
				err = fmt.Errorf("%w: %w", journal.ErrDamaged, err)
			}
			d.sender.Fail(err)
		}
		return err
	})
	if well {
		d.sender.Well()
		d.sender.Start()
	}
}

// reopen opens the journal again and starts from what is on disk. An attempt
// that was on its way makes its operation unknown, for that cause.
func (d *Desk) reopen(ctx context.Context, cause string) error {
	if err := d.data.reopenJournal(ctx); err != nil {
		return err
	}
	d.s.Log.Warn(openedAgain)
	return d.readBack(ctx, cause)
}

// openedAgain is what the log says of it; the fault suite counts these.
const openedAgain = "the journal was opened again"

// tellFound has the status say what a reopening found, or a start that
// salvaged.
func (d *Desk) tellFound(report *salvage.Report, cause string) {
	asked := 0
	d.list.Each(func(op *operation.Operation) {
		if op.State == Unknown {
			asked++
		}
	})
	d.health.mu.Lock()
	defer d.health.mu.Unlock()
	switch {
	case report != nil:
		d.health.found = &Error{Kind: ErrSalvaged, Args: map[string]any{
			"Operations": report.Operations, "Lost": report.LostEvents, "Asked": asked, "Path": report.SetAside,
		}}
	case cause == causeReopened:
		d.health.found = &Error{Kind: ErrReopened, Args: map[string]any{"Asked": asked}}
	default:
		return
	}
	d.health.foundAt = d.clock.Now()
}

// ailing reports that the data folder is not to be relied on just now.
func (d *Desk) ailing() bool {
	d.health.mu.Lock()
	reopening := d.health.reopening
	d.health.mu.Unlock()
	return reopening || d.started() && d.journal().Damaged() != nil
}

// enter lets a person's act in, unless the data folder is being opened again.
// leave must be called at its end.
func (d *Desk) enter() (leave func(), err error) {
	if !d.health.gate.TryRLock() {
		return nil, &Error{Kind: ErrDamaged}
	}
	return d.health.gate.RUnlock, nil
}

// superviseCatalog opens the catalog again, or makes a new one, when it breaks.
// It is a cache: sales go on without it.
func (d *Desk) superviseCatalog(ctx context.Context) {
	pauses := link.NewReopening()
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.data.catalog().Broke():
		}
		if err := d.data.catalog().Close(); err != nil {
			d.s.Log.Warn("catalog", "err", err)
		}
		if !pauses.Until(ctx, func() error { return d.data.openCatalog(ctx) }) {
			return
		}
		d.s.Log.Warn("the catalog was opened again")
		d.changed()
	}
}
