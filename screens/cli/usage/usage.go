// Package usage says in the program's own words how a command line cannot be
// meant as it stands. It reads no file and prints nothing.
package usage

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"counterfoil/screens/cli/config"
)

// Error is a command line that cannot be meant as it stands: exit 2.
type Error struct {
	config.Phrase
	Command *cobra.Command // whose help tells more; nil for the program's
}

func (e *Error) Error() string { return e.ID }

// Wrong is an error of a phrase.
func Wrong(id string, args map[string]any) *Error {
	return &Error{Phrase: config.Phrase{ID: id, Args: args}}
}

// Flag puts the flag parser's errors into our words.
func Flag(c *cobra.Command, err error) error {
	var (
		unknown *pflag.NotExistError
		lacking *pflag.ValueRequiredError
		invalid *pflag.InvalidValueError
		syntax  *pflag.InvalidSyntaxError
	)
	e := Wrong("cli.usage.flags", nil)
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		e = Wrong("cli.usage.flag_unknown", map[string]any{"Flag": "-" + unknown.GetSpecifiedName()})
	case errors.As(err, &unknown):
		e = Wrong("cli.usage.flag_unknown", map[string]any{"Flag": Dashed(unknown.GetSpecifiedName())})
	case errors.As(err, &lacking):
		e = Wrong("cli.usage.flag_value", map[string]any{"Flag": Dashed(lacking.GetSpecifiedName())})
	case errors.As(err, &invalid):
		e = Wrong("cli.usage.flag_bad", map[string]any{"Flag": Dashed(invalid.GetFlag().Name), "Value": invalid.GetValue()})
	case errors.As(err, &syntax):
		e = Wrong("cli.usage.flag_unknown", map[string]any{"Flag": syntax.GetSpecifiedFlag()})
	}
	e.Command = c
	return e
}

// CheckFlags refuses a flag that was given and left empty: a script's variable was
// not set, and another file, person or amount would be taken.
func CheckFlags(c *cobra.Command) (err error) {
	c.Flags().Visit(func(f *pflag.Flag) {
		if f.Value.String() == "" && f.Annotations[mayBeEmpty] == nil {
			err = &Error{config.Phrase{ID: "cli.usage.flag_value", Args: map[string]any{"Flag": Dashed(f.Name)}}, c}
		}
	})
	return err
}

const mayBeEmpty = "may_be_empty"

// MayBeEmpty lets a flag be given empty, for a value that may be left out so.
func MayBeEmpty(f *pflag.Flag) { f.Annotations = map[string][]string{mayBeEmpty: {}} }

// Dashed is a flag as it is typed.
func Dashed(name string) string { return "--" + name }

// CheckArguments checks the arguments that are no flags against the command's
// usage line: "show OP" wants one, "ID..." and "[COMMAND]" any number, and what
// follows the name of a command that has commands of its own is none of them. An
// empty one is missing; where there may be any number of ids, each is said by itself.
func CheckArguments(c *cobra.Command, args []string) error {
	_, wanted, _ := strings.Cut(c.Use, " ")
	if strings.HasSuffix(wanted, "...") {
		return nil
	}
	most := len(strings.Fields(wanted))
	var e *Error
	switch {
	case slices.Contains(args, ""):
		e = Wrong("cli.usage.missing", map[string]any{"What": wanted})
	case strings.HasPrefix(wanted, "["):
		return nil
	case len(args) < most:
		e = Wrong("cli.usage.missing", map[string]any{"What": wanted})
	case len(args) > most && c.HasSubCommands():
		e = Wrong("cli.usage.command", map[string]any{"Word": args[0]})
	case len(args) > most:
		e = Wrong("cli.usage.too_many", map[string]any{"Word": args[most]})
	default:
		return nil
	}
	e.Command = c
	return e
}
