package marks

import (
	"cmp"
	"math/big"
	"slices"
	"strings"
	"time"

	"counterfoil/offline/operation"
)

// Tills gathers, code by code, what the rules about terminals need of a review.
type Tills struct {
	failed, soon, looked []event
}

// event is one thing that happened at a terminal.
type event struct {
	at   time.Time
	tid  string
	what string // the code, or its serial number
	key  int64  // of the record, 0 for a look-up
	op   string // of the activation before it
	code string
}

// Add takes what one code brings. looks are those of this code at this counter,
// but for those from the tree: stock-taking looks at neighbours.
func (t *Tills) Add(j Judge, c *Code, looks []Look) {
	window := j.Thresholds[SameTill].Window
	for _, r := range c.Records {
		e := event{at: r.At, tid: r.TID, what: c.ID, key: r.Key, code: c.ID}
		switch {
		case r.At.IsZero() || r.TID == "":
		case !r.OK:
			t.failed = append(t.failed, e)
		case r.Kind == Used:
			for i := range c.Operations {
				from, _, done := effect(&c.Operations[i])
				if since := r.At.Sub(from.Truncate(time.Second)); done && c.Operations[i].Kind == operation.Activate && since >= 0 && since <= window {
					e.op = c.Operations[i].Op
					t.soon = append(t.soon, e)
					break
				}
			}
		}
	}
	for _, l := range looks {
		if !activatedWithin(c.Operations, c.ID, l.At, j.Thresholds[Walk].Window, true) {
			t.looked = append(t.looked, event{at: l.At, tid: j.TID, what: c.ID, code: c.ID})
		}
	}
}

// activatedWithin reports an activation of ours soon after a time: of that id, or
// of anything among the operations where all of them concern it.
func activatedWithin(ops []operation.Operation, id string, at time.Time, window time.Duration, all bool) bool {
	return slices.ContainsFunc(ops, func(o operation.Operation) bool {
		since := o.AcceptedAt.Sub(at)
		return o.Kind == operation.Activate && (all || o.ID == id) && since >= 0 && since <= window && o.State != operation.Withdrawn
	})
}

// Marks applies the rules about terminals to what was added.
func (t *Tills) Marks(j Judge) []Mark {
	return slices.Concat(j.sameTill(t.soon), j.failuresAtTill(t.failed), j.walk(slices.Concat(t.failed, t.looked)))
}

// byTill sorts events by terminal and time and hands over those of each.
func byTill(events []event, each func(tid string, of []event)) {
	slices.SortStableFunc(events, func(a, b event) int { return cmp.Or(strings.Compare(a.tid, b.tid), a.at.Compare(b.at)) })
	for len(events) > 0 {
		n := slices.IndexFunc(events, func(e event) bool { return e.tid != events[0].tid })
		if n < 0 {
			n = len(events)
		}
		each(events[0].tid, events[:n])
		events = events[n:]
	}
}

// slide moves a window over events in the order of time and returns the runs in
// which it held enough; runs that touch are one. within is what the window holds.
func slide(events []event, window time.Duration, enough func(within map[string]int, newest event) bool) (runs [][]event) {
	within, lo, end := map[string]int{}, 0, 0
	begin := -1
	for hi, e := range events {
		within[e.what]++
		for e.at.Sub(events[lo].at) > window {
			if within[events[lo].what]--; within[events[lo].what] == 0 {
				delete(within, events[lo].what)
			}
			lo++
		}
		if !enough(within, e) {
			continue
		}
		if begin >= 0 && lo >= end {
			runs = append(runs, events[begin:end])
			begin = -1
		}
		if begin < 0 {
			begin = lo
		}
		end = hi + 1
	}
	if begin >= 0 {
		runs = append(runs, events[begin:end])
	}
	return runs
}

// resting makes a mark of the events it rests on.
func (m Mark) resting(on []event) Mark {
	for _, e := range on {
		if e.key != 0 {
			m.Records = append(m.Records, e.key)
		} else if !slices.Contains(m.IDs, e.code) {
			m.IDs = append(m.IDs, e.code)
		}
		if e.op != "" && !slices.Contains(m.Operations, e.op) {
			m.Operations = append(m.Operations, e.op)
		}
	}
	return m
}

// codes counts the different codes of a run.
func codes(run []event) int {
	all := map[string]bool{}
	for _, e := range run {
		all[e.code] = true
	}
	return len(all)
}

// sameTill finds a terminal that uses what was activated here a moment before,
// again and again on one day.
func (j Judge) sameTill(soon []event) (all []Mark) {
	t, on := j.on(SameTill)
	if !on {
		return nil
	}
	byTill(soon, func(tid string, of []event) {
		days := map[string][]event{}
		for _, e := range of {
			days[j.Day(e.at)] = append(days[j.Day(e.at)], e)
		}
		for day, run := range days {
			if codes(run) >= t.Count {
				all = append(all, j.mark(SameTill, map[string]any{"TID": tid, "Day": day, "Count": codes(run), "Window": text(t.Window)}).resting(run))
			}
		}
	})
	return all
}

// failuresOfOne finds many failures of one code.
func (j Judge) failuresOfOne(c *Code) (all []Mark) {
	t, on := j.on(FailBurst)
	var failed []event
	for _, r := range c.Records {
		if on && !r.OK && !r.At.IsZero() {
			failed = append(failed, event{at: r.At, what: "", key: r.Key})
		}
	}
	for _, run := range slide(failed, t.Window, func(within map[string]int, _ event) bool { return within[""] >= t.Count }) {
		all = append(all, j.mark(FailBurst, map[string]any{"Count": len(run), "Window": text(t.Window), "TID": ""}).resting(run))
	}
	return all
}

// failuresAtTill finds failures of many codes at one terminal.
func (j Judge) failuresAtTill(failed []event) (all []Mark) {
	t, on := j.on(FailBurst)
	if !on {
		return nil
	}
	byTill(failed, func(tid string, of []event) {
		for _, run := range slide(of, t.Window, func(within map[string]int, _ event) bool { return len(within) >= t.Count }) {
			all = append(all, j.mark(FailBurst, map[string]any{"Count": codes(run), "Window": text(t.Window), "TID": tid}).resting(run))
		}
	})
	return all
}

// walk finds somebody trying one serial number after the other.
func (j Judge) walk(tried []event) (all []Mark) {
	t, on := j.on(Walk)
	if !on {
		return nil
	}
	for i := range tried {
		tried[i].what, _, _ = strings.Cut(strings.Replace(tried[i].code, "=", "-", 1), "-")
	}
	byTill(tried, func(tid string, of []event) {
		for _, run := range slide(of, t.Window, func(within map[string]int, e event) bool { return neighbours(within, e.what, t.Count) >= t.Count }) {
			all = append(all, j.mark(Walk, map[string]any{"Count": codes(run), "Window": text(t.Window), "TID": tid}).resting(run))
		}
	})
	return all
}

// neighbours counts the serial numbers without a gap around one, up to enough.
func neighbours(within map[string]int, serial string, enough int) int {
	n := 1
	for _, step := range []int64{-1, 1} {
		number, ok := new(big.Int).SetString(serial, 10)
		for ok && n < enough {
			number.Add(number, big.NewInt(step))
			next := number.String()
			if next = strings.Repeat("0", max(len(serial)-len(next), 0)) + next; within[next] == 0 {
				break
			}
			n++
		}
	}
	return n
}
