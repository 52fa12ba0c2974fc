package reconcile

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"counterfoil/offline/day"
	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/sqlite"
)

// Event is the name of a run's event.
const Event = "reconciled"

// Record is a run as its event keeps it.
type Record struct {
	At time.Time `json:"-"` // when it ended
	chain.Who
	Day    string   `json:"day"`
	Z      int64    `json:"z"`
	ID     string   `json:"id,omitempty"`
	Cut    int64    `json:"cut"`   // the last event that it takes in
	Asked  []string `json:"asked"` // what was looked up
	Result Result   `json:"result"`
}

// end sums a run up and keeps it as an event.
func (r *run) end(ctx context.Context, by chain.Who) (Result, error) {
	record := Record{Who: by, Day: r.Day, Z: r.Z, ID: r.ID, Cut: r.head, Asked: []string{}, Result: Result{Found: []Difference{}}}
	sum := &record.Result
	for id, s := range r.serials {
		if len(s.codes) == 0 {
			sum.Of++
			sum.Silent++
			sum.Found = append(sum.Found, unchecked(id, s.op))
		}
	}
	for id, e := range r.entries {
		sum.Of++
		record.Asked = append(record.Asked, e.Asked)
		sum.Found = append(sum.Found, e.Found...)
		if !e.answered {
			sum.Silent++
			sum.Found = append(sum.Found, unchecked(id, ""))
			continue
		}
		if sum.Answered++; differs(e.Found) {
			sum.Differences++
		}
	}
	slices.Sort(record.Asked)
	record.Asked = slices.Compact(record.Asked)
	slices.SortFunc(sum.Found, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Op, b.Op), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Class, b.Class))
	})
	err := r.Journal().Write(ctx, func(t *journal.Tx) error { return t.Append(Event, record) })
	if err == nil && !r.Keep {
		r.kept.forget()
	}
	return *sum, err
}

// Last reads the last run about more than one id, with what later runs about single
// ids say of its differences; false where there is none.
func Last(read chain.Reading) (last Record, ok bool, err error) {
	var again []Record
	err = day.Written(read, Event, ` ORDER BY seq DESC`, func(e *chain.Event) error {
		var one Record
		fits := json.Unmarshal([]byte(e.Data), &one) == nil
		one.At, _ = chain.ParseStamp(e.At) // as it was written
		if fits && one.ID != "" {
			again = append(again, one)
		} else if fits {
			last, ok = one, true
			return sqlite.Stop
		}
		return nil
	})
	for _, one := range slices.Backward(again) {
		found := &last.Result.Found
		was := func(d Difference) bool {
			return d.ID == one.ID || slices.ContainsFunc(one.Result.Found, func(now Difference) bool { return now.ID == d.ID })
		}
		if ok && slices.ContainsFunc(*found, was) && one.Result.Answered > 0 {
			*found = append(slices.DeleteFunc(*found, was), one.Result.Found...)
		}
	}
	return last, ok, err
}
