package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"counterfoil/offline"
	"counterfoil/screens/cli/config"
	"counterfoil/screens/cli/stream"
)

// backupCommand copies the database while the counter runs.
func (a *app) backupCommand() *cobra.Command {
	return a.command("backup", "backup FILE", func(c *cobra.Command, args []string) error {
		return a.signedIn(c.Context(), toRead, a.mustSignIn, func(counter *counter, who people) error {
			file, err := filepath.Abs(args[0])
			if err != nil {
				return unwritten(err, "cli.backup.failed", args[0])
			}
			if err := counter.Backup(c.Context(), who.by(), file); err != nil {
				return unwritten(err, "cli.backup.failed", file)
			}
			info, err := os.Stat(file)
			if err != nil {
				return unwritten(err, "cli.backup.failed", file)
			}
			if a.json {
				return a.line(map[string]any{"file": file, "bytes": info.Size()})
			}
			fmt.Fprintln(a.Stdout, a.words.T("cli.backup.done", map[string]any{"File": file, "KB": (info.Size() + 1023) / 1024}))
			return nil
		})
	})
}

// checkLine is a line of doctor for scripts.
type checkLine struct {
	Name   string `json:"name"`
	Level  string `json:"level"`
	Text   string `json:"text"`
	Advice string `json:"advice"`
}

// doctorCommand checks everything that can be wrong. It fails where a check
// does; settings that cannot be used are the first of them.
func (a *app) doctorCommand() *cobra.Command {
	return a.command("doctor", "doctor", func(c *cobra.Command, _ []string) (err error) {
		settings, err := a.settings, a.settingsErr
		if err != nil {
			text, _ := a.sentence(err)
			return a.diagnosis([]checkLine{{Name: "settings", Level: string(offline.Fail), Text: text}})
		}
		lines := []checkLine{a.checkSettings(settings)}
		counter, err := a.open(c.Context(), toCheck)
		if err != nil {
			text, _ := a.sentence(err)
			return a.diagnosis(append(lines, checkLine{Name: "database", Level: string(offline.Fail), Text: text}))
		}
		defer a.close(counter, &err)
		for _, check := range counter.Doctor(c.Context()) {
			line := checkLine{Name: strings.TrimPrefix(check.Name, "doctor."), Level: string(check.Level), Text: a.words.T(check.Detail, check.Args)}
			if check.Advice != "" {
				line.Advice = a.words.T(check.Advice, check.Args)
			}
			lines = append(lines, line)
		}
		return a.diagnosis(lines)
	})
}

func (a *app) checkSettings(settings *config.Config) checkLine {
	path := settings.Path
	if missing := settings.Missing(); missing != "" {
		line := checkLine{Name: "settings", Level: string(offline.Warn)}
		line.Text = a.words.T("cli.doctor.settings_missing", map[string]any{"Setting": missing})
		line.Advice = a.words.T("cli.doctor.settings_advice")
		return line
	}
	if unused := settings.Unused(); unused != "" {
		line := checkLine{Name: "settings", Level: string(offline.Warn)}
		line.Text = a.words.T("cli.doctor.settings_unused", map[string]any{"Setting": unused})
		line.Advice = a.words.T("cli.doctor.settings_unused_advice")
		return line
	}
	if path == "" {
		path = a.words.T("cli.source.default")
	}
	return checkLine{Name: "settings", Level: string(offline.OK), Text: a.words.T("cli.doctor.settings_ok", map[string]any{"File": path})}
}

func (a *app) diagnosis(lines []checkLine) error {
	signs := map[string]string{string(offline.OK): "✔", string(offline.Warn): "!", string(offline.Fail): "✖"}
	failed := false
	var rows [][]string
	for _, line := range lines {
		failed = failed || line.Level == string(offline.Fail)
		if a.json {
			if err := a.line(line); err != nil {
				return err
			}
			continue
		}
		name := a.words.T("doctor." + line.Name)
		if line.Name == "settings" {
			name = a.words.T("cli.doctor.settings")
		}
		rows = append(rows, []string{signs[line.Level] + " " + name, line.Text})
		if line.Advice != "" {
			rows = append(rows, []string{"", "→ " + line.Advice})
		}
	}
	stream.Table(a.Stdout, rows)
	if failed {
		a.raise(exitFailed)
	}
	return nil
}
