package screens

import (
	"bytes"
	"context"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// asking quits at its first message and notes whether the drawing timer is found.
type asking struct {
	program *tea.Program
	found   bool
}

func (a *asking) Init() tea.Cmd  { return func() tea.Msg { return beat{} } }
func (a *asking) View() tea.View { return tea.NewView("") }
func (a *asking) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if _, ok := msg.(beat); !ok {
		return a, nil
	}
	a.found = drawTimer(a.program) != nil
	return a, tea.Quit
}

// The timer is not part of what the library promises: a later version may keep
// it elsewhere, and an idle counter would then cost three times as much.
func TestTheLibrarysDrawingTimerIsFound(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	a := &asking{}
	a.program = tea.NewProgram(a, tea.WithContext(ctx), tea.WithInput(nil), tea.WithOutput(&bytes.Buffer{}), tea.WithWindowSize(80, 24))
	if _, err := a.program.Run(); err != nil {
		t.Fatal(err)
	}
	if !a.found {
		t.Error("the library keeps its timer elsewhere")
	}
}
