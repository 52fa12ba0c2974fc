package cli

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"counterfoil/assets"
	"counterfoil/screens/cli/config"
	"counterfoil/screens/cli/stream"
)

// configCommand prints the settings in force and where each comes from.
func (a *app) configCommand() *cobra.Command {
	var example bool
	c := a.command("config", "config", func(*cobra.Command, []string) error {
		if example && a.json {
			return a.line(map[string]string{"example": string(assets.ExampleConfig)})
		}
		if example {
			_, err := a.Stdout.Write(assets.ExampleConfig)
			return err
		}
		settings, err := a.settings, a.settingsErr
		if err != nil {
			return err
		}
		return a.listSettings(settings)
	})
	c.Flags().BoolVar(&example, "example", false, a.words.T("cli.flag.example"))
	return c
}

func (a *app) listSettings(settings *config.Config) error {
	var rows [][]string
	for _, s := range settings.List() {
		if a.json {
			if err := a.line(s); err != nil {
				return err
			}
			continue
		}
		source := s.Source
		if source == "default" {
			source = a.words.T("cli.source.default")
		}
		value, err := json.Marshal(s.Value, json.Deterministic(true))
		if err != nil {
			return err
		}
		rows = append(rows, []string{s.Key, "= " + strings.TrimSpace(string(value)), "# " + source})
	}
	stream.Table(a.Stdout, rows)
	if settings.Path == "" && !a.json {
		fmt.Fprintln(a.Stderr, a.words.T("cli.config.no_file"))
	}
	return nil
}
