package offline

import "context"

// Claim holds an open operation as its sender does, until release; for tests.
func (d *Desk) Claim(op string) (release func()) {
	item, _ := d.list.Claim(op)
	return func() { d.sender.Release(item) }
}

// Allowed tells whether a session may act so; for tests.
func (d *Desk) Allowed(ctx context.Context, by Session, act Act) error {
	_, err := d.people.May(ctx, by, act)
	return err
}
