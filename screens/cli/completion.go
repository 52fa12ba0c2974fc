package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// completionCommand writes the completion script of a shell.
func (a *app) completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	c := a.command("completion", "completion bash|zsh|fish|powershell", func(c *cobra.Command, args []string) error {
		root := c.Root()
		switch args[0] {
		case "bash":
			return root.GenBashCompletionV2(a.Stdout, true)
		case "zsh":
			return root.GenZshCompletion(a.Stdout)
		case "fish":
			return root.GenFishCompletion(a.Stdout, true)
		case "powershell":
			return root.GenPowerShellCompletionWithDesc(a.Stdout)
		}
		return wrongUsage("cli.usage.shell", map[string]any{"Word": args[0], "List": strings.Join(shells, ", ")})
	})
	c.ValidArgs = shells
	return c
}
