// Package salvage opens the counter's data folder. It checks what is there
// before anything is written, and rebuilds a damaged database from what can be
// read of it: the damaged files are set aside whole, and what is lost is
// documented in the chain. It works on a locked folder and decides nothing
// about operations; the desk asks about those that have become doubtful.
package salvage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/sqlite"
)

// Open checks the data folder, salvages a damaged database, and opens the
// journal. Pending says what was salvaged.
// Errors: those of journal.Open; *journal.DamagedError where the salvage failed.
func Open(ctx context.Context, o journal.Options) (*journal.Journal, error) {
	if o.ReadOnly {
		return journal.Open(ctx, o)
	}
	f, err := journal.Lock(ctx, o)
	if err != nil {
		return nil, err
	}
	j, err := open(ctx, f)
	if err != nil {
		return nil, errors.Join(err, f.Unlock())
	}
	if err := note(ctx, j); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

// Reopen opens the folder anew after its journal stopped accepting, as a start
// does: what is on disk decides. The lock is held throughout. On success j is of
// no more use; on failure Reopen may be called again, or j.Close. It must not run
// beside j.Close. Errors: those of Open.
func Reopen(ctx context.Context, j *journal.Journal) (*journal.Journal, error) {
	f, err := j.Halt()
	if err != nil {
		return nil, err
	}
	return open(ctx, f)
}

// open frees the reserve where the disk is too full to open anything: what is
// open must be closed all the same.
func open(ctx context.Context, f *journal.Folder) (*journal.Journal, error) {
	j, err := try(ctx, f)
	if sqlite.ClassOf(err) == sqlite.Full && f.FreeReserve() {
		j, err = try(ctx, f)
	}
	return j, err
}

func try(ctx context.Context, f *journal.Folder) (*journal.Journal, error) {
	if err := f.Hold(ctx); err != nil {
		return nil, err
	}
	reason, err := check(f)
	if err != nil {
		return nil, err
	}
	if reason != "" {
		if err := rebuild(ctx, f, reason); err != nil {
			return nil, &journal.DamagedError{Path: f.File(), Salvaged: true, Cause: err}
		}
	}
	j, err := f.Open(ctx)
	if errors.Is(err, sqlite.ErrUnreadable) && reason == "" { // only the migration found out
		if err := rebuild(ctx, f, err.Error()); err != nil {
			return nil, &journal.DamagedError{Path: f.File(), Salvaged: true, Cause: err}
		}
		j, err = f.Open(ctx)
	}
	return j, err
}

// check looks at the folder before anything is written into it, and returns why
// it must be salvaged, "" where it need not.
func check(f *journal.Folder) (reason string, err error) {
	if exists(complete(f)) { // a salvage was interrupted
		if err := replace(f, ""); err != nil {
			return "", err
		}
	}
	log, err := readWAL(f.File() + "-wal")
	if err != nil {
		return "", err
	}
	found, err := f.Inspect()
	copied, _ := f.Copied()
	var newer *journal.NewerError
	var misfit *chain.MisfitError
	switch {
	case errors.As(err, &newer):
		return "", err
	case sqlite.ClassOf(err) == sqlite.Rows || sqlite.Missing(err) != "":
		return err.Error(), nil
	case err != nil:
		return "", err
	case found.Schema == 0 && copied.Seq == 0 && f.Left() == "":
		return "", nil // a new folder
	case f.Left() == journal.LeftDamaged && errors.As(f.Cause(), &misfit):
		return misfit.Error(), nil
	case f.Left() == journal.LeftDamaged && f.Cause() != nil:
		return f.Cause().Error(), nil //nolint:nilerr // the last run's error, kept as the finding
	case f.Left() == journal.LeftDamaged:
		return "the last run found it damaged", nil
	case found.Schema == 0:
		return "the database is gone", nil
	case log.hidden() >= walCommitsLost:
		return "the write-ahead log is damaged", nil
	case copied.Seq > found.Head.Seq:
		return fmt.Sprintf("the events from %d to %d are gone", found.Head.Seq+1, copied.Seq), nil
	}
	return "", nil
}

// Report says what was found damaged at opening and what was saved.
type Report struct {
	At         time.Time `json:"at"`
	Reason     string    `json:"reason"`     // in English, for the log
	SetAside   string    `json:"set_aside"`  // path of the damaged file, whole; "" where there was none
	Events     int64     `json:"events"`     // saved
	Operations int64     `json:"operations"` // saved
	LostEvents int64     `json:"lost_events"`
	// Doubtful are the open operations later events of which may be lost: what
	// reads "queued" may have been sent. They must be asked about before anything is sent again.
	Doubtful []string `json:"doubtful,omitempty"`
}

// String is one sentence for doctor and the log, "" for nothing.
func (r *Report) String() string {
	if r == nil {
		return ""
	}
	return fmt.Sprintf("%s: %d operations and %d events saved, %d events lost, %d operations to ask about; set aside as %s (%s)",
		r.At.Format(time.RFC3339), r.Operations, r.Events, r.LostEvents, len(r.Doubtful), r.SetAside, r.Reason)
}

// dealtEvent says that what the last salvage left doubtful was dealt with.
const dealtEvent = "salvage.dealt"

// metaLast is the report's sentence, until the next start.
const metaLast = "journal.salvaged"

// Pending returns the report of a salvage that was not dealt with since, as the
// chain has it, at every opening until Forget; nil for none.
func Pending(ctx context.Context, j *journal.Journal) (*Report, error) {
	return undealt(func(query string, args []any, fn func(sqlite.Row) error) error { return j.Each(ctx, query, args, fn) })
}

func undealt(each chain.Reading) (r *Report, err error) {
	err = each(`SELECT `+chain.EventColumns+` FROM events WHERE op = '' AND event IN (?, ?) ORDER BY seq DESC LIMIT 1`,
		[]any{chain.SalvagedEvent, dealtEvent}, func(row sqlite.Row) error {
			var s salvaged
			e := chain.EventOf(row)
			if e.Sum() != e.Hash || json.Unmarshal([]byte(e.Data), &s) != nil {
				return fmt.Errorf("%w: the report of a salvage", sqlite.ErrUnreadable) // the next opening finds out anew
			}
			if e.Name == chain.SalvagedEvent {
				r = s.Report
			}
			return nil
		})
	return r, err
}

// Forget ends that. It belongs into the commit that marks the doubtful
// operations: a stop before it must not make them look certain.
func Forget(t *journal.Tx) error { return t.Append(dealtEvent, struct{}{}) }

// Last is the sentence of what this start salvaged, or a reopening since; "" for nothing.
func Last(ctx context.Context, j *journal.Journal) (string, error) { return j.Meta(ctx, metaLast) }

// note keeps that sentence at a start.
func note(ctx context.Context, j *journal.Journal) error {
	r, err := Pending(ctx, j)
	if err != nil {
		return err
	}
	last, err := Last(ctx, j)
	if err != nil || last == r.String() {
		return err
	}
	return j.Write(ctx, func(t *journal.Tx) error { return t.SetMeta(metaLast, r.String()) })
}
