package cli

import (
	"context"
	"os"
	"strings"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"counterfoil/offline"
	"counterfoil/screens"
	"counterfoil/screens/cli/config"
	"counterfoil/ui/scan"
)

// counterCommand is the program without a command: the counter on this terminal.
func (a *app) counterCommand() *cobra.Command {
	c := a.command("counterfoil", "counterfoil", func(c *cobra.Command, _ []string) error {
		if err := a.onTerminal(); err != nil {
			return err
		}
		settings, err := a.settings, a.settingsErr
		if err != nil {
			return err
		}
		return a.screens(c.Context(), settings, nil, func(ctx context.Context) (*counter, error) { return a.open(ctx, toBegin) })
	})
	c.Example = a.words.T("cli.counterfoil.example")
	return c
}

// onTerminal refuses to draw screens into a file or a pipe.
func (a *app) onTerminal() error {
	for _, side := range []any{a.Stdin, a.out.To} {
		f, ok := side.(*os.File)
		if !ok || !term.IsTerminal(f.Fd()) {
			return wrongUsage("cli.usage.terminal", nil)
		}
	}
	return nil
}

// screens shows the screens of the counter that open opens, and closes it with
// them. hints are the PINs of a demonstration.
func (a *app) screens(ctx context.Context, settings *config.Config, hints []screens.PINHint, open func(context.Context) (*counter, error)) (err error) {
	var c *counter
	defer func() {
		if c != nil {
			a.close(c, &err)
		}
	}()
	f, desk := settings.Screens, settings.Desk("")
	return screens.Run(ctx, screens.Options{
		Setup: screens.Setup{
			Shop:      strings.TrimSpace(desk.ShopName + " " + desk.CounterName),
			Scanner:   scan.Settings{Prefix: f.Prefix, BurstGap: f.BurstGap, MinLength: f.MinLength, SameScan: f.SameScan},
			MaskCodes: f.MaskCodes, Hints: hints,
		},
		Words: a.words, Training: hints != nil, Version: version(), IdleLock: f.IdleLock, Theme: f.Theme, Zone: desk.Zone,
	}, func(ctx context.Context) (*offline.Desk, error) {
		var err error
		if c, err = open(ctx); err != nil {
			return nil, err
		}
		c.Start()
		a.printer(c, offline.Session{}).keepMissing(ctx, c)
		go tidy(ctx)
		return c.Desk, nil
	})
}
