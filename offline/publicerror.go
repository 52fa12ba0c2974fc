package offline

import (
	"errors"
	"io/fs"
	"maps"

	"counterfoil/offline/batch"
	"counterfoil/offline/day"
	"counterfoil/offline/export"
	"counterfoil/offline/files"
	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operators"
	"counterfoil/offline/sqlite"
)

// publicError turns an error of the rooms below into one that a person can be told.
func publicError(err error) error { return publicErrorOf(err, nil) }

// publicErrorOf is publicError with what the error itself does not know.
func publicErrorOf(err error, args map[string]any) error {
	if err == nil {
		return nil
	}
	var already *Error
	if errors.As(err, &already) {
		return err
	}
	kind, more := kindOf(err)
	all := map[string]any{}
	maps.Copy(all, args)
	maps.Copy(all, more)
	return &Error{Kind: kind, Args: all, Cause: err}
}

func kindOf(err error) (ErrorKind, map[string]any) {
	var (
		locked     *journal.LockedError
		newer      *journal.NewerError
		older      *journal.OlderError
		damaged    *journal.DamagedError
		misfit     *chain.MisfitError
		foreign    *files.ForeignError
		wrong      *operators.WrongPINError
		out        *operators.LockedOutError
		manager    *operators.NeedsManagerError
		play       *journal.TrainingError
		open       *day.UnconfirmedError
		unbalanced *day.UnbalancedError
		list       *batch.ListError
	)
	switch {
	case errors.As(err, &locked):
		return ErrLocked, map[string]any{"PID": locked.PID, "Program": locked.Program}
	case errors.As(err, &list):
		return ErrBadList, map[string]any{"Path": list.Path, "Why": list.Why}
	case errors.As(err, &foreign) && foreign.Why == files.Absent:
		return ErrNoCounter, map[string]any{"Path": foreign.Path}
	case errors.As(err, &foreign):
		return ErrNotOurs, map[string]any{"Path": foreign.Path, "Why": string(foreign.Why)}
	case errors.As(err, &newer):
		return ErrNewerDatabase, map[string]any{"Have": newer.Have, "Want": newer.Want}
	case errors.As(err, &older):
		return ErrOlderDatabase, map[string]any{"Have": older.Have, "Want": older.Want}
	case errors.As(err, &damaged):
		return ErrDamagedFile, map[string]any{"Path": damaged.Path, "Salvaged": damaged.Salvaged}
	case errors.As(err, &misfit):
		return ErrChain, map[string]any{"Seq": misfit.Seq, "Reason": misfit.Why}
	case errors.As(err, &wrong):
		return ErrWrongPIN, map[string]any{"Left": wrong.Left}
	case errors.As(err, &play):
		return ErrTraining, map[string]any{"Training": play.Training}
	case errors.As(err, &manager):
		return ErrNeedsManager, map[string]any{"Act": string(manager.Act)}
	case errors.As(err, &open):
		return ErrStillOpen, map[string]any{"Count": open.Count}
	case errors.As(err, &unbalanced):
		return ErrUnbalanced, map[string]any{
			"Open": unbalanced.Book.StillOpen.Ops, "OpenYuan": Yuan(unbalanced.Book.StillOpen.Fen),
			"Posted": unbalanced.Posted().Ops, "PostedYuan": Yuan(unbalanced.Posted().Fen),
		}
	case errors.As(err, &out):
		return ErrLockedOut, map[string]any{"Until": out.Until, "Minutes": int(out.Left.Minutes()) + 1}
	}
	if sqlite.ClassOf(err) == sqlite.Full {
		return ErrDiskFull, nil
	}
	if part := sqlite.Missing(err); part != "" {
		return ErrNoTable, map[string]any{"Part": part}
	}
	for _, k := range plainErrors {
		if errors.Is(err, k.err) {
			return k.kind, pathIn(err)
		}
	}
	return ErrInternal, nil
}

// pathIn names the file that the system refused, nil where it was none.
func pathIn(err error) map[string]any {
	var refused *fs.PathError
	if !errors.As(err, &refused) {
		return nil
	}
	return map[string]any{"Path": refused.Path}
}

// plainErrors are the errors below that carry nothing but themselves.
var plainErrors = []struct {
	err  error
	kind ErrorKind
}{
	{journal.ErrReadOnlyFolder, ErrReadOnly},
	{journal.ErrDiskFull, ErrDiskFull},
	{journal.ErrLockLost, ErrLockLost},
	{journal.ErrDamaged, ErrDamaged},
	{journal.ErrClosed, ErrDamaged}, // it was just being opened again
	{journal.ErrNoOperation, ErrNoOperation},
	{journal.ErrExists, ErrFileExists},
	{files.ErrExists, ErrFileExists},
	{export.ErrTooManyRows, ErrTooManyRows},
	{day.ErrNoClose, ErrNoClose},
	{operators.ErrSignedOut, ErrSignedOut},
	{operators.ErrNoManager, ErrNoManager},
	{operators.ErrNoOperator, ErrNoOperator},
	{operators.ErrOperatorDisabled, ErrDisabled},
	{operators.ErrDoubtfulPIN, ErrPINDoubtful},
	{operators.ErrOperatorExists, ErrOperatorExists},
	{operators.ErrFirstMustBeManager, ErrFirstManager},
	{operators.ErrLastManager, ErrLastManager},
	{operators.ErrNotManager, ErrNotManager},
	{operators.ErrSeveralManagers, ErrWhichManager},
	{operators.ErrBadPIN, ErrBadPIN},
	{operators.ErrBadName, ErrBadName},
	{operators.ErrUncounted, ErrPINUncounted},
}

// asError returns err as an *Error.
func asError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: ErrInternal, Cause: err}
}
