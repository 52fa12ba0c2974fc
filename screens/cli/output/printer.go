// Package output prints operations for people and for scripts, with the codes
// masked that a reader may not see. It asks the desk for nothing but whether a
// voucher may still be handed over, and changes nothing.
package output

import (
	"io"
	"slices"
	"time"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/cli/stream"
	"counterfoil/ui"
)

// Printer prints data for one reader.
type Printer struct {
	Desk  *offline.Desk
	Words *ui.Words
	Out   io.Writer
	JSON  bool
	Zone  *time.Location
	All   bool     // a manager reads: nothing is masked
	Asked []api.ID // ids that were asked for stand as they are
}

// ID masks a code.
func (p *Printer) ID(id string) string {
	if p.All || slices.Contains(p.Asked, api.ID(id)) {
		return id
	}
	return api.ID(id).Masked()
}

// Text masks the codes inside the platform's words.
func (p *Printer) Text(text string) string {
	if p.All {
		return text
	}
	return stream.CodeForm.ReplaceAllStringFunc(text, p.ID)
}

// Line prints one JSON object on a line of its own.
func (p *Printer) Line(v any) error { return stream.WriteLine(p.Out, v, p.Zone) }

// Shown is an operation as somebody may see it. Its Why stands there also where it
// is empty, unlike in the journal, whose hashes are over what is stored.
type Shown struct {
	offline.Operation
	Why string `json:"why"`
}

// Shown is the operation as this reader may see it.
func (p *Printer) Shown(op offline.Operation) Shown {
	op.ID, op.Name = p.ID(op.ID), p.Text(op.Name)
	attempts := append([]offline.Attempt{}, op.Attempts...)
	for i := range attempts {
		attempts[i].Message = p.Text(attempts[i].Message)
	}
	evidence := append([]offline.Evidence{}, op.Evidence...)
	for i := range evidence {
		evidence[i].Message = p.Text(evidence[i].Message)
	}
	op.Attempts, op.Evidence = attempts, evidence
	return Shown{op, op.Why}
}

// Yuan writes fen as money, nothing for none.
func (p *Printer) Yuan(fen int64) string {
	if fen == 0 {
		return ""
	}
	return p.Words.Spell("¥") + offline.Yuan(fen)
}
