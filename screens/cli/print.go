package cli

import (
	"io"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/cli/stream"
)

// timeForm is how a time is written for scripts: milliseconds, the shop's offset.
const timeForm = "2006-01-02T15:04:05.000Z07:00"

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
func (a *app) line(v any) error { return writeLine(a.Stdout, v, nil) }

func (p *printer) line(v any) error { return writeLine(p.Stdout, v, p.zone) }

func writeLine(w io.Writer, v any, zone *time.Location, more ...json.Options) error {
	if zone == nil {
		zone = time.UTC
	}
	times := json.MarshalToFunc(func(enc *jsontext.Encoder, t time.Time) error {
		return enc.WriteToken(jsontext.String(t.In(zone).Format(timeForm)))
	})
	text, err := json.Marshal(v, json.WithMarshalers(times),
		jsonv1.OmitEmptyWithLegacySemantics(true), json.Deterministic(true), json.JoinOptions(more...))
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

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
