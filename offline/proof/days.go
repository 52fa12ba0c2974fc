package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"counterfoil/api/sandbox"
	"counterfoil/offline/journal"
	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// closeDay has the program close the business day with what is open now; a
// strike may come in the middle.
func (c *campaign) closeDay(ctx context.Context, struck bool) (life, error) {
	all, err := c.till.journaled(ctx)
	if err != nil {
		return life{}, err
	}
	open := 0
	for _, op := range all {
		if op.State.Open() {
			open++
		}
	}
	l, err := c.till.live(ctx, c.fate(struck), "close", "--open", strconv.Itoa(open))
	if err == nil {
		c.note(l)
	}
	return l, err
}

// daysAudited closes the day once more, and holds all closes against the events,
// against what the platform says it did, and against what the queue lists.
func (c *campaign) daysAudited(ctx context.Context) ([]string, error) {
	switch l, err := c.closeDay(ctx, false); {
	case err != nil:
		return nil, err
	case l.exit != 0:
		return nil, fmt.Errorf("the last close: exit %d: %s", l.exit, l.said)
	}
	closes, wrong, err := c.till.daysAudit(ctx)
	if err == nil && len(closes) == 0 {
		err = errors.New("no day was closed: the row proves nothing")
	}
	if err != nil {
		return nil, err
	}
	queue, err := c.till.live(ctx, fate{}, "queue")
	if err != nil {
		return nil, err
	}
	effects, err := c.platform.effects()
	return append(wrong, sumsAudit(closes, queue.operations, effects)...), err
}

// sumsAudit holds the sum of all closes against the platform's effects, and what the
// last one left open against the queue. What is open may have had its effect.
func sumsAudit(closes []closed, queue []operation.Operation, effects []sandbox.Effect) (findings []string) {
	var open sum
	unsure := map[string]int64{} // by outcome
	for _, op := range queue {
		open.add(op.AmountFen)
		unsure[outcomeOf(op.Kind)]++
	}
	if last := closes[len(closes)-1].StillOpen; last != open {
		findings = append(findings, fmt.Sprintf("the last close leaves %v open, the queue lists %v", last, open))
	}
	did := map[string]map[string]bool{"active": {}, "void": {}}
	for _, e := range effects {
		did[outcomeOf(kindOf(e))][e.ID] = true
	}
	for outcome, ids := range did {
		var all sum
		for _, z := range closes {
			all.Ops, all.Fen = all.Ops+z.Outcomes[outcome].Ops, all.Fen+z.Outcomes[outcome].Fen
		}
		if n := int64(len(ids)); all.Ops > n || all.Ops < n-unsure[outcome] || outcome == "active" && all.Fen != all.Ops*fen {
			findings = append(findings, fmt.Sprintf("the closes count %v %s, the platform did %d, %d are open", all, outcome, n, unsure[outcome]))
		}
	}
	return findings
}

// fen is what each activation of a trial is for.
const fen = 3000

func outcomeOf(kind operation.Kind) string {
	return map[bool]string{false: "active", true: "void"}[kind == operation.Void]
}

// sum is a number of operations and their fen.
type sum struct{ Ops, Fen int64 }

func (s *sum) add(fen int64) { s.Ops, s.Fen = s.Ops+1, s.Fen+fen }

// closed is what a close says, as scripts read it.
type closed struct {
	Z         int64
	From      int64 `json:"from_seq"`
	To        int64 `json:"to_seq"`
	Accepted  sum
	Reopened  sum
	StillOpen sum `json:"still_open"`
	Outcomes  map[string]sum
}

// daysAudit holds every close of a journal against an own count of its events: no
// number is missing or given twice, and each acceptance and outcome is in one.
func (t *till) daysAudit(ctx context.Context) (all []closed, findings []string, err error) {
	j, err := journal.Open(ctx, journal.Options{Dir: t.data, ReadOnly: true})
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	err = j.Each(ctx, `SELECT data FROM events WHERE event = 'day.closed' ORDER BY seq`, nil, func(row sqlite.Row) error {
		all = append(all, closed{})
		return json.Unmarshal([]byte(row.Text(0)), &all[len(all)-1])
	})
	if err != nil {
		return nil, nil, err
	}
	counts := make([]closed, len(all)+1) // one more for what came since
	n := 0
	stands := map[string]operation.Operation{}
	err = j.Each(ctx, `SELECT seq, data FROM events WHERE op <> '' ORDER BY seq`, nil, func(row sqlite.Row) error {
		var op operation.Operation
		if err := json.Unmarshal([]byte(row.Text(1)), &op); err != nil {
			return err
		}
		for n < len(all) && row.Int(0) > all[n].To {
			counts[n].stillOpen(stands)
			n++
		}
		counts[n].count(stands, op)
		return nil
	})
	for ; n < len(all); n++ {
		counts[n].stillOpen(stands)
	}
	for i, z := range all {
		want := counts[i]
		want.Z, want.From, want.To = int64(i+1), 0, z.To
		if i > 0 {
			want.From = all[i-1].To
		}
		for _, outcome := range []string{"active", "void", "refused", "withdrawn", "settled"} {
			if z.Outcomes[outcome] != want.Outcomes[outcome] {
				findings = append(findings, fmt.Sprintf("Z %d has %v %s, the events %v", z.Z, z.Outcomes[outcome], outcome, want.Outcomes[outcome]))
			}
		}
		z.Outcomes, want.Outcomes = nil, nil
		if have, should := fmt.Sprintf("%+v", z), fmt.Sprintf("%+v", want); have != should {
			findings = append(findings, fmt.Sprintf("a close says %s, the events %s", have, should))
		}
	}
	return all, findings, err
}

// count adds what one event did.
func (c *closed) count(stands map[string]operation.Operation, now operation.Operation) {
	was, known := stands[now.Op]
	stands[now.Op] = now
	wasOpen := !known || was.State.Open()
	switch {
	case !known:
		c.Accepted.add(now.AmountFen)
	case !wasOpen && now.State.Open():
		c.Reopened.add(now.AmountFen)
	}
	if !wasOpen || now.State.Open() {
		return
	}
	outcome := string(now.State)
	if now.State == operation.Done {
		outcome = outcomeOf(now.Kind)
	}
	if c.Outcomes == nil {
		c.Outcomes = map[string]sum{}
	}
	s := c.Outcomes[outcome]
	s.add(now.AmountFen)
	c.Outcomes[outcome] = s
}

func (c *closed) stillOpen(stands map[string]operation.Operation) {
	for _, op := range stands {
		if op.State.Open() {
			c.StillOpen.add(op.AmountFen)
		}
	}
}
