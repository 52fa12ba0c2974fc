package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"counterfoil/offline"
	"counterfoil/screens/cli/serials"
	"counterfoil/screens/cli/stream"
	"counterfoil/screens/cli/usage"
)

// rangeCommand activates a serial range.
func (a *app) rangeCommand() *cobra.Command {
	var s serials.Serials
	c := a.command("range", "range", func(c *cobra.Command, _ []string) error {
		if flag := s.Read(c.Flags()); flag != "" {
			return wrongUsage("cli.usage.flag_bad", map[string]any{"Flag": usage.Dashed(flag), "Value": c.Flag(flag).Value.String()})
		}
		if !s.Counted && a.typedOn() == nil {
			return wrongUsage("cli.range.count_needed", nil)
		}
		return a.signedIn(c.Context(), toWork, a.mustSignIn, func(counter *counter, who people) error {
			return a.sellRange(c.Context(), counter, who, &s)
		})
	})
	s.Flags(c.Flags(), a.words)
	c.Example = a.words.T("cli.range.example")
	return c
}

// sellRange shows what the range would be, has its count typed on a terminal,
// accepts it, waits for the first answer and prints the operation.
func (a *app) sellRange(ctx context.Context, counter *counter, who people, s *serials.Serials) error {
	r := offline.RangeRequest{Order: s.Order, Operator: who.operator, Approver: who.approver, Offline: true}
	p, err := counter.PreviewRange(ctx, r)
	if err != nil {
		return err
	}
	for _, sentence := range s.Sentences(&p, a.words) {
		a.talk(sentence)
	}
	if in := a.typedOn(); in != nil && len(p.Wrong) == 0 && len(p.Overlaps) == 0 {
		typed, err := stream.Ask(ctx, in, a.Stderr, a.words.T("range.type_count", map[string]any{"Count": s.Order.Count})+" ")
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil || typed != strconv.Itoa(s.Order.Count):
			return trouble(err, "cli.range.not_confirmed", nil)
		}
	}
	counter.Start()
	op, err := counter.AcceptRange(ctx, r)
	if err != nil {
		return err
	}
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*counter.settings.Client().AnswerTimeout)
	defer cancel()
	if now, err := counter.Wait(wait, op.Op); err == nil {
		op = now
	}
	a.raise(exitOf[op.State])
	return a.printer(counter, who.operator).Result(op)
}
