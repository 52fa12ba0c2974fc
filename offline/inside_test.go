package offline

import (
	"context"
	"errors"
	"strings"

	"counterfoil/offline/journal"
)

// Fill leaves the journal no room on its disk, or gives it back; for tests.
func (d *Desk) Fill(full bool) error {
	write := func(fn func(*journal.Tx) error) error { return d.journal().Write(context.Background(), fn) }
	if !full {
		return write(func(tx *journal.Tx) error { return tx.Conn().Script(`PRAGMA max_page_count=1000000`) })
	}
	err := write(func(tx *journal.Tx) error { return tx.Conn().Script(`PRAGMA max_page_count=1`) })
	for _, size := range []int{2000, 10} {
		for err = nil; err == nil; {
			err = write(func(tx *journal.Tx) error { return tx.Append("filling", strings.Repeat("x", size)) })
		}
	}
	if errors.Is(err, journal.ErrDiskFull) {
		return nil
	}
	return err
}

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
