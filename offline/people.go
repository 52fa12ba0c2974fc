package offline

import "context"

// Operators lists the operators.
func (d *Desk) Operators(ctx context.Context) ([]Operator, error) {
	all, err := d.people.List(ctx)
	if err != nil {
		return nil, publicError(err)
	}
	return all, nil
}

// SignIn checks a PIN. Errors: ErrWrongPIN, ErrLockedOut, ErrNoOperator, ErrDisabled.
func (d *Desk) SignIn(ctx context.Context, name, pin string) (Session, error) {
	op, err := d.people.CheckPIN(ctx, name, pin)
	if err != nil {
		return Session{}, publicErrorOf(err, map[string]any{"Name": name})
	}
	return Session{Name: op.Name, Role: op.Role}, nil
}

// AddOperator adds an operator with a PIN of 4 to 8 digits. by is a manager, or
// nobody while there is no operator; the first must be a manager.
// Errors: ErrNeedsManager, ErrOperatorExists, ErrFirstManager, ErrBadPIN, ErrBadName.
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

func (d *Desk) onlyManager(ctx context.Context, by Session) error {
	if by.Role == Manager {
		return nil
	}
	all, err := d.people.List(ctx)
	if err != nil {
		return publicError(err)
	}
	if len(all) > 0 {
		return &Error{Kind: ErrNeedsManager, Args: map[string]any{"Act": "operators"}}
	}
	return nil
}

// Verify walks the hash chain. Error: ErrChain naming the first row that does not fit.
func (d *Desk) Verify(ctx context.Context, progress func(done, total int64)) (Head, error) {
	head, err := d.journal().Verify(ctx, progress)
	if err != nil {
		return Head{}, publicError(err)
	}
	return head, nil
}

// Backup writes a consistent copy of the database to a new file.
func (d *Desk) Backup(ctx context.Context, file string) error {
	return publicErrorOf(d.journal().Backup(ctx, file), map[string]any{"Path": file})
}
