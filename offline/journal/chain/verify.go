package chain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// verifyPage is how many rows one read transaction walks: a longer one would
// keep the WAL from being cut while the counter works.
const verifyPage = 2000

// Known is what a database is held against beside its own chain.
type Known struct {
	Copy    Head             // the copy of the chain's head outside the database
	Trouble string           // why there is no copy: HeadMissing or HeadUnreadable, "" where there is one
	Used    bool             // a counter has worked in the folder
	Counter Counter          // whose the settings say it is
	Made    sqlite.Structure // what the program makes
}

// Verify walks the hash chain, checks the operations against it, and checks the
// chain's head against its copy. The error is a *MisfitError naming the first row
// that does not fit; gaps that a salvage documented fit. checks are those of
// rooms with tables of their own, run after the walk; they return a *MisfitError for
// a row that does not fit. Last come the database's structure, the types of its
// values and its indexes.
func Verify(ctx context.Context, c *sqlite.Conn, k Known, progress func(done, total int64), checks ...func(Reading) error) (Head, error) {
	v := newVerifier(c, progress)
	err := v.run(ctx)
	if err == nil {
		err = v.copy(k)
	}
	if err == nil {
		err = v.identity(k.Counter)
	}
	for _, check := range checks {
		if err == nil {
			err = check(c.Each)
		}
	}
	if err == nil {
		err = v.structure(ctx, k.Made)
	}
	return v.head, err
}

type verifier struct {
	c          *sqlite.Conn
	head       Head
	checkpoint int64 // up to this event the tables must show what the events say
	salvages   salvages
	postings   postings
	last       Event // read so far
	evidence   int64 // pieces met in events
	walk       walk
	misfits    misfits
}

// walk is how far it is.
type walk struct {
	done, total int64
	progress    func(done, total int64)
}

func (w *walk) show() { w.progress(w.done, w.total) }

// misfits are those that were stepped over, of up to most.
type misfits struct {
	found []MisfitError
	most  int
}

func newVerifier(c *sqlite.Conn, progress func(done, total int64)) *verifier {
	return &verifier{c: c, walk: walk{progress: progress}, postings: postings{states: map[string]operation.State{}}}
}

// maxMisfits bounds what one salvage documents row by row.
const maxMisfits = 100

// Misfits walks a closed database as Verify does and lists what does not fit, up
// to a hundred, as far as it can be read: what a salvage is about to mend.
func Misfits(ctx context.Context, c *sqlite.Conn) []MisfitError {
	v := newVerifier(c, func(int64, int64) {})
	v.misfits.most = maxMisfits
	_ = v.misfits.stepOver(v.run(ctx))
	return v.misfits.found
}

// stepOver notes a misfit where all are wanted, and returns every other error.
func (m *misfits) stepOver(err error) error {
	var misfit *MisfitError
	if !errors.As(err, &misfit) || len(m.found) >= m.most {
		return err
	}
	m.found = append(m.found, *misfit)
	return nil
}

func (v *verifier) run(ctx context.Context) (err error) {
	if err = v.misfits.stepOver(v.ends()); err != nil {
		return err
	}
	if v.salvages, err = readSalvages(v.c.Each); err != nil {
		return err
	}
	if err = v.readBegun(); err != nil {
		return err
	}
	operations, err := v.c.Int(`SELECT count(*) FROM operations`)
	if err != nil {
		return err
	}
	v.walk.total = v.head.Seq + operations
	for v.last.Seq < v.head.Seq {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := v.events(); err != nil {
			return err
		}
		v.walk.show()
	}
	if err := v.misfits.stepOver(v.countEvidence()); err != nil {
		return err
	}
	for op, more := "", true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if op, more, err = v.operations(op); err != nil {
			return err
		}
		v.walk.show()
	}
	return v.misfits.stepOver(v.keptPieces())
}

// ends reads the chain's head and the checkpoint in one statement.
func (v *verifier) ends() error {
	stored := ""
	err := v.c.Each(`SELECT ifnull(seq, 0), ifnull(hash, ''), ifnull((`+sqlCheckpoint+`), '')
		FROM (SELECT 1) LEFT JOIN (SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1)`, nil, func(row sqlite.Row) error {
		v.head, stored = Head{Seq: row.Int(0), Hash: row.Text(1)}, row.Text(2)
		return nil
	})
	at, why := checkpointOf(stored, v.head.Seq)
	if v.checkpoint = at; err == nil && why != "" {
		err = &MisfitError{Seq: max(v.head.Seq+1, v.head.Seq), Why: why} // the last number has none behind it
	}
	return err
}

