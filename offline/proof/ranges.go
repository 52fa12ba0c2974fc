package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline/operation"
)

// rangeSize is how many pieces each range of the suite has.
const rangeSize = 5

// rangesOf names so many ranges, none of which overlaps another.
func rangesOf(count int) (ids []string) {
	for n := range count {
		ids = append(ids, fmt.Sprintf("7020:%07d-%07d", n*rangeSize+1, (n+1)*rangeSize))
	}
	return ids
}

// onRanges is one rule for ranges alone: their gateway is another server.
func onRanges(probability float64, do string) sandbox.Fault {
	return sandbox.Fault{Action: api.ActionRange, Probability: probability, Do: do}
}

// workRanges runs a trial of ranges: each is sold under the faults and strikes
// until the journal has it, as a manager would who finds nothing after a crash,
// with a replay in between; then the faults end, and everything that can close must.
func (c *campaign) workRanges(ctx context.Context, ids, _ []string) error {
	if err := c.platform.setFaults(c.rules); err != nil {
		return err
	}
	for _, id := range ids {
		c.drift()
		if err := c.sellRange(ctx, id, true); err != nil {
			return err
		}
		c.drift()
		if _, err := c.replay(ctx); err != nil {
			return err
		}
	}
	if err := c.strikeReplays(ctx, c.left); err != nil {
		return err
	}
	if err := c.platform.setFaults(nil); err != nil {
		return err
	}
	for _, id := range ids {
		if err := c.sellRange(ctx, id, false); err != nil {
			return err
		}
	}
	return c.close(ctx)
}

// drift changes, where the trial does, what the next lives find: an order that is
// asked about must not follow.
func (c *campaign) drift() {
	if !c.drifts {
		return
	}
	c.platform.jump(c.dice)
	c.till.environ = []string{
		fmt.Sprintf("COUNTERFOIL_PLATFORM_B2B_PARTNER_ID=%d", 1+c.dice.IntN(9999)),
		fmt.Sprintf("COUNTERFOIL_PLATFORM_B2B_MERCHANT_ID=%d", 1+c.dice.IntN(9999)),
		"COUNTERFOIL_BULK_VOUCHER_CODE=" + []string{"", "BBBBSSSSSSS"}[c.dice.IntN(2)],
		"COUNTERFOIL_COUNTER_TIME_ZONE=" + []string{"Asia/Shanghai", "Asia/Tokyo"}[c.dice.IntN(2)],
	}
}

// sellRange gives a range to the program until the journal has it.
func (c *campaign) sellRange(ctx context.Context, id string, struck bool) error {
	serials := strings.FieldsFunc(id, func(r rune) bool { return r == ':' || r == '-' })
	for range wholeLives {
		held, err := c.till.journaled(ctx)
		if err != nil || slices.ContainsFunc(held, func(op operation.Operation) bool { return op.ID == id && op.State != operation.Withdrawn }) {
			return err
		}
		l, err := c.till.live(ctx, c.fate(struck), "range", "--type", "voucher", "--bin", serials[0], "--from", serials[1], "--to", serials[2],
			"--selling", "100.00", "--cost", "88.88", "--count", fmt.Sprint(rangeSize))
		if err != nil {
			return err
		}
		c.note(l)
	}
	return nil
}
