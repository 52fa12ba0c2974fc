package usage

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/text/width"

	"counterfoil/api"
	"counterfoil/offline"
)

// Cleaned are a command's arguments without what was copied with them, as its usage
// line calls them: an operation's number (OP) as ids are cleaned, an operator (NAME)
// as names are kept.
func Cleaned(c *cobra.Command, args []string) []string {
	args = slices.Clone(args)
	for i, what := range strings.Fields(c.Use)[1:] {
		switch {
		case i >= len(args):
		case what == "OP":
			args[i] = strings.ToUpper(api.CleanID(args[i]))
		case what == "NAME" || what == "[NAME]":
			args[i] = offline.OperatorName(args[i])
		}
	}
	return args
}

// Name adds a flag for an operator, whose name is taken as names are kept.
func Name(flags *pflag.FlagSet, to *string, name, help string) {
	flags.Var(cleaned{to, offline.OperatorName}, name, help)
}

// Digits adds a flag for a date, a serial or an amount, also in full-width forms.
func Digits(flags *pflag.FlagSet, to *string, name, help string) {
	flags.Var(cleaned{to, narrow}, name, help)
}

// narrow reads full-width forms as an amount's are read.
func narrow(text string) string { return width.Fold.String(strings.TrimSpace(text)) }

// cleaned is a text of which only what clean leaves is taken.
type cleaned struct {
	to    *string
	clean func(string) string
}

// Set implements pflag.Value.
func (c cleaned) Set(text string) error {
	*c.to = c.clean(text)
	return nil
}

// String implements pflag.Value.
func (c cleaned) String() string { return *c.to }

// Type implements pflag.Value.
func (c cleaned) Type() string { return "string" }
