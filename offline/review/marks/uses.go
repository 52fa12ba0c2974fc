package marks

import (
	"time"

	"counterfoil/offline/operation"
)

// Code is what is known of one code.
type Code struct {
	ID         string
	Records    []Record              // by time
	Operations []operation.Operation // on it and on what holds it, oldest first
	Had        int                   // how often it could be used at most; -1 where it was never seen
}

// net counts uses less cancellations up to a time, zero for all.
func (c *Code) net(until time.Time) (n int, rows []int64) {
	for _, r := range c.Records {
		if !until.IsZero() && r.At.After(until) {
			continue
		}
		switch {
		case r.does(Used):
			n++
			rows = append(rows, r.Key)
		case r.does(Cancelled):
			n--
		}
	}
	return n, rows
}

// NetUses is how often the code was used, less what was cancelled, up to a time.
func (c *Code) NetUses(until time.Time) int {
	n, _ := c.net(until)
	return n
}

// OfCode applies the rules about one code's uses.
func (j Judge) OfCode(c *Code) []Mark {
	var all []Mark
	for _, rule := range []func(*Code) []Mark{
		j.twoShops, j.overUse, j.againstVoids, j.againstActivations, j.neverHere, j.closedHours, j.dupRecord, j.failuresOfOne,
	} {
		all = append(all, rule(c)...)
	}
	for i := range all {
		all[i].Code = c.ID
	}
	return all
}

// twoShops finds two uses at different shops soon after each other. Between two
// uses at different shops lie neighbours of which the same is true.
func (j Judge) twoShops(c *Code) (all []Mark) {
	t, on := j.on(TwoShops)
	var last *Record
	for i := range c.Records {
		r := &c.Records[i]
		if !on || !r.does(Used) || r.Online || r.ShopNo == "" {
			continue
		}
		if last != nil && last.ShopNo != r.ShopNo && r.At.Sub(last.At) <= t.Window {
			m := j.mark(TwoShops, map[string]any{"Shop": last.ShopNo, "Other": r.ShopNo, "After": text(r.At.Sub(last.At)), "Window": text(t.Window)})
			m.Records = []int64{last.Key, r.Key}
			all = append(all, m)
		}
		last = r
	}
	return all
}

func (j Judge) overUse(c *Code) []Mark {
	n, rows := c.net(time.Time{})
	if _, on := j.on(OverUse); !on || c.Had < 0 || n <= c.Had {
		return nil
	}
	m := j.mark(OverUse, map[string]any{"Count": n, "Had": c.Had})
	m.Records = rows
	return []Mark{m}
}

// againstVoids holds the uses against our own voids of the code.
func (j Judge) againstVoids(c *Code) (all []Mark) {
	late, afterOn := j.on(AfterVoid)
	_, usedOn := j.on(VoidUsed)
	for i := range c.Operations {
		op := &c.Operations[i]
		from, to, done := effect(op)
		if op.Kind != operation.Void || !done {
			continue
		}
		if n, rows := c.net(from); usedOn && n > 0 {
			m := j.mark(VoidUsed, map[string]any{"Count": n, "By": op.Operator, "At": op.AcceptedAt.Format(time.RFC3339)})
			m.Records, m.Operations = rows, []string{op.Op}
			all = append(all, m)
		}
		if !afterOn || j.VoidFrees {
			continue
		}
		again := c.nextActivation(to)
		for _, r := range c.Records {
			if r.does(Used) && r.At.After(to.Add(late.Window)) && (again.IsZero() || r.At.Before(again)) {
				m := j.mark(AfterVoid, map[string]any{"After": text(r.At.Sub(to)), "Window": text(late.Window), "Shop": r.ShopNo, "By": op.Operator})
				m.Records, m.Operations = []int64{r.Key}, []string{op.Op}
				all = append(all, m)
			}
		}
	}
	return all
}

// nextActivation is when an activation of ours took effect after a time, zero for never.
func (c *Code) nextActivation(after time.Time) time.Time {
	for i := range c.Operations {
		op := &c.Operations[i]
		if from, _, done := effect(op); done && op.Kind == operation.Activate && from.After(after) {
			return from
		}
	}
	return time.Time{}
}

// againstActivations holds the uses against our own activations of the code.
func (j Judge) againstActivations(c *Code) (all []Mark) {
	_, beforeOn := j.on(BeforeActive)
	quick, quickOn := j.on(QuickDrain)
	first := true
	for i := range c.Operations {
		op := &c.Operations[i]
		from, _, done := effect(op)
		if op.Kind != operation.Activate || !done {
			continue
		}
		for _, r := range c.Records {
			if !r.does(Used) {
				continue
			}
			var m Mark
			switch since := r.At.Sub(from.Truncate(time.Second)); { // records are told to the second
			case beforeOn && first && since < 0:
				m = j.mark(BeforeActive, map[string]any{"Before": text(-since), "Shop": r.ShopNo, "By": op.Operator})
			case quickOn && since >= 0 && since <= quick.Window && r.ShopNo != "" && r.ShopNo != j.No:
				m = j.mark(QuickDrain, map[string]any{"After": text(since), "Window": text(quick.Window), "Shop": r.ShopNo, "By": op.Operator})
			default:
				continue
			}
			m.Records, m.Operations = []int64{r.Key}, []string{op.Op}
			all = append(all, m)
		}
		first = false
	}
	return all
}

func (j Judge) neverHere(c *Code) []Mark {
	if _, on := j.on(NeverHere); !on || len(c.Operations) > 0 {
		return nil
	}
	m := j.mark(NeverHere, map[string]any{"Shop": j.No})
	for _, r := range c.Records {
		if r.does(Used) && r.ShopNo == j.No {
			m.Records = append(m.Records, r.Key)
		}
	}
	if m.Args["Count"] = len(m.Records); len(m.Records) == 0 {
		return nil
	}
	return []Mark{m}
}

// closedHours finds uses at our shop while it was closed. Hours may pass midnight.
func (j Judge) closedHours(c *Code) (all []Mark) {
	t, on := j.on(ClosedHours)
	if !on || j.Opens == j.Closes {
		return nil
	}
	const day = 24 * time.Hour
	from, open := j.Opens-t.Window, (j.Closes-j.Opens+day)%day+2*t.Window
	for _, r := range c.Records {
		if !r.does(Used) || r.ShopNo != j.No {
			continue
		}
		clock := time.Duration(r.At.Hour())*time.Hour + time.Duration(r.At.Minute())*time.Minute + time.Duration(r.At.Second())*time.Second
		if (clock-from+2*day)%day > open {
			m := j.mark(ClosedHours, map[string]any{"At": r.At.Format("15:04:05"), "Window": text(t.Window)})
			m.Records = []int64{r.Key}
			all = append(all, m)
		}
	}
	return all
}

func (j Judge) dupRecord(c *Code) (all []Mark) {
	for _, r := range c.Records {
		if _, on := j.on(DupRecord); on && r.Times > 1 {
			m := j.mark(DupRecord, map[string]any{"Count": r.Times})
			m.Records = []int64{r.Key}
			all = append(all, m)
		}
	}
	return all
}
