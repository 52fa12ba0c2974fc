package chain

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// Posted is what a posting counts.
type Posted string

// What is posted. The outcomes are the ways in which an operation closes.
const (
	PostedAccepted  Posted = "accepted"
	PostedReopened  Posted = "reopened"  // it left a closed state
	PostedActive    Posted = "active"    // outcome: an activation or a range is done
	PostedVoid      Posted = "void"      // outcome: a void is done
	PostedRefused   Posted = "refused"   // outcome
	PostedWithdrawn Posted = "withdrawn" // outcome
	PostedSettled   Posted = "settled"   // outcome
	PostedDiscarded Posted = "discarded" // a trace number that was minted and never sent
)

// Outcome reports what closes an operation.
func (p Posted) Outcome() bool {
	return p != PostedAccepted && p != PostedReopened && p != PostedDiscarded
}

// Heading is what postings are summed by.
type Heading struct {
	Posted   Posted
	Kind     operation.Kind
	Operator string // who asked for the operation
	Day      string // the business day of its acceptance
	Quarter  int64  // when it was posted, in quarters of an hour since 1970
	ByStatus bool   // done as the status alone says
}

// Quarter is the unit of Heading.Quarter: the zones of the world differ by these.
const Quarter = 15 * time.Minute

// Posting is one count of an event.
type Posting struct {
	Heading
	Seq, Accepted int64 // the event, and the one that accepted the operation
	Fen           int64
}

// PostingsOf returns what an event posts that brings an operation from a state,
// "" for a new one, to what it is now.
func PostingsOf(before operation.State, accepted int64, o *operation.Operation) (list []Posting) {
	post := func(what Posted, at time.Time) {
		p := Posting{Seq: o.Seq, Accepted: accepted, Fen: o.AmountFen, Heading: Heading{
			Posted: what, Kind: o.Kind, Operator: o.Operator, Day: o.Day, Quarter: at.Unix() / int64(Quarter/time.Second),
			ByStatus: what.Outcome() && o.Why == operation.WhyByStatus,
		}}
		if o.Kind == operation.Void || what == PostedDiscarded {
			p.Fen = 0
		}
		list = append(list, p)
	}
	wasOpen, isOpen := before == "" || before.Open(), o.State.Open()
	if before == "" {
		post(PostedAccepted, o.AcceptedAt)
	}
	if !wasOpen && before != o.State {
		post(PostedReopened, o.AcceptedAt)
		wasOpen = true
	}
	if wasOpen && !isOpen {
		at := o.AcceptedAt
		if o.FinishedAt != nil {
			at = *o.FinishedAt
		}
		post(outcomeOf(o), at)
	}
	if n := len(o.Attempts); before == operation.Sending && o.Kind != operation.Range && n > 0 && o.Attempts[n-1].NotSent() {
		post(PostedDiscarded, o.AcceptedAt)
	}
	return list
}

func outcomeOf(o *operation.Operation) Posted {
	switch {
	case o.State != operation.Done:
		return Posted(o.State)
	case o.Kind == operation.Void:
		return PostedVoid
	}
	return PostedActive
}

// sqlPosted reads what a page of events posted.
const sqlPosted = `SELECT h.posted, h.kind, h.operator, h.day, h.quarter, h.by_status, p.seq, p.accepted, p.fen
	FROM postings p JOIN headings h ON h.n = p.heading
	WHERE p.seq > ?1 AND p.seq <= (SELECT max(seq) FROM (SELECT seq FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2))`

// postings are what the walk holds events against.
type postings struct {
	begun  int64                      // up to this event nothing was posted
	states map[string]operation.State // of the operations that the walk has left open
	page   map[int64][]Posting        // by the events of the page
}

func (p *postings) readPage(c *sqlite.Conn, from int64) error {
	p.page = map[int64][]Posting{}
	return c.Each(sqlPosted, []any{from, int64(verifyPage)}, func(row sqlite.Row) error {
		one := Posting{Seq: row.Int(6), Accepted: row.Int(7), Fen: row.Int(8), Heading: Heading{Posted: Posted(row.Text(0)),
			Kind: operation.Kind(row.Text(1)), Operator: row.Text(2), Day: row.Text(3), Quarter: row.Int(4), ByStatus: row.Int(5) != 0}}
		p.page[one.Seq] = append(p.page[one.Seq], one)
		return nil
	})
}

