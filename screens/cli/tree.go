package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"counterfoil/screens/cli/usage"
	"counterfoil/ui"
)

type group struct {
	id       string
	commands []*cobra.Command
}

func (a *app) addGroups(root *cobra.Command, groups ...group) {
	for _, g := range groups {
		root.AddGroup(&cobra.Group{ID: g.id, Title: a.words.T("cli.group." + g.id)})
		for _, c := range g.commands {
			c.GroupID = g.id
			root.AddCommand(c)
		}
	}
}

// command makes a command whose texts are the messages cli.<name>.short and
// cli.<name>.long; use is its usage line. What goes wrong is kept in the app
// and never handed to the command library: on its way through, the styling
// would ask the terminal for its colours, which waits for an answer on a
// terminal that is being read.
func (a *app) command(name, use string, run func(*cobra.Command, []string) error) *cobra.Command {
	return &cobra.Command{
		Use:   use,
		Short: a.words.T("cli." + name + ".short"),
		Long:  a.words.T("cli." + name + ".long"),
		Args:  cobra.ArbitraryArgs, // checked by ours, see usage.CheckArguments
		Run: func(c *cobra.Command, args []string) {
			if l := a.flags.lang; l != "" && l != ui.English && l != ui.Chinese {
				a.failure = wrongUsage("cli.usage.lang", map[string]any{"Value": l})
				return
			}
			if file := a.flags.config; file != beforehand(a.Args, "config") {
				a.load(file) // what looked like the flag was another flag's value
			}
			args = usage.Cleaned(c, args)
			a.failure = errors.Join(usage.CheckFlags(c), usage.CheckArguments(c, args))
			if a.failure == nil {
				a.failure = run(c, args)
			}
		},
		DisableAutoGenTag:  true,
		DisableSuggestions: true,
	}
}

func (a *app) addGlobalFlags(root *cobra.Command) {
	f := root.PersistentFlags()
	f.StringVar(&a.flags.config, "config", "", a.words.T("cli.flag.config"))
	f.StringVar(&a.flags.data, "data", "", a.words.T("cli.flag.data"))
	f.StringVar(&a.flags.lang, "lang", "", a.words.T("cli.flag.lang"))
	f.BoolVar(&a.json, "json", false, a.words.T("cli.flag.json"))
	usage.Name(f, &a.flags.operator, "operator", a.words.T("cli.flag.operator"))
	usage.Name(f, &a.flags.approve, "approve", a.words.T("cli.flag.approve"))
	f.BoolP("help", "h", false, a.words.T("cli.flag.help"))
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		a.failure = usage.Flag(c, err)
		return nil
	})
}

func (a *app) addHelp(root *cobra.Command) {
	help := a.command("help", "help [COMMAND]", func(_ *cobra.Command, args []string) error {
		c, rest, err := root.Find(args)
		if err != nil || len(rest) > 0 {
			return wrongUsage("cli.usage.command", map[string]any{"Word": strings.Join(args, " ")})
		}
		return c.Help()
	})
	help.GroupID = "more"
	root.SetHelpCommand(help)
}
