package offline

import (
	"context"
	"errors"

	"counterfoil/api"
	"counterfoil/offline/day"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operators"
)

// Verdict is what a walk of the chain showed.
type Verdict struct {
	Head    Head
	Journal string // the journal's identity
	// Gaps is what did not fit and is documented in the chain, acknowledged or not.
	Gaps []Gap
}

// open counts the gaps that no manager acknowledged.
func (v *Verdict) open() (n int) {
	for _, g := range v.Gaps {
		if g.AcknowledgedBy == "" {
			n++
		}
	}
	return n
}

// Verify walks the hash chain and holds the operators and the counter against
// it; it changes nothing. known are heads that were printed earlier. Errors:
// ErrChain naming the first row that does not fit, ErrGap; the verdict holds
// with them.
func (d *Desk) Verify(ctx context.Context, progress func(done, total int64), known ...Head) (v Verdict, err error) {
	j := d.journal()
	v.Head, err = j.Verify(ctx, progress, operators.Check, day.Check, func(each chain.Reading) error { return chain.CheckHeads(each, known) })
	id, idErr := j.Identity(ctx)
	gaps, gapErr := j.Documents(ctx, chain.Unindexed)
	v.Journal, v.Gaps = id.Journal, gaps
	if err == nil {
		err = errors.Join(idErr, gapErr)
	}
	if n := v.open(); err == nil && n > 0 {
		err = &Error{Kind: ErrGap, Args: map[string]any{"Count": n}}
	}
	return v, publicError(err)
}

// Acknowledge keeps that a manager has seen all that does not fit, and why that
// is in order. What is not documented yet is documented first: a salvage makes
// the database anew of what the chain says, and sets the old one aside. The desk
// must not be started. Errors: ErrNeedsManager, ErrReasonNeeded, and those of Verify.
func (d *Desk) Acknowledge(ctx context.Context, by Session, reason string) (Verdict, error) {
	reason = api.Clean(reason, maxReason)
	who, err := d.people.Allowed(ctx, by, operators.Acknowledge, reason)
	if err != nil {
		return Verdict{}, publicError(err)
	}
	if reason == "" {
		return Verdict{}, &Error{Kind: ErrReasonNeeded}
	}
	v, err := d.Verify(ctx, nil)
	if kind := KindOf(err); kind == ErrChain || kind == ErrDamaged {
		d.journal().Suspect(err)
		if err := d.reopen(ctx, causeReopened); err != nil {
			return v, publicError(err)
		}
		v, err = d.Verify(ctx, nil)
	}
	var misfit, last *chain.MisfitError
	for errors.As(err, &misfit) && (last == nil || *last != *misfit) { // what the chain itself says and no salvage mends
		if last, err = misfit, d.journal().Document(ctx, *misfit); err == nil {
			v, err = d.Verify(ctx, nil)
		}
	}
	if err != nil && KindOf(err) != ErrGap {
		return v, err
	}
	if err := d.journal().Acknowledge(ctx, who.Who(by), reason); err != nil {
		return v, publicError(err)
	}
	if err := d.tellGaps(ctx, ""); err != nil {
		return v, publicError(err)
	}
	return d.Verify(ctx, nil)
}

// tellGaps has the status say what no manager has acknowledged; by is that of
// journal.Documents.
func (d *Desk) tellGaps(ctx context.Context, by string) error {
	gaps, err := d.journal().Documents(ctx, by)
	n := (&Verdict{Gaps: gaps}).open()
	d.health.mu.Lock()
	defer d.health.mu.Unlock()
	d.health.gaps = n
	return err
}

// restored has the status say at once what an act found that was not as the chain says.
func (d *Desk) restored() { d.tellAllGaps(context.Background()) }

// tellAllGaps has it say what a start told by an index alone.
func (d *Desk) tellAllGaps(ctx context.Context) {
	if err := d.tellGaps(ctx, chain.Unindexed); err != nil && ctx.Err() == nil {
		d.s.Log.Error("gaps not read", "err", err)
	}
	d.changed()
}
