package journal

import "counterfoil/offline/operation"

// The words of an operation, as the journal stores them.
type (
	Operation  = operation.Operation
	Attempt    = operation.Attempt
	Evidence   = operation.Evidence
	Seen       = operation.Seen
	RangeOrder = operation.RangeOrder
	Kind       = operation.Kind
	State      = operation.State
)

// The kinds and states of an operation.
const (
	Activate = operation.Activate
	Void     = operation.Void
	Range    = operation.Range

	Queued    = operation.Queued
	Sending   = operation.Sending
	Unknown   = operation.Unknown
	Done      = operation.Done
	Refused   = operation.Refused
	Attention = operation.Attention
	Withdrawn = operation.Withdrawn
	Settled   = operation.Settled
)

// States lists every state, in the order they are shown.
func States() []State { return operation.States() }
