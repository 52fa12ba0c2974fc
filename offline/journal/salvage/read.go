package salvage

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// reader reads what it can of a damaged database and restores it in a new one.
// It believes an event whose columns give its hash and which the next does not
// belie, and rebuilds the operations from the events' snapshots. The old tables
// serve only where a snapshot is lost.
type reader struct {
	from   *sqlite.Conn // nil where nothing can be read
	to     *journal.Tx
	gaps   chain.Gaps
	known  chain.Gaps // those that an earlier salvage documented
	last   chain.Event
	belied map[int64]bool             // events from whose hashes the next ones do not follow
	taken  map[int64]bool             // lost events that a row stood at
	added  func(last chain.Head) bool // that somebody else added the end
	events int64
	err    error // of the new database: unlike the old one's it ends the salvage
}

// salvaged is what the salvaged event documents.
type salvaged struct {
	*Report
	OldSeq  int64               `json:"old_seq"` // of the chain's head as last known
	OldHash string              `json:"old_hash"`
	Gaps    chain.Gaps          `json:"gaps"`
	Rows    []chain.MisfitError `json:"rows"` // did not fit, and were made anew of the chain
	Kept    chain.Kept          `json:"kept"`
}

// How many keys in a row behind the known end may be unreadable before the rest is
// given up: of events, whose copied head may be an old one, and of operations, of
// which there are no more than events.
const (
	maxMissing = 20_000
	maxBehind  = 1_000
)

// farOff is how far behind the last known key another one is believed.
const farOff = 10_000_000

func (r *reader) run(report *Report, copied chain.Head) error {
	rows := []chain.MisfitError{}
	if r.from != nil {
		rows = append(rows, chain.Misfits(context.Background(), r.from)...)
		r.known, _ = chain.ReadGaps(r.from.Each)
		r.readEvents(copied.Seq)
		r.readOperations(copied.Seq)
		for _, table := range []string{"operators", "traces", "meta"} {
			r.copyTable(table)
		}
	}
	if r.err == nil {
		r.err = r.to.RestoreRows()
	}
	if r.err != nil {
		return r.err
	}
	old := copied
	if r.last.Seq > old.Seq {
		old = chain.Head{Seq: r.last.Seq, Hash: r.last.Hash}
	}
	if n := len(r.gaps); n > 0 && r.gaps[n-1].To > old.Seq {
		old = chain.Head{Seq: r.gaps[n-1].To}
	}
	r.gaps = r.gaps.Add(r.last.Seq+1, old.Seq)
	operations, err := r.to.Conn().Int(`SELECT count(*) FROM operations`)
	if err != nil {
		return err
	}
	report.Events, report.Operations = r.events, operations
	for _, g := range r.news() {
		report.LostEvents += g.To - g.From + 1
	}
	before, err := undealt(r.to.Conn().Each)
	if err != nil {
		return err
	}
	if before != nil {
		r.known = nil // nobody dealt with what is doubtful since an earlier salvage
	}
	if report.Doubtful, err = r.doubtful(); err != nil {
		return err
	}
	kept, err := chain.Keep(r.to.Conn().Each, r.gaps)
	if err != nil {
		return err
	}
	for i := range r.gaps {
		if r.gaps[i].After, err = r.to.Conn().Text(`SELECT hash FROM events WHERE seq=?`, r.gaps[i].From-1); err != nil {
			return err
		}
	}
	r.to.SkipTo(old.Seq)
	if r.added(chain.Head{Seq: r.last.Seq, Hash: r.last.Hash}) {
		err = r.to.Append(chain.HeadBehind, map[string]any{"seq": copied.Seq, "hash": copied.Hash})
	}
	if err != nil {
		return err
	}
	err = r.to.Append(chain.SalvagedEvent, salvaged{Report: report, OldSeq: old.Seq, OldHash: old.Hash, Gaps: r.gaps, Rows: rows, Kept: kept})
	if err != nil {
		return err
	}
	return r.to.SetMeta(metaLast, report.String())
}

// news are the gaps that this salvage found first.
func (r *reader) news() chain.Gaps {
	var list chain.Gaps
	for _, g := range r.gaps {
		if !r.known.Hold(g.From, g.To) {
			list = append(list, g)
		}
	}
	return list
}

