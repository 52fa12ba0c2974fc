package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"counterfoil/screens/cli/stream"
)

// manCommand prints the manual page, made from the command tree in the
// language in force.
func (a *app) manCommand() *cobra.Command {
	c := a.command("man", "man", func(c *cobra.Command, _ []string) error {
		page, err := stream.Manual(c.Root(), a.words)
		if err == nil {
			_, err = fmt.Fprint(a.Stdout, page)
		}
		return err
	})
	c.Hidden = true
	return c
}
