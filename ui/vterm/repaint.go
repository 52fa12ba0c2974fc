package vterm

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// Repaints returns what a terminal is sent to turn each of these screens into
// the next one, as the terminal library draws them.
func Repaints(tb testing.TB, size Size, screens ...string) []string {
	tb.Helper()
	var out sent
	ctx, cancel := context.WithCancel(tb.Context())
	p := tea.NewProgram(still(""), tea.WithContext(ctx), tea.WithInput(nil), tea.WithOutput(&out), tea.WithWindowSize(size.Cols, size.Rows),
		tea.WithColorProfile(colorprofile.TrueColor), tea.WithFPS(120), tea.WithEnvironment([]string{"TERM=xterm-256color"}))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = p.Run()
	}()
	defer func() {
		cancel()
		<-ended
	}()
	repaints := make([]string, len(screens))
	for i, screen := range screens {
		p.Send(still(screen))
		limit := Patience
		if screen == "" || i > 0 && screen == screens[i-1] { // it may send nothing, or come with the next
			limit = Patience / 120
		}
		repaints[i] = out.next(limit)
	}
	return repaints[1:]
}

// still is a program that shows the screen that it was sent last.
type still string

func (s still) Init() tea.Cmd { return nil }

func (s still) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if next, ok := msg.(still); ok {
		s = next
	}
	return s, nil
}

func (s still) View() tea.View {
	v := tea.NewView(string(s))
	v.AltScreen = true
	return v
}

// sent holds what a terminal would have been sent.
type sent struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (s *sent) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.Write(p)
}

func (s *sent) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.Len()
}

// next waits until something was sent and nothing follows, or for so long, and takes it.
func (s *sent) next(most time.Duration) string {
	const pause = 30 * time.Millisecond
	for was, limit := 0, time.Now().Add(most); time.Now().Before(limit); {
		time.Sleep(pause)
		now := s.len()
		if now > 0 && now == was {
			break
		}
		was = now
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	text := s.all.String()
	s.all.Reset()
	return text
}
