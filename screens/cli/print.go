package cli

import (
	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/cli/output"
	"counterfoil/screens/cli/stream"
)

// printer prints what a command found, for the one who reads it.
type printer struct {
	*app
	*output.Printer
}

// printer masks codes but for a manager and for what was asked for.
func (a *app) printer(c *counter, reader offline.Session, asked ...api.ID) *printer {
	return &printer{a, &output.Printer{
		Desk: c.Desk, Words: a.words, Out: a.Stdout, JSON: a.json, Zone: c.settings.Desk("").Zone,
		All: reader.Role.May(offline.Unmask), Asked: asked,
	}}
}

// line prints one JSON object on a line of its own.
func (a *app) line(v any) error { return stream.WriteLine(a.Stdout, v, nil) }

// yuan writes fen as money, nothing for none.
func (a *app) yuan(fen int64) string { return (&output.Printer{Words: a.words}).Yuan(fen) }
