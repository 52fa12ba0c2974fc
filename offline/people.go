package offline

import (
	"context"

	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operators"
)

// Operators lists the operators.
func (d *Desk) Operators(ctx context.Context) ([]Operator, error) {
	all, err := d.people.List(ctx)
	return all, publicError(err)
}

// SignIn checks a PIN and begins a session. Errors: ErrWrongPIN, ErrLockedOut, ErrNoOperator, ErrDisabled, ErrPINDoubtful.
func (d *Desk) SignIn(ctx context.Context, name, pin string) (Session, error) {
	s, err := d.people.SignIn(ctx, name, pin)
	return s, publicErrorOf(err, map[string]any{"Name": name})
}

// SignOut ends a session: it may do nothing but read from now on. What it had
// accepted belongs to the desk and goes on.
func (d *Desk) SignOut(s Session) { _ = d.people.SignOut(s) }

// Signed reads again who a session is. Errors: ErrSignedOut, ErrNoManager, ErrDisabled.
func (d *Desk) Signed(ctx context.Context, s Session) (Session, error) {
	now, err := d.people.May(ctx, s, operators.Look)
	return now, publicError(err)
}

// OpenScreen lets an operator do what a screen is for, until LeaveScreen or the end
// of her session: a manager stands behind it (Session.With). Errors: ErrNeedsManager, ErrSignedOut.
func (d *Desk) OpenScreen(ctx context.Context, by Session, screen Act) error {
	return publicError(d.people.Open(ctx, by, screen))
}

// LeaveScreen ends what OpenScreen began.
func (d *Desk) LeaveScreen(by Session) { d.people.Leave(by) }

// OperatorName is a name as AddOperator keeps it.
func OperatorName(name string) string { return operators.CleanName(name) }

// AddOperator adds an operator with a PIN of 4 to 8 digits. by is a manager, or
// nobody while there is none; the first must be a manager. The name is kept
// as OperatorName has it, and refused where it looks like another's or mixes scripts.
// Errors: ErrSignedOut, ErrNeedsManager, ErrOperatorExists, ErrFirstManager, ErrBadPIN, ErrBadName.
func (d *Desk) AddOperator(ctx context.Context, by Session, name string, role Role, pin string) error {
	managed, err := d.people.Managed(ctx)
	if err == nil && !managed {
		err = d.people.Add(ctx, chain.Who{}, name, role, pin)
	}
	if err != nil || !managed {
		return publicErrorOf(err, map[string]any{"Name": name})
	}
	return d.onOperator(ctx, by, "add "+string(role), name, func(by chain.Who) error { return d.people.Add(ctx, by, name, role, pin) })
}

// ResetPIN gives an operator a new PIN and lifts a lock-out. Errors: ErrNeedsManager, ErrNoOperator, ErrBadPIN.
func (d *Desk) ResetPIN(ctx context.Context, by Session, name, pin string) error {
	return d.onOperator(ctx, by, "reset", name, func(by chain.Who) error { return d.people.ResetPIN(ctx, by, name, pin) })
}

// DisableOperator keeps an operator from signing in and ends her sessions.
// Errors: ErrNeedsManager, ErrNoOperator, ErrLastManager.
func (d *Desk) DisableOperator(ctx context.Context, by Session, name string) error {
	return d.onOperator(ctx, by, "disable", name, func(by chain.Who) error { return d.people.SetDisabled(ctx, by, name, true) })
}

// EnableOperator lets a disabled operator sign in again. Errors: ErrNeedsManager, ErrNoOperator.
func (d *Desk) EnableOperator(ctx context.Context, by Session, name string) error {
	return d.onOperator(ctx, by, "enable", name, func(by chain.Who) error { return d.people.SetDisabled(ctx, by, name, false) })
}

// SetRole gives an operator another role, from her next act on.
// Errors: ErrNeedsManager, ErrNoOperator, ErrLastManager.
func (d *Desk) SetRole(ctx context.Context, by Session, name string, role Role) error {
	return d.onOperator(ctx, by, "role "+string(role), name, func(by chain.Who) error { return d.people.SetRole(ctx, by, name, role) })
}

// ChangePIN gives whoever is signed in a new PIN. Errors: ErrSignedOut, ErrNoManager, ErrDisabled, ErrBadPIN.
func (d *Desk) ChangePIN(ctx context.Context, by Session, pin string) error {
	by, err := d.people.May(ctx, by, operators.OwnPIN)
	if err == nil {
		err = d.people.ResetPIN(ctx, by.Who(by), by.Name, pin)
	}
	return publicError(err)
}

// Recover gives a manager a new PIN where no manager can sign in, and returns
// whose; name may be "" where there is one. It asks for no session: it is for
// whoever owns the data folder, and open like a gap until a manager acknowledges it.
// newPIN is asked for the PIN once it is known whose it is. Errors: ErrNoManager,
// ErrWhichManager, ErrNotManager, ErrNoOperator, ErrBadPIN, what newPIN returns.
func (d *Desk) Recover(ctx context.Context, name string, newPIN func(name string) (string, error)) (string, error) {
	whose, err := d.people.Recover(ctx, name, newPIN)
	return whose, publicErrorOf(err, map[string]any{"Name": name})
}

// onOperator has a manager do something to an operator, which what names.
func (d *Desk) onOperator(ctx context.Context, by Session, what, name string, do func(by chain.Who) error) error {
	who, err := d.people.Allowed(ctx, by, operators.ChangePeople, what+" "+name)
	if err == nil {
		err = do(who.Who(by))
		d.changed() // it may have ended a session
	}
	return publicErrorOf(err, map[string]any{"Name": name})
}

// Managed reports whether there is a manager; while there is none, all that can
// be done is to read, to replay and to add one.
func (d *Desk) Managed(ctx context.Context) (bool, error) {
	managed, err := d.people.Managed(ctx)
	return managed, publicError(err)
}

// Backup writes a consistent copy of the database to a new file, for a manager.
func (d *Desk) Backup(ctx context.Context, by Session, file string) error {
	if _, err := d.people.Allowed(ctx, by, operators.Backup, file); err != nil {
		return publicError(err)
	}
	return publicErrorOf(d.journal().Backup(ctx, file), map[string]any{"Path": file})
}
