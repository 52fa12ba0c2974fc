package cli

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"counterfoil/screens/cli/selftest"
	"counterfoil/screens/cli/stream"
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
	var test bool
	c := a.command("version", "version", func(c *cobra.Command, _ []string) error {
		if a.json {
			err := a.line(map[string]string{"version": version(), "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH})
			if err != nil || !test {
				return err
			}
		} else {
			fmt.Fprintf(a.Stdout, "counterfoil %s  %s  %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		}
		if test {
			return a.selftest(c.Context())
		}
		return nil
	})
	c.Flags().BoolVar(&test, "selftest", false, a.words.T("cli.flag.selftest"))
	return c
}

// selftest checks what is built into the binary, and that its database is
// durable, in a temporary folder.
func (a *app) selftest(ctx context.Context) error {
	for _, check := range selftest.Checks {
		detail, err := check.Run(ctx)
		if err != nil {
			a.raise(exitFailed)
			detail = err.Error()
		}
		if a.json {
			if err := a.line(map[string]any{"check": check.Name, "ok": err == nil, "detail": detail}); err != nil {
				return err
			}
			continue
		}
		sign := "✔ "
		if err != nil {
			sign = "✖ "
		}
		fmt.Fprintln(a.Stdout, sign+stream.Pad(a.words.T("cli.selftest."+check.Name), 22)+"  "+detail)
	}
	if a.exit != exitDone {
		return trouble(nil, "cli.selftest.failed", nil)
	}
	return nil
}
