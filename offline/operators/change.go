package operators

import (
	"context"
	"fmt"
	"slices"
	"time"

	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
)

// change changes one operator's row and chains what became of it, and nothing
// where nothing changes. The last manager who may sign in stays one.
// Errors: ErrNoOperator, ErrLastManager.
func change(t *journal.Tx, event string, by chain.Who, name string, to func(o *Operator, pin *string)) error {
	was, secret, err := find(t.Conn().Each, name)
	if err != nil {
		return err
	}
	o, pin := was, secret
	if to(&o, &pin); o == was && pin == secret {
		return nil
	}
	manages := func(o Operator) bool { return o.Role == Manager && !o.Disabled }
	if manages(was) && !manages(o) {
		n, err := t.Conn().Int(`SELECT count(*) FROM operators WHERE role='manager' AND disabled=0`)
		if err != nil {
			return err
		}
		if n <= 1 {
			return fmt.Errorf("%w: %s", ErrLastManager, name)
		}
	}
	disabled := 0
	if o.Disabled {
		disabled = 1
	}
	err = t.Conn().Exec(`UPDATE operators SET role=?, disabled=?, pin=? WHERE name=?`, string(o.Role), disabled, pin, name)
	if err == nil {
		err = setFailures(t.Conn(), o)
	}
	if err != nil {
		return err
	}
	return tell(t, event, by, name)
}

func (p *People) change(ctx context.Context, event string, by chain.Who, name string, to func(*Operator, *string)) error {
	return p.journal().Write(ctx, func(t *journal.Tx) error { return change(t, event, by, name, to) })
}

// renew is a change that gives a new PIN and lifts a lock-out.
func renew(secret string) func(*Operator, *string) {
	return func(o *Operator, pin *string) { *pin, o.Failures, o.LockedUntil = secret, 0, time.Time{} }
}

// ResetPIN gives an operator a new PIN and lifts a lock-out; by may be the
// operator. Errors: ErrNoOperator, ErrBadPIN.
func (p *People) ResetPIN(ctx context.Context, by chain.Who, name, pin string) error {
	secret, err := hashPIN(pin, p.cost)
	if err != nil {
		return err
	}
	event := "operator.pin_reset"
	if by.By == name {
		event = "operator.pin_changed"
	}
	return p.change(ctx, event, by, name, renew(secret))
}

// SetDisabled keeps an operator from signing in, and ends her sessions, or lets
// her again. Errors: ErrNoOperator, ErrLastManager.
func (p *People) SetDisabled(ctx context.Context, by chain.Who, name string, disabled bool) error {
	event := map[bool]string{true: "operator.disabled", false: "operator.enabled"}[disabled]
	err := p.change(ctx, event, by, name, func(o *Operator, _ *string) { o.Disabled = disabled })
	if err == nil && disabled {
		p.signOutAll(name)
	}
	return err
}

// SetRole gives an operator another role. Errors: ErrNoOperator, ErrBadRole, ErrLastManager.
func (p *People) SetRole(ctx context.Context, by chain.Who, name string, role Role) error {
	if !role.Known() {
		return fmt.Errorf("%w: %s", ErrBadRole, role)
	}
	return p.change(ctx, "operator.role", by, name, func(o *Operator, _ *string) { o.Role = role })
}

// Recover gives a manager a new PIN when no manager can sign in, and documents
// it as a gap, which a manager acknowledges. name may be "" where there is only
// one. newPIN is asked for the PIN once it is known whose it is. It returns whose
// PIN it is. Errors: ErrNoManager, ErrSeveralManagers, ErrNotManager,
// ErrNoOperator, ErrBadPIN, what newPIN returns.
func (p *People) Recover(ctx context.Context, name string, newPIN func(name string) (string, error)) (string, error) {
	all, err := p.List(ctx)
	if err != nil {
		return "", err
	}
	var managers []string
	for _, o := range all {
		if o.Role == Manager && (o.Name == name || name == "" && !o.Disabled) {
			managers = append(managers, o.Name)
		}
	}
	switch {
	case len(managers) > 1:
		return "", ErrSeveralManagers
	case slices.ContainsFunc(all, func(o Operator) bool { return o.Name == name && o.Role != Manager }):
		return "", fmt.Errorf("%w: %s", ErrNotManager, name)
	case len(managers) == 0 && name != "":
		return "", fmt.Errorf("%w: %s", ErrNoOperator, name)
	case len(managers) == 0:
		return "", ErrNoManager
	}
	name = managers[0]
	pin, err := newPIN(name)
	if err != nil {
		return "", err
	}
	secret, err := hashPIN(pin, p.cost)
	if err != nil {
		return "", err
	}
	err = p.journal().Write(ctx, func(t *journal.Tx) error {
		err := change(t, "operator.recovered", chain.Who{}, name, func(o *Operator, pin *string) {
			o.Disabled = false
			renew(secret)(o, pin)
		})
		if err != nil {
			return err
		}
		return t.Append(chain.GapEvent, chain.MisfitError{Seq: t.Seq(), Why: "the owner of the data folder gave " + name + " a new PIN"})
	})
	p.signOutAll(name)
	return name, err
}
