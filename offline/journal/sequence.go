package journal

import (
	"context"
	"errors"

	"counterfoil/offline/journal/chain"
	"counterfoil/offline/sqlite"
)

// A trace number is the date, the counter's number and nine digits of a
// sequence, 23 in all (docs/rules.md, rule 3).
const traceDigits = 23

// TracesPerStep is how many trace numbers belong to one step of a day's
// sequence: the counter's own and that of a command beside it.
const TracesPerStep = 2

// errTracesSpent says that a day has no trace number left.
var errTracesSpent = errors.New("journal: the day's trace numbers are spent")

// readLastStep reads the last step of a day, 0 for none. A step that is too large
// is damage; the last one that an attempt used counts then.
func readLastStep(each chain.Reading, day string) (last int64, err error) {
	first := func(row sqlite.Row) error {
		last = row.Int(0)
		return nil
	}
	err = each(`SELECT last FROM traces WHERE day=?`, []any{day}, first)
	if err == nil && last > chain.LastStep {
		err = each(`SELECT `+chain.SQLLastStep+` FROM attempts WHERE length(trace)=23 AND trace >= ? AND trace < ?`, []any{day, day + ":"}, first)
	}
	return last, err
}

// NextTrace returns the next step of the day's sequence: one more than the
// last, and at least floor. Each step has TracesPerStep numbers.
func (t *Tx) NextTrace(day string, floor int64) (int64, error) {
	last, err := readLastStep(t.c.Each, day)
	if err != nil {
		return 0, err
	}
	next := max(last+1, floor)
	if next > chain.LastStep {
		return 0, errTracesSpent
	}
	return next, t.c.Exec(`INSERT INTO traces (day, last) VALUES (?,?) ON CONFLICT (day) DO UPDATE SET last=excluded.last`, day, next)
}

// LastTrace returns the last step of a day's sequence, 0 where there is none.
func (j *Journal) LastTrace(ctx context.Context, day string) (int64, error) {
	last, err := readLastStep(j.reading(ctx), day)
	return last, j.readError(err)
}
