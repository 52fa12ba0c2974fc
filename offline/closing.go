package offline

import (
	"context"
	"strconv"

	"counterfoil/api"
	"counterfoil/offline/day"
	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operators"
)

// The words of the business day's room.
type (
	DayReport = day.Report // X or Z
	DayNote   = day.Note   // a manager's, on a close
)

// CloseRequest asks the desk to close the business day.
type CloseRequest struct {
	Open int // how many operations the manager was told are still open
	// Ask, where it is set, is shown what would be closed and returns that number
	// instead, where anything is open. Its error ends the close.
	Ask func(x *DayReport) (int, error)
	// Check holds the book against the platform's first; without it the report says
	// that nobody did. Each, which may be nil, is told of the progress.
	Check bool
	Each  func(ReconcileProgress)
}

// ReportX adds up what came since the last close, for a manager; it changes nothing.
// Errors: ErrNeedsManager, ErrUnbalanced.
func (d *Desk) ReportX(ctx context.Context, by Session) (r DayReport, err error) {
	c, err := d.closing(ctx, by, "x")
	if err == nil {
		err = d.journal().Snapshot(ctx, func(s *journal.Snapshot) error {
			r, err = day.Preview(s, c)
			return err
		})
	}
	return r, publicError(err)
}

// CloseDay closes the business day, and every earlier one that was not closed,
// oldest first. Where nothing came since the last close it returns that one as a
// copy. Where the platform answers nothing the report says that. Errors:
// ErrNeedsManager, ErrStillOpen with the number that must be confirmed,
// ErrUnbalanced, and the end of ctx before anything is written.
func (d *Desk) CloseDay(ctx context.Context, by Session, r CloseRequest) ([]DayReport, error) {
	c, err := d.closing(ctx, by, "close "+strconv.Itoa(r.Open))
	if err != nil {
		return nil, publicError(err)
	}
	c.Confirmed = r.Open
	due := false
	if r.Ask != nil || r.Check { // else writing it sums the day once, and confirms
		due, err = d.due(ctx, &c, r.Ask)
	}
	if err == nil && due && r.Check {
		err = d.checkClose(ctx, &c, r.Each)
	}
	if err == nil { // a person and the platform were waited for
		err = publicError(d.people.Still(ctx, by, operators.Day, c.By))
	}
	if err != nil {
		return nil, err
	}
	leave, err := d.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	var reports []DayReport
	var again bool
	err = d.journal().Write(context.WithoutCancel(ctx), func(t *journal.Tx) error {
		reports, again, err = day.Close(t, c)
		return err
	})
	if err == nil && again {
		reports[0].Copy = d.countCopy(ctx, reports[0].Z)
	}
	d.changed()
	return reports, publicError(err)
}

// due reports whether a close would write anything, and ends one that would not be
// written: the platform is asked for nothing then.
func (d *Desk) due(ctx context.Context, c *day.Closing, ask func(*DayReport) (int, error)) (due bool, err error) {
	var x DayReport
	err = d.journal().Snapshot(ctx, func(s *journal.Snapshot) (err error) {
		x, due, err = day.Due(s, *c)
		return err
	})
	if err != nil || !due {
		return false, publicError(err)
	}
	if ask != nil && len(x.Open) > 0 {
		if c.Confirmed, err = ask(&x); err != nil {
			return true, err
		}
	}
	return true, publicError(c.Confirm(&x))
}

// checkClose asks the platform about what a close takes in.
func (d *Desk) checkClose(ctx context.Context, c *day.Closing, each func(ReconcileProgress)) error {
	found, err := d.reconcile(ctx, c.Who, ReconcileRequest{Each: each, Keep: true})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		d.s.Log.Error("the close is not checked", "err", err)
	default:
		c.Checked = found.Checked()
	}
	return nil
}

// Reprint is a copy of an earlier Z with the notes on it, for a manager. Errors: ErrNeedsManager, ErrNoClose.
func (d *Desk) Reprint(ctx context.Context, by Session, z int64) (r DayReport, notes []DayNote, err error) {
	err = d.readCloses(ctx, by, "reprint "+strconv.FormatInt(z, 10), func(read chain.Reading) error {
		if r, err = day.Closed(read, z); err == nil {
			notes, err = day.Notes(read, z)
		}
		return err
	})
	if err == nil {
		r.Copy = d.countCopy(ctx, z)
	}
	return r, notes, publicErrorOf(err, map[string]any{"Z": z})
}

// NoteClose adds a manager's note to a close, and returns it. Errors: ErrNeedsManager,
// ErrReasonNeeded for an empty one, ErrNoClose.
func (d *Desk) NoteClose(ctx context.Context, by Session, z int64, text string) (n DayNote, err error) {
	text = api.Clean(text, maxReason)
	if text == "" {
		return n, &Error{Kind: ErrReasonNeeded}
	}
	who, err := d.people.Allowed(ctx, by, operators.Day, "note "+strconv.FormatInt(z, 10)+" "+text)
	if err == nil {
		n = DayNote{Z: z, At: d.clock.Now().In(d.s.Zone), Who: who.Who(by), Text: text}
		err = d.journal().Write(ctx, func(t *journal.Tx) error { return day.AddNote(t, n) })
	}
	return n, publicErrorOf(err, map[string]any{"Z": z})
}

// Closes lists every Z, newest first, for a manager. Error: ErrNeedsManager.
func (d *Desk) Closes(ctx context.Context, by Session) (list []DayReport, err error) {
	err = d.readCloses(ctx, by, "list", func(read chain.Reading) error {
		list, err = day.Closes(read)
		return err
	})
	return list, publicError(err)
}

func (d *Desk) readCloses(ctx context.Context, by Session, request string, read func(chain.Reading) error) error {
	if _, err := d.people.Allowed(ctx, by, operators.Day, request); err != nil {
		return err
	}
	return d.journal().Snapshot(ctx, func(s *journal.Snapshot) error { return read(s.Each) })
}

// closing is what the reports say of the counter and of the manager who asks for them.
func (d *Desk) closing(ctx context.Context, by Session, request string) (day.Closing, error) {
	who, err := d.people.Allowed(ctx, by, operators.Day, request)
	if err != nil {
		return day.Closing{}, err
	}
	id, err := d.journal().Identity(ctx)
	return day.Closing{Zone: d.s.Zone, Today: d.Day(), Title: day.Title{
		Counter: d.s.CounterName, ShopNo: d.s.ShopNo, ShopName: d.s.ShopName, Journal: id.Journal,
		At: d.clock.Now().In(d.s.Zone), Who: who.Who(by),
	}}, err
}

// countCopy numbers a print.
func (d *Desk) countCopy(ctx context.Context, z int64) int {
	n, err := day.CountCopy(ctx, d.journal(), z)
	if err != nil {
		d.s.Log.Warn("the copy of a close is not counted", "z", z, "err", err)
	}
	return n
}

// SaveSlip keeps a slip as a file in the data folder and returns its path. The
// first one of a Z is kept as it is: a copy is not saved.
func (d *Desk) SaveSlip(r *DayReport, text string) (string, error) {
	path, err := day.SaveSlip(d.s.Data, r, text)
	return path, publicErrorOf(err, map[string]any{"Path": path})
}

// UnsavedSlips are the reports of the last close whose slips were never kept.
func (d *Desk) UnsavedSlips(ctx context.Context) (list []DayReport, err error) {
	err = d.journal().Snapshot(ctx, func(s *journal.Snapshot) error {
		list, err = day.Unsaved(s.Each, d.s.Data)
		return err
	})
	return list, publicError(err)
}
