package platformtime

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

// ErrMidnight says that no trace number is minted this close to midnight.
var ErrMidnight = errors.New("too close to midnight for a trace number")

// Traces mints trace numbers.
type Traces struct {
	clock  *Clock
	number int // the counter's

	mu   sync.Mutex
	day  string
	last int64 // the step of the day's last number
}

// NewTraces returns a mint for the counter of that number.
func NewTraces(c *Clock, number int) *Traces { return &Traces{clock: c, number: number} }

// point is the platform's day and the time of day in steps.
func (t *Traces) point() (day string, step int64, err error) {
	now := t.clock.Platform()
	midnight := midnightBefore(now)
	since := now.Sub(midnight)
	if since < midnightGuard || midnight.AddDate(0, 0, 1).Sub(now) <= midnightGuard {
		return "", 0, ErrMidnight
	}
	return now.Format("20060102"), int64(since / traceStep), nil
}

func midnightBefore(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// Loose mints a number for a question, which changes nothing and is not
// journaled. The error is ErrMidnight.
func (t *Traces) Loose() (string, error) {
	day, step, err := t.point()
	if err != nil {
		return "", err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.day != day {
		t.day, t.last = day, step-1
	}
	t.last = max(t.last+1, step)
	return t.format(day, t.last), nil
}

// Mint mints a number for an attempt inside the attempt's own commit. The
// errors are ErrMidnight and the journal's own.
func (t *Traces) Mint(tx *journal.Tx) (string, error) {
	day, step, err := t.point()
	if err != nil {
		return "", err
	}
	// Held while the table is read, so that no question takes the number meanwhile.
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.day == day {
		step = max(step, t.last+1)
	}
	if step, err = tx.NextTrace(day, step); err != nil {
		return "", err
	}
	t.day, t.last = day, step
	return t.format(day, step), nil
}

func (t *Traces) format(day string, step int64) string {
	n := step * journal.TracesPerStep
	if t.clock.o.Beside {
		n++
	}
	return fmt.Sprintf("%s%06d%09d", day, t.number, n)
}

// Today reports whether a number still carries the platform's date.
func (t *Traces) Today(trace string) bool {
	return len(trace) > 8 && trace[:8] == t.clock.Platform().Format("20060102")
}

// NearMidnight reports that no number is minted just now.
func (t *Traces) NearMidnight() bool {
	_, _, err := t.point()
	return err != nil
}

// AfterMidnight is when minting is possible again, by the counter's clock.
func (t *Traces) AfterMidnight() time.Time {
	now := t.clock.Platform()
	next := midnightBefore(now)
	if now.Sub(next) >= midnightGuard {
		next = next.AddDate(0, 0, 1)
	}
	return t.clock.Now().Add(next.Add(midnightGuard).Sub(now))
}

// Resume goes on behind the last step of the run before: a fast drain takes
// more of them than the time of day has brought by the next start.
func (t *Traces) Resume(ctx context.Context) error {
	day, _, err := t.point()
	if err != nil || t.clock.o.Beside {
		return nil // near midnight there is no day to go on with yet
	}
	last, err := t.clock.o.Journal().LastTrace(ctx, day)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.day, t.last = day, last
	return nil
}

// Save keeps the last step of this run, in case the clock is set back before
// the next start.
func (t *Traces) Save() error {
	t.mu.Lock()
	day, last := t.day, t.last
	t.mu.Unlock()
	if day == "" || t.clock.o.Beside {
		return nil
	}
	return t.clock.o.Journal().Write(context.Background(), func(tx *journal.Tx) error {
		_, err := tx.NextTrace(day, last)
		return err
	})
}
