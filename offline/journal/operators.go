package journal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"counterfoil/offline/sqlite"
)

// Role is what an operator may do.
type Role string

// The roles.
const (
	Cashier Role = "cashier"
	Manager Role = "manager"
)

// Operator is a person who may sign in.
type Operator struct {
	Name        string
	Role        Role
	Disabled    bool
	Failures    int       // wrong PINs in a row
	LockedUntil time.Time // zero when not locked
	CreatedAt   time.Time
}

// Errors about operators, to be tested with errors.Is.
var (
	ErrOperatorExists     = errors.New("journal: there is an operator of that name")
	ErrFirstMustBeManager = errors.New("journal: the first operator must be a manager")
	ErrLastManager        = errors.New("journal: the last manager cannot be disabled")
	ErrBadPIN             = errors.New("journal: a PIN is 4 to 8 digits")
	ErrBadName            = errors.New("journal: a name is 1 to 32 printable characters without spaces around")
	ErrBadRole            = errors.New("journal: a role is cashier or manager")
	ErrNoOperator         = errors.New("journal: no such operator")
	ErrOperatorDisabled   = errors.New("journal: the operator is disabled")
	ErrWrongPIN           = errors.New("journal: wrong PIN")
)

const (
	// maxFailures wrong PINs in a row lock an operator out for lockOut.
	maxFailures = 5
	lockOut     = 5 * time.Minute
	maxName     = 32 // characters
)

const operatorColumns = `name, role, disabled, failures, locked_until, created_at, pin`

// operatorOf reads a row. No chain could mend a damaged time in it, so such a
// one reads as none: it must not keep everybody from signing in.
func operatorOf(row sqlite.Row) (o Operator, pin string) {
	o = Operator{Name: row.Text(0), Role: Role(row.Text(1)), Disabled: row.Int(2) != 0, Failures: int(row.Int(3))}
	o.LockedUntil, _ = parseStamp(row.Text(4))
	o.CreatedAt, _ = parseStamp(row.Text(5))
	return o, row.Text(6)
}

// Operators lists all, by name.
func (j *Journal) Operators(ctx context.Context) ([]Operator, error) {
	list, _, err := j.readOperators(ctx, `SELECT `+operatorColumns+` FROM operators ORDER BY name`)
	return list, err
}

func (j *Journal) readOperators(ctx context.Context, query string, args ...any) (list []Operator, pins []string, err error) {
	err = j.r.Each(ctx, query, args, func(row sqlite.Row) error {
		o, pin := operatorOf(row)
		list, pins = append(list, o), append(pins, pin)
		return nil
	})
	return list, pins, j.readError(err)
}

// operator reads one as this transaction sees it. Error: ErrNoOperator.
func (t *Tx) operator(name string) (Operator, error) {
	var o Operator
	found := false
	err := t.c.Each(`SELECT `+operatorColumns+` FROM operators WHERE name=?`, []any{name}, func(row sqlite.Row) error {
		found = true
		o, _ = operatorOf(row)
		return nil
	})
	if err == nil && !found {
		err = fmt.Errorf("%w: %s", ErrNoOperator, name)
	}
	return o, err
}

// operatorEvent is what the chain keeps of an act on an operator; never a PIN.
type operatorEvent struct {
	By    string `json:"by,omitempty"`
	Name  string `json:"name"`
	Role  Role   `json:"role,omitempty"`
	Until string `json:"until,omitempty"`
}

// AddOperator adds one with its PIN (4 to 8 digits), stored as argon2id. The first must be a manager.
// Errors: ErrOperatorExists, ErrFirstMustBeManager, ErrBadPIN, ErrBadName, ErrBadRole.
func (j *Journal) AddOperator(ctx context.Context, by, name string, role Role, pin string) error {
	if !goodName(name) {
		return ErrBadName
	}
	if role != Cashier && role != Manager {
		return fmt.Errorf("%w: %s", ErrBadRole, role)
	}
	secret, err := hashPIN(pin)
	if err != nil {
		return err
	}
	return j.Write(ctx, func(t *Tx) error {
		_, err := t.operator(name)
		if err == nil {
			return fmt.Errorf("%w: %s", ErrOperatorExists, name)
		}
		if !errors.Is(err, ErrNoOperator) {
			return err
		}
		n, err := t.c.Int(`SELECT count(*) FROM operators`)
		if err != nil {
			return err
		}
		if n == 0 && role != Manager {
			return ErrFirstMustBeManager
		}
		if err := t.c.Exec(`INSERT INTO operators (name, role, pin, disabled, failures, locked_until, created_at)
			VALUES (?,?,?,0,0,'',?)`, name, string(role), secret, stamp(t.now())); err != nil {
			return err
		}
		return t.Append("operator.added", operatorEvent{By: by, Name: name, Role: role})
	})
}

