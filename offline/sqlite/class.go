package sqlite

import (
	"errors"
	"strings"
	"syscall"

	"github.com/mattn/go-sqlite3"
)

// ErrUnreadable: a stored value that the program never wrote.
var ErrUnreadable = errors.New("sqlite: a stored row cannot be read")

// Class is what an error means for the database.
type Class int

// The classes.
const (
	None  Class = iota // not an error of SQLite
	Full               // no space: what was written is taken back, the database is well
	IO                 // the device failed: what is on disk is not known until it is opened again
	Rows               // damaged rows, or a damaged file
	Other              // anything else: the statement failed, the database is well
)

// ClassOf tells the class of an error.
func ClassOf(err error) Class {
	var e sqlite3.Error
	switch {
	case err == nil:
		return None
	case errors.Is(err, ErrUnreadable):
		return Rows
	case !errors.As(err, &e):
		var system syscall.Errno // of a file that we write ourselves
		if errors.As(err, &system) && noSpace(system) {
			return Full
		}
		return None
	}
	switch e.Code {
	case sqlite3.ErrFull:
		return Full
	case sqlite3.ErrIoErr, sqlite3.ErrCantOpen:
		// A full disk can show itself as a failed write of the log's index, or a file that cannot be made.
		if noSpace(e.SystemErrno) {
			return Full
		}
		if e.Code == sqlite3.ErrCantOpen {
			return Other
		}
		if e.ExtendedCode == sqlite3.ErrIoErrShortRead {
			return Rows // the file ends early
		}
		return IO
	case sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
		return Rows
	}
	if HalfWritten(err) {
		return Rows
	}
	return Other
}

// HalfWritten reports a rollback journal beside the database, which only a
// writing connection may take back.
func HalfWritten(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && e.ExtendedCode == sqlite3.ErrReadonlyRollback
}

// Refused reports a database that the system's permissions keep from being opened.
func Refused(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && e.Code == sqlite3.ErrCantOpen && (e.SystemErrno == syscall.EACCES || e.SystemErrno == syscall.EPERM)
}

func noSpace(e syscall.Errno) bool {
	return e == syscall.ENOSPC || e == syscall.EDQUOT || e == syscall.EFBIG
}

// Taken reports a row whose key another row has.
func Taken(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && e.Code == sqlite3.ErrConstraint
}

// Missing is the table or column that a statement names and that is not there, "" for none.
func Missing(err error) string {
	var e sqlite3.Error
	if !errors.As(err, &e) || e.Code != sqlite3.ErrError {
		return ""
	}
	what, name, _ := strings.Cut(e.Error(), ": ")
	if what != "no such table" && what != "no such column" {
		return ""
	}
	return name
}
