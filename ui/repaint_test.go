package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// counted counts what a terminal would be sent.
type counted struct{ n atomic.Int64 }

func (c *counted) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return len(p), nil
}

// chineseList is a field over a list of 40 lines by 120 columns in Chinese.
type chineseList struct {
	theme *Theme
	field Field
	list  List[int]
}

func (m *chineseList) Init() tea.Cmd { return nil }

func (m *chineseList) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.Code {
		case tea.KeyDown:
			m.list.Move(1)
		case tea.KeyUp:
			m.list.Move(-1)
		default:
			m.field.Key(k)
		}
	}
	return m, nil
}

func (m *chineseList) View() tea.View {
	lines := []string{Fit("扫码 "+m.field.View(m.theme, 60, true), 120)}
	rows, at := m.list.Rows()
	for i, n := range rows {
		line := Fit(fmt.Sprintf("10:15:07  ✔ 已激活  R112102F-%07d-2585  中杯饮品券(纸质)  银泰店  ¥ 30.00", n), 120)
		if i == at {
			line = m.theme.Picked(line)
		}
		lines = append(lines, line)
	}
	v := tea.NewView(strings.Join(lines, "\n"))
	v.AltScreen = true
	return v
}

// repaints are the keys that are measured, and the most bytes that one may cost
// on the median: half more than it does. A typed character costs 43, a move of
// the cursor 223; a renderer that sends the whole screen sends thousands.
var repaints = []struct {
	name string
	most float64
	key  func(int) tea.KeyPressMsg
}{
	{"typed character", 64, func(i int) tea.KeyPressMsg {
		if i%40 == 39 {
			return tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl}
		}
		return tea.KeyPressMsg{Code: 'a', Text: "a"}
	}},
	{"cursor move", 300, func(i int) tea.KeyPressMsg {
		if i/30%2 == 0 {
			return tea.KeyPressMsg{Code: tea.KeyDown}
		}
		return tea.KeyPressMsg{Code: tea.KeyUp}
	}},
}

// bytesPerKey presses n keys, each after the frame of the one before, and returns
// how many bytes the terminal is sent for one: the median, since a busy machine may
// still write the end of a frame when the next key is pressed.
func bytesPerKey(key func(int) tea.KeyPressMsg, n int) float64 {
	m := &chineseList{theme: NewTheme(ThemeOptions{})}
	m.list.Key = func(n int) string { return fmt.Sprint(n) }
	m.list.SetHeight(39)
	around(&m.list, 0, 39, false)
	var out counted
	ctx, cancel := context.WithCancel(context.Background())
	p := tea.NewProgram(m, tea.WithContext(ctx), tea.WithInput(nil), tea.WithOutput(&out), tea.WithWindowSize(120, 40),
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
	drawn(&out, 1)
	sent := make([]int64, n)
	for i := range sent {
		was := out.n.Load()
		p.Send(key(i))
		drawn(&out, was)
		sent[i] = out.n.Load() - was
	}
	slices.Sort(sent)
	return float64(sent[n/2])
}

func TestAKeySendsTheTerminalLittle(t *testing.T) {
	for _, r := range repaints {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			if got := bytesPerKey(r.key, 40); got > r.most || got == 0 {
				t.Errorf("%.0f bytes for a %s, want at most %.0f", got, r.name, r.most)
			}
		})
	}
}

// BenchmarkRepaint measures the bytes sent to the terminal for one typed
// character and for one move of the cursor.
func BenchmarkRepaint(b *testing.B) {
	for _, r := range repaints {
		b.Run(r.name, func(b *testing.B) {
			b.ReportMetric(bytesPerKey(r.key, b.N), "B/key")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// drawn waits until more than was has been written and nothing follows.
func drawn(out *counted, was int64) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(10 * time.Second)
	for {
		before := out.n.Load()
		select {
		case <-limit:
			return
		case <-tick.C:
		}
		if now := out.n.Load(); now > was && now == before {
			return
		}
	}
}
