package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"counterfoil/api/sandbox"
	"counterfoil/offline/operation"
)

// campaign is one trial while it runs.
type campaign struct {
	trial
	till     *till
	platform *platform
	dice     *rand.Rand
	say      func(string, ...any)
	// left is how many strikes are still to come; struck how many came.
	left, struck int
	length       time.Duration // of a life about, for the kills
	calls        uint64        // of a whole life, for the disk's strikes
	told         []operation.Operation
}

// patience is how long operations get to close once the faults are over; what
// is open then is left to a person.
const patience = 20 * time.Second

// run carries the trial out with so many operations and strikes.
func (tr trial) run(ctx context.Context, s *suite, dice *rand.Rand, ops, strikes int) (r row, err error) {
	dir, err := os.MkdirTemp(s.scratch, "trial-")
	if err != nil {
		return r, err
	}
	platform, err := startPlatform(dice.Uint64())
	if err != nil {
		return r, err
	}
	defer platform.stop()
	if tr.strike == jump {
		platform.jump(dice)
	}
	c := &campaign{trial: tr, platform: platform, dice: dice, left: strikes, length: 400 * time.Millisecond, say: func(format string, args ...any) {
		s.say(tr.fault+": "+format, args...)
	}}
	if tr.turns {
		ops = max(ops, leastScans)
	}
	voids := ops / 4
	ids, err := platform.stock(ops - voids)
	if err != nil {
		return r, err
	}
	if c.till, err = newTill(ctx, s.binary, s.lib, dir, platform.url, !tr.wary); err != nil {
		return r, err
	}
	if err := c.till.signUp(ctx); err != nil {
		return r, err
	}
	var wanted []thing
	for _, id := range ids {
		wanted = append(wanted, thing{operation.Activate, id})
	}
	for _, id := range ids[:voids] {
		wanted = append(wanted, thing{operation.Void, id})
	}
	day := c.work
	if tr.steady {
		day = c.steady
	}
	if tr.guesses {
		day = c.guessed
	}
	if tr.turns {
		day, wanted = c.takeTurns, nil // nobody knows of an act that was broken off whether it was asked for
	}
	if tr.ranges {
		day, wanted = c.workRanges, nil
		ids = rangesOf(max(1, ops/rangeSize))
		for _, id := range ids {
			wanted = append(wanted, thing{operation.Range, id})
		}
	}
	if err := day(ctx, ids, ids[:min(voids, len(ids))]); err != nil {
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
	if tr.strike == tamper { // what it takes away must have been counted
		if err := c.tampered(ctx); err != nil {
			return r, fmt.Errorf("%s (in %s): %w", tr.fault, dir, err)
		}
	}
	r, findings := audit(wanted, c.told, held, effects)
	if tr.closes {
		wrong, err := c.daysAudited(ctx)
		if err != nil {
			return r, err
		}
		r.lost, findings = r.lost+len(wrong), append(findings, wrong...)
	}
	r.fault, r.cuts, r.power = tr.fault, c.struck, tr.strike == power
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

// work runs the trial: activations and voids under the faults and strikes; then
// the faults end, and everything that can close must.
func (c *campaign) work(ctx context.Context, activate, void []string) error {
	rules, rest := c.rules, []string(nil)
	if c.outage {
		rules, rest = []sandbox.Fault{{Do: "refuse_connection"}}, []string{"--offline"}
	}
	if err := c.platform.setFaults(rules); err != nil {
		return err
	}
	// A round is two lives: one that takes ids, one that replays what the first left open.
	rounds := max(1, c.left/2)
	forVoids := max(1, rounds/4)
	if err := c.rounds(ctx, max(1, rounds-forVoids), activate, append([]string{"activate", "--amount", "30.00"}, rest...)); err != nil {
		return err
	}
	if c.outage {
		if err := c.platform.setFaults(c.rules); err != nil {
			return err
		}
		if err := c.strikeReplays(ctx, c.left/2); err != nil {
			return err
		}
	}
	if err := c.rounds(ctx, forVoids, void, append([]string{"void"}, rest...)); err != nil {
		return err
	}
	if err := c.strikeReplays(ctx, c.left); err != nil {
		return err
	}
	return c.close(ctx)
}

// rounds gives the program some ids at a time, and again those that showed no
// operation, as a cashier would scan again after a crash. In an outage there is
// nothing to replay yet.
func (c *campaign) rounds(ctx context.Context, rounds int, ids, args []string) error {
	answered := map[string]bool{}
	take := func(share int, struck bool) (life, error) {
		if args[0] == "void" {
			// Nobody voids what stands as void in the list.
			all, err := c.till.journaled(ctx)
			if err != nil {
				return life{}, err
			}
			for _, op := range all {
				if op.Kind == operation.Void {
					answered[op.ID] = true
				}
			}
		}
		pending := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return answered[id] })
		l, err := c.till.live(ctx, c.fate(struck && len(pending) > 0), slices.Concat(args, pending[:min(share, len(pending))])...)
		for _, op := range l.operations {
			answered[op.ID] = true
		}
		c.note(l)
		return l, err
	}
	for n := range rounds {
		open := len(ids) - len(answered)
		if open == 0 {
			break
		}
		if _, err := take(max(1, open/(rounds-n)), true); err != nil {
			return err
		}
		if c.closes {
			if _, err := c.closeDay(ctx, true); err != nil {
				return err
			}
		}
		if c.outage && slices.Contains(args, "activate") {
			continue
		}
		if _, err := c.replay(ctx); err != nil {
			return err
		}
	}
	// What still shows no operation was refused before it became one: because
	// it is open here, or done already. The audit finds what is missing.
	for range wholeLives {
		if len(answered) == len(ids) {
			return nil
		}
		if _, err := take(len(ids), false); err != nil {
			return err
		}
	}
	return nil
}

