package operation

import "time"

// OpenCount counts open operations, each once.
type OpenCount struct {
	Waiting   int // queued or sending
	Unknown   int // unknown, and not for longer than attention_after
	Attention int // for a manager: in attention, or unknown for longer than that
}

// All counts them together.
func (c OpenCount) All() int { return c.Waiting + c.Unknown + c.Attention }

// Plus is the sum of two counts.
func (c OpenCount) Plus(d OpenCount) OpenCount {
	return OpenCount{c.Waiting + d.Waiting, c.Unknown + d.Unknown, c.Attention + d.Attention}
}

// CountOpen counts one open operation, by the platform's clock.
func (r Rules) CountOpen(op *Operation, platform time.Time) OpenCount {
	switch {
	case r.NeedsManager(op, platform):
		return OpenCount{Attention: 1}
	case op.State == Unknown:
		return OpenCount{Unknown: 1}
	}
	return OpenCount{Waiting: 1}
}
