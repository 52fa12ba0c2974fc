package cli

import (
	"fmt"

	mango "github.com/muesli/mango-cobra"
	"github.com/muesli/roff"
	"github.com/spf13/cobra"
)

// manCommand prints the manual page, made from the command tree in the
// language in force.
func (a *app) manCommand() *cobra.Command {
	c := a.command("man", "man", func(c *cobra.Command, _ []string) error {
		page, err := mango.NewManPage(1, c.Root())
		if err != nil {
			return err
		}
		page = page.WithSection(a.words.T("cli.man.exit"), a.words.T("cli.man.exit_text"))
		_, err = fmt.Fprint(a.Stdout, page.Build(&manual{Document: roff.NewDocument(), app: a}))
		return err
	})
	c.Hidden = true
	return c
}

// manual puts the headings that the page's builder brings into our words.
type manual struct {
	*roff.Document
	app *app
}

var manHeadings = map[string]string{
	"Name": "name", "Synopsis": "synopsis", "Description": "description",
	"Options": "options", "Commands": "commands",
}

// Section begins a section.
func (m *manual) Section(name string) {
	if id, ok := manHeadings[name]; ok {
		name = m.app.words.T("cli.man." + id)
	}
	m.Document.Section(name)
}

// TextBold writes bold text; the inner headings of commands come this way.
func (m *manual) TextBold(text string) {
	switch text {
	case "OPTIONS":
		text = m.app.words.T("cli.man.options")
	case "COMMANDS":
		text = m.app.words.T("cli.man.commands")
	case "--h --help": // the builder gives a short flag two dashes
		text = "-h --help"
	}
	m.Document.TextBold(text)
}

// TextItalic writes text in italics; the synopsis comes this way.
func (m *manual) TextItalic(text string) {
	switch text {
	case "options...":
		text = m.app.words.T("cli.man.synopsis_options")
	case "argument...":
		text = m.app.words.T("cli.man.synopsis_arguments")
	}
	m.Document.TextItalic(text)
}
