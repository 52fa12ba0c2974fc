package cli

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"counterfoil/offline"
	"counterfoil/screens/cli/stream"
)

// openStates are those that still ask for something.
var openStates = []offline.State{offline.Queued, offline.Sending, offline.Unknown, offline.Attention}

// queueCommand lists what waits, and holds the commands on single operations.
func (a *app) queueCommand() *cobra.Command {
	var state string
	list := func(c *cobra.Command, _ []string) error { return a.listQueue(c.Context(), state) }
	stateFlag := func(c *cobra.Command) *cobra.Command {
		c.Flags().StringVar(&state, "state", "", a.words.T("cli.flag.state"))
		return c
	}
	c := stateFlag(a.command("queue", "queue", list))
	c.AddCommand(
		stateFlag(a.command("queue.list", "list", list)),
		a.queueShow(), a.queueReplay(), a.queueWithdraw(), a.queueSettle(),
	)
	return c
}

func (a *app) listQueue(ctx context.Context, state string) error {
	q := offline.Query{States: openStates, OldestFirst: true, Whole: true}
	if state != "" {
		if !slices.Contains(allStates, offline.State(state)) {
			return wrongUsage("cli.usage.state", map[string]any{"Word": state, "List": joinStates()})
		}
		q.States = []offline.State{offline.State(state)}
	}
	return a.signedIn(ctx, toRead, a.maySignIn, func(counter *counter, who people) error {
		if !slices.Contains(openStates, q.States[0]) {
			q.Day = counter.Day()
		}
		return a.printer(counter, who.operator).operations(ctx, counter, q)
	})
}

// queuePage is how many operations are read at a time.
const queuePage = 500

// pages hands over what a query finds, page by page, and returns the error of what
// could not be read after what could.
func (c *counter) pages(ctx context.Context, q offline.Query, each func([]offline.Operation) error) error {
	q.Limit = queuePage
	var unreadable error
	for {
		ops, damaged := c.Operations(ctx, q)
		if damaged != nil && len(ops) == 0 {
			return damaged
		}
		unreadable = cmp.Or(unreadable, damaged)
		if err := each(ops); err != nil {
			return err
		}
		if len(ops) < queuePage {
			return unreadable
		}
		q.After = ops[len(ops)-1].Op
	}
}

// operations prints all operations of a query. Those that are queued may wait for
// any open one, so that these are read with them.
func (p *printer) operations(ctx context.Context, c *counter, q offline.Query) error {
	shown, waits := q.States, c.Waits(ctx, nil)
	queued := slices.Contains(shown, offline.Queued)
	if queued {
		q.States = openStates
	}
	some := false
	unreadable := c.pages(ctx, q, func(ops []offline.Operation) error {
		if queued {
			waits.Tell(ops)
		}
		var rows [][]string
		for _, op := range ops {
			switch {
			case !slices.Contains(shown, op.State):
				continue
			case !p.json:
				rows = append(rows, p.Row(op))
			default:
				if err := p.Line(p.Shown(op)); err != nil {
					return err
				}
			}
			some = true
		}
		stream.Table(p.Stdout, rows)
		return nil
	})
	if !some && !p.json && unreadable == nil {
		p.say("cli.queue.empty", nil)
	}
	return unreadable
}

var allStates = append(slices.Clone(openStates), offline.Done, offline.Refused, offline.Withdrawn, offline.Settled)

func joinStates() string {
	names := make([]string, len(allStates))
	for i, s := range allStates {
		names[i] = string(s)
	}
	return strings.Join(names, ", ")
}

func (a *app) queueShow() *cobra.Command {
	return a.command("queue.show", "show OP", func(c *cobra.Command, args []string) error {
		return a.signedIn(c.Context(), toRead, a.maySignIn, func(counter *counter, who people) error {
			op, err := counter.whole(c.Context(), args[0])
			if err != nil {
				return err
			}
			p := a.printer(counter, who.operator)
			if a.json {
				return p.Line(p.Shown(op))
			}
			p.Page(op)
			return nil
		})
	})
}

