package ui

import (
	"context"
	"fmt"
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

// BenchmarkRepaint measures the bytes sent to the terminal for one typed
// character and for one move of the cursor.
func BenchmarkRepaint(b *testing.B) {
	for name, key := range map[string]func(int) tea.KeyPressMsg{
		"typed character": func(i int) tea.KeyPressMsg {
			if i%40 == 39 {
				return tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl}
			}
			return tea.KeyPressMsg{Code: 'a', Text: "a"}
		},
		"cursor move": func(i int) tea.KeyPressMsg {
			if i/30%2 == 0 {
				return tea.KeyPressMsg{Code: tea.KeyDown}
			}
			return tea.KeyPressMsg{Code: tea.KeyUp}
		},
	} {
		b.Run(name, func(b *testing.B) {
			m := &chineseList{theme: NewTheme(ThemeOptions{})}
			m.list.Key = func(n int) string { return fmt.Sprint(n) }
			m.list.SetHeight(39)
			m.list.Refresh(m.list.Again(), source(Want{Limit: 39}))
			var out counted
			ctx, cancel := context.WithCancel(context.Background())
			p := tea.NewProgram(m, tea.WithContext(ctx), tea.WithInput(nil), tea.WithOutput(&out), tea.WithWindowSize(120, 40),
				tea.WithColorProfile(colorprofile.TrueColor), tea.WithFPS(120), tea.WithEnvironment([]string{"TERM=xterm-256color"}))
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				_, _ = p.Run()
			}()
			settled(&out, 1)
			begun := out.n.Load()
			b.ResetTimer()
			for i := range b.N {
				was := out.n.Load()
				p.Send(key(i))
				settled(&out, was)
			}
			b.ReportMetric(float64(out.n.Load()-begun)/float64(b.N), "B/key")
			b.ReportMetric(0, "ns/op")
			cancel()
			<-ended
		})
	}
}

// settled waits until more than was has been written and nothing follows.
func settled(out *counted, was int64) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(time.Second)
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
