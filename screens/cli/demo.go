package cli

import (
	"context"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/screens"
	"counterfoil/screens/cli/config"
	"counterfoil/screens/cli/stage"
)

// demoCommand opens the counter over a sandbox and a data folder that go when it ends.
func (a *app) demoCommand() *cobra.Command {
	var addr string
	var empty bool
	c := a.command("demo", "demo", func(c *cobra.Command, _ []string) error {
		if err := a.onTerminal(); err != nil {
			return err
		}
		return a.demo(c.Context(), addr, empty)
	})
	c.Flags().BoolVar(&empty, "empty", false, a.words.T("cli.flag.empty"))
	c.Flags().StringVar(&addr, "sandbox-addr", "127.0.0.1:0", a.words.T("cli.flag.sandbox_addr"))
	return c
}

func (a *app) demo(ctx context.Context, addr string, empty bool) error {
	folder, err := os.MkdirTemp("", "counterfoil-demo-")
	if err != nil {
		return trouble(err, "cli.folder", map[string]any{"Path": os.TempDir()})
	}
	defer func() { // after the stage, whose people still work
		a.endLog()
		_ = os.RemoveAll(folder)
	}()
	clock := &stage.Clock{}
	played, err := stage.Open(sandbox.Options{VoidLeaves: api.StatusVoid, Now: clock.Now}, addr)
	if err != nil {
		return trouble(err, "cli.sandbox.failed", map[string]any{"Addr": addr, "Cause": err.Error()})
	}
	defer played.Close()
	// Below the screens it stays readable, for whoever sets faults or counts effects.
	a.warnOfNetwork(played, false)
	a.say("cli.demo.sandbox", map[string]any{"URL": played.Server.URL()})
	var meaning offline.Rules
	meaning.TraceCodes, meaning.ActivationAbsentCodes, meaning.DuplicateTraceCodes, meaning.UnclearCodes = sandbox.ClientCodes()
	settings, err := config.Demo(a.words.T("cli.demo.shop"), api.Settings{
		POSPURL: played.Server.POSPURL(), PaaSURL: played.Server.PaaSURL(), B2BURL: played.Server.B2BURL(),
		MACKey: sandbox.DefaultMACKey, AppSecret: sandbox.DefaultAppSecret, PaaS: api.PaaS{AppID: sandbox.DefaultAppID},
	}, meaning, a.settings)
	if err != nil {
		return err
	}
	data := filepath.Join(folder, "data")
	var hints []screens.PINHint
	for _, p := range stage.People {
		hints = append(hints, screens.PINHint(p))
	}
	err = a.screens(ctx, settings, hints, func(ctx context.Context) (*counter, error) {
		if err := a.enter(settings, data, toPlay); err != nil {
			return nil, err
		}
		if empty {
			c, err := a.openWith(ctx, settings, data, toPlay)
			if err == nil {
				err = stage.Cast(ctx, c.Desk)
			}
			return c, err
		}
		shift := settings.Desk(data)
		if shift.PublicPINs = true; a.log != nil {
			shift.Log = a.log.Logger
		}
		if err := played.Rehearse(ctx, shift, settings.Client(), clock); err != nil {
			return nil, err
		}
		c, err := a.openWith(ctx, settings, data, toPlay)
		if err == nil {
			played.Begin(ctx, c.Desk, shift.Log) // beside the sign-in: nobody waits for it
		}
		return c, err
	})
	if err != nil {
		return err
	}
	a.say("cli.demo.ended", map[string]any{"Count": len(played.Effects())})
	return nil
}
