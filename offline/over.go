package offline

import (
	"context"
	"time"

	"counterfoil/api"
	"counterfoil/offline/journal"
	"counterfoil/offline/operation"
)

// over is an operation of a drain that is done and waits to be stored so, in
// the commit of the next window or after overPatience.
type over struct {
	e  *entry
	op Operation
}

// overPatience is how long a done operation waits for company; where windows
// take turns, the next one is sure to come.
const (
	overPatience     = 15 * time.Millisecond
	overPatienceLong = 50 * time.Millisecond
)

// sells reports an answer that closes an operation as it is: a success, and no
// earlier attempt to ask about.
func (d *Desk) sells(op *Operation, a api.Answer) bool {
	return a.Outcome == api.Answered && len(op.Attempts) == 1 && d.s.Rules.Meaning(a) == operation.MeansSuccess
}

// keep has a done operation stored in company.
func (r *drain) keep(one over) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = append(r.over, one)
	switch len(r.over) {
	case 1:
		taken, patience := make(chan struct{}), overPatience
		if r.window >= besideFrom {
			patience = overPatienceLong
		}
		r.taken = taken
		r.d.lanes.Go(func() {
			timer := time.NewTimer(patience)
			defer timer.Stop()
			select {
			case <-taken:
				return
			case <-timer.C:
			}
			r.mu.Lock()
			done := r.takeOver()
			r.mu.Unlock()
			r.store(done)
		})
	case 2 * maxWindow:
		done := r.takeOver()
		r.d.lanes.Go(func() { r.store(done) })
	}
}

// takeOver takes what waits to be stored. r.mu is held.
func (r *drain) takeOver() []over {
	done := r.over
	if len(done) > 0 {
		close(r.taken)
		r.over = nil
	}
	return done
}

// store commits what is over.
func (r *drain) store(done []over) {
	if len(done) == 0 {
		return
	}
	r.stored(done, r.d.journal().Write(context.Background(), func(tx *journal.Tx) error { return putAll(tx, done) }))
}

func putAll(tx *journal.Tx, done []over) error {
	for i := range done {
		if err := tx.Put(&done[i].op, string(operation.EventAnswered)); err != nil {
			return err
		}
	}
	return nil
}

// stored makes what was committed visible. Where it could not be, each is
// stored by itself, with patience.
func (r *drain) stored(done []over, err error) {
	d := r.d
	switch {
	case err == nil:
		d.mu.Lock()
		for i := range done {
			done[i].e.op = done[i].op
		}
		d.fault = nil
		d.mu.Unlock()
		for i := range done {
			d.mark(done[i].op)
			r.tell(done[i].e)
		}
		entries := make([]*entry, len(done))
		for i := range done {
			entries[i] = done[i].e
		}
		d.release(entries...)
	case hopeless(err):
		d.fail(err)
		for _, one := range done {
			r.finish(one.e)
		}
	default:
		for _, one := range done {
			d.lanes.Go(func() {
				if d.commit(one.e, one.op, operation.EventAnswered) {
					d.mark(one.op)
				}
				r.finish(one.e)
			})
		}
	}
}
