package journal

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"counterfoil/offline/sqlite"
)

// rescuer carries what can be read from a damaged database into a new one. The
// chain is its measure: an event whose columns give its hash is true, and the
// operations are rebuilt from the events' snapshots. The old tables serve only
// where a snapshot is lost.
type rescuer struct {
	from, to *sqlite.Conn // from is nil where nothing can be read
	now      func() time.Time
	gaps     gaps
	known    gaps // those that an earlier salvage documented
	last     event
	events   int64
	buf      []byte
	err      error // of the new database: unlike the old one's it ends the salvage
}

// maxMissing is how many keys in a row may be unreadable before the rest is
// given up where the end is not known.
const maxMissing = 20_000

// farOff is how far behind the last known key another one is believed.
const farOff = 10_000_000

func (r *rescuer) run(report *SalvageReport, copied Head) error {
	if r.from != nil {
		r.known, _ = readGaps(r.from.Each)
		r.readEvents(copied.Seq)
		r.readOperations()
		r.readSmall()
	}
	if r.err == nil {
		r.err = r.to.Exec(sqlDays)
	}
	if r.err != nil {
		return r.err
	}
	old := copied
	if r.last.seq > old.Seq {
		old = Head{Seq: r.last.seq, Hash: r.last.hash}
	}
	if n := len(r.gaps); n > 0 && r.gaps[n-1].To > old.Seq {
		old = Head{Seq: r.gaps[n-1].To}
	}
	r.gaps = r.gaps.add(r.last.seq+1, old.Seq)
	operations, err := r.to.Int(`SELECT count(*) FROM operations`)
	if err != nil {
		return err
	}
	report.Events, report.Operations = r.events, operations
	report.LostEvents = r.news().count()
	if report.Doubtful, err = r.doubtful(); err != nil {
		return err
	}
	data, err := json.Marshal(salvagedData{Reason: report.Reason, SetAside: report.SetAside,
		OldSeq: old.Seq, OldHash: old.Hash, Events: r.events, Operations: operations, Gaps: r.gaps})
	if err != nil {
		return err
	}
	t := Tx{c: r.to, now: r.now, head: Head{Seq: old.Seq, Hash: r.last.hash}}
	if err := t.append("", salvagedEvent, string(data)); err != nil {
		return err
	}
	text, err := json.Marshal(report)
	if err == nil {
		err = t.SetMeta(metaSalvage, string(text))
	}
	if err != nil {
		return err
	}
	return t.SetMeta(metaProjected, strconv.FormatInt(t.head.Seq, 10))
}

// news are the gaps that this salvage found first.
func (r *rescuer) news() gaps {
	var list gaps
	for _, g := range r.gaps {
		if !r.known.hold(g.From, g.To) {
			list = append(list, g)
		}
	}
	return list
}