// whole reads an operation with what it waits for.
func (c *counter) whole(ctx context.Context, name string) (offline.Operation, error) {
	op, err := c.Operation(ctx, name)
	if err != nil || op.State != offline.Queued {
		return op, err
	}
	waits, one := c.Waits(ctx, &op), []offline.Operation{op}
	err = c.pages(ctx, offline.Query{States: openStates, OldestFirst: true, Before: op.Op}, func(earlier []offline.Operation) error {
		waits.Tell(earlier)
		return nil
	})
	waits.Tell(one)
	if offline.KindOf(err) == offline.ErrDamaged {
		err = nil // of others: this one was read
	}
	return one[0], err
}

// queueReplay sends and asks until a round changes nothing. It needs no
// operator: a timer has no PIN, and nothing is decided here that was not
// decided when the operations were accepted.
func (a *app) queueReplay() *cobra.Command {
	return a.command("queue.replay", "replay", func(c *cobra.Command, _ []string) error {
		return a.opened(c.Context(), toWork, func(counter *counter) error {
			if err := counter.reachable(); err != nil {
				return err
			}
			p := a.printer(counter, offline.Session{})
			var printing error
			ctx, cancel := context.WithCancel(c.Context())
			defer cancel()
			err := counter.Replay(ctx, func(op offline.Operation) {
				if printing = cmp.Or(printing, p.Result(op)); printing != nil {
					cancel() // what is begun ends, nothing new begins
				}
			})
			if err := cmp.Or(printing, err); err != nil {
				return err
			}
			return a.stillOpen(c.Context(), counter)
		})
	})
}

// stillOpen sets the exit code where operations are still open.
func (a *app) stillOpen(ctx context.Context, c *counter) error {
	q := offline.Query{States: []offline.State{offline.Unknown, offline.Sending, offline.Attention}, Limit: 1}
	unclear, err := c.Operations(ctx, q)
	if err != nil {
		return err
	}
	q.States = []offline.State{offline.Queued}
	queued, err := c.Operations(ctx, q)
	switch {
	case err != nil:
		return err
	case len(unclear) > 0:
		a.raise(exitUnknown)
		a.say("cli.queue.unclear_left", nil)
	case len(queued) > 0:
		a.raise(exitQueued)
		why := "cli.queue.queued_left"
		if queued[0].Why == offline.WhyMidnight {
			why = "cli.queue.midnight_left"
		}
		a.say(why, nil)
	default:
		a.say("cli.queue.none_left", nil)
	}
	return nil
}

func (a *app) queueWithdraw() *cobra.Command {
	return a.command("queue.withdraw", "withdraw OP", func(c *cobra.Command, args []string) error {
		return a.onOperation(c.Context(), func(counter *counter, who people) (offline.Operation, error) {
			return counter.Withdraw(c.Context(), who.by(), args[0])
		})
	})
}

func (a *app) queueSettle() *cobra.Command {
	var as, reason string
	c := a.command("queue.settle", "settle OP", func(c *cobra.Command, args []string) error {
		if as != offline.SettleDone && as != offline.SettleNoEffect {
			return wrongUsage("cli.usage.settle_as", map[string]any{"Value": as})
		}
		if strings.TrimSpace(reason) == "" {
			return wrongUsage("error."+string(offline.ErrReasonNeeded), nil)
		}
		return a.onOperation(c.Context(), func(counter *counter, who people) (offline.Operation, error) {
			return counter.Settle(c.Context(), who.by(), args[0], as, reason)
		})
	})
	c.Flags().StringVar(&as, "as", "", a.words.T("cli.flag.as"))
	c.Flags().StringVar(&reason, "reason", "", a.words.T("cli.flag.reason"))
	c.Example = a.words.T("cli.queue.settle.example")
	return c
}

// onOperation signs somebody in, does one thing to an operation and prints it.
func (a *app) onOperation(ctx context.Context, do func(*counter, people) (offline.Operation, error)) error {
	return a.signedIn(ctx, toWork, a.mustSignIn, func(counter *counter, who people) error {
		op, err := do(counter, who)
		if err != nil {
			return err
		}
		a.raise(exitOf[op.State])
		return a.printer(counter, who.operator).Result(op)
	})
}
