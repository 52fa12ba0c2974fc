// Command bare is the least that Bubble Tea draws: what the counter's start is
// measured against. It may use nothing of ours.
package main

import (
	"os"

	tea "charm.land/bubbletea/v2"
)

type model struct{}

func (model) Init() tea.Cmd { return nil }

func (m model) Update(tea.Msg) (tea.Model, tea.Cmd) { return m, nil }

func (model) View() tea.View {
	v := tea.NewView("Sign in")
	v.AltScreen = true
	return v
}

func main() {
	if _, err := tea.NewProgram(model{}).Run(); err != nil {
		os.Exit(1)
	}
}
