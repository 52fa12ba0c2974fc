// Package serials reads a serial range from the flags of a command, and puts its
// preview into sentences. It opens nothing and prints nothing.
package serials

import (
	"cmp"
	"strings"

	"github.com/spf13/pflag"

	"counterfoil/offline"
	"counterfoil/screens/cli/usage"
	"counterfoil/screens/serials"
	"counterfoil/ui"
)

// Serials is a range as it stands on a command line.
type Serials struct {
	Order   offline.RangeOrder
	Counted bool // --count was given

	kind, selling, cost string
}

// types are the words of --type.
var types = map[string]int{"voucher": offline.RangeVouchers, "card": offline.RangeCards}

// Flags adds the range's flags to a command's.
func (s *Serials) Flags(flags *pflag.FlagSet, words *ui.Words) {
	o := &s.Order
	for _, f := range []struct {
		to   *string
		name string
	}{
		{&s.kind, "type"}, {&o.BIN, "bin"}, {&o.From, "from"}, {&o.To, "to"}, {&s.selling, "selling"}, {&s.cost, "cost"},
		{&o.ValidFrom, "valid-from"}, {&o.ValidTo, "valid-to"},
	} {
		usage.Digits(flags, f.to, f.name, words.T("cli.range."+strings.ReplaceAll(f.name, "-", "_")))
		usage.MayBeEmpty(flags.Lookup(f.name)) // the preview says what is missing
	}
	usage.Number(flags, &o.Count, "count", words.T("cli.range.count"))
}

// Read takes the flags' words for what they mean, and names the first flag that
// means nothing. What a person must read in context, such as a type that is
// missing, is left to the preview.
func (s *Serials) Read(flags *pflag.FlagSet) (bad string) {
	o := &s.Order
	s.Counted = flags.Changed("count")
	for i, value := range []string{o.BIN, o.From, o.To} {
		if value == "" {
			return []string{"bin", "from", "to"}[i]
		}
	}
	if o.Type = types[s.kind]; o.Type == 0 && s.kind != "" {
		return "type"
	}
	var err error
	if o.SellingFen, err = offline.ParseYuan(cmp.Or(s.selling, "0")); err != nil {
		return "selling"
	}
	if o.CostFen, err = offline.ParseYuan(cmp.Or(s.cost, s.selling, "0")); err != nil { // no discount
		return "cost"
	}
	if size, ok := o.Size(); ok && !s.Counted {
		o.Count = size
	}
	return ""
}

// Sentences say what is to be activated, and what speaks against it.
func (s *Serials) Sentences(p *offline.RangePreview, words *ui.Words) (all []string) {
	if len(p.Wrong) == 0 {
		all = append(all, serials.What(words, &s.Order, p))
	}
	for _, r := range append(p.Wrong, p.Unusual...) {
		all = append(all, serials.Sentence(words, r))
	}
	return all
}
