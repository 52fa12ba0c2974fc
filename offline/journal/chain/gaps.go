package chain

import (
	"math"
	"sort"

	"counterfoil/offline/sqlite"
)

// Gap is a run of events that a salvage found missing or not fitting, both ends included.
type Gap struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
	// After is the hash of the event in front of it: the event that named it is lost.
	// It is "" in salvages of older versions, and where there is no such event.
	After string `json:"after,omitempty"`
}

// Gaps are in order and do not touch.
type Gaps []Gap

// Hold reports that all of from..to is a documented gap.
func (g Gaps) Hold(from, to int64) bool {
	i := sort.Search(len(g), func(i int) bool { return g[i].To >= from })
	return i < len(g) && g[i].From <= from && to <= g[i].To
}

// Moved reports that e is not the event that a salvage found in front of a gap.
func (g Gaps) Moved(e *Event) bool {
	i := sort.Search(len(g), func(i int) bool { return g[i].From > e.Seq })
	return i < len(g) && g[i].From == e.Seq+1 && g[i].After != "" && g[i].After != e.Hash
}

// follows returns why e does not follow the last event before it, and the number
// of the event at fault; "" if it does, or if a documented gap explains it.
func (g Gaps) follows(last, e *Event) (seq int64, why string) {
	switch {
	case e.Seq != last.Seq+1 && !g.Hold(last.Seq+1, e.Seq-1):
		return last.Seq + 1, "the row is missing"
	case g.Hold(e.Seq, e.Seq):
		return e.Seq, "it stands where a salvage left nothing"
	case g.Moved(last):
		return last.Seq, "it is not the row that a salvage found in front of lost ones"
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
	return append(g, Gap{From: from, To: to})
}

// ReadGaps returns what the last salvage documented, with what was lost before it.
func ReadGaps(each Reading) (Gaps, error) {
	s, err := readSalvages(each)
	return s.gaps, err
}

// salvages are what they documented, the newest in place of those before it.
type salvages struct {
	gaps Gaps
	last int64 // the newest one's event, 0 for none
	kept Kept  // what stands in the gaps, as that one left it
}

// readSalvages reads them. A salvaged event counts only if its own hash is right
// and a counter wrote it.
func readSalvages(each Reading) (s salvages, err error) {
	added, err := ReadAdded(each, "", 0, math.MaxInt64)
	if err != nil {
		return s, err
	}
	var all Gaps
	err = each(`SELECT `+EventColumns+` FROM events WHERE event = 'salvaged' ORDER BY seq`, nil,
		func(row sqlite.Row) error {
			e := EventOf(row)
			if e.Sum() != e.Hash || added.Hold(e.Seq, e.Seq) {
				return nil
			}
			d, err := e.document()
			if err != nil {
				return err
			}
			all = d.Gaps // each documents all that it met
			if d.Kept != nil {
				s.last, s.kept = e.Seq, *d.Kept
			}
			return nil
		})
	sort.Slice(all, func(i, k int) bool { return all[i].From < all[k].From })
	for _, r := range all {
		n := len(s.gaps)
		if s.gaps = s.gaps.Add(r.From, r.To); len(s.gaps) > n {
			s.gaps[n].After = r.After
		}
	}
	return s, err
}
