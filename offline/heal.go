package offline

import (
	"context"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"

	"counterfoil/offline/catalog"
	"counterfoil/offline/journal"
	"counterfoil/offline/journal/salvage"
	"counterfoil/offline/link"
)

// After a failure of the device or damage the journal takes nothing more: what
// is on disk is not known until it was opened again. healer does that for a
// started desk. A command is short; its next run is the reopening.
type healer struct {
	pauses *backoff.ExponentialBackOff
	last   time.Time // when it succeeded last
}

// Pauses between tries to open the data folder again grow from healFirst to
// healLast; they go on growing where it fails again soon after.
const (
	healFirst = 100 * time.Millisecond
	healLast  = 15 * time.Second
)

func newHealer() *healer { return &healer{pauses: link.Growing(healFirst, healLast)} }

// rest is how long to wait before the first try.
func (h *healer) rest() time.Duration {
	if h.last.IsZero() || time.Since(h.last) > healLast {
		h.pauses.Reset()
		return 0
	}
	return h.pauses.NextBackOff()
}

// work hands out what is due while the journal accepts, and has it opened again where it stops.
func (d *Desk) work(ctx context.Context) {
	for ctx.Err() == nil {
		broke := d.journal().Broke()
		sound, end := context.WithCancel(ctx)
		d.workers.Go(func() {
			select {
			case <-broke:
				end() // what a lane has not sent by now is not sent
			case <-sound.Done():
			}
		})
		d.dispatch(sound)
		end()
		if ctx.Err() == nil {
			d.heal(ctx)
		}
	}
}

// heal keeps everybody out, lets what is on its way end, opens the data folder
// again and reads back what is there. It tries until it succeeds or ctx ends.
func (d *Desk) heal(ctx context.Context) {
	d.heals(true)
	defer d.heals(false)
	d.fail(d.journal().Damaged())
	d.gate.Lock()
	defer d.gate.Unlock()
	d.endLanes()
	for wait := d.healer.rest(); link.Pause(ctx, wait); wait = d.healer.pauses.NextBackOff() {
		if err := d.reopen(ctx, causeReopened); err != nil {
			if KindOf(told(err)) == ErrInternal {
				err = fmt.Errorf("%w: %w", journal.ErrDamaged, err)
			}
			d.fail(err)
			continue
		}
		d.healer.last = time.Now()
		d.mu.Lock()
		d.fault = nil
		d.mu.Unlock()
		return
	}
}

func (d *Desk) heals(now bool) {
	d.mu.Lock()
	d.healing = now
	d.mu.Unlock()
	d.changed()
}

// endLanes waits for what is on its way. Its outcome cannot be stored; what
// takes longer than an answer may is asked about like everything else.
func (d *Desk) endLanes() {
	cut := time.AfterFunc(d.s.Calls.AnswerTimeout+sendingGrace, d.cut)
	d.lanes.Wait()
	cut.Stop()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sending.Err() != nil {
		d.sending, d.cut = context.WithCancel(context.Background())
	}
	d.drain = d.newDrain(d.due, nil)
}

// reopen opens the journal again and starts from what is on disk. What was on
// its way is unknown for that cause.
func (d *Desk) reopen(ctx context.Context, cause string) error {
	next, err := salvage.Reopen(ctx, d.journal())
	if err != nil {
		return err
	}
	d.book.Store(next)
	d.log.Warn(openedAgain)
	return d.recover(ctx, cause)
}

// openedAgain is what the log says of it; the fault suite counts these.
const openedAgain = "the journal was opened again"

// tellHealed says what a reopening, or a start that salvaged, found.
func (d *Desk) tellHealed(report *salvage.Report, cause string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	asked := 0
	for _, e := range d.open.order {
		if e.op.State == Unknown {
			asked++
		}
	}
	switch {
	case report != nil:
		d.healed = &Error{Kind: ErrSalvaged, Args: map[string]any{
			"Operations": report.Operations, "Lost": report.LostEvents, "Asked": asked, "Path": report.SetAside,
		}}
	case cause == causeReopened:
		d.healed = &Error{Kind: ErrReopened, Args: map[string]any{"Asked": asked}}
	default:
		return
	}
	d.healedAt = d.clock.Now()
}

// healedShown is how long it is told that the counter is well again.
const healedShown = 10 * time.Minute

// ailing reports that the data folder is not to be relied on just now. d.mu is held.
func (d *Desk) ailing() bool { return d.healing || d.started && d.journal().Damaged() != nil }

// enter lets a person's act in, unless the data folder is being opened again;
// leave with d.gate.RUnlock.
func (d *Desk) enter() error {
	if !d.gate.TryRLock() {
		return &Error{Kind: ErrDamaged}
	}
	return nil
}

// watchCatalog makes the catalog anew where it breaks. It is a cache: sales go
// on without it.
func (d *Desk) watchCatalog(ctx context.Context) {
	h := newHealer()
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.catalog().Broke():
		}
		if err := d.catalog().Close(); err != nil {
			d.log.Warn("catalog", "err", err)
		}
		for wait := h.rest(); ; wait = h.pauses.NextBackOff() {
			if !link.Pause(ctx, wait) {
				return
			}
			next, err := catalog.Open(ctx, d.catalogOptions())
			if err == nil {
				d.cache.Store(next)
				h.last = time.Now()
				d.log.Warn("the catalog was opened again")
				d.changed()
				break
			}
			d.log.Warn("the catalog cannot be opened", "err", err)
		}
	}
}
