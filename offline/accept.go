package offline

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"counterfoil/api"
	"counterfoil/offline/journal"
	"counterfoil/offline/operation"
	"counterfoil/offline/platformtime"
)

// Accept commits an operation and returns it. Online it goes out at once, in
// the background of a started desk; Wait waits for it. A void of an activation
// of the same id that waits here and was never written withdraws that one
// instead, and returns it.
//
// Errors: ErrAlreadyActive, ErrOpenHere, ErrNotConfirmed (the link is offline
// and Request.Offline is not set), ErrOverLimit, ErrNeedsManager,
// ErrAmountNeeded, ErrBadAmount, ErrDiskFull, ErrNotAnID.
func (d *Desk) Accept(ctx context.Context, r Request) (Operation, error) {
	if _, err := api.ParseID(string(r.ID)); err != nil {
		return Operation{}, &Error{Kind: ErrNotAnID, Args: map[string]any{"ID": string(r.ID)}}
	}
	if err := d.enter(); err != nil {
		return Operation{}, err
	}
	defer d.gate.RUnlock()
	if _, fresh := d.lookups.Fresh(r.ID); !fresh {
		d.lookups.Flush() // the tree as known must hold what was just learned of it
	}
	name, chain, err := d.catalog().Above(ctx, r.ID)
	if err != nil {
		d.log.Warn("ancestry not read", "err", err)
	}
	if r.Kind == Void {
		if op, done, err := d.voidWaiting(ctx, r); done || err != nil {
			return op, err
		}
	}
	if err := d.checkKnown(ctx, r, chain); err != nil {
		return Operation{}, err
	}
	if err := checkAmount(r); err != nil {
		return Operation{}, err
	}
	if d.link.State() == Offline && !r.Offline {
		return Operation{}, &Error{Kind: ErrNotConfirmed}
	}
	if r.Offline && (d.journal().Full() || d.journal().Low()) {
		return Operation{}, &Error{Kind: ErrDiskFull}
	}
	now := d.clock.Now()
	op := Operation{
		Kind: r.Kind, ID: string(r.ID), Level: string(r.ID.Level()), Name: name, AmountFen: r.AmountFen, Offline: r.Offline, Operator: r.Operator.Name, ApprovedBy: d.approver(r),
		ApprovedFor: d.approvedFor(r), Counter: d.s.CounterName, AcceptedAt: now, Day: d.Day(),
	}
	if err := ctx.Err(); err != nil {
		return Operation{}, err
	}
	op, change := operation.Accepted(op)
	e := &entry{op: op, chain: chain, busy: true}
	if err := d.reserve(e, r); err != nil {
		return Operation{}, err
	}
	op = e.op
	if begun, sent, err := d.sendAtOnce(e, change); sent || err != nil {
		return begun, err
	}
	err = d.journal().Write(context.WithoutCancel(ctx), func(tx *journal.Tx) error { return tx.Put(&op, string(change.Event)) })
	d.accepted(e, op, err)
	if err != nil {
		return Operation{}, told(err)
	}
	d.mu.Lock()
	if !op.Offline && d.mayStart(e) {
		d.startDirect(e, d.send)
	} else {
		e.busy = false
	}
	d.mu.Unlock()
	d.poke()
	d.changed()
	return op, nil
}

// mayStart reports whether an operation can go out now. d.mu is held.
func (d *Desk) mayStart(e *entry) bool {
	return d.started && d.cancel != nil && d.link.State() != Offline && d.open.blocker(e) == nil
}

