package operation

import "time"

// Limits bound what is accepted (configuration: [offline] and counter.max_amount);
// 0 is no limit.
type Limits struct {
	OneMaxFen     int64 // one activation, online too (counter.max_amount)
	MaxOperations int
	MaxAmountFen  int64
	MaxTotalFen   int64
	MaxAge        time.Duration
}

// BatchLimits bound a batch of whatever kind (configuration: [bulk]); 0 is no limit.
// Above them a second person, a manager, approves.
type BatchLimits struct {
	Count    int // pieces: the codes that would change
	TotalFen int64
}

// Passed is a limit that would be passed: its word, and what it allows in the
// word's own unit: operations, pieces, fen, or nanoseconds for an age. The zero
// value is none.
type Passed struct {
	Limit string `json:"limit,omitempty"`
	Most  int64  `json:"most,omitempty"`
}

// Passed tells the limit that an operation would pass, where count others of
// total fen wait already, the oldest for age.
func (l Limits) Passed(o *Operation, count int, total int64, age time.Duration) Passed {
	switch {
	case l.OneMaxFen > 0 && o.AmountFen > l.OneMaxFen:
		return Passed{"one", l.OneMaxFen}
	case !o.Offline:
	case l.MaxOperations > 0 && count+1 > l.MaxOperations:
		return Passed{"operations", int64(l.MaxOperations)}
	case l.MaxAmountFen > 0 && o.AmountFen > l.MaxAmountFen:
		return Passed{"amount", l.MaxAmountFen}
	case l.MaxTotalFen > 0 && total+o.AmountFen > l.MaxTotalFen:
		return Passed{"total", l.MaxTotalFen}
	case l.MaxAge > 0 && age > l.MaxAge:
		return Passed{"age", int64(l.MaxAge)}
	}
	return Passed{}
}

// Passed tells the limit that a batch of so many pieces and fen passes.
func (l BatchLimits) Passed(pieces, fen int64) Passed {
	switch {
	case l.Count > 0 && pieces > int64(l.Count):
		return Passed{"bulk_count", int64(l.Count)}
	case l.TotalFen > 0 && fen > l.TotalFen:
		return Passed{"bulk_total", l.TotalFen}
	}
	return Passed{}
}
