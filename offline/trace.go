package offline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"counterfoil/offline/journal"
)

// A trace number has 23 digits: the platform's date yyyyMMdd, the counter's
// number (6) and a sequence (9) that never repeats in a day (docs/rules.md, rule 3).
//
// The sequence follows the time of day in steps of 0.2 ms, so that it goes on
// rising even where the data folder was lost and made anew; the journal keeps
// the last one, so that it rises where the clock is set back. Its last bit
// tells a command beside an open counter (odd) from the counter itself (even).
const (
	traceStep     = 200 * time.Microsecond
	midnightGuard = 30 * time.Second
)

// errMidnight says that no trace number is minted this close to midnight.
var errMidnight = errors.New("too close to midnight for a trace number")

type minter struct {
	clock  *clock
	number int
	odd    int64

	mu   sync.Mutex
	day  string
	last int64
}

func newMinter(c *clock, number int, beside bool) *minter {
	m := &minter{clock: c, number: number}
	if beside {
		m.odd = 1
	}
	return m
}

// point is the platform's day and the time of day in steps. The error is errMidnight.
func (m *minter) point() (day string, step int64, err error) {
	t := m.clock.platform()
	midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
	since := t.Sub(midnight)
	if since < midnightGuard || midnight.AddDate(0, 0, 1).Sub(t) <= midnightGuard {
		return "", 0, errMidnight
	}
	return t.Format("20060102"), int64(since / traceStep), nil
}

// loose mints a number for a question, which changes nothing and is not journaled.
func (m *minter) loose() (string, error) {
	day, step, err := m.point()
	if err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.day != day {
		m.day, m.last = day, step-1
	}
	m.last = max(m.last+1, step)
	return m.format(day, m.last), nil
}

// journaled mints a number for an attempt inside the attempt's own commit.
func (m *minter) journaled(tx *journal.Tx) (string, error) {
	day, step, err := m.point()
	if err != nil {
		return "", err
	}
	// Held over the table's look-up, so that no question takes the number meanwhile.
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.day == day {
		step = max(step, m.last+1)
	}
	if step, err = tx.NextTrace(day, step); err != nil {
		return "", err
	}
	m.day, m.last = day, step
	return m.format(day, step), nil
}

func (m *minter) format(day string, step int64) string {
	return fmt.Sprintf("%s%06d%09d", day, m.number, step*journal.TracesPerStep+m.odd)
}

// today reports whether a number still carries the platform's date.
func (m *minter) today(trace string) bool {
	return len(trace) > 8 && trace[:8] == m.clock.platform().Format("20060102")
}

// afterMidnight is when minting is possible again.
func (m *minter) afterMidnight() time.Time {
	t := m.clock.platform()
	next := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
	if t.Sub(next) >= midnightGuard {
		next = next.AddDate(0, 0, 1)
	}
	return m.clock.now().Add(next.Add(midnightGuard).Sub(t))
}

// resumeTraces goes on behind the last step of the run before: a fast drain
// takes more of them than the time of day has brought by the next start.
func (d *Desk) resumeTraces(ctx context.Context) {
	if d.s.ReadOnly {
		return
	}
	day, _, err := d.traces.point()
	if err != nil {
		return
	}
	last, err := d.journal().LastTrace(ctx, day)
	if err != nil {
		d.log.Warn("trace sequence not read", "err", err)
		return
	}
	d.traces.mu.Lock()
	defer d.traces.mu.Unlock()
	d.traces.day, d.traces.last = day, last
}

// saveTraces keeps the last step of this run, for a next start with a clock set back.
func (d *Desk) saveTraces() {
	if d.s.ReadOnly {
		return
	}
	d.traces.mu.Lock()
	day, last := d.traces.day, d.traces.last
	d.traces.mu.Unlock()
	if day == "" {
		return
	}
	err := d.journal().Write(context.Background(), func(tx *journal.Tx) error {
		_, err := tx.NextTrace(day, last)
		return err
	})
	if err != nil {
		d.log.Error("trace sequence not saved", "err", err)
	}
}
