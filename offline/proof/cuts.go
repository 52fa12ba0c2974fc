package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"

	"counterfoil/offline/journal"
	"counterfoil/offline/journal/salvage"
)

// outcome is what a writer left behind.
type outcome struct {
	acked map[string]int // furthest acknowledged step of each name
	calls uint64
	cut   bool
	exit  int
	said  string // standard error
}

// cutSeries cuts the power of one kind of writer again and again, each time in
// a new folder at a random call, and looks at what is left.
type cutSeries struct {
	kind string
	ops  int // of each run
	cuts int
	// lies sets a disk that says "synced" and does nothing.
	lies bool
	// check returns how many acknowledged names are missing or behind.
	check func(dir string, acked map[string]int) (lost int, err error)
}

func (c cutSeries) run(lib, scratch string, dice *rand.Rand, say func(string, ...any)) (row, error) {
	r := row{cuts: 0}
	base := filepath.Join(scratch, c.kind)
	if c.lies {
		base += "-lied-to"
	}
	whole, err := c.once(lib, base+"-whole", disk{})
	if err != nil {
		return r, err
	}
	if whole.exit != 0 {
		return r, fmt.Errorf("the %s writer failed without a cut: exit %d: %s", c.kind, whole.exit, whole.said)
	}
	for n := range c.cuts {
		d := disk{seed: dice.Uint64(), cutAt: 1 + dice.Uint64N(whole.calls), lies: c.lies}
		dir := fmt.Sprintf("%s-%d", base, n)
		o, err := c.once(lib, dir, d)
		if err != nil {
			return r, err
		}
		if !o.cut && o.exit != 0 {
			return r, fmt.Errorf("the %s writer failed before its cut at call %d: exit %d: %s", c.kind, d.cutAt, o.exit, o.said)
		}
		lost, err := c.check(dir, o.acked)
		if err != nil {
			return r, fmt.Errorf("%s, seed %d, cut at call %d of %d: %w", c.kind, d.seed, d.cutAt, whole.calls, err)
		}
		if lost > 0 {
			r.hits++
			say("%s: cut at call %d (seed %d): %d of %d acknowledged are gone", c.kind, d.cutAt, d.seed, lost, len(o.acked))
		}
		if o.cut {
			r.cuts++
		}
		r.operations += len(o.acked)
		r.lost += lost
		if err := os.RemoveAll(dir); err != nil {
			return r, err
		}
	}
	return r, nil
}

// once starts this program again as a writer in dir, on that disk, until its
// power goes or its work is done.
func (c cutSeries) once(lib, dir string, d disk) (outcome, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return outcome{}, err
	}
	self, err := os.Executable()
	if err != nil {
		return outcome{}, err
	}
	calls, err := newCounter(dir + ".calls")
	if err != nil {
		return outcome{}, err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %q", writerEnv, c.kind, c.ops, dir))
	cmd.Env = append(cmd.Env, d.environment(lib, dir, calls)...)
	var said, acks bytes.Buffer
	cmd.Stdout, cmd.Stderr = &acks, &said
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return outcome{}, err
	}
	o := outcome{exit: cmd.ProcessState.ExitCode(), said: said.String()}
	if o.calls, o.cut, err = calls.read(); err != nil {
		return o, err
	}
	o.acked, err = readAcks(&acks)
	return o, err
}

// checkJournal opens what a cut left behind as the next start would and counts
// the operations that were acknowledged and are gone, or stand behind the step
// that was acknowledged.
func checkJournal(dir string, acked map[string]int) (lost int, err error) {
	ctx := context.Background()
	j, err := salvage.Open(ctx, journal.Options{Dir: dir})
	if err != nil {
		return 0, fmt.Errorf("the next start: %w", err)
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	if _, err := j.Verify(ctx, nil); err != nil {
		return 0, fmt.Errorf("verify after the cut: %w", err)
	}
	all, err := j.Operations(ctx, journal.Query{})
	if err != nil {
		return 0, err
	}
	stands := map[string]int{}
	for _, op := range all {
		for step, state := range steps {
			if op.State == state {
				stands[op.Op] = step + 1
			}
		}
	}
	for name, step := range acked {
		if stands[name] < step {
			lost++
		}
	}
	return lost, nil
}

// checkNormal counts the acknowledged rows that the control lost.
func checkNormal(dir string, acked map[string]int) (lost int, err error) {
	db, err := openNormal(dir)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for name, step := range acked {
		var have int
		if err := db.QueryRow(`SELECT count(*) FROM steps WHERE name = ?`, name).Scan(&have); err != nil {
			return 0, err
		}
		if have < step {
			lost++
		}
	}
	return lost, nil
}
