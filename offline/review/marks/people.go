package marks

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"counterfoil/offline/operation"
)

// Shifts is what all operators did on one business day.
type Shifts struct {
	Day        string
	Operations []operation.Operation // by time
	Looks      []Look                // by time, without those from the tree
	// Face is the face value of one of an id's codes, in fen; 0 where not known.
	Face func(id string) int64
	// Before are the shop's shares of voids soon after the activation (SoonVoidShare)
	// of the 28 days before; it is asked for only where they matter.
	Before func() []float64
}

// OfDay applies the rules about operators to one business day.
func (j Judge) OfDay(s *Shifts) []Mark {
	byOperator := map[string][]operation.Operation{}
	for _, o := range s.Operations {
		byOperator[o.Operator] = append(byOperator[o.Operator], o)
	}
	var all []Mark
	for _, name := range slices.Sorted(maps.Keys(byOperator)) {
		own := byOperator[name]
		for _, m := range slices.Concat(j.voidSoon(s, own), j.offlineBad(own), j.underLimit(s, own)) {
			m.Operator = name
			m.Args["Day"] = s.Day
			all = append(all, m)
		}
	}
	return slices.Concat(all, j.typed(s, byOperator), j.lookOnly(s))
}

// percent is a share in whole percent.
func percent(n, of int) int { return n * 100 / max(of, 1) }

func above(n, of, percent int) bool { return n*100 > percent*of }

func opsOf(list []operation.Operation) (ops []string) {
	for _, o := range list {
		ops = append(ops, o.Op)
	}
	return ops
}

// soonVoids are the voids among own that came soon after the activation of the same id.
func soonVoids(all, own []operation.Operation, window time.Duration) (soon []operation.Operation) {
	activated := map[string]time.Time{}
	for i := range all {
		if _, to, done := effect(&all[i]); done && all[i].Kind == operation.Activate {
			activated[all[i].ID] = to
		}
	}
	for i := range own {
		from, _, done := effect(&own[i])
		at, was := activated[own[i].ID]
		if since := from.Sub(at); done && was && own[i].Kind == operation.Void && since >= 0 && since <= window {
			soon = append(soon, own[i])
		}
	}
	return soon
}

func activations(list []operation.Operation) (n int) {
	for i := range list {
		if _, _, done := effect(&list[i]); done && list[i].Kind == operation.Activate {
			n++
		}
	}
	return n
}

// SoonVoidShare is the share of a day's activations that were voided soon after;
// ok is false for a day without any.
func (j Judge) SoonVoidShare(day []operation.Operation) (share float64, ok bool) {
	n := activations(day)
	return float64(len(soonVoids(day, day, j.Thresholds[VoidSoon].Window))) / float64(max(n, 1)), n > 0
}

func (j Judge) voidSoon(s *Shifts, own []operation.Operation) []Mark {
	t, on := j.on(VoidSoon)
	soon := soonVoids(s.Operations, own, t.Window)
	n := activations(own)
	if !on || len(soon) < t.Count || !above(len(soon), n, t.Percent) {
		return nil
	}
	usual := 0.0
	if before := slices.Sorted(slices.Values(s.Before())); len(before) > 0 {
		usual = before[len(before)/2]
	}
	if float64(len(soon)) < 2*usual*float64(max(n, 1)) {
		return nil
	}
	m := j.mark(VoidSoon, map[string]any{"Count": len(soon), "Of": n, "Window": text(t.Window), "Usual": int(usual * 100)})
	m.Operations = opsOf(soon)
	return []Mark{m}
}

func (j Judge) offlineBad(own []operation.Operation) []Mark {
	t, on := j.on(OfflineBad)
	var bad []operation.Operation
	of := 0
	for _, o := range own {
		if !o.Offline {
			continue
		}
		of++
		if o.State == operation.Refused || o.State == operation.Attention || o.State == operation.Settled {
			bad = append(bad, o)
		}
	}
	if !on || len(bad) < t.Count || !above(len(bad), of, t.Percent) {
		return nil
	}
	m := j.mark(OfflineBad, map[string]any{"Count": len(bad), "Of": of, "Percent": percent(len(bad), of)})
	m.Operations = opsOf(bad)
	return []Mark{m}
}

// underLimit finds amounts that stay just below what needs a manager. Whole
// vouchers' worth is no such choice.
func (j Judge) underLimit(s *Shifts, own []operation.Operation) []Mark {
	t, on := j.on(UnderLimit)
	var found []operation.Operation
	for _, o := range own {
		near := o.AmountFen <= j.MostFen && o.AmountFen*100 >= j.MostFen*int64(100-t.Percent)
		if !on || j.MostFen == 0 || !o.Offline || o.Kind != operation.Activate || !near {
			continue
		}
		if face := s.Face(o.ID); face == 0 || o.AmountFen%face != 0 {
			found = append(found, o)
		}
	}
	if !on || len(found) < t.Count {
		return nil
	}
	m := j.mark(UnderLimit, map[string]any{"Count": len(found), "Percent": t.Percent, "Fen": j.MostFen})
	m.Operations = opsOf(found)
	return []Mark{m}
}

// typed finds an operator who types ids. Where everybody does, it is the scanner:
// that is said instead, once.
func (j Judge) typed(s *Shifts, byOperator map[string][]operation.Operation) (all []Mark) {
	t, on := j.on(ManyTyped)
	if !on {
		return nil
	}
	people, many := 0, 0
	for _, name := range slices.Sorted(maps.Keys(byOperator)) {
		var typed []operation.Operation
		of := 0
		for _, o := range byOperator[name] {
			if o.Entered != "" {
				of++
			}
			if o.Entered == operation.Typed {
				typed = append(typed, o)
			}
		}
		if of == 0 {
			continue
		}
		people++
		if !above(len(typed), of, t.Percent) {
			continue
		}
		many++
		if len(typed) >= t.Count {
			m := j.mark(ManyTyped, map[string]any{"Count": len(typed), "Of": of, "Day": s.Day, "Percent": percent(len(typed), of)})
			m.Operator, m.Operations = name, opsOf(typed)
			all = append(all, m)
		}
	}
	if people > 1 && many == people && len(all) > 0 {
		m := j.mark(ManyTyped, map[string]any{"Scanner": true, "Day": s.Day, "Count": people})
		for _, one := range all {
			m.Operations = append(m.Operations, one.Operations...)
		}
		return []Mark{m}
	}
	return all
}

// lookOnly finds an operator who looks at vouchers that could be sold and sells
// none of them.
func (j Judge) lookOnly(s *Shifts) (all []Mark) {
	t, on := j.on(LookOnly)
	runs := map[string][]string{}
	end := func(name string) {
		if ids := runs[name]; on && len(ids) >= t.Count {
			m := j.mark(LookOnly, map[string]any{"Count": len(ids), "Day": s.Day, "Window": text(t.Window)})
			m.Operator, m.IDs = name, ids
			all = append(all, m)
		}
		delete(runs, name)
	}
	for _, l := range slices.SortedStableFunc(slices.Values(s.Looks), func(a, b Look) int { return cmp.Or(a.At.Compare(b.At)) }) {
		switch {
		case !l.Inactive:
		case activatedWithin(s.Operations, l.ID, l.At, t.Window, false):
			end(l.Operator)
		case !slices.Contains(runs[l.Operator], l.ID):
			runs[l.Operator] = append(runs[l.Operator], l.ID)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(runs)) {
		end(name)
	}
	return all
}