// scan reads a table by its integer key from first on, stepping over what
// cannot be read: a damaged page hides only the rows on it. end is the last key
// known to have existed, 0 for not known.
func (r *rescuer) scan(query string, first int64, end func() int64, fn func(row sqlite.Row)) {
	next, missing := first, int64(0)
	for r.err == nil {
		n, from := 0, next
		err := r.from.Each(query, []any{next, int64(500)}, func(row sqlite.Row) error {
			n++
			missing = 0
			if key := row.Int(0); key < end()+farOff { // a damaged key must not lead away
				next = max(next, key+1)
			}
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
		if next > end() && missing > maxMissing {
			return
		}
	}
}

func (r *rescuer) readEvents(headSeq int64) {
	r.scan(`SELECT seq, at, op, event, data, prev, hash FROM events WHERE seq >= ? ORDER BY seq LIMIT ?`, 1,
		func() int64 { return headSeq }, func(row sqlite.Row) {
			e := eventOf(row)
			if e.seq <= r.last.seq { // an index page out of order
				return
			}
			r.gaps = r.gaps.add(r.last.seq+1, e.seq-1)
			r.keepEvent(&e)
		})
}

// keepEvent stores an event as it is. One that does not give its hash is kept
// too, and documented as not fitting.
func (r *rescuer) keepEvent(e *event) {
	var sum string
	sum, r.buf = e.sum(r.buf)
	fits := sum == e.hash
	follows := e.prev == r.last.hash || r.gaps.hold(e.seq-1, e.seq-1)
	if !fits || !follows {
		r.gaps = r.gaps.add(e.seq, e.seq)
	}
	t := Tx{c: r.to}
	if r.err = t.insert(e); r.err != nil {
		return
	}
	r.last = *e
	r.events++
	if fits && e.op != "" {
		r.apply(e)
	}
}

// apply replays an event's snapshot: the operation stands as it says.
func (r *rescuer) apply(e *event) {
	var o Operation
	if json.Unmarshal([]byte(e.data), &o) != nil || o.Op != e.op {
		return
	}
	o.Seq, o.Hash = e.seq, e.hash
	r.store(&o, o.Evidence)
}

const sqlReplace = `INSERT INTO operations (` + operationColumns + `)
VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24,?25,?26)
ON CONFLICT (op) DO UPDATE SET kind=?2, id=?3, level=?4, state=?5, amount_fen=?6, offline=?7, operator=?8,
approved_by=?9, counter=?10, accepted_at=?11, finished_at=?12, order_no=?13, seq=?14, hash=?15, day=?16, why=?17,
reason=?18, settled_as=?19, settled_by=?20, waits_for=?21, next_at=?22, asked=?23, name=?24, range=?25,
approved_for=?26`

// store writes an operation as it stands and adds the pieces of evidence.
func (r *rescuer) store(o *Operation, pieces []Evidence) {
	args, err := operationArgs(nil, o)
	if err != nil {
		return
	}
	if r.err = r.to.Exec(sqlReplace, args...); r.err != nil {
		return
	}
	for i := range o.Attempts {
		b, err := json.Marshal(&o.Attempts[i])
		if err != nil {
			continue
		}
		if r.err = r.to.Exec(`INSERT INTO attempts (op, n, trace, data) VALUES (?1,?2,?3,?4)
			ON CONFLICT (op, n) DO UPDATE SET trace=?3, data=?4`, o.Op, int64(i), o.Attempts[i].Trace, string(b)); r.err != nil {
			return
		}
	}
	for i := range pieces {
		b, err := json.Marshal(&pieces[i])
		if err != nil {
			continue
		}
		if r.err = r.to.Exec(`INSERT INTO evidence (op, n, seq, data)
			VALUES (?1, (SELECT count(*) FROM evidence WHERE op=?1), ?2, ?3)`, o.Op, o.Seq, string(b)); r.err != nil {
			return
		}
	}
}

// readOperations takes from the old table what stands at an event that is lost.
func (r *rescuer) readOperations() {
	r.scan(`SELECT rowid, `+r.columns()+` FROM operations WHERE rowid >= ? ORDER BY rowid LIMIT ?`, 1,
		func() int64 { return r.last.seq }, func(row sqlite.Row) {
			o, err := operationOf(row[1:])
			if err != nil || !believable(&o) {
				return
			}
			stands, err := r.to.Int(`SELECT seq FROM operations WHERE op=?`, o.Op)
			if err != nil {
				r.err = err
				return
			}
			lost := o.Seq > r.last.seq || r.gaps.hold(o.Seq, o.Seq)
			if o.Seq <= stands || !lost {
				return
			}
			if o.Seq > r.last.seq {
				// Stored after the last event that can be read: that event is lost.
				r.gaps = r.gaps.add(r.last.seq+1, o.Seq)
			}
			o.Attempts = r.readAttempts(o.Op)
			pieces := r.readEvidence(o.Op, stands)
			if r.err == nil {
				r.store(&o, pieces)
			}
		})
}

// columns are operationColumns as far as the old table has them: it may never have been migrated.
func (r *rescuer) columns() string {
	n, err := r.from.Int(`SELECT count(*) FROM pragma_table_info('operations') WHERE name=?`, approvedFor)
	if err == nil && n == 0 {
		return strings.TrimSuffix(operationColumns, approvedFor) + "''"
	}
	return operationColumns
}

// believable holds a row that no hash vouches for to what the journal writes.
func believable(o *Operation) bool {
	return len(o.Op) == 26 && slices.Contains(States(), o.State) && o.Seq > 0 && len(o.Hash) == 64 &&
		(o.Kind == Activate || o.Kind == Void || o.Kind == Range)
}

// readAttempts reads what can be read of an operation's attempts; the list ends
// at the first that cannot. A trace number never changes: the one of an earlier
// event that fits counts before that of a row that nothing vouches for.
func (r *rescuer) readAttempts(op string) []Attempt {
	list := []Attempt{}
	for n := int64(0); ; n++ {
		text, err := r.from.Text(`SELECT data FROM attempts WHERE op=? AND n=?`, op, n)
		var a Attempt
		if err != nil || text == "" || json.Unmarshal([]byte(text), &a) != nil {
			return list
		}
		sure, err := r.to.Text(`SELECT trace FROM attempts WHERE op=? AND n=?`, op, n)
		if err != nil {
			r.err = err
			return list
		}
		if sure != "" {
			a.Trace = sure
		}
		list = append(list, a)
	}
}

// readEvidence reads the pieces that came after event seq.
func (r *rescuer) readEvidence(op string, seq int64) []Evidence {
	var list []Evidence
	err := r.from.Each(`SELECT data FROM evidence WHERE op=? AND seq>? ORDER BY n`, []any{op, seq}, func(row sqlite.Row) error {
		var e Evidence
		if json.Unmarshal([]byte(row.Text(0)), &e) == nil {
			list = append(list, e)
		}
		return nil
	})
	r.err = device(err)
	return list
}

// device returns what the device itself failed with: the copy is read anew
// later then, since rows that could not be read for that are not damaged.
func device(err error) error {
	if f := sqlite.ClassOf(err); f == sqlite.IO || f == sqlite.Full {
		return err
	}
	return nil
}

// readSmall copies the tables that fit on a page or two, as far as they can be
// read, and makes the trace sequences at least what the attempts used.
func (r *rescuer) readSmall() {
	r.copyTable(`SELECT name, role, pin, disabled, failures, locked_until, created_at FROM operators`,
		`INSERT OR IGNORE INTO operators (name, role, pin, disabled, failures, locked_until, created_at) VALUES (?,?,?,?,?,?,?)`)
	r.copyTable(`SELECT day, last FROM traces WHERE last <= `+strconv.Itoa(lastStep),
		`INSERT INTO traces (day, last) VALUES (?1,?2) ON CONFLICT (day) DO UPDATE SET last=max(last, ?2)`)
	r.copyTable(`SELECT key, value FROM meta`, `INSERT OR IGNORE INTO meta (key, value) VALUES (?,?)`)
	if r.err != nil {
		return
	}
	r.err = r.to.Exec(`INSERT INTO traces (day, last)
		SELECT substr(trace, 1, 8), ` + sqlLastStep + ` FROM attempts WHERE length(trace)=23 GROUP BY 1
		ON CONFLICT (day) DO UPDATE SET last=max(last, excluded.last)`)
}

func (r *rescuer) copyTable(query, insert string) {
	if r.err != nil {
		return
	}
	err := r.from.Each(query, nil, func(row sqlite.Row) error {
		args := make([]any, len(row))
		for i := range row {
			args[i] = row[i]
		}
		// A value that damage turned into another type is refused by its column; the row is lost.
		err := r.to.Exec(insert, args...)
		if f := sqlite.ClassOf(err); f == sqlite.Full || f == sqlite.IO {
			r.err = err
		}
		return r.err
	})
	if r.err == nil {
		r.err = device(err)
	}
}

// doubtful lists the open operations that stand before a lost event, oldest first.
func (r *rescuer) doubtful() ([]string, error) {
	var list []string
	lost := r.news()
	err := r.to.Each(`SELECT op, seq FROM operations WHERE `+openStates+` ORDER BY op`, nil, func(row sqlite.Row) error {
		if lost.after(row.Int(1)) {
			list = append(list, row.Text(0))
		}
		return nil
	})
	return list, err
}
