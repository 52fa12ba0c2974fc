package cli

import (
	"context"
	"errors"
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

// demoPeople are the operators of a demonstration; their PINs are shown on the
// sign-in screen in training only.
var demoPeople = []screens.PINHint{
	{Name: "mgr", Role: offline.Manager, PIN: "9999"},
	{Name: "amy", Role: offline.Cashier, PIN: "1111"},
}

// demoCommand opens the counter over a sandbox and a data folder that go when it ends.
func (a *app) demoCommand() *cobra.Command {
	var addr string
	c := a.command("demo", "demo", func(c *cobra.Command, _ []string) error {
		if err := a.onTerminal(); err != nil {
			return err
		}
		return a.demo(c.Context(), addr)
	})
	c.Flags().StringVar(&addr, "sandbox-addr", "127.0.0.1:0", a.words.T("cli.flag.sandbox_addr"))
	return c
}

func (a *app) demo(ctx context.Context, addr string) error {
	played, err := stage.Open(sandbox.Options{VoidLeaves: api.StatusVoid}, addr)
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
		B2BSigner: sandbox.B2BSigner{Key: sandbox.DefaultMACKey},
	}, meaning)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "counterfoil-demo-")
	if err != nil {
		return trouble(err, "cli.folder", map[string]any{"Path": os.TempDir()})
	}
	defer func() {
		a.endLog()
		_ = os.RemoveAll(folder)
	}()
	err = a.screens(ctx, settings, demoPeople, func(ctx context.Context) (*counter, error) {
		c, err := a.openWith(ctx, settings, filepath.Join(folder, "data"), toPlay)
		if err != nil {
			return nil, err
		}
		var manager offline.Session
		for _, p := range demoPeople {
			if err := c.AddOperator(ctx, manager, p.Name, p.Role, p.PIN); err != nil {
				return nil, errors.Join(err, c.Stop())
			}
			if p.Role == offline.Manager {
				if manager, err = c.SignIn(ctx, p.Name, p.PIN); err != nil {
					return nil, errors.Join(err, c.Stop())
				}
			}
		}
		return c, nil
	})
	if err != nil {
		return err
	}
	a.say("cli.demo.ended", map[string]any{"Count": len(played.Effects())})
	return nil
}