// scan reads a table by its integer key, stepping over what cannot be read: a
// damaged page hides only the rows on it. end is the last key known to have existed,
// 0 for not known, and behind how many unreadable ones follow it at most. The limit is
// part of the query's text: as an argument, each new value would have SQLite plan anew.
func (r *reader) scan(query string, end, behind int64, fn func(row sqlite.Row)) {
	next, missing := int64(1), int64(0)
	for r.err == nil {
		n, from := 0, next
		err := r.from.Each(query, []any{next}, func(row sqlite.Row) error {
			key := row.Int(0)
			if key >= max(end, next)+farOff { // a damaged key must not make the scan skip all others
				return nil
			}
			n++
			missing = 0
			next = max(next, key+1)
			fn(row)
			return r.err
		})
		if err == nil && n == 0 {
			return
		}
		if r.err = device(err); r.err != nil {
			return
		}
		if err == nil && next > from {
			continue
		}
		next++
		missing++
		if next > end && missing > behind {
			return
		}
	}
}

func (r *reader) readEvents(headSeq int64) {
	r.belied = map[int64]bool{}
	for _, seq := range slices.Backward(r.breaks(headSeq)) {
		if !r.belied[seq] { // else the event behind it belies it, and it tells nothing of the one before
			r.belied[seq-1] = true
		}
	}
	r.eachEvent(headSeq, func(e *chain.Event) {
		r.gaps = r.gaps.Add(r.last.Seq+1, e.Seq-1)
		r.restore(e)
	})
}

// breaks are the events that do not follow from the one before although the columns
// of both give their hashes: somebody made one of the two. Two kinds contradict an
// earlier salvage, and are noted as belied at once: another event in front of a gap,
// and an event in a gap, unless the event behind it names it.
func (r *reader) breaks(headSeq int64) (list []int64) {
	var last chain.Event
	var put []int64 // events in gaps, each naming the one before
	whole := false
	r.eachEvent(headSeq, func(e *chain.Event) {
		is := e.Sum() == e.Hash
		named := is && whole && e.Seq == last.Seq+1 && e.Prev == last.Hash
		if !named {
			r.belie(put)
			put = nil
		}
		switch {
		case r.known.Hold(e.Seq, e.Seq):
			put = append(put, e.Seq)
		case named:
			put = nil
		}
		if is && whole && e.Seq == last.Seq+1 && !named {
			list = append(list, e.Seq)
		}
		if r.known.Moved(e) {
			r.belied[e.Seq] = true
		}
		last, whole = *e, is
	})
	r.belie(put)
	return list
}

func (r *reader) belie(list []int64) {
	for _, seq := range list {
		r.belied[seq] = true
	}
}

// eachEvent reads the events in order, as far as they can be read.
func (r *reader) eachEvent(headSeq int64, fn func(*chain.Event)) {
	last := int64(0)
	r.scan(`SELECT `+chain.EventColumns+` FROM events WHERE seq >= ? ORDER BY seq LIMIT 500`,
		headSeq, maxMissing, func(row sqlite.Row) {
			if e := chain.EventOf(row); e.Seq > last { // else an index page out of order
				last = e.Seq
				fn(&e)
			}
		})
}

// restore stores an event that gives its hash and follows. Any other is documented,
// and stays in the old database alone: nothing could vouch for it in the new one.
func (r *reader) restore(e *chain.Event) {
	fits := e.Sum() == e.Hash && !r.belied[e.Seq]
	follows := e.Prev == r.last.Hash || r.gaps.Hold(e.Seq-1, e.Seq-1)
	r.last = *e
	if fits = fits && follows; fits {
		fits, r.err = r.to.Restore(e)
	}
	if !fits {
		r.gaps = r.gaps.Add(e.Seq, e.Seq)
		return
	}
	r.events++
}

// readOperations takes from the old table what stands at an event that is lost. Each
// of its rows has an event at least, so there are no more rows than events.
func (r *reader) readOperations(headSeq int64) {
	if r.err != nil {
		return
	}
	columns, err := r.columns("operations", chain.OperationColumns)
	if r.err = device(err); err != nil {
		return
	}
	behind := int64(maxBehind)
	if r.last.Seq == 0 {
		behind = maxMissing
	}
	r.scan(`SELECT rowid, `+columns+` FROM operations WHERE rowid >= ? ORDER BY rowid LIMIT 500`,
		max(headSeq, r.last.Seq), behind, func(row sqlite.Row) {
			o, err := chain.OperationOf(row[1:])
			if err != nil || !believable(&o) || (o.Seq <= r.last.Seq && !r.gaps.Hold(o.Seq, o.Seq)) {
				return
			}
			was, err := r.to.Operation(o.Op)
			if err != nil && !errors.Is(err, journal.ErrNoOperation) {
				r.err = err
				return
			}
			if o.Seq <= was.Seq || r.taken[o.Seq] {
				return // an event is of one operation
			}
			r.taken[o.Seq] = true
			if o.Seq > r.last.Seq {
				// Stored after the last event that can be read: that event is lost.
				r.gaps = r.gaps.Add(r.last.Seq+1, o.Seq)
			}
			if was.Seq > 0 {
				o.ID, o.Day = was.ID, was.Day // they never change, and an event vouches for these
			}
			o.Attempts = r.readAttempts(o.Op, was.Attempts)
			o.Evidence = r.readEvidence(o.Op, was.Seq)
			if r.err == nil {
				r.err = r.to.RestoreOperation(&o)
			}
		})
}