// ResetPIN gives an operator a new PIN and lifts a lock-out.
// Errors: ErrNoOperator, ErrBadPIN.
func (j *Journal) ResetPIN(ctx context.Context, by, name, pin string) error {
	secret, err := hashPIN(pin)
	if err != nil {
		return err
	}
	return j.Write(ctx, func(t *Tx) error {
		n, err := t.c.Changes(`UPDATE operators SET pin=?, failures=0, locked_until='' WHERE name=?`, secret, name)
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("%w: %s", ErrNoOperator, name)
		}
		return t.Append("operator.pin_reset", operatorEvent{By: by, Name: name})
	})
}

// DisableOperator keeps an operator from signing in; the last manager cannot be disabled.
// Errors: ErrNoOperator, ErrLastManager.
func (j *Journal) DisableOperator(ctx context.Context, by, name string) error {
	return j.Write(ctx, func(t *Tx) error {
		o, err := t.operator(name)
		if err != nil || o.Disabled {
			return err
		}
		if o.Role == Manager {
			n, err := t.c.Int(`SELECT count(*) FROM operators WHERE role='manager' AND disabled=0`)
			if err != nil {
				return err
			}
			if n <= 1 {
				return fmt.Errorf("%w: %s", ErrLastManager, name)
			}
		}
		if err := t.c.Exec(`UPDATE operators SET disabled=1 WHERE name=?`, name); err != nil {
			return err
		}
		return t.Append("operator.disabled", operatorEvent{By: by, Name: name})
	})
}

// CheckPIN signs an operator in. Five wrong tries in a row lock for five
// minutes, kept over restarts. It takes a tenth of a second by design.
// Errors: ErrWrongPIN (a *WrongPINError says how many tries are left),
// *LockedOutError, ErrNoOperator, ErrOperatorDisabled.
func (j *Journal) CheckPIN(ctx context.Context, name, pin string) (Operator, error) {
	j.signIn.Lock()
	defer j.signIn.Unlock()
	list, secrets, err := j.readOperators(ctx, `SELECT `+operatorColumns+` FROM operators WHERE name=?`, name)
	if err != nil {
		return Operator{}, err
	}
	if len(list) == 0 {
		return Operator{}, fmt.Errorf("%w: %s", ErrNoOperator, name)
	}
	o := list[0]
	if o.Disabled {
		return Operator{}, fmt.Errorf("%w: %s", ErrOperatorDisabled, name)
	}
	if until, err := j.stillLocked(ctx, o); err != nil {
		return Operator{}, err
	} else if !until.IsZero() {
		return Operator{}, &LockedOutError{Until: until}
	}
	if !pinMatches(secrets[0], pin) {
		return Operator{}, j.countFailure(ctx, name)
	}
	if o.Failures > 0 || !o.LockedUntil.IsZero() {
		o.Failures, o.LockedUntil = 0, time.Time{}
		err = j.Write(ctx, func(t *Tx) error {
			err := t.c.Exec(`UPDATE operators SET failures=0, locked_until='' WHERE name=?`, name)
			return err
		})
	}
	return o, err
}

// stillLocked returns until when o is locked, zero for not. An end further off
// than a lock-out lasts comes from a clock that was set back since; the
// lock-out then lasts its time from now, and not for years.
func (j *Journal) stillLocked(ctx context.Context, o Operator) (time.Time, error) {
	now := j.o.Now()
	if o.LockedUntil.IsZero() || !now.Before(o.LockedUntil) {
		return time.Time{}, nil
	}
	latest := now.Add(lockOut)
	if !o.LockedUntil.After(latest) {
		return o.LockedUntil, nil
	}
	return latest, j.Write(ctx, func(t *Tx) error {
		err := t.c.Exec(`UPDATE operators SET locked_until=? WHERE name=?`, stamp(latest), o.Name)
		return err
	})
}

func (j *Journal) countFailure(ctx context.Context, name string) error {
	var result error
	err := j.Write(ctx, func(t *Tx) error {
		o, err := t.operator(name)
		if err != nil {
			return err
		}
		failures := o.Failures + 1
		if o.Failures >= maxFailures { // an earlier lock-out has run out
			failures = 1
		}
		var until time.Time
		result = &WrongPINError{Left: maxFailures - failures}
		if failures >= maxFailures {
			until = t.now().Add(lockOut)
			result = &LockedOutError{Until: until}
			if err := t.Append("operator.locked_out", operatorEvent{Name: name, Until: stamp(until)}); err != nil {
				return err
			}
		}
		err = t.c.Exec(`UPDATE operators SET failures=?, locked_until=? WHERE name=?`, int64(failures), stamp(until), name)
		return err
	})
	if err != nil {
		return err
	}
	return result
}

// goodName keeps names that can be drawn, typed and told apart.
func goodName(name string) bool {
	if name == "" || !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxName || strings.TrimSpace(name) != name {
		return false
	}
	for _, r := range name {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}
