package cli

import (
	"github.com/spf13/cobra"

	"counterfoil/screens/cli/books"
	"counterfoil/screens/cli/stream"
)

// reconcileCommand holds our book against the platform's.
func (a *app) reconcileCommand() *cobra.Command {
	var s books.Span
	c := a.command("reconcile", "reconcile", func(c *cobra.Command, _ []string) error {
		if err := s.Check(c.Flags()); err != nil {
			return err
		}
		return a.signedIn(c.Context(), toWork, a.mustSignIn, func(counter *counter, who people) error {
			if err := counter.reachable(); err != nil {
				return err
			}
			r := a.printer(counter, who.operator).reconciling()
			found, err := r.Ask(c.Context(), counter.Desk, who.by(), s)
			if err != nil {
				return err
			}
			if found.Silent > 0 {
				a.raise(exitFailed)
			}
			if found.Differences > 0 {
				a.raise(exitDiffers)
			}
			return r.Print(&found)
		})
	})
	c.Example = a.words.T("cli.reconcile.example")
	s.Flags(c.Flags(), a.words)
	return c
}

func (p *printer) reconciling() *books.Reconcile {
	r := &books.Reconcile{Words: p.words, Out: p.Stdout, Mask: p.ID, Say: p.say, Progress: stream.Progress{Terminal: p.drawnOn()}}
	if p.json {
		r.Line = p.Line
	}
	return r
}
