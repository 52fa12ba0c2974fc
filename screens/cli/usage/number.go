package usage

import (
	"strconv"

	"github.com/spf13/pflag"
)

// Number adds a flag for a whole number as people and slips write it: 000010 is
// ten, also in full-width forms, and what only programmers read as a number is none.
func Number[T int | int64](flags *pflag.FlagSet, to *T, name, help string) {
	flags.Var(number[T]{to}, name, help)
}

type number[T int | int64] struct{ to *T }

// Set implements pflag.Value.
func (n number[T]) Set(text string) error {
	read, err := strconv.ParseInt(narrow(text), 10, 64)
	*n.to = T(read)
	return err
}

// String implements pflag.Value.
func (n number[T]) String() string { return strconv.FormatInt(int64(*n.to), 10) }

// Type implements pflag.Value.
func (n number[T]) Type() string { return "int" }
