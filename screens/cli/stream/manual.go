package stream

import (
	mango "github.com/muesli/mango-cobra"
	"github.com/muesli/roff"
	"github.com/spf13/cobra"

	"counterfoil/ui"
)

// Manual is the manual page of a command tree, in roff, with its headings in words.
func Manual(root *cobra.Command, words *ui.Words) (string, error) {
	page, err := mango.NewManPage(1, root)
	if err != nil {
		return "", err
	}
	page = page.WithSection(words.T("cli.man.exit"), words.T("cli.man.exit_text"))
	return page.Build(&manual{Document: roff.NewDocument(), words: words}), nil
}

// manual puts the headings that the page's builder brings into our words.
type manual struct {
	*roff.Document
	words *ui.Words
}

// manWords are the builder's own words, and ours for them.
var manWords = map[string]string{
	"Name": "name", "Synopsis": "synopsis", "Description": "description", "Options": "options", "Commands": "commands",
	"OPTIONS": "options", "COMMANDS": "commands", // inside a command
	"options...": "synopsis_options", "argument...": "synopsis_arguments",
}

func (m *manual) own(text string) string {
	if id, ok := manWords[text]; ok {
		return m.words.T("cli.man." + id)
	}
	if text == "--h --help" { // the builder gives a short flag two dashes
		return "-h --help"
	}
	return text
}

// Section begins a section.
func (m *manual) Section(name string) { m.Document.Section(m.own(name)) }

// TextBold writes bold text; the inner headings of commands come this way.
func (m *manual) TextBold(text string) { m.Document.TextBold(m.own(text)) }

// TextItalic writes text in italics; the synopsis comes this way.
func (m *manual) TextItalic(text string) { m.Document.TextItalic(m.own(text)) }
