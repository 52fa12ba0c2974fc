package offline

import (
	"context"

	"counterfoil/offline/operators"
)

// Operators lists the operators.
func (d *Desk) Operators(ctx context.Context) ([]Operator, error) {
	all, err := d.people.List(ctx)
	if err != nil {
		return nil, publicError(err)
	}
	return all, nil
}

// SignIn checks a PIN and begins a session. Errors: ErrWrongPIN, ErrLockedOut, ErrNoOperator, ErrDisabled.
func (d *Desk) SignIn(ctx context.Context, name, pin string) (Session, error) {
	s, err := d.people.SignIn(ctx, name, pin)
	return s, publicErrorOf(err, map[string]any{"Name": name})
}

// SignOut ends a session: it may do nothing but read from now on. What it had
// accepted belongs to the desk and goes on.
func (d *Desk) SignOut(s Session) { _ = d.people.SignOut(s) }

// AddOperator adds an operator with a PIN of 4 to 8 digits. by is a manager, or
// nobody while there is no operator; the first must be a manager.
// Errors: ErrSignedOut, ErrNeedsManager, ErrOperatorExists, ErrFirstManager, ErrBadPIN, ErrBadName.
func (d *Desk) AddOperator(ctx context.Context, by Session, name string, role Role, pin string) error {
	if err := d.onlyManager(ctx, by); err != nil {
		return err
	}
	return publicErrorOf(d.people.Add(ctx, by.Name, name, role, pin), map[string]any{"Name": name})
}

// ResetPIN gives an operator a new PIN and lifts a lock-out. Errors: ErrNeedsManager, ErrNoOperator, ErrBadPIN.
func (d *Desk) ResetPIN(ctx context.Context, by Session, name, pin string) error {
	if err := d.onlyManager(ctx, by); err != nil {
		return err
	}
	return publicErrorOf(d.people.ResetPIN(ctx, by.Name, name, pin), map[string]any{"Name": name})
}

// DisableOperator keeps an operator from signing in. Errors: ErrNeedsManager, ErrNoOperator, ErrLastManager.
func (d *Desk) DisableOperator(ctx context.Context, by Session, name string) error {
	if err := d.onlyManager(ctx, by); err != nil {
		return err
	}
	return publicErrorOf(d.people.Disable(ctx, by.Name, name), map[string]any{"Name": name})
}

// Managed reports whether there is a manager; while there is none, all that can
// be done is to read, to replay and to add one.
func (d *Desk) Managed(ctx context.Context) (bool, error) {
	managed, err := d.people.Managed(ctx)
	return managed, publicError(err)
}

// onlyManager lets managers change operators; before the first one, anybody.
func (d *Desk) onlyManager(ctx context.Context, by Session) error {
	if managed, err := d.people.Managed(ctx); err != nil || !managed {
		return publicError(err)
	}
	_, err := d.people.May(ctx, by, operators.ChangePeople)
	return publicError(err)
}

// Backup writes a consistent copy of the database to a new file, for a manager.
func (d *Desk) Backup(ctx context.Context, by Session, file string) error {
	if _, err := d.people.May(ctx, by, operators.Backup); err != nil {
		return publicError(err)
	}
	return publicErrorOf(d.journal().Backup(ctx, file), map[string]any{"Path": file})
}
