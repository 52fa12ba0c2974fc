package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/assets"
	"counterfoil/offline"
	"counterfoil/screens/cli/config"
	"counterfoil/screens/cli/stream"
	"counterfoil/ui"
)

// release is set by the build of a release; a build from source tells its commit.
var release string

// version names this build.
func version() string {
	var module, commit string
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "(devel)" {
			module = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 7 {
				commit = s.Value[:7]
			}
		}
	}
	return cmp.Or(release, module, commit, "source")
}

// versionCommand tells the version, and on request whether this binary works.
func (a *app) versionCommand() *cobra.Command {
	var selftest bool
	c := a.command("version", "version", func(c *cobra.Command, _ []string) error {
		if a.json {
			err := a.line(map[string]string{"version": version(), "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH})
			if err != nil || !selftest {
				return err
			}
		} else {
			fmt.Fprintf(a.Stdout, "counterfoil %s  %s  %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		}
		if selftest {
			return a.selftest(c.Context())
		}
		return nil
	})
	c.Flags().BoolVar(&selftest, "selftest", false, a.words.T("cli.flag.selftest"))
	return c
}

// selftest checks what is built into the binary, and that its database is
// durable, in a temporary folder.
func (a *app) selftest(ctx context.Context) error {
	for _, check := range []struct {
		name string
		run  func(context.Context) (string, error)
	}{
		{"database", selfDatabase},
		{"signatures", func(context.Context) (string, error) { return "MD5, SHA-256", api.SelfTest() }},
		{"languages", selfLanguages},
		{"example", selfExample},
		{"boxes", selfBoxes},
	} {
		detail, err := check.run(ctx)
		if err != nil {
			a.raise(exitFailed)
			detail = err.Error()
		}
		if a.json {
			if err := a.line(map[string]any{"check": check.name, "ok": err == nil, "detail": detail}); err != nil {
				return err
			}
			continue
		}
		sign := "✔ "
		if err != nil {
			sign = "✖ "
		}
		fmt.Fprintln(a.Stdout, sign+stream.Pad(a.words.T("cli.selftest."+check.name), 22)+"  "+detail)
	}
	if a.exit != exitDone {
		return trouble(nil, "cli.selftest.failed", nil)
	}
	return nil
}

// selfDatabase opens a new data folder, which migrates it, and asks doctor what
// the database promises.
func selfDatabase(ctx context.Context) (detail string, err error) {
	folder, err := os.MkdirTemp("", "counterfoil-selftest-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(folder)
	settings, err := config.Demo("", api.Settings{MACKey: sandbox.DefaultMACKey}, offline.Rules{}, nil)
	if err != nil {
		return "", err
	}
	client, err := api.New(settings.Client())
	if err != nil {
		return "", err
	}
	desk, err := offline.Open(ctx, settings.Desk(filepath.Join(folder, "data")), client)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, desk.Stop()) }()
	whole, err := desk.Verify(ctx, nil)
	if err != nil {
		return "", err
	}
	for _, check := range desk.Doctor(ctx) {
		if check.Name != "doctor.database" {
			continue
		}
		if check.Level != offline.OK {
			return "", fmt.Errorf("%s %v", check.Detail, check.Args)
		}
		return fmt.Sprintf("SQLite %v, synchronous FULL, chain at %d", check.Args["SQLite"], whole.Head.Seq), nil
	}
	return "", errors.New("the database was not checked")
}

func selfLanguages(context.Context) (string, error) {
	for _, language := range []string{ui.English, ui.Chinese} {
		words, err := ui.NewWords(language)
		if err != nil {
			return "", err
		}
		for _, id := range []string{"cli.counterfoil.short", "ui.ok", "error.internal"} {
			if words.T(id) == id {
				return "", fmt.Errorf("%s: no text for %s", language, id)
			}
		}
	}
	return "en, zh", nil
}

func selfExample(context.Context) (string, error) {
	return fmt.Sprintf("%d keys", len(config.Keys())), config.CheckText(assets.ExampleConfig)
}

func selfBoxes(context.Context) (string, error) {
	s, err := sandbox.New(sandbox.Options{})
	if err != nil {
		return "", err
	}
	defer s.Close()
	if err := s.Load(bytes.NewReader(assets.DemoBoxes)); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d boxes", len(s.Boxes())), nil
}
