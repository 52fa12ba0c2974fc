package cli

import (
	"slices"
	"time"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/cli/stream"
)

// printer prints data, with the codes masked that the reader may not see.
type printer struct {
	*app
	counter *counter
	zone    *time.Location
	all     bool     // a manager reads
	asked   []api.ID // ids that were asked for stand as they are
}

func (a *app) printer(c *counter, reader offline.Session, asked ...api.ID) *printer {
	return &printer{app: a, counter: c, zone: c.settings.Desk("").Zone, all: reader.Role.May(offline.Unmask), asked: asked}
}

// id masks a code.
func (p *printer) id(id string) string {
	if p.all || slices.Contains(p.asked, api.ID(id)) {
		return id
	}
	return api.ID(id).Masked()
}

// text masks the codes inside the platform's words.
func (p *printer) text(text string) string {
	if p.all {
		return text
	}
	return stream.CodeForm.ReplaceAllStringFunc(text, p.id)
}

// line prints one JSON object on a line of its own.
func (a *app) line(v any) error { return stream.WriteLine(a.Stdout, v, nil) }

func (p *printer) line(v any) error { return stream.WriteLine(p.Stdout, v, p.zone) }

// shown is the operation as this reader may see it.
func (p *printer) shown(op offline.Operation) offline.Operation {
	op.ID, op.Name = p.id(op.ID), p.text(op.Name)
	attempts := append([]offline.Attempt{}, op.Attempts...)
	for i := range attempts {
		attempts[i].Message = p.text(attempts[i].Message)
	}
	evidence := append([]offline.Evidence{}, op.Evidence...)
	for i := range evidence {
		evidence[i].Message = p.text(evidence[i].Message)
	}
	op.Attempts, op.Evidence = attempts, evidence
	return op
}

// yuan writes fen as money, nothing for none.
func (a *app) yuan(fen int64) string {
	if fen == 0 {
		return ""
	}
	return a.words.Spell("¥") + offline.Yuan(fen)
}
