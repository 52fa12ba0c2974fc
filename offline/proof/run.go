package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"counterfoil/api/sandbox"
	"counterfoil/offline/journal"
)

// campaign is one trial on its way.
type campaign struct {
	trial
	till     *till
	platform *platform
	dice     *rand.Rand
	say      func(string, ...any)
	// left is how many strikes are still to come; struck how many came.
	left, struck int
	calls        uint64 // of a whole life, for the disk's strikes
	told         []journal.Operation
}

// patience bounds the time that all operations get to close once the faults are over.
const patience = 90 * time.Second

// run carries the trial out with so many operations and strikes.
func (tr trial) run(ctx context.Context, s *suite, dice *rand.Rand, ops, strikes int) (r row, err error) {
	dir, err := os.MkdirTemp(s.scratch, "trial-")
	if err != nil {
		return r, err
	}
	platform, err := startPlatform(ctx, s.binary, dir, dice.Uint64(), nil)
	if err != nil {
		return r, err
	}
	defer platform.stop()
	c := &campaign{trial: tr, platform: platform, dice: dice, left: strikes, say: func(format string, args ...any) {
		s.say(tr.fault+": "+format, args...)
	}}
	voids := ops / 4
	ids, err := platform.stock(ops - voids)
	if err != nil {
		return r, err
	}
	if c.till, err = newTill(ctx, s.binary, s.lib, dir, platform.url, !tr.wary); err != nil {
		return r, err
	}
	var wanted []thing
	for _, id := range ids {
		wanted = append(wanted, thing{journal.Activate, id})
	}
	for _, id := range ids[:voids] {
		wanted = append(wanted, thing{journal.Void, id})
	}
	if err := c.work(ctx, ids, ids[:voids]); err != nil {
		return r, fmt.Errorf("%s (in %s): %w", tr.fault, dir, err)
	}
	held, err := c.till.journaled(ctx)
	if err != nil {
		return r, err
	}
	effects, err := platform.effects()
	if err != nil {
		return r, err
	}
	r, findings := audit(wanted, c.told, held, effects)
	r.fault, r.cuts = tr.fault, c.struck
	for _, finding := range findings {
		c.say("%s", finding)
	}
	if r.failed() == "" {
		err = os.RemoveAll(dir)
	} else {
		c.say("what is left is in %s", dir)
	}
	return r, err
}

// work is the day of the trial: activations, voids and the replay under the
// faults and strikes, then the faults end and everything that can close must.
func (c *campaign) work(ctx context.Context, activate, void []string) error {
	rules := c.rules
	if c.outage {
		rules = []sandbox.Fault{{Do: "refuse_connection", Times: 3600}}
		return errors.Join(c.platform.setFaults(rules), c.outageDay(ctx, activate, void))
	}
	if err := c.platform.setFaults(rules); err != nil {
		return err
	}
	if err := c.accept(ctx, c.left/2, activate, "activate", "--amount", "30.00"); err != nil {
		return err
	}
	if err := c.replay(ctx, c.left/3); err != nil {
		return err
	}
	if err := c.accept(ctx, c.left/2, void, "void"); err != nil {
		return err
	}
	if err := c.replay(ctx, c.left); err != nil {
		return err
	}
	return c.close(ctx)
}

// outageDay accepts everything while nothing can be sent, and kills the replay afterwards.
func (c *campaign) outageDay(ctx context.Context, activate, void []string) error {
	if err := c.accept(ctx, c.left/4, activate, "activate", "--amount", "30.00", "--offline"); err != nil {
		return err
	}
	// A void of a waiting activation would withdraw it: these wait until the activations are through.
	if err := c.reopen(ctx); err != nil {
		return err
	}
	if err := c.replay(ctx, c.left/2); err != nil {
		return err
	}
	if err := c.accept(ctx, c.left/2, void, "void", "--offline"); err != nil {
		return err
	}
	if err := c.replay(ctx, c.left); err != nil {
		return err
	}
	return c.close(ctx)
}