// events walks one page of the chain.
func (v *verifier) events() error {
	from := v.last.Seq
	if err := v.postings.readPage(v.c, from); err != nil {
		return err
	}
	err := v.c.Each(`SELECT e.seq, e.at, e.op, e.event, e.data, e.prev, e.hash, o.seq, o.accepted_seq
		FROM events e LEFT JOIN operations o ON o.op = e.op
		WHERE e.seq > ? AND e.seq <= ? ORDER BY e.seq LIMIT ?`,
		[]any{from, v.head.Seq, int64(verifyPage)}, func(row sqlite.Row) error {
			e := EventOf(row)
			if err := v.misfits.stepOver(v.event(&e, row)); err != nil {
				return err
			}
			v.last = e
			v.walk.done++
			return nil
		})
	if err == nil && v.last.Seq == from {
		return &MisfitError{Seq: from + 1, Why: "the row is missing"}
	}
	return err
}

func (v *verifier) event(e *Event, row sqlite.Row) error {
	if seq, why := v.salvages.gaps.follows(&v.last, e); why != "" {
		return &MisfitError{Seq: seq, Why: why}
	}
	if e.Sum() != e.Hash {
		return &MisfitError{Seq: e.Seq, Why: "its columns do not give its hash"}
	}
	if e.Op == "" {
		if e.Seq == v.salvages.last { // an earlier one's are posted anew, of the events alone
			for op, kept := range v.salvages.kept.Operations {
				v.postings.states[op] = kept.State
			}
		}
		return nil
	}
	if e.Seq > v.checkpoint {
		if _, ok := e.Operation(); !ok { // its row will be made of it
			return &MisfitError{Seq: e.Seq, Why: "its data is not its operation"}
		}
		return nil
	}
	if row[7] == nil {
		return &MisfitError{Seq: e.Seq, Why: "its operation " + e.Op + " is missing"}
	}
	if at := row.Int(7); at < e.Seq {
		return &MisfitError{Seq: e.Seq, Why: fmt.Sprintf("its operation %s stands at the older event %d", e.Op, at)}
	}
	if err := v.posted(e, row.Int(8)); err != nil {
		return err
	}
	return v.eventEvidence(e)
}

// withEvidence cannot occur inside a JSON string: there its quotes would be escaped.
const withEvidence = `"evidence":[{`

// eventEvidence checks the rows of the evidence that came with the event.
func (v *verifier) eventEvidence(e *Event) error {
	if !strings.Contains(e.Data, withEvidence) {
		return nil
	}
	var snapshot struct {
		Evidence []operation.Evidence `json:"evidence"`
	}
	if err := json.Unmarshal([]byte(e.Data), &snapshot); err != nil {
		return &MisfitError{Seq: e.Seq, Why: "its data is no operation"}
	}
	n := 0
	misfit := &MisfitError{Seq: e.Seq, Why: "the evidence it brought differs from what is stored of " + e.Op}
	err := v.c.Each(`SELECT data FROM evidence WHERE op=? AND seq=? ORDER BY n`, []any{e.Op, e.Seq}, func(row sqlite.Row) error {
		if n >= len(snapshot.Evidence) || !sameEvidence(&snapshot.Evidence[n], row.Text(0)) {
			return misfit
		}
		n++
		return nil
	})
	v.evidence += int64(n)
	if err == nil && n < len(snapshot.Evidence) {
		return misfit
	}
	return err
}

func sameEvidence(want *operation.Evidence, stored string) bool {
	b, err := json.Marshal(want)
	if err != nil {
		return false
	}
	if string(b) == stored {
		return true
	}
	// A program whose JSON had other fields wrote it: compare the meaning.
	var have operation.Evidence
	if json.Unmarshal([]byte(stored), &have) != nil {
		return false
	}
	again, err := json.Marshal(&have)
	return err == nil && string(again) == string(b)
}

// countEvidence finds pieces that no event brought, up to the checkpoint.
func (v *verifier) countEvidence() error {
	stored := int64(0)
	// A counter at work may have written more meanwhile, but nothing beyond its checkpoint.
	err := v.c.Each(`SELECT seq FROM evidence WHERE seq <= ? OR seq > (`+SQLProjected+`)`, []any{v.checkpoint}, func(row sqlite.Row) error {
		if !v.salvages.gaps.Hold(row.Int(0), row.Int(0)) {
			stored++
		}
		return nil
	})
	if err == nil && stored != v.evidence {
		err = &MisfitError{Seq: v.head.Seq, Why: fmt.Sprintf("%d pieces of evidence are stored, the events brought %d", stored, v.evidence)}
	}
	return err
}

