package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"counterfoil/api/sandbox"
	"counterfoil/offline/journal"
	"counterfoil/offline/operation"
)

// A steady counter is struck and not ended: its screens stay open, and it must
// recover by itself from what happens to its files or its disk. Only where it
// cannot notice a changed byte is it started again.

// livesEach is how many lives a steady trial has at most for its activations, and for its voids.
const livesEach = 8

// steady runs such a trial: the queue is filled while the port is shut, and
// drained by open counters under strikes.
func (c *campaign) steady(ctx context.Context, activate, void []string) error {
	n := max(1, min(livesEach, c.left/2, len(void)))
	strikes := max(1, c.left/(2*n))
	for _, part := range []struct {
		ids, args []string
	}{{activate, []string{"activate", "--amount", "30.00", "--offline"}}, {void, []string{"void", "--offline"}}} {
		for i := range n {
			ids := part.ids[i*len(part.ids)/n : (i+1)*len(part.ids)/n]
			if err := c.platform.setFaults([]sandbox.Fault{{Do: "refuse_connection"}}); err != nil {
				return err
			}
			if err := c.take(ctx, part.args, ids); err != nil {
				return err
			}
			if err := c.platform.setFaults(c.rules); err != nil {
				return err
			}
			if err := c.stand(ctx, strikes); err != nil {
				return err
			}
		}
	}
	healed, err := c.healed()
	if err != nil {
		return err
	}
	if c.strike == bad && c.struck >= enoughStrikes && healed == 0 {
		return errors.New("no strike made the counter open its journal again: the row proves nothing")
	}
	return c.close(ctx)
}

// take has ids accepted. A command that meets damage ends; it is given again
// for the ids that showed no operation, and its start salvages.
func (c *campaign) take(ctx context.Context, args, ids []string) error {
	for range wholeLives {
		l, err := c.till.live(ctx, fate{}, slices.Concat(args, ids)...)
		if err != nil {
			return err
		}
		c.told = append(c.told, l.operations...)
		ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
			return slices.ContainsFunc(l.operations, func(op operation.Operation) bool { return op.ID == id })
		})
		if len(ids) == 0 {
			return nil
		}
		c.say("%d not accepted (exit %d): %s", len(ids), l.exit, l.said)
	}
	return nil
}

// enoughStrikes is a number of strikes of which one surely hits the journal.
const enoughStrikes = 6

// healed counts in the till's log how often a counter opened its journal again.
func (c *campaign) healed() (int, error) {
	text, err := os.ReadFile(filepath.Join(c.till.data, "counterfoil.log"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	return strings.Count(string(text), "the journal was opened again"), err
}

// stand keeps one counter open under so many strikes until nothing is open.
func (c *campaign) stand(ctx context.Context, strikes int) error {
	w := &watch{c: c, strikes: strikes, deadline: time.Now().Add(c.willing())}
	f := fate{until: w.over}
	if c.strike == bad {
		f.disk = &disk{seed: c.dice.Uint64()}
	}
	l, err := c.till.live(ctx, f)
	switch {
	case err != nil:
		return err
	case w.err != nil:
		return w.err
	case c.strike == bad && w.gaveUp && l.exit == -1:
		return errors.New("the disk was well again and the counter did not go on")
	}
	c.struck += w.struck
	return nil
}

// willing is how long a steady counter gets to close everything. Where it never
// reads a changed bit, the suite may be unable to see that it did.
func (c *campaign) willing() time.Duration {
	if c.strike == turnData || c.strike == turnLog {
		return patience / 4
	}
	return patience
}

// watch watches a steady counter and strikes it.
type watch struct {
	c        *campaign
	strikes  int
	struck   int
	gaveUp   bool
	err      error
	deadline time.Time
	// fails is set while the disk does.
	fails bool
}

// over is called again and again while the counter is open, and says when that may end.
func (w *watch) over(ctx context.Context) bool {
	if w.fails {
		// The disk fails until a random draw ends it.
		if w.c.dice.IntN(4) == 0 {
			w.disk(false)
		}
		return w.err != nil
	}
	if w.struck < w.strikes && w.c.dice.IntN(2) == 0 {
		switch w.c.strike {
		case bad:
			w.disk(true)
			w.struck++
			return w.err != nil
		case turnData:
			w.turn(journal.DatabaseName)
		case turnLog:
			w.turn(journal.DatabaseName + "-wal")
		case jump:
			w.c.platform.jump(w.c.dice)
			w.struck++
		}
	}
	if time.Now().After(w.deadline) {
		w.gaveUp = true
		return true
	}
	all, err := w.c.till.journaled(ctx)
	if err != nil {
		return false // the counter may be changing the file just now
	}
	return len(all) > 0 && !slices.ContainsFunc(all, func(op operation.Operation) bool {
		return op.State.Open() && op.State != operation.Attention
	})
}

// disk has the counter's disk fail, or no longer.
func (w *watch) disk(fails bool) {
	w.fails = fails
	w.err = errors.Join(w.err, counter{filepath.Join(w.c.till.dir, callsName)}.fail(fails))
}

// turn changes one bit of the counter's file. The suite opens the file only
// here: closing it drops the locks of any reader in this process.
func (w *watch) turn(name string) {
	f, err := os.OpenFile(filepath.Join(w.c.till.data, name), os.O_RDWR, 0)
	if err != nil {
		return // it is not there yet
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return
	}
	at, one := w.c.dice.Int64N(info.Size()), make([]byte, 1)
	if _, err := f.ReadAt(one, at); err != nil {
		return
	}
	one[0] ^= 1 << w.c.dice.IntN(8)
	if _, err := f.WriteAt(one, at); err == nil {
		w.struck++
	}
}