// columns are those of a table as far as the old database has them, with ” for
// the others: it may never have been migrated.
func (r *reader) columns(table string, want []string) (string, error) {
	var have []string
	err := r.from.Each(`SELECT name FROM pragma_table_info(?)`, []any{table}, func(row sqlite.Row) error {
		have = append(have, row.Text(0))
		return nil
	})
	columns := make([]string, len(want))
	for i, name := range want {
		columns[i] = "''"
		if slices.Contains(have, name) {
			columns[i] = name
		}
	}
	return strings.Join(columns, ", "), err
}

// believable checks a row that no hash vouches for against what the journal writes.
func believable(o *operation.Operation) bool {
	return len(o.Op) == 26 && o.Seq > 0 && len(o.Hash) == 64
}

// readAttempts reads what can be read of an operation's attempts; the list ends
// at the first that cannot. A trace number never changes: that of sure, the
// attempts which events vouch for, counts before the row's.
func (r *reader) readAttempts(op string, sure []operation.Attempt) []operation.Attempt {
	list := []operation.Attempt{}
	for n := 0; ; n++ {
		text, err := r.from.Text(`SELECT data FROM attempts WHERE op=? AND n=?`, op, n)
		var a operation.Attempt
		if err != nil || text == "" || json.Unmarshal([]byte(text), &a) != nil {
			return list
		}
		if n < len(sure) {
			a.Trace = sure[n].Trace
		}
		list = append(list, a)
	}
}

// readEvidence reads the pieces that came after event seq.
func (r *reader) readEvidence(op string, seq int64) []operation.Evidence {
	var list []operation.Evidence
	err := r.from.Each(`SELECT data FROM evidence WHERE op=? AND seq>? ORDER BY n`, []any{op, seq}, func(row sqlite.Row) error {
		var e operation.Evidence
		if json.Unmarshal([]byte(row.Text(0)), &e) == nil {
			list = append(list, e)
		}
		return nil
	})
	r.err = device(err)
	return list
}

// device returns the error of the device itself: rows that could not be read for that
// are not damaged, and the copy is read again later.
func device(err error) error {
	if f := sqlite.ClassOf(err); f == sqlite.IO || f == sqlite.Full {
		return err
	}
	return nil
}

// copyTable adds the rows that can be read to those that the new table has.
func (r *reader) copyTable(table string) {
	if r.err != nil {
		return
	}
	var names, values []string
	r.err = r.to.Conn().Each(`SELECT name, type FROM pragma_table_info(?)`, []any{table}, func(row sqlite.Row) error {
		names, values = append(names, row.Text(0)), append(values, "CAST(? AS "+row.Text(1)+")")
		return nil
	})
	columns, err := r.columns(table, names)
	if r.err != nil || err != nil {
		r.err = errors.Join(r.err, device(err))
		return
	}
	insert := `INSERT OR IGNORE INTO ` + table + ` VALUES (` + strings.Join(values, ",") + `)`
	err = r.from.Each(`SELECT `+columns+` FROM `+table, nil, func(row sqlite.Row) error {
		args := make([]any, len(row))
		for i := range row {
			args[i] = row[i]
		}
		// A value that was turned into another type becomes what its column holds.
		r.err = device(r.to.Conn().Exec(insert, args...))
		return r.err
	})
	if r.err == nil {
		r.err = device(err)
	}
}

// doubtful lists the open operations that stand before a lost event, oldest first.
func (r *reader) doubtful() ([]string, error) {
	var list []string
	lost := int64(0) // the last event that is lost
	for _, g := range r.news() {
		lost = g.To
	}
	err := r.to.Conn().Each(`SELECT op, seq, state FROM operations ORDER BY op`, nil, func(row sqlite.Row) error {
		if operation.State(row.Text(2)).Open() && row.Int(1) < lost {
			list = append(list, row.Text(0))
		}
		return nil
	})
	return list, err
}