// sqlVerifyOperations reads operations with their lists as texts and their last
// events, and what no event says but follows from all: the first column of the
// other tables that does not, the checkpoint, and the day by its run.
var sqlVerifyOperations = sqlVerifyColumns + `
WHERE o.op > ? ORDER BY o.op LIMIT ?`

var sqlVerifyColumns = `SELECT o.` + strings.Join(OperationColumns, ", o.") + `,
(SELECT group_concat(a.data, ',' ORDER BY n) FROM attempts a WHERE a.op = o.op),
(SELECT group_concat(v.data, ',' ORDER BY n) FROM evidence v WHERE v.op = o.op AND v.seq = o.seq),
CASE WHEN EXISTS (SELECT 1 FROM attempts a WHERE a.op = o.op AND substr(a.data, 1, length(a.trace) + 11) <> '{"trace":"' || a.trace || '"')
	THEN 'a trace number differs from its attempt''s'
WHEN (SELECT max(n) + 1 <> count(*) OR min(n) <> 0 FROM attempts a WHERE a.op = o.op) THEN 'its attempts are not numbered from 0 on'
WHEN EXISTS (SELECT 1 FROM evidence v WHERE v.op = o.op AND v.n <>
	(SELECT count(*) FROM evidence b WHERE b.op = o.op AND (b.seq, b.n) < (v.seq, v.n))) THEN 'its evidence is not numbered in the order of its events'
WHEN o.seq > (` + SQLProjected + `) THEN 'it stands at an event that no row is said to have yet'
WHEN o.day IS NOT (SELECT d.day FROM days d WHERE d.op <= o.op ORDER BY d.op DESC LIMIT 1) THEN 'the business days have it on another day' END,
e.op, e.data, e.hash, o.accepted_seq
FROM operations o LEFT JOIN events e ON e.seq = o.seq`

// operations checks one page of operations against their last events.
func (v *verifier) operations(after string) (last string, more bool, err error) {
	n := 0
	err = v.c.Each(sqlVerifyOperations, []any{after, int64(verifyPage)}, func(row sqlite.Row) error {
		n++
		last = row.Text(0)
		v.walk.done++
		return v.misfits.stepOver(v.operation(row))
	})
	return last, n == verifyPage, err
}

func (v *verifier) operation(row sqlite.Row) error {
	seq := row.Int(13)
	lost := v.salvages.gaps.Hold(seq, seq)
	if lost && v.salvages.last == 0 {
		return nil
	}
	misfit := func(reason string, args ...any) error {
		return &MisfitError{Seq: seq, Why: fmt.Sprintf("operation %s: ", row.Text(0)) + fmt.Sprintf(reason, args...)}
	}
	o, err := OperationOf(row[:operationWidth+2])
	if err != nil {
		return misfit("it cannot be read: %v", err)
	}
	kept := v.salvages.kept.Operations[o.Op]
	delete(v.salvages.kept.Operations, o.Op)
	if lost {
		if seq = v.salvages.last; keptOf(&o, row) != kept || row.Text(operationWidth+2) != "" {
			return misfit("it is not as the salvage left it, and its last event is lost")
		}
		return nil
	}
	owner, data, hash := row[operationWidth+3], row.Text(operationWidth+4), row.Text(operationWidth+5)
	if owner == nil {
		return misfit("its last event is missing")
	}
	if row.Text(operationWidth+3) != o.Op || hash != o.Hash {
		return misfit("its last event is not the one it names")
	}
	o.Hash = ""
	text, err := EncodeOperation(&o)
	if err != nil {
		return misfit("it cannot be read: %v", err)
	}
	if text != data {
		if field := differs(text, data); field != "" {
			return misfit("its %s differs from its last event", field)
		}
	}
	if why := row.Text(operationWidth + 2); why != "" {
		return misfit("%s", why)
	}
	return nil
}

// differs names the first field in which two operations' JSON differ in
// meaning, "" for none: an event may be older than the program's JSON.
func differs(row, snapshot string) string {
	var o operation.Operation
	if json.Unmarshal([]byte(snapshot), &o) != nil {
		return "JSON"
	}
	snapshot, err := EncodeOperation(&o)
	var have, want map[string]json.RawMessage
	if err != nil || json.Unmarshal([]byte(row), &have) != nil || json.Unmarshal([]byte(snapshot), &want) != nil {
		return "JSON"
	}
	names := maps.Clone(have)
	maps.Copy(names, want)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if string(have[name]) != string(want[name]) {
			return name
		}
	}
	return ""
}
