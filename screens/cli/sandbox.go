package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/files"
	"counterfoil/screens/cli/stage"
	"counterfoil/screens/cli/stream"
	"counterfoil/screens/cli/usage"
)

// sandboxAddress is where the sandbox listens by default.
const sandboxAddress = "127.0.0.1:8421"

// sandboxCommand serves the sandbox platform until it is interrupted.
func (a *app) sandboxCommand() *cobra.Command {
	var addr, faults, voidLeaves, key, public string
	var seed int64
	var open bool
	var takes time.Duration
	c := a.command("sandbox", "sandbox", func(c *cobra.Command, _ []string) error {
		if voidLeaves != api.StatusVoid && voidLeaves != api.StatusInactive {
			return wrongUsage("cli.usage.flag_bad", map[string]any{"Flag": "--void-leaves", "Value": voidLeaves})
		}
		// --data names the sandbox's own folder here; without it the state is in memory.
		if err := a.sandboxFolder(); err != nil {
			return err
		}
		signer, bad, err := stage.RangeKeys(key, public)
		if err != nil {
			return trouble(err, "cli.sandbox.bad_key", map[string]any{"File": bad})
		}
		played, err := stage.Open(sandbox.Options{Seed: seed, VoidLeaves: voidLeaves, DataDir: a.flags.data, OpenControls: open, B2B: signer, RangeRules: sandbox.RangeRules{RangeTakes: takes}}, addr)
		if err != nil {
			return trouble(err, "cli.sandbox.failed", map[string]any{"Addr": addr, "Cause": err.Error()})
		}
		defer played.Close()
		if faults != "" {
			err := played.LoadFaults(faults)
			if errors.As(err, new(*files.ForeignError)) || errors.Is(err, files.ErrTooLong) {
				return trouble(err, "cli.sandbox.no_faults", map[string]any{"File": faults})
			}
			if err != nil {
				return trouble(err, "cli.sandbox.bad_faults", map[string]any{"File": faults, "Cause": err.Error()})
			}
		}
		a.warnOfNetwork(played, open)
		if err := a.introduce(played); err != nil {
			return err
		}
		<-c.Context().Done()
		return nil
	})
	c.Flags().StringVar(&addr, "addr", sandboxAddress, a.words.T("cli.flag.addr"))
	c.Flags().BoolVar(&open, "open-controls", false, a.words.T("cli.flag.open_controls"))
	usage.Number(c.Flags(), &seed, "seed", a.words.T("cli.flag.seed"))
	c.Flags().StringVar(&faults, "faults", "", a.words.T("cli.flag.faults"))
	c.Flags().StringVar(&voidLeaves, "void-leaves", api.StatusVoid, a.words.T("cli.flag.void_leaves"))
	c.Flags().DurationVar(&takes, "range-takes", 0, a.words.T("cli.flag.range_takes"))
	c.Flags().StringVar(&key, "range-key", "", a.words.T("cli.flag.range_key"))
	c.Flags().StringVar(&public, "range-public-key", "", a.words.T("cli.flag.range_public_key"))
	c.Example = a.words.T("cli.sandbox.example")
	return c
}

// sandboxFolder refuses a folder that is not a sandbox's, as for a counter's, and
// makes one where there is none.
func (a *app) sandboxFolder() error {
	if a.flags.data == "" {
		return nil
	}
	_, err := files.Folder(filepath.Clean(a.flags.data), []string{"sandbox.jsonl"}, []string{"lost+found*"})
	var foreign *files.ForeignError
	if errors.As(err, &foreign) && foreign.Why == files.Absent {
		foreign, err = nil, files.Make(filepath.Clean(a.flags.data))
	}
	switch {
	case foreign != nil:
		return trouble(err, "error."+string(offline.ErrNotOurs), map[string]any{"Path": foreign.Path, "Why": string(foreign.Why)})
	case err != nil:
		return trouble(err, "cli.folder", map[string]any{"Path": a.flags.data})
	}
	return nil
}

// warnOfNetwork says that others can reach the sandbox, where they can.
func (a *app) warnOfNetwork(s *stage.Stage, open bool) {
	if !s.Server.OnLoopback() {
		a.say("cli.sandbox.open", map[string]any{"URL": s.Server.URL(), "Controls": open})
	}
}

// introduce prints what a client needs: addresses and keys.
func (a *app) introduce(s *stage.Stage) error {
	line := map[string]string{
		"url": s.Server.URL(), "control_url": s.Server.ControlURL(),
		"posp_url": s.Server.POSPURL(), "paas_url": s.Server.PaaSURL(), "b2b_url": s.Server.B2BURL(),
		"mac_key": sandbox.DefaultMACKey, "app_secret": sandbox.DefaultAppSecret, "app_id": sandbox.DefaultAppID,
	}
	if a.json {
		return a.line(line)
	}
	var rows [][]string
	for _, key := range []string{"posp_url", "paas_url", "b2b_url", "mac_key", "app_id", "app_secret"} {
		rows = append(rows, []string{key, line[key]})
	}
	stream.Table(a.Stdout, append(rows, []string{"effects", line["url"] + "/sandbox/effects"}, []string{"faults", line["url"] + "/sandbox/faults"}))
	_, err := fmt.Fprintln(a.Stderr, a.words.T("cli.sandbox.serving", map[string]any{"URL": line["url"]}))
	return err
}
