package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"counterfoil/offline/journal"
)

const (
	oldestOp  = `(SELECT min(op) FROM operations)`
	lastEvent = `(SELECT max(seq) FROM events)`
)

// tamperings are what somebody with the files and a database tool does.
var tamperings = []struct {
	what   string
	sql    []string
	noHead bool
}{
	{"an operation is gone from every table", []string{
		`DELETE FROM events WHERE op=` + oldestOp, `DELETE FROM attempts WHERE op=` + oldestOp,
		`DELETE FROM evidence WHERE op=` + oldestOp, `DELETE FROM operations WHERE op=` + oldestOp,
	}, false},
	{"the last event is gone", []string{`DELETE FROM events WHERE seq=` + lastEvent}, false},
	{"the last event is gone, and the copy of the head", []string{`DELETE FROM events WHERE seq=` + lastEvent}, true},
	{"an event is edited", []string{`UPDATE events SET at='' WHERE seq=2`}, false},
	{"a row is edited", []string{`UPDATE operations SET amount_fen=1 WHERE op=` + oldestOp}, false},
	{"an attempt is edited", []string{`UPDATE attempts SET data=replace(data, 'A', 'B') WHERE op=(SELECT min(op) FROM attempts)`}, false},
	{"a role is given", []string{`UPDATE operators SET role='cashier'`}, false},
	{"an operator is put in", []string{`INSERT INTO operators SELECT 'eve', 'manager', pin, 0, 0, '', '' FROM operators`}, false},
}

// starting are the commands that start on the data folder; the last is the counter itself.
var starting = [][]string{
	{"queue", "replay"}, {"queue"}, {"doctor"}, {"operators", "list"}, {"verify"}, {"day"}, {"close", "--open", "0"},
	{"lookup", "R112102F-9000000-0001"}, {"export"}, {"reconcile"}, {"operators", "pin"}, {"activate", "R112102F-9000000-0001", "--amount", "30.00"}, {},
}

// seen is how long the counter itself is open for that.
const seen = 1500 * time.Millisecond

// tampered tampers in every way, and runs every command that starts: verify and
// doctor must not come back to "whole" before a manager acknowledges.
func (c *campaign) tampered(ctx context.Context) error {
	for _, kind := range tamperings {
		if err := c.whole(ctx, true, "before "+kind.what); err != nil {
			return err
		}
		db, err := sql.Open("sqlite3", "file:"+filepath.Join(c.till.data, journal.DatabaseName))
		if err != nil {
			return err
		}
		for _, statement := range kind.sql {
			_, e := db.ExecContext(ctx, statement)
			err = errors.Join(err, e)
		}
		if err = errors.Join(err, db.Close()); err != nil {
			return err
		}
		if kind.noHead {
			err = os.Remove(filepath.Join(c.till.data, "chain.head"))
		}
		for _, n := range c.dice.Perm(len(starting)) {
			if err == nil {
				err = c.whole(ctx, false, fmt.Sprintf("%s, before %q", kind.what, starting[n]))
			}
			f := fate{}
			if len(starting[n]) == 0 {
				f.killAfter = seen
			}
			if err == nil {
				_, err = c.till.live(ctx, f, starting[n]...)
			}
		}
		if err == nil {
			err = c.whole(ctx, false, kind.what+", after all")
		}
		if err == nil {
			err = c.acknowledge(ctx)
		}
		if err != nil {
			return err
		}
		c.struck++
	}
	return c.whole(ctx, true, "at the end")
}

// whole asks verify and doctor.
func (c *campaign) whole(ctx context.Context, want bool, when string) error {
	for _, command := range []string{"verify", "doctor"} {
		l, err := c.till.live(ctx, fate{}, command)
		if err != nil {
			return err
		}
		if (l.exit == 0) != want {
			return fmt.Errorf("%s: %s exits %d: %s", when, command, l.exit, l.said)
		}
	}
	return nil
}

// acknowledge has the manager acknowledge what does not fit, which documents it.
func (c *campaign) acknowledge(ctx context.Context) error {
	l, err := c.till.live(ctx, fate{}, "verify", "--acknowledge", "--reason", "the fault suite")
	if err == nil && l.exit != 0 {
		err = fmt.Errorf("verify --acknowledge: exit %d: %s", l.exit, l.said)
	}
	return err
}
