package vterm

import (
	"bytes"
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// Repaints returns what a terminal is sent to turn each of these screens into
// the next one, as the terminal library draws them.
func Repaints(tb testing.TB, size Size, screens ...string) []string {
	tb.Helper()
	out := sent{more: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(tb.Context())
	p := tea.NewProgram(still{}, tea.WithContext(ctx), tea.WithInput(nil), tea.WithOutput(&out), tea.WithWindowSize(size.Cols, size.Rows),
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
		title := "screen " + strconv.Itoa(i)
		p.Send(still{screen, title})
		repaints[i] = out.until(tb, ansi.SetWindowTitle(title))
	}
	return repaints[1:]
}

// still is a program that shows the screen that it was sent last, under a title
// that tells when it was drawn.
type still struct{ screen, title string }

func (s still) Init() tea.Cmd { return nil }

func (s still) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if next, ok := msg.(still); ok {
		s = next
	}
	return s, nil
}

func (s still) View() tea.View {
	v := tea.NewView(s.screen)
	v.AltScreen, v.WindowTitle = true, s.title
	return v
}

// sent holds what a terminal would have been sent: the library writes a drawing
// as a whole.
type sent struct {
	mu   sync.Mutex
	all  bytes.Buffer
	more chan struct{} // holds one where something was written
}

func (s *sent) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
	return s.all.Write(p)
}

// until waits for a mark and takes what was sent, without it.
func (s *sent) until(tb testing.TB, mark string) string {
	tb.Helper()
	patience := time.After(Patience)
	for {
		s.mu.Lock()
		text := s.all.String()
		if strings.Contains(text, mark) {
			s.all.Reset()
			s.mu.Unlock()
			return strings.Replace(text, mark, "", 1)
		}
		s.mu.Unlock()
		select {
		case <-s.more:
		case <-patience:
			tb.Fatalf("never drawn, of %q was sent %q", mark, text)
		}
	}
}
