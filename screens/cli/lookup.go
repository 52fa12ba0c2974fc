package cli

import (
	"context"

	"github.com/spf13/cobra"

	"counterfoil/offline"
	"counterfoil/screens/cli/lookup"
)

// lookupCommand asks the platform what it knows of an id.
func (a *app) lookupCommand() *cobra.Command {
	c := a.command("lookup", "lookup ID", func(c *cobra.Command, args []string) error {
		return a.lookup(c.Context(), args[0])
	})
	c.Example = a.words.T("cli.lookup.example")
	return c
}

func (a *app) lookup(ctx context.Context, arg string) error {
	ids, err := parseIDs([]string{arg})
	if err != nil {
		return err
	}
	return a.signedIn(ctx, toLook, a.maySignIn, func(counter *counter, who people) error {
		open, err := counter.Operations(ctx, offline.Query{States: openStates})
		if err != nil {
			return err
		}
		l := lookup.Looker{
			Printer: a.printer(counter, who.operator, ids[0]).Printer, Root: ids[0], Pending: map[string]int{},
			Unstored: counter.readOnly, Unasked: counter.reachable(), Say: a.say,
			SayTrouble: func(err error) { text, _ := a.sentence(err); a.talk(text) },
		}
		for _, op := range open {
			l.Pending[op.ID]++
		}
		return l.Print(ctx)
	})
}
