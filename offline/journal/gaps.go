package journal

import (
	"encoding/json"
	"fmt"
	"sort"

	"counterfoil/offline/sqlite"
)

// gap is a run of events that a salvage found missing or not fitting, both ends included.
type gap struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// gaps are in order and apart.
type gaps []gap

// hold reports that all of from..to is a documented gap.
func (g gaps) hold(from, to int64) bool {
	i := sort.Search(len(g), func(i int) bool { return g[i].To >= from })
	return i < len(g) && g[i].From <= from && to <= g[i].To
}

// follows says why an event does not follow the last one that is there, and of
// which row that is to be said; "" where it does, or where a salvage has
// documented that it need not.
func (g gaps) follows(last, e *event) (seq int64, why string) {
	switch {
	case e.seq != last.seq+1 && !g.hold(last.seq+1, e.seq-1):
		return last.seq + 1, "the row is missing"
	case g.hold(e.seq, e.seq), e.prev == last.hash, e.seq > 1 && g.hold(e.seq-1, e.seq-1):
		return 0, ""
	}
	return e.seq, "it does not follow from the row before"
}

// after reports that something is missing or misfits later than seq.
func (g gaps) after(seq int64) bool {
	return len(g) > 0 && g[len(g)-1].To > seq
}

// add joins a run that begins at or after the last one.
func (g gaps) add(from, to int64) gaps {
	if to < from {
		return g
	}
	if n := len(g); n > 0 && from <= g[n-1].To+1 {
		g[n-1].To = max(g[n-1].To, to)
		return g
	}
	return append(g, gap{from, to})
}

// count is how many events they span.
func (g gaps) count() int64 {
	n := int64(0)
	for _, r := range g {
		n += r.To - r.From + 1
	}
	return n
}

// salvagedEvent begins a new part of the chain after a salvage.
const salvagedEvent = "salvaged"

// salvagedData is what that event documents.
type salvagedData struct {
	Reason     string `json:"reason"`
	SetAside   string `json:"set_aside"` // the file's name
	OldSeq     int64  `json:"old_seq"`   // of the chain's head as last known
	OldHash    string `json:"old_hash"`
	Events     int64  `json:"events"`     // saved
	Operations int64  `json:"operations"` // saved
	Gaps       gaps   `json:"gaps"`
}

// readGaps collects what all salvages documented. A salvaged event counts only
// where its own hash is right.
func readGaps(each eachRow) (gaps, error) {
	var all gaps
	var buf []byte
	err := each(`SELECT seq, at, op, event, data, prev, hash FROM events WHERE event = 'salvaged' ORDER BY seq`, nil,
		func(row sqlite.Row) error {
			e := eventOf(row)
			var sum string
			if sum, buf = e.sum(buf); sum != e.hash {
				return nil
			}
			var d salvagedData
			if err := json.Unmarshal([]byte(e.data), &d); err != nil {
				return fmt.Errorf("journal: event %d: %w", e.seq, err)
			}
			all = append(all, d.Gaps...)
			return nil
		})
	sort.Slice(all, func(i, k int) bool { return all[i].From < all[k].From })
	var joined gaps
	for _, r := range all {
		joined = joined.add(r.From, r.To)
	}
	return joined, err
}
