package operation

import "slices"

// Foreseen is what would become of an operation that nobody asked for yet.
type Foreseen struct {
	Repeats   *Operation // the one that is open or done here already, and that a list leaves out
	Withdraws bool       // it takes back the activation that waits here
	Why       string     // it would wait for a person, as HeldFor has it; "" where it would be sent
}

// Foresee says what would become of an operation of that kind on an id whose codes
// were seen so last, by the operations on it and on what holds it, oldest first.
func (r Rules) Foresee(k Kind, id string, seen Seen, ops []Operation) (f Foreseen) {
	if f.Repeats = Repeated(k, id, ops); f.Repeats != nil {
		return f
	}
	if !seen.At.IsZero() {
		f.Why = r.HeldFor(k, seen)
	}
	if k == Void {
		f.Withdraws = slices.ContainsFunc(ops, func(op Operation) bool { return WithdrawnBy(&op, id) })
		if f.Withdraws || f.Why == WhyNeverActive && AwaitsActivation(ops) {
			f.Why = ""
		}
	}
	if f.Why == WhyAlreadyThere {
		var last *Operation
		for i := range ops {
			if ops[i].State == Done {
				last = &ops[i]
			}
		}
		if last != nil && last.Kind == k {
			f.Repeats = last
		}
	}
	return f
}

// Repeated is the operation that one of that kind on the id would do again, whatever
// a look-up may show: one that is open, or the activation that was done last, among
// those on the id, oldest first. It is nil for none.
func Repeated(k Kind, id string, ops []Operation) (done *Operation) {
	for i := range ops {
		switch op := &ops[i]; {
		case op.ID != id:
		case op.State.Open() && op.Kind == k:
			return op
		case op.State == Done:
			done = op
		}
	}
	if k != Activate || done == nil || done.Kind != k {
		return nil
	}
	return done
}

// AwaitsActivation reports whether an activation among these is still open, which
// would make what a void is for active before it.
func AwaitsActivation(ops []Operation) bool {
	return slices.ContainsFunc(ops, func(op Operation) bool { return op.State.Open() && op.Kind == Activate })
}

// WithdrawnBy reports whether a void of the id takes the operation back: an
// activation of it that waits and was never written.
func WithdrawnBy(op *Operation, id string) bool {
	return op.ID == id && op.Kind == Activate && op.State == Queued
}
