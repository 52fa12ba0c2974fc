package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"counterfoil/screens/cli/config"
)

// usageError is a command line that cannot be meant as it stands: exit 2.
type usageError struct {
	config.Phrase
	command *cobra.Command // whose help tells more; nil for the program's
}

func (e *usageError) Error() string { return e.ID }

func wrongUsage(id string, args map[string]any) *usageError {
	return &usageError{Phrase: config.Phrase{ID: id, Args: args}}
}

// flagError puts the flag parser's errors into our words.
func flagError(c *cobra.Command, err error) error {
	var (
		unknown *pflag.NotExistError
		lacking *pflag.ValueRequiredError
		invalid *pflag.InvalidValueError
		syntax  *pflag.InvalidSyntaxError
	)
	e := wrongUsage("cli.usage.flags", nil)
	switch {
	case errors.As(err, &unknown):
		e = wrongUsage("cli.usage.flag_unknown", map[string]any{"Flag": dashed(unknown.GetSpecifiedName())})
	case errors.As(err, &lacking):
		e = wrongUsage("cli.usage.flag_value", map[string]any{"Flag": dashed(lacking.GetSpecifiedName())})
	case errors.As(err, &invalid):
		e = wrongUsage("cli.usage.flag_bad", map[string]any{"Flag": dashed(invalid.GetFlag().Name), "Value": invalid.GetValue()})
	case errors.As(err, &syntax):
		e = wrongUsage("cli.usage.flag_unknown", map[string]any{"Flag": syntax.GetSpecifiedFlag()})
	}
	e.command = c
	return e
}

// checkGlobals refuses a flag of every command that was given and left empty: a
// script's variable was not set, and another file or folder would be taken.
func checkGlobals(c *cobra.Command) (err error) {
	c.Flags().Visit(func(f *pflag.Flag) {
		if f.Value.String() == "" && c.Root().PersistentFlags().Lookup(f.Name) == f {
			err = &usageError{config.Phrase{ID: "cli.usage.flag_value", Args: map[string]any{"Flag": dashed(f.Name)}}, c}
		}
	})
	return err
}

func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// checkArguments checks the arguments that are no flags against the command's
// usage line: "show OP" wants one, "ID..." and "[COMMAND]" any number, and what
// follows the name of a command that has commands of its own is none of them.
func checkArguments(c *cobra.Command, args []string) error {
	_, wanted, _ := strings.Cut(c.Use, " ")
	if strings.HasSuffix(wanted, "...") || strings.HasPrefix(wanted, "[") {
		return nil
	}
	most := len(strings.Fields(wanted))
	var e *usageError
	switch {
	case len(args) < most:
		e = wrongUsage("cli.usage.missing", map[string]any{"What": wanted})
	case len(args) > most && c.HasSubCommands():
		e = wrongUsage("cli.usage.command", map[string]any{"Word": args[0]})
	case len(args) > most:
		e = wrongUsage("cli.usage.too_many", map[string]any{"Word": args[most]})
	default:
		return nil
	}
	e.command = c
	return e
}
