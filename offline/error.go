package offline

import "errors"

// ErrorKind names an error that a person may meet; each has one sentence in
// every language, under the message id "error.<kind>".
type ErrorKind string

// The kinds, with the arguments that their sentences take.
const (
	ErrInternal       ErrorKind = "internal"          // Args: none
	ErrNotAnID        ErrorKind = "not_an_id"         // Args: ID
	ErrNoOperation    ErrorKind = "no_operation"      // Args: Op
	ErrUnreachable    ErrorKind = "unreachable"       // the platform; Args: none
	ErrNothingKnown   ErrorKind = "nothing_known"     // offline and not in the catalog; Args: ID
	ErrOtherAnswer    ErrorKind = "other_answer"      // the platform answered about something else; Args: ID
	ErrPacked         ErrorKind = "packed"            // the answer came packed, which was not asked for; Args: none
	ErrProxy          ErrorKind = "proxy"             // the proxy lets nothing through; Args: none
	ErrTLS            ErrorKind = "tls"               // the secure connection failed; Args: none
	ErrDNS            ErrorKind = "dns"               // the platform's name is not resolved; Args: none
	ErrMidnight       ErrorKind = "midnight"          // too close to midnight to ask, and not in the catalog; Args: ID
	ErrUnknownID      ErrorKind = "unknown_id"        // the platform does not know it; Args: ID, Code, Message
	ErrAlreadyActive  ErrorKind = "already_active"    // this counter activated it; Args: ID, At
	ErrAlreadyVoid    ErrorKind = "already_void"      // this counter voided it; Args: ID, At
	ErrOpenHere       ErrorKind = "open_here"         // an operation on it is open here; Args: ID, Op, State
	ErrNotConfirmed   ErrorKind = "not_confirmed"     // offline and Request.Offline not set; Args: none
	ErrOverLimit      ErrorKind = "over_limit"        // a manager may approve; Args: Limit ("one","operations","amount","total","age","bulk_count","bulk_total"), Max (yuan, pieces, or hours of age)
	ErrNeedsManager   ErrorKind = "needs_manager"     // Args: Act
	ErrAmountNeeded   ErrorKind = "amount_needed"     // Args: ID
	ErrBadAmount      ErrorKind = "bad_amount"        // Args: Amount
	ErrCannotWithdraw ErrorKind = "cannot_withdraw"   // may have been sent; Args: Op
	ErrCannotSettle   ErrorKind = "cannot_settle"     // not open; Args: Op, State
	ErrClosed         ErrorKind = "closed"            // the operation is closed already; Args: Op
	ErrReasonNeeded   ErrorKind = "reason_needed"     // Args: none
	ErrDiskFull       ErrorKind = "disk_full"         // new offline operations are refused; Args: none
	ErrDamaged        ErrorKind = "damaged"           // while running: nothing is accepted or sent; Args: none
	ErrDamagedFile    ErrorKind = "damaged_file"      // at the start; Args: Path, Salvaged
	ErrReadOnly       ErrorKind = "read_only"         // folder; Args: Path
	ErrNotOurs        ErrorKind = "not_ours"          // Args: Path, Why (of files.ForeignError)
	ErrTraining       ErrorKind = "training"          // of the demonstration, or not, unlike who opens it; Args: Training (of the folder)
	ErrNoTable        ErrorKind = "no_table"          // Args: Part, the table or column
	ErrNoCounter      ErrorKind = "no_counter"        // no journal in the folder; Args: Path
	ErrNoDatabase     ErrorKind = "no_database"       // gone from a data folder whose other files are there; Args: Path
	ErrLockLost       ErrorKind = "lock_lost"         // while running: the lock file was removed; Args: none
	ErrLocked         ErrorKind = "locked"            // Args: PID, Program
	ErrOlderDatabase  ErrorKind = "older_database"    // read-only beside a new program; Args: Have, Want
	ErrFileExists     ErrorKind = "file_exists"       // Args: Path
	ErrTooManyRows    ErrorKind = "too_many_rows"     // for a spreadsheet; Args: none
	ErrNewerDatabase  ErrorKind = "newer_database"    // Args: Have, Want
	ErrChain          ErrorKind = "chain"             // Args: Seq, Reason
	ErrStillOpen      ErrorKind = "still_open"        // the close must confirm how many; Args: Count
	ErrUnbalanced     ErrorKind = "unbalanced"        // a report that is not written; Args: Open, OpenYuan, Posted, PostedYuan
	ErrNoClose        ErrorKind = "no_close"          // Args: Z
	ErrGap            ErrorKind = "gap"               // documented, and acknowledged by no manager; Args: Count
	ErrWrongPIN       ErrorKind = "wrong_pin"         // Args: Left
	ErrLockedOut      ErrorKind = "locked_out"        // Args: Until (a time), Minutes
	ErrSignedOut      ErrorKind = "signed_out"        // nobody is signed in, or the session has ended; Args: none
	ErrNoManager      ErrorKind = "no_manager"        // nobody can sign in yet; Args: none
	ErrNoOperator     ErrorKind = "no_operator"       // Args: Name
	ErrDisabled       ErrorKind = "operator_disabled" // Args: Name
	ErrPINDoubtful    ErrorKind = "pin_doubtful"      // Args: none
	ErrOperatorExists ErrorKind = "operator_exists"   // Args: Name
	ErrFirstManager   ErrorKind = "first_manager"     // Args: none
	ErrLastManager    ErrorKind = "last_manager"      // Args: Name
	ErrNotManager     ErrorKind = "not_manager"       // Args: Name
	ErrWhichManager   ErrorKind = "which_manager"     // there are several; Args: none
	ErrBadPIN         ErrorKind = "bad_pin"           // Args: none
	ErrPINUncounted   ErrorKind = "pin_uncounted"     // a wrong one could not be counted: none is judged; Args: Name
	ErrBadName        ErrorKind = "bad_name"          // Args: Name
	ErrNotConfigured  ErrorKind = "not_configured"    // Args: Setting
	ErrRangeWrong     ErrorKind = "range_wrong"       // RangePreview.Wrong says why; Args: none
	ErrRangeOverlap   ErrorKind = "range_overlap"     // Args: ID, Op
	ErrBadList        ErrorKind = "bad_list"          // a file that is no list for a basket; Args: Path, Why ("none", "folder", "unreadable", "long", "no_text")
	ErrRangeOffline   ErrorKind = "range_offline"     // the platform is out of reach; Args: none

	// What Status.Healed says once the counter is well again.
	ErrReopened ErrorKind = "reopened" // Args: Asked (operations asked about)
	ErrSalvaged ErrorKind = "salvaged" // Args: Operations (saved), Lost (events), Asked, Path (of the damaged file)
)

// Error is an error that a face can tell a person. The technical cause goes to the log.
type Error struct {
	Kind  ErrorKind
	Args  map[string]any
	Cause error
}

// Error is for logs; faces look up the sentence of Kind.
func (e *Error) Error() string {
	if e.Cause != nil {
		return string(e.Kind) + ": " + e.Cause.Error()
	}
	return string(e.Kind)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// KindOf returns the kind of an error from the desk, ErrInternal for any other, "" for nil.
func KindOf(err error) ErrorKind {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ErrInternal
}
