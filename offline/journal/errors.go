package journal

import (
	"errors"
	"fmt"
)

// Errors of the journal, to be tested with errors.Is.
var (
	// ErrNoOperation: there is no operation of that number.
	ErrNoOperation = errors.New("journal: no such operation")
	// ErrStale: the operation was changed since it was read, or is new and exists already.
	ErrStale = errors.New("journal: the operation was changed meanwhile")
	// ErrBeside: somebody else added to the chain.
	ErrBeside = fmt.Errorf("%w: somebody else added to the chain", ErrStale)
	// ErrShrunk: fewer attempts or less evidence than stored; nothing is ever deleted.
	ErrShrunk = errors.New("journal: attempts and evidence are never deleted")
	// ErrTraceUsed: another attempt carries that trace number.
	ErrTraceUsed = errors.New("journal: the trace number is another attempt's")
	// ErrClosed: the journal is closed.
	ErrClosed = errors.New("journal: closed")
	// ErrReadOnly: a write through a journal that was opened read-only.
	ErrReadOnly = errors.New("journal: opened read-only")
	// ErrReadOnlyFolder: the data folder cannot be written.
	ErrReadOnlyFolder = errors.New("journal: the data folder cannot be written")
	// ErrLockLost: the lock file was removed or exchanged; another process may have the folder.
	ErrLockLost = errors.New("journal: the lock file was removed")
	// ErrDiskFull: there was no space even after the reserve was freed.
	ErrDiskFull = errors.New("journal: the disk is full")
	// ErrDamaged: the database cannot be trusted; nothing is accepted until it is opened again.
	ErrDamaged = errors.New("journal: the database is damaged")
	// ErrExists: a backup never overwrites a file.
	ErrExists = errors.New("journal: the file exists")
)

// LockedError says which process holds the data folder.
type LockedError struct {
	PID     int
	Program string
}

func (e *LockedError) Error() string {
	return fmt.Sprintf("journal: the data folder is in use by process %d (%s)", e.PID, e.Program)
}

// NewerError says that the database was written by a newer program. Nothing was changed.
type NewerError struct {
	Have, Want int64 // the database's schema and the newest this program knows
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("journal: the database has schema %d, this program knows up to %d", e.Have, e.Want)
}

// OlderError says that a read-only opening met a schema that only the counter itself may migrate.
type OlderError struct {
	Have, Want int64
}

func (e *OlderError) Error() string {
	return fmt.Sprintf("journal: the database has schema %d and must be migrated to %d first", e.Have, e.Want)
}

// DamagedError says which file is damaged. It is an ErrDamaged.
type DamagedError struct {
	Path     string
	Salvaged bool // that failed; false where nobody tried, as who only reads
	Cause    error
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("journal: %s is damaged: %v", e.Path, e.Cause)
}

// Unwrap returns the cause.
func (e *DamagedError) Unwrap() error { return e.Cause }

// Is makes a DamagedError an ErrDamaged.
func (e *DamagedError) Is(target error) bool { return target == ErrDamaged }
