package cli

import (
	"context"
	"os"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"counterfoil/screens"
	"counterfoil/ui/scan"
)

// counterCommand is the program without a command: the counter on this terminal.
func (a *app) counterCommand() *cobra.Command {
	c := a.command("counterfoil", "counterfoil", func(c *cobra.Command, _ []string) (err error) {
		if err := a.onTerminal(); err != nil {
			return err
		}
		counter, err := a.open(c.Context(), toWork)
		if err != nil {
			return err
		}
		defer a.close(counter, &err)
		return a.screens(c.Context(), counter, nil)
	})
	a.wants(c, noStranger)
	c.Example = a.words.T("cli.counterfoil.example")
	return c
}

// onTerminal refuses to draw screens into a file or a pipe.
func (a *app) onTerminal() error {
	for _, side := range []any{a.Stdin, a.Stdout} {
		f, ok := side.(*os.File)
		if !ok || !term.IsTerminal(f.Fd()) {
			return wrongUsage("cli.usage.terminal", nil)
		}
	}
	return nil
}

// screens starts the desk's work and shows the screens until they are closed.
func (a *app) screens(ctx context.Context, c *counter, hints []screens.PINHint) error {
	f := c.settings.Written
	c.Start()
	return screens.Run(ctx, screens.Options{
		Desk: c.Desk, Words: a.words,
		Training: hints != nil, Hints: hints,
		ShopName: f.Counter.ShopName, CounterName: f.Counter.Name, Version: version(),
		Scanner: scan.Settings{
			Prefix: f.Scanner.Prefix, BurstGap: c.settings.BurstGap,
			MinLength: int(f.Scanner.MinLength), SameScan: c.settings.SameScan,
		},
		IdleLock: c.settings.IdleLock, MaskCodes: f.Screen.MaskCodes,
		Zone: c.settings.Zone(),
	})
}