// accepted puts a committed acceptance in force, or takes back one whose commit failed.
func (d *Desk) accepted(e *entry, op Operation, err error) {
	if err != nil {
		d.fail(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		d.open.remove(e)
		return
	}
	e.op, d.fault = op, nil
}

// sendAtOnce accepts an operation and begins its first attempt in one commit,
// where a cashier waits for it and nothing is in its way. It reports false
// where the operation must go the long way.
func (d *Desk) sendAtOnce(e *entry, change operation.Change) (begun Operation, sent bool, err error) {
	seen, fresh := d.lookups.Fresh(api.ID(e.op.ID))
	if !fresh || e.op.Offline || d.s.Rules.Prelook(e.op.Kind, seen) != operation.MaySend {
		return Operation{}, false, nil
	}
	d.mu.Lock()
	free := d.mayStart(e)
	if free {
		d.lanes.Add(1)
	}
	d.mu.Unlock()
	if !free {
		return Operation{}, false, nil
	}
	accepted := e.op.Clone()
	err = d.journal().Write(context.Background(), func(tx *journal.Tx) error {
		op := accepted.Clone()
		if err := tx.Put(&op, string(change.Event)); err != nil {
			return err
		}
		var err error
		begun, err = d.attempt(tx, op, seen)
		return err
	})
	if errors.Is(err, platformtime.ErrMidnight) {
		d.lanes.Done()
		return Operation{}, false, nil
	}
	d.accepted(e, begun, err)
	if err != nil {
		d.lanes.Done()
		return Operation{}, false, told(err)
	}
	d.changed()
	op := begun.Clone()
	go func() {
		defer d.lanes.Done()
		d.outcome(d.sending, e, op, d.call(&op))
		d.release(e)
	}()
	return begun, true, nil
}

func checkAmount(r Request) error {
	switch {
	case r.Kind != Activate && r.Kind != Void:
		return &Error{Kind: ErrInternal}
	case r.Kind == Activate && r.AmountFen == 0:
		return &Error{Kind: ErrAmountNeeded, Args: map[string]any{"ID": string(r.ID)}}
	case r.AmountFen < 0, r.Kind == Void && r.AmountFen != 0:
		return &Error{Kind: ErrBadAmount, Args: map[string]any{"Amount": Yuan(r.AmountFen)}}
	}
	return nil
}

// reserve gives a new entry its number and puts it into the set, unless one on
// the same id is open here or a limit is reached. Number and place are given in
// one step, before the commit, so that no two acceptances can pass each other.
func (d *Desk) reserve(e *entry, r Request) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, other := range d.open.byID[e.op.ID] {
		if e.op.Kind == Activate || other.op.Kind == e.op.Kind {
			return &Error{Kind: ErrOpenHere, Args: map[string]any{
				"ID": e.op.ID, "Op": other.op.Op, "State": string(other.op.State), "Kind": string(other.op.Kind),
			}}
		}
	}
	if r.Offline {
		if err := d.checkLimits(r); err != nil {
			return err
		}
	}
	e.op.Op = d.ids.next(e.op.AcceptedAt)
	d.open.add(e)
	return nil
}

// voidWaiting withdraws a waiting, never written activation of the id that is to be voided.
func (d *Desk) voidWaiting(ctx context.Context, r Request) (Operation, bool, error) {
	d.mu.Lock()
	var waiting *entry
	for _, e := range d.open.byID[string(r.ID)] {
		if e.op.Kind == Activate && e.op.State == Queued && !e.busy && !e.op.EverWritten() {
			waiting = e
		}
	}
	d.mu.Unlock()
	if waiting == nil {
		return Operation{}, false, nil
	}
	op, err := d.withdraw(ctx, r.Operator, waiting.op.Op)
	if k := KindOf(err); k == ErrCannotWithdraw || k == ErrClosed {
		return Operation{}, false, nil // it has just gone out: the void queues behind it
	}
	return op, err == nil, err
}

// checkKnown applies what this counter knows of the voucher by itself. Local
// knowledge refuses a second activation only where no fresh look-up says otherwise.
func (d *Desk) checkKnown(ctx context.Context, r Request, chain map[api.Level]string) error {
	seen, fresh := d.lookups.Fresh(r.ID)
	if r.Kind == Void {
		inactive := fresh && d.s.Rules.Prelook(Void, seen) == operation.NeverActive
		if inactive && !manages(r, ErrNeedsManager) && !d.awaitsActivation(string(r.ID), r.ID.Level(), chain) {
			return &Error{Kind: ErrNeedsManager, Args: map[string]any{"Act": operation.ApprovedVoidInactive}}
		}
		return nil
	}
	if fresh && d.s.Rules.Prelook(Activate, seen) != operation.AlreadyThere {
		return nil
	}
	last, err := d.lastDone(ctx, string(r.ID), chain)
	if err != nil {
		return told(err)
	}
	if last != nil && last.Kind == Activate {
		at := last.AcceptedAt
		if last.FinishedAt != nil {
			at = *last.FinishedAt
		}
		return &Error{Kind: ErrAlreadyActive, Args: map[string]any{"ID": string(r.ID), "At": at.In(d.s.Zone).Format("2006-01-02 15:04")}}
	}
	return nil
}