// reopen ends the outage. The shut port takes no rules, so the rules go in
// through the sandbox's second port.
func (c *campaign) reopen(context.Context) error { return c.platform.setFaults(c.rules) }

// accept hands ids to the program until each was answered for, as a cashier
// would who scans again what showed no answer before the lights went out.
func (c *campaign) accept(ctx context.Context, strikes int, ids []string, args ...string) error {
	answered := map[string]bool{}
	const wholeLives = 3 // lives without a strike that may still leave ids over
	for whole := 0; whole < wholeLives; {
		var pending []byte
		n := 0
		for _, id := range ids {
			if !answered[id] {
				pending = append(append(pending, id...), '\n')
				n++
			}
		}
		if n == 0 {
			return nil
		}
		list := filepath.Join(c.till.dir, "ids")
		if err := os.WriteFile(list, pending, 0o600); err != nil {
			return err
		}
		f := c.fate(strikes > 0)
		l, err := c.till.live(ctx, f, slices.Concat(args, []string{"--from", list})...)
		if err != nil {
			return err
		}
		strikes -= c.note(l)
		if !l.struck {
			whole++
		}
		for _, op := range l.operations {
			answered[op.ID] = true
		}
	}
	// What still shows no operation was refused before it became one: because
	// it is open here or done already. The audit finds what is missing.
	return nil
}

// replay lets the program send and ask, striking it as often.
func (c *campaign) replay(ctx context.Context, strikes int) error {
	const idle = 40 // a replay that ends by itself leaves nothing to strike
	for range idle {
		if strikes <= 0 {
			return nil
		}
		l, err := c.till.live(ctx, c.fate(true), "queue", "replay")
		if err != nil {
			return err
		}
		strikes -= c.note(l)
	}
	return nil
}

// close ends the faults and replays until nothing is open that the program could close.
func (c *campaign) close(ctx context.Context) error {
	if err := c.platform.setFaults(nil); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		l, err := c.till.live(ctx, fate{}, "queue", "replay")
		if err != nil {
			return err
		}
		c.told = append(c.told, l.operations...)
		if l.exit == 0 {
			break
		}
		left, err := c.till.journaled(ctx)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(left, func(op journal.Operation) bool { return op.State.Open() && op.State != journal.Attention }) {
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("after %v without faults the replay still ends with exit %d: %s", patience, l.exit, l.said)
		case <-time.After(settleTime):
		}
	}
	l, err := c.till.live(ctx, fate{}, "verify")
	if err == nil && l.exit != 0 {
		err = fmt.Errorf("verify: exit %d: %s", l.exit, l.said)
	}
	return err
}

// fate draws the end of the next life.
func (c *campaign) fate(struck bool) fate {
	if !struck || c.left <= 0 {
		return fate{}
	}
	const longest = 700 * time.Millisecond
	if c.strike == kill {
		return fate{killAfter: time.Millisecond + time.Duration(c.dice.Int64N(int64(longest)))}
	}
	d := &disk{seed: c.dice.Uint64()}
	if c.calls == 0 {
		return fate{disk: d, killAfter: longest} // a first life to learn how many calls there are to strike
	}
	at := 1 + c.dice.Uint64N(c.calls)
	switch c.strike {
	case power:
		d.cutAt = at
	case full:
		d.failAt, d.failTimes, d.errno = at, 1+c.dice.Uint64N(20), enospc
	case bad:
		d.failAt, d.failTimes, d.errno = at, 1+c.dice.Uint64N(3), eio
	}
	return fate{disk: d, killAfter: 4 * longest}
}

// note takes down what a life showed and returns how many strikes it took.
func (c *campaign) note(l life) int {
	c.told = append(c.told, l.operations...)
	if l.calls > 0 {
		c.calls = max(c.calls, l.calls)
	}
	if !l.struck {
		return 0
	}
	c.struck++
	c.left--
	return 1
}
