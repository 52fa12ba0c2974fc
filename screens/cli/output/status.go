package output

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"counterfoil/api"
	"counterfoil/offline"
)

// Status is the word for a node's status.
func (p *Printer) Status(n offline.Node) string {
	if word := p.Words.T("cli.status." + n.Status); word != "cli.status."+n.Status {
		return word
	}
	return strings.TrimSpace(n.Status + " " + n.StatusText)
}

// StatusSign goes with the word of a status.
func StatusSign(status string) string {
	switch status {
	case api.StatusActive:
		return "●"
	case api.StatusInactive:
		return "○"
	case api.StatusVoid:
		return "✖"
	}
	return "◌"
}

// Counts says how many codes there are, and how many in each status.
func (p *Printer) Counts(codes int64, counts map[string]int) string {
	parts := []string{p.Words.T("cli.lookup.codes", map[string]any{"N": codes})}
	for _, status := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, StatusSign(status)+" "+strconv.Itoa(counts[status])+" "+p.Status(offline.Node{Status: status}))
	}
	return strings.Join(parts, "  ")
}

// seen is what a look-up showed of the codes, nothing where it was not made.
func (p *Printer) seen(s *offline.Seen) string {
	if s == nil {
		return ""
	}
	codes := 0
	for _, n := range s.Counts {
		codes += n
	}
	return p.Counts(int64(codes), s.Counts)
}