// wholeLives is how often ids that show no operation are given again.
const wholeLives = 3

// strikeReplays has the program send and ask under that many strikes, while
// anything is open.
func (c *campaign) strikeReplays(ctx context.Context, strikes int) error {
	for range strikes {
		l, err := c.replay(ctx)
		if err != nil {
			return err
		}
		if l.exit == 0 {
			return nil // nothing is open
		}
	}
	return nil
}

// replay is one life that sends and asks, under a strike while any are left.
func (c *campaign) replay(ctx context.Context) (life, error) {
	f, args := c.fate(true), []string{"queue", "replay"}
	if c.screens && f.killAfter > 0 {
		// Screens never end by themselves. Half a second is their start.
		f.killAfter, args = time.Second/2+f.killAfter, nil
	}
	l, err := c.till.live(ctx, f, args...)
	if err == nil {
		c.note(l)
	}
	return l, err
}

// close ends the faults, and replays until nothing is open that the program can close.
func (c *campaign) close(ctx context.Context) error {
	if err := c.platform.setFaults(nil); err != nil {
		return err
	}
	if err := c.replayAll(ctx); err != nil {
		return err
	}
	// A refusal is looked at once more when nothing can still arrive.
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(absentAfter + settleTime):
	}
	if err := c.replayAll(ctx); err != nil {
		return err
	}
	l, err := c.till.live(ctx, fate{}, "verify")
	if err == nil && l.exit != 0 && (c.strike == turnData || c.strike == turnLog) {
		if err := c.acknowledge(ctx); err != nil {
			return err
		}
		l, err = c.till.live(ctx, fate{}, "verify")
	}
	if err == nil && l.exit != 0 {
		err = fmt.Errorf("verify: exit %d: %s", l.exit, l.said)
	}
	return err
}

func (c *campaign) replayAll(ctx context.Context) error {
	deadline := time.Now().Add(patience)
	for pause := settleTime; ; pause *= 2 {
		l, err := c.till.live(ctx, fate{}, "queue", "replay")
		if err != nil {
			return err
		}
		c.told = append(c.told, l.operations...)
		if l.exit == 0 || time.Now().Add(pause).After(deadline) {
			return nil
		}
		all, err := c.till.journaled(ctx)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(all, func(op operation.Operation) bool { return op.State.Open() && op.State != operation.Attention }) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// fate draws how the next life ends.
func (c *campaign) fate(struck bool) fate {
	if !struck || c.left <= 0 || c.strike == tamper {
		return fate{}
	}
	if c.strike == kill {
		return fate{killAfter: time.Millisecond + time.Duration(c.dice.Int64N(int64(c.length)))}
	}
	d := &disk{seed: c.dice.Uint64()}
	if c.calls == 0 {
		return fate{disk: d} // a whole life, to learn how many calls there are to strike
	}
	at := 1 + c.dice.Uint64N(c.calls)
	switch c.strike {
	case power:
		d.cutAt = at
	case full:
		d.failAt, d.failTimes, d.errno = at, 1+c.dice.Uint64N(20), enospc
	case fullStart:
		d.failAt, d.failTimes, d.errno = 1, 1+c.dice.Uint64N(20), enospc
	case bad:
		d.failAt, d.failTimes, d.errno = at, 1+c.dice.Uint64N(3), eio
	}
	return fate{disk: d}
}

// note records what a life showed, and how long it was.
func (c *campaign) note(l life) {
	c.told = append(c.told, l.operations...)
	if l.struck {
		c.struck++
		c.left--
	}
	const shortest = 50 * time.Millisecond
	switch {
	case c.strike == kill && l.struck:
		c.length += c.length / 32 // it might have lived longer
	case c.strike == kill:
		c.length = max(shortest, min(c.length, l.lasted*9/10))
	case l.calls > 0 && !l.struck:
		c.calls = l.calls
	}
}
