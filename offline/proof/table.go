package main

import (
	"fmt"
	"io"
	"strings"
)

// row is one line of the table.
type row struct {
	fault      string
	operations int
	cuts       int // kills or power cuts
	// lost: acknowledged and not in the journal; done in the journal without an
	// effect; an effect that the journal holds for refused or does not know.
	lost    int
	doubled int // more than one effect of one kind on one id
	unknown int // still open at the end, for a person to decide
	// power is set where the strikes are power cuts.
	power bool
	// control is set for what must lose; hits counts its cuts that lost something.
	control bool
	hits    int
}

// failed says why the row fails the suite, "" where it does not.
func (r row) failed() string {
	switch {
	case r.control && r.lost == 0:
		return "the control lost nothing: the power cut proves nothing"
	case r.control:
		return ""
	case r.lost > 0:
		return fmt.Sprintf("%d lost", r.lost)
	case r.doubled > 0:
		return fmt.Sprintf("%d doubled", r.doubled)
	}
	return ""
}

// printTable writes the rows as a Markdown table whose columns line up as text.
func printTable(w io.Writer, rows []row) error {
	lines := [][]any{{"fault", "operations", "kills or cuts", "lost", "doubled", "left unknown"}}
	for _, r := range rows {
		name, lost := r.fault, fmt.Sprint(r.lost)
		if r.control {
			name += " (control: must lose)"
			lost = fmt.Sprintf("%d in %d of %d cuts", r.lost, r.hits, r.cuts)
		}
		lines = append(lines, []any{name, r.operations, r.cuts, lost, r.doubled, r.unknown})
	}
	rule, form := "|", "|"
	for column := range lines[0] {
		width := 0
		for _, line := range lines {
			width = max(width, len(fmt.Sprint(line[column])))
		}
		if column == 0 {
			rule += " " + strings.Repeat("-", width) + " |"
			form += fmt.Sprintf(" %%-%dv |", width)
		} else {
			rule += " " + strings.Repeat("-", width-1) + ": |"
			form += fmt.Sprintf(" %%%dv |", width)
		}
	}
	for n, line := range lines {
		text := fmt.Sprintf(form, line...) + "\n"
		if n == 0 {
			text += rule + "\n"
		}
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	return nil
}

// printTotals sums the rows up, the control apart.
func printTotals(w io.Writer, rows []row) {
	var operations, strikes, cuts, lost, doubled, unknown int
	for _, r := range rows {
		switch {
		case r.control:
			continue
		case r.power:
			cuts += r.cuts
		default:
			strikes += r.cuts
		}
		operations += r.operations
		lost += r.lost
		doubled += r.doubled
		unknown += r.unknown
	}
	fmt.Fprintf(w, "\nTogether, without the control: %d operations, %d kills and disk faults, %d power cuts; %d lost, %d doubled, %d left unknown.\n",
		operations, strikes, cuts, lost, doubled, unknown)
}
