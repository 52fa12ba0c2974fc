package cli

import (
	"errors"

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

func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// none, noStranger, atLeast and exactly check the arguments that are no flags.
func none(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &usageError{config.Phrase{ID: "cli.usage.too_many", Args: map[string]any{"Word": args[0]}}, c}
	}
	return nil
}

func noStranger(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &usageError{config.Phrase{ID: "cli.usage.command", Args: map[string]any{"Word": args[0]}}, c}
	}
	return nil
}

// exactly wants n arguments; what names them for the sentence.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < n {
			return &usageError{config.Phrase{ID: "cli.usage.missing", Args: map[string]any{"What": what}}, c}
		}
		if len(args) > n {
			return none(c, args[n:])
		}
		return nil
	}
}
