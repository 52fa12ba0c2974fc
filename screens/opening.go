package screens

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
)

// opening stands where the root will be while the desk opens: the terminal is
// made ready meanwhile, and shows nothing yet.
type opening struct {
	ctx     context.Context
	stop    context.CancelFunc
	o       Options
	program *tea.Program
	early   []tea.Msg // what the terminal said of itself
	root    *Model    // nil while the desk is not open

	done chan struct{} // closed once desk and err are set
	desk *offline.Desk
	err  error
}

// opened says that opening has ended.
type opened struct{}

func (m *opening) begin(open func(context.Context) (*offline.Desk, error)) {
	m.done = make(chan struct{})
	go func() {
		defer close(m.done)
		m.desk, m.err = open(m.ctx)
	}()
}

// end waits until nothing is being opened any more, and returns what hindered it.
func (m *opening) end() error {
	m.stop()
	<-m.done
	if m.root != nil {
		m.root.stop()
	}
	return m.err
}

func (m *opening) Init() tea.Cmd {
	return func() tea.Msg {
		<-m.done
		return opened{}
	}
}

func (m *opening) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case opened:
		if m.err != nil {
			return m, tea.Quit
		}
		m.o.Desk = m.desk
		m.root = New(m.ctx, m.o)
		m.root.clock.pace.program = m.program
		m.root.clock.pace.first()
		cmds := []tea.Cmd{m.root.Init()}
		for _, early := range m.early {
			_, cmd := m.root.Update(early)
			cmds = append(cmds, cmd)
		}
		return m.root, tea.Batch(cmds...)
	case tea.KeyPressMsg:
		// Nothing is shown that a key could be meant for, but whoever waits may give up.
		if msg.Keystroke() == "ctrl+c" {
			m.stop()
		}
	case tea.PasteMsg, tea.MouseMsg:
	default:
		m.early = append(m.early, msg)
	}
	return m, nil
}

func (m *opening) View() tea.View { return tea.NewView("") }
