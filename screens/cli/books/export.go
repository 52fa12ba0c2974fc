// Package books is what the commands for managers' files and comparisons are told,
// and how they say what they found. It asks the desk and opens nothing.
package books

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"counterfoil/offline"
	"counterfoil/screens/cli/usage"
	"counterfoil/ui"
)

// Span is a business day or a report Z, as flags name it.
type Span struct {
	Day string
	Z   int64
}

// Flags defines --day and --z.
func (s *Span) Flags(flags *pflag.FlagSet, words *ui.Words) {
	usage.Digits(flags, &s.Day, "day", words.T("cli.flag.day"))
	usage.Number(flags, &s.Z, "z", words.T("cli.flag.z"))
}

// Check refuses a business day or a Z that cannot be, and both at once.
func (s *Span) Check(flags *pflag.FlagSet) error {
	if _, err := time.Parse(time.DateOnly, s.Day); flags.Changed("day") && err != nil {
		return usage.Wrong("cli.usage.day", map[string]any{"Flag": "--day", "Value": s.Day})
	}
	if flags.Changed("z") && (s.Z < 1 || flags.Changed("day")) {
		return usage.Wrong("cli.usage.day_or_z", nil)
	}
	return nil
}

// Export is what an export is told on the command line.
type Export struct {
	Span
	Request             offline.ExportRequest
	state, kind, reader string
}

// Flags defines the flags of an export.
func (e *Export) Flags(flags *pflag.FlagSet, words *ui.Words) {
	e.Span.Flags(flags, words)
	flags.StringVar(&e.state, "state", "", words.T("cli.flag.state"))
	flags.StringVar(&e.kind, "kind", "", words.T("cli.flag.kind"))
	flags.StringVar(&e.Request.Format, "format", "", words.T("cli.flag.format"))
	flags.StringVar(&e.reader, "for", "", words.T("cli.flag.for"))
	flags.StringVar(&e.Request.Path, "out", "", words.T("cli.flag.out"))
	flags.BoolVar(&e.Request.Open, "open-codes", false, words.T("cli.flag.open_codes"))
}

// Complete checks what was given, and takes the format from the file's name where
// none was. json says that standard output is for JSON only.
func (e *Export) Complete(flags *pflag.FlagSet, json bool) error {
	if err := e.Check(flags); err != nil {
		return err
	}
	r := &e.Request
	formats := []string{offline.CSV, offline.JSONLines, offline.Sheet}
	ending := strings.TrimPrefix(strings.ToLower(filepath.Ext(r.Path)), ".")
	switch {
	case flags.Changed("format"):
	case slices.Contains(formats, ending):
		r.Format = ending
	case json && r.Path == "":
		r.Format = offline.JSONLines
	default:
		r.Format = offline.CSV
	}
	for _, f := range []struct {
		name, value string
		allowed     []string
	}{
		{"format", r.Format, formats}, {"for", e.reader, []string{"excel"}},
		{"kind", e.kind, []string{string(offline.Activate), string(offline.Void), string(offline.Range)}}, {"state", e.state, states()},
	} {
		if flags.Changed(f.name) && !slices.Contains(f.allowed, f.value) {
			return usage.Wrong("cli.usage.flag_one_of", map[string]any{"Flag": "--" + f.name, "Value": f.value, "List": strings.Join(f.allowed, ", ")})
		}
	}
	if toFile := r.Path != ""; !toFile && (flags.Changed("out") || r.Format == offline.Sheet || json && r.Format != offline.JSONLines) {
		return usage.Wrong("cli.usage.out", map[string]any{"Format": r.Format})
	}
	r.Excel, r.Filter = e.reader == "excel", offline.ExportFilter{Day: e.Day, Z: e.Z, Kind: offline.Kind(e.kind)}
	if e.state != "" {
		r.Filter.States = []offline.State{offline.State(e.state)}
	}
	return nil
}

func states() (list []string) {
	for _, s := range []offline.State{offline.Queued, offline.Sending, offline.Unknown, offline.Attention, offline.Done, offline.Refused, offline.Withdrawn, offline.Settled} {
		list = append(list, string(s))
	}
	return list
}