// awaitsActivation reports whether an activation still open here will have made the id active.
func (d *Desk) awaitsActivation(id string, level api.Level, chain map[api.Level]string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.open.overlapping(id, level, chain) {
		if e.op.Kind == Activate {
			return true
		}
	}
	return false
}

// lastDone returns the newest operation that is done on the id or on what is known to hold it.
func (d *Desk) lastDone(ctx context.Context, id string, chain map[api.Level]string) (*Operation, error) {
	var newest *Operation
	ids := []string{id}
	for _, holder := range chain {
		ids = append(ids, holder)
	}
	for _, id := range ids {
		ops, err := d.journal().Operations(ctx, Query{ID: id, States: []State{Done}, Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(ops) > 0 && (newest == nil || ops[0].Op > newest.Op) {
			newest = &ops[0]
		}
	}
	return newest, nil
}

// manages reports whether a manager stands behind what is in the request's way.
// A data folder without operators asks nobody.
func manages(r Request, what ErrorKind) bool {
	approved := r.Approver.Role == Manager && (len(r.ApprovedFor) == 0 || slices.Contains(r.ApprovedFor, what))
	return approved || r.Operator.Role == Manager || r.Operator == Session{}
}

func (d *Desk) approver(r Request) string {
	switch {
	case r.Approver.Role == Manager:
		return r.Approver.Name
	case r.Operator.Role == Manager:
		return r.Operator.Name
	}
	return ""
}

// approvedFor names what the approver stands behind. A manager's own act, and
// one approved as a whole, is approved for all that can be in its way.
func (d *Desk) approvedFor(r Request) []string {
	switch {
	case d.approver(r) == "":
		return nil
	case r.Operator.Role != Manager && len(r.ApprovedFor) > 0:
		words := make([]string, len(r.ApprovedFor))
		for i, kind := range r.ApprovedFor {
			if words[i] = string(kind); kind == ErrNeedsManager {
				words[i] = operation.ApprovedVoidInactive
			}
		}
		return words
	case r.Kind == Void:
		return []string{operation.ApprovedOverLimit, operation.ApprovedVoidInactive}
	}
	return []string{operation.ApprovedOverLimit}
}

// checkLimits bounds what is accepted offline; a manager may approve one
// operation over a limit. d.mu is held.
func (d *Desk) checkLimits(r Request) error {
	if manages(r, ErrOverLimit) && r.Operator != (Session{}) {
		return nil
	}
	l := d.s.Limits
	count, total := 1, r.AmountFen
	var oldest time.Time
	for _, e := range d.open.order {
		if e.op.State != Queued && e.op.State != Sending {
			continue
		}
		count++
		total += e.op.AmountFen
		if oldest.IsZero() {
			oldest = e.op.AcceptedAt
		}
	}
	over := func(limit, most string) error {
		return &Error{Kind: ErrOverLimit, Args: map[string]any{"Limit": limit, "Max": most}}
	}
	switch {
	case l.MaxOperations > 0 && count > l.MaxOperations:
		return over("operations", itoa(l.MaxOperations))
	case l.MaxAmountFen > 0 && r.AmountFen > l.MaxAmountFen:
		return over("amount", Yuan(l.MaxAmountFen))
	case l.MaxTotalFen > 0 && total > l.MaxTotalFen:
		return over("total", Yuan(l.MaxTotalFen))
	case l.MaxAge > 0 && !oldest.IsZero() && d.clock.Now().Sub(oldest) > l.MaxAge:
		return over("age", strconv.FormatFloat(l.MaxAge.Hours(), 'f', -1, 64))
	}
	return nil
}

// idSource makes operation ids that rise in the order of acceptance, whatever the clock does.
type idSource struct {
	mu      sync.Mutex
	last    uint64
	entropy *ulid.MonotonicEntropy
}

// above has every following id sort behind op.
func (s *idSource) above(op string) {
	id, err := ulid.ParseStrict(op)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = max(s.last, id.Time()+1)
}

func (s *idSource) next(now time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entropy == nil {
		s.entropy = ulid.Monotonic(rand.Reader, 0)
	}
	s.last = max(s.last, ulid.Timestamp(now))
	id, err := ulid.New(s.last, s.entropy)
	if err != nil { // the millisecond's numbers are used up
		s.last++
		id = ulid.MustNew(s.last, s.entropy)
	}
	return id.String()
}
