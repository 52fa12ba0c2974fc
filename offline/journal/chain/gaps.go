package chain

import (
	"sort"

	"counterfoil/offline/sqlite"
)

// Gap is a run of events that a salvage found missing or not fitting, both ends included.
type Gap struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// Gaps are in order and do not touch.
type Gaps []Gap

// Hold reports that all of from..to is a documented gap.
func (g Gaps) Hold(from, to int64) bool {
	i := sort.Search(len(g), func(i int) bool { return g[i].To >= from })
	return i < len(g) && g[i].From <= from && to <= g[i].To
}

// follows returns why e does not follow the last event before it, and the number
// of the event at fault; "" if it does, or if a documented gap explains it.
func (g Gaps) follows(last, e *Event) (seq int64, why string) {
	switch {
	case e.Seq != last.Seq+1 && !g.Hold(last.Seq+1, e.Seq-1):
		return last.Seq + 1, "the row is missing"
	case g.Hold(e.Seq, e.Seq):
		return e.Seq, "it stands where a salvage left nothing"
	case e.Prev == last.Hash, e.Seq > 1 && g.Hold(e.Seq-1, e.Seq-1):
		return 0, ""
	}
	return e.Seq, "it does not follow from the row before"
}

// Add joins a run that begins at or after the last one.
func (g Gaps) Add(from, to int64) Gaps {
	if to < from {
		return g
	}
	if n := len(g); n > 0 && from <= g[n-1].To+1 {
		g[n-1].To = max(g[n-1].To, to)
		return g
	}
	return append(g, Gap{from, to})
}

// ReadGaps collects what all salvages documented.
func ReadGaps(each Reading) (Gaps, error) {
	gaps, _, _, err := readSalvaged(each)
	return gaps, err
}

// readSalvaged reads the gaps, and what each salvage kept by its event, of which
// last is the newest. A salvaged event counts only if its own hash is right.
func readSalvaged(each Reading) (joined Gaps, kept map[int64]Kept, last int64, err error) {
	var all Gaps
	kept = map[int64]Kept{}
	err = each(`SELECT `+EventColumns+` FROM events WHERE event = 'salvaged' ORDER BY seq`, nil,
		func(row sqlite.Row) error {
			e := EventOf(row)
			if e.Sum() != e.Hash {
				return nil
			}
			d, err := e.document()
			if err != nil {
				return err
			}
			all = append(all, d.Gaps...)
			if d.Kept != nil {
				kept[e.Seq], last = *d.Kept, e.Seq
			}
			return nil
		})
	sort.Slice(all, func(i, k int) bool { return all[i].From < all[k].From })
	for _, r := range all {
		joined = joined.Add(r.From, r.To)
	}
	return joined, kept, last, err
}
