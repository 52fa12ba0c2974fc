package chain

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"counterfoil/offline/sqlite"
)

// Document is something that did not fit, as the chain itself keeps it: no start
// turns it into "whole", only a manager acknowledges it.
type Document struct {
	Seq            int64  // of the event that documents it
	From, To       int64  // the events that are concerned
	At             string // when it was found
	Why            string // in English, for the log and for scripts
	AcknowledgedBy string // the manager, "" while none has
}

// The events that document what did not fit, and the one that acknowledges it.
const (
	// SalvagedEvent begins a new part of the chain after a salvage.
	SalvagedEvent = "salvaged"
	// GapEvent documents whatever else did not fit; its data is a Misfit.
	GapEvent = "gap"
	// RestoredEvent is written by package operators; its data is a Misfit and the rows.
	RestoredEvent = "operators.restored"

	// HeadMissing, HeadUnreadable and HeadMisfit tell of the copy of the chain's head.
	HeadMissing    = "head.missing"
	HeadUnreadable = "head.unreadable"
	HeadMisfit     = "head.misfit"
	// HeadBehind tells of events after that copy that no counter can have left there.
	HeadBehind = "head.behind"
	// AcknowledgedEvent says that a manager has seen a document.
	AcknowledgedEvent = "gap.acknowledged"
)

// MisfitError names a row that does not fit.
type MisfitError struct {
	Seq int64  `json:"seq"` // of the event, or of the operation's last event
	Why string `json:"why"` // in English, for the log and for scripts
}

func (e *MisfitError) Error() string {
	return fmt.Sprintf("journal: event %d does not fit: %s", e.Seq, e.Why)
}

// Events that are concerned by a misfit of the copy of the chain's head.
var headWhy = map[string]string{
	HeadMissing:    "the copy of the chain's head was missing",
	HeadUnreadable: "the copy of the chain's head could not be read",
	HeadMisfit:     "the copy of the chain's head was of another chain",
	HeadBehind:     AddedWhy,
}

// AddedWhy is what does not fit of an event that no counter wrote.
const AddedWhy = "the copy of the chain's head does not name it: no counter added it"

// document is what an event documents or acknowledges.
type document struct {
	MisfitError
	Gap    int64
	By     string
	Reason string
	Gaps   Gaps
	Rows   []MisfitError
	Kept   *Kept
}

// document reads it. Error: a *MisfitError that is an sqlite.ErrUnreadable.
func (e *Event) document() (d document, err error) {
	if json.Unmarshal([]byte(e.Data), &d) != nil {
		err = fmt.Errorf("%w: %w", sqlite.ErrUnreadable, &MisfitError{Seq: e.Seq, Why: "its data cannot be read"})
	}
	return d, err
}

// Readable reports an event that documents nothing, or says what.
func (e *Event) Readable() bool {
	_, err := e.document()
	return err == nil || !slices.Contains([]string{SalvagedEvent, GapEvent, RestoredEvent, AcknowledgedEvent}, e.Name) && headWhy[e.Name] == ""
}

// Unindexed has a reading of events go through all of them: an index can leave
// some out.
const Unindexed = "NOT INDEXED"

// ReadDocuments lists all documents, oldest first. Only an event whose columns
// give its hash counts. by is Unindexed, or "" where the index is to be believed.
func ReadDocuments(each Reading, by string) ([]Document, error) {
	var all []Document
	var known Gaps
	type seen struct {
		seq int64
		by  string
	}
	acknowledged := map[int64]seen{}
	err := each(`SELECT `+EventColumns+` FROM events `+by+` WHERE op = '' AND event IN ('`+SalvagedEvent+`', '`+GapEvent+`', '`+
		RestoredEvent+`', '`+HeadMissing+`', '`+HeadUnreadable+`', '`+HeadMisfit+`', '`+HeadBehind+`', '`+AcknowledgedEvent+`') ORDER BY seq`, nil,
		func(row sqlite.Row) error {
			e := EventOf(row)
			if e.Sum() != e.Hash {
				return nil
			}
			d, err := e.document()
			if err != nil {
				return err
			}
			add := func(from, to int64, why string) {
				all = append(all, Document{Seq: e.Seq, From: from, To: to, At: e.At, Why: why})
			}
			switch e.Name {
			case AcknowledgedEvent:
				acknowledged[d.Gap] = seen{e.Seq, d.By}
			case SalvagedEvent:
				before := len(all)
				for _, g := range d.Gaps {
					if !known.Hold(g.From, g.To) {
						add(g.From, g.To, "lost or not fitting: "+d.Reason)
					}
				}
				known = d.Gaps // each salvage documents all that it met
				for _, m := range d.Rows {
					if !known.Hold(m.Seq, m.Seq) {
						add(m.Seq, m.Seq, "rebuilt from the chain: "+m.Why)
					}
				}
				if len(all) == before {
					add(e.Seq, e.Seq, "the database was made anew: "+d.Reason)
				}
			case GapEvent, RestoredEvent:
				add(d.Seq, d.Seq, d.Why)
			case HeadBehind:
				add(d.Seq+1, e.Seq-1, headWhy[e.Name])
			default:
				at := min(max(d.Seq, 1), e.Seq)
				add(at, at, headWhy[e.Name])
			}
			return nil
		})
	added, addedErr := ReadAdded(each, by, 0, math.MaxInt64)
	for i := range all {
		// What stands before the document was written by somebody who foresaw it.
		if by := acknowledged[all[i].Seq]; by.seq > all[i].Seq && !added.Hold(by.seq, by.seq) {
			all[i].AcknowledgedBy = by.by
		}
	}
	return all, errors.Join(err, addedErr)
}

// ReadAdded lists the events that no counter wrote, of which events behind after,
// up to upto, tell. What one that is itself among them tells does not count. by is
// that of ReadDocuments.
func ReadAdded(each Reading, by string, after, upto int64) (added Gaps, err error) {
	err = each(`SELECT `+EventColumns+` FROM events `+by+` WHERE op = '' AND event = '`+HeadBehind+`' AND seq > ? AND seq <= ? ORDER BY seq DESC`, []any{after, upto},
		func(row sqlite.Row) error {
			e := EventOf(row)
			if d, err := e.document(); err == nil && e.Sum() == e.Hash && d.Seq+1 < e.Seq && !added.Hold(e.Seq, e.Seq) {
				added = slices.Insert(added, 0, Gap{From: d.Seq + 1, To: e.Seq - 1})
			}
			return nil
		})
	return added, err
}