// sqlAccepted reports whether an event is one of the operation's, or, where it is
// 0, whether one of the operation's is among those that posted nothing.
const sqlAccepted = `SELECT CASE WHEN ?1 > 0 THEN (SELECT op = ?2 FROM events WHERE seq = ?1)
	ELSE EXISTS (SELECT 1 FROM events WHERE seq <= ?3 AND op = ?2) END`

// pass takes a state over from an event, and returns the one before it.
func (p *postings) pass(e *Event) (before, now operation.State) {
	before, now = p.states[e.Op], stateIn(e.Data)
	if now.Open() {
		p.states[e.Op] = now
	} else {
		delete(p.states, e.Op)
	}
	return before, now
}

// posted checks what an event posted; accepted is the event that accepted its
// operation, as its row says.
func (v *verifier) posted(e *Event, accepted int64) error {
	before, now := v.postings.pass(e)
	if e.Seq <= v.postings.begun {
		return nil
	}
	have := v.postings.page[e.Seq]
	misfit := &MisfitError{Seq: e.Seq, Why: "what it posted differs from it"}
	closed := before == "" && accepted != e.Seq // before, or older than what was posted
	if closed {
		known, err := v.c.Int(sqlAccepted, accepted, e.Op, v.postings.begun)
		if err != nil {
			return err
		}
		if known == 0 && !v.salvages.gaps.Hold(accepted, accepted) || accepted > e.Seq {
			return misfit
		}
	}
	if len(have) == 0 && before != "" && before != operation.Sending && now.Open() {
		return nil
	}
	o, ok := e.Operation()
	if !ok {
		return &MisfitError{Seq: e.Seq, Why: "its data is not its operation"}
	}
	if closed {
		reopened := now.Open() || slices.ContainsFunc(have, func(p Posting) bool { return p.Posted == PostedReopened })
		switch before = o.State; {
		case reopened && o.State == operation.Refused:
			before = operation.Settled
		case reopened:
			before = operation.Refused
		}
	}
	want := PostingsOf(before, accepted, &o)
	if len(have) != len(want) || slices.ContainsFunc(want, func(p Posting) bool { return !slices.Contains(have, p) }) {
		return misfit
	}
	return nil
}

// stateIn is a snapshot's state, found without decoding all of it.
func stateIn(data string) operation.State {
	_, state, _ := strings.Cut(data, `,"state":"`)
	state, _, _ = strings.Cut(state, `"`)
	return operation.State(strings.Clone(state)) // the data is not to be kept for it
}

// BegunEvent says in the chain of a journal that is older than the postings what
// the first business day's report begins with. Events up to it posted nothing.
const BegunEvent = "day.begun"

// MetaBegin is "due" from the migration to that event.
const MetaBegin = "day.begin"

func (v *verifier) readBegun() (err error) {
	due, why, err := beginning(v.c)
	if err == nil && why != "" {
		err = &MisfitError{Seq: max(v.head.Seq, 1), Why: why}
	}
	if due {
		v.postings.begun = v.head.Seq
		return err
	}
	added, addedErr := ReadAdded(v.c.Each, Unindexed, 0, math.MaxInt64)
	return errors.Join(err, addedErr, v.c.Each(`SELECT seq FROM events WHERE op = '' AND event = '`+BegunEvent+`' ORDER BY seq`, nil, func(row sqlite.Row) error {
		if seq := row.Int(0); !added.Hold(seq, seq) {
			v.postings.begun = seq
		}
		return nil
	}))
}

// beginning reports that the migration left the first report to begin, and why it
// cannot be so: it says that once, of a journal that posted nothing.
func beginning(c *sqlite.Conn) (due bool, why string, err error) {
	text, err := c.Text(`SELECT value FROM meta WHERE key = '` + MetaBegin + `'`)
	if err != nil || text == "" {
		return false, "", err
	}
	id, err := ReadIdentity(c.Each)
	if err != nil {
		return true, "", err
	}
	begun, err := c.Int(`SELECT EXISTS (SELECT 1 FROM postings WHERE seq = (SELECT seq FROM events WHERE op <> '' ORDER BY seq LIMIT 1))
		OR EXISTS (SELECT 1 FROM events WHERE op = '' AND event = '` + BegunEvent + `')`)
	if begun != 0 || id.Posts {
		why = "the first report is said to begin, and has begun"
	}
	return true, why, err
}

// CheckOlder checks that a database whose schema has no postings is of a journal
// that had none: a migration would have the first report begin anew.
func CheckOlder(each Reading) error {
	id, err := ReadIdentity(each)
	if err == nil && id.Posts {
		err = fmt.Errorf("%w: its schema is said to be older than the journal", sqlite.ErrUnreadable)
	}
	return err
}
