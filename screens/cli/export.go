package cli

import (
	"context"

	"github.com/spf13/cobra"

	"counterfoil/offline"
	"counterfoil/screens/cli/books"
	"counterfoil/screens/cli/stream"
)

// exportCommand writes operations as a table.
func (a *app) exportCommand() *cobra.Command {
	var e books.Export
	c := a.command("export", "export", func(c *cobra.Command, _ []string) error {
		if err := e.Complete(c.Flags(), a.json); err != nil {
			return err
		}
		want := toRead
		if e.Request.Open {
			want = toWork // who saw the codes is written down
		}
		return a.signedIn(c.Context(), want, a.mustSignIn, func(counter *counter, who people) error {
			return a.export(c.Context(), counter, who, e.Request)
		})
	})
	c.Example = a.words.T("cli.export.example")
	e.Flags(c.Flags(), a.words)
	return c
}

func (a *app) export(ctx context.Context, counter *counter, who people, r offline.ExportRequest) error {
	if r.Filter.Day == "" && r.Filter.Z == 0 {
		r.Filter.Day = counter.Day()
	}
	r.Out = stream.AsIs{Border: a.out}
	m, err := counter.Export(ctx, who.by(), r)
	switch {
	case r.Path == "":
		return err
	case err != nil:
		return unwritten(err, "cli.export.failed", r.Path)
	case a.json:
		return a.printer(counter, who.operator).Line(m)
	}
	a.say("cli.export.done", map[string]any{"File": r.Path, "Rows": m.Rows, "Yuan": offline.Yuan(m.Fen)})
	return nil
}
