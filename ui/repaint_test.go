package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"counterfoil/ui/vterm"
)

// chineseList is a field over a list of 40 lines by 120 columns in Chinese.
type chineseList struct {
	theme *Theme
	field Field
	list  List[int]
}

func (m *chineseList) press(k tea.KeyPressMsg) {
	switch k.Code {
	case tea.KeyDown:
		m.list.Move(1)
	case tea.KeyUp:
		m.list.Move(-1)
	default:
		m.field.Key(k)
	}
}

func (m *chineseList) draw() string {
	lines := []string{Fit("扫码 "+m.field.View(m.theme, 60, true), 120)}
	rows, at := m.list.Rows()
	for i, n := range rows {
		line := Fit(fmt.Sprintf("10:15:07  ✔ 已激活  R112102F-%07d-2585  中杯饮品券(纸质)  银泰店  ¥ 30.00", n), 120)
		if i == at {
			line = m.theme.Picked(line)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// repaints are the keys that are measured, and the most bytes that one may cost
// on the median: a tenth more than it does. A typed character costs 48, a move of
// the cursor 226, the same in every run; a renderer that sends the whole screen
// sends thousands.
var repaints = []struct {
	name string
	most float64
	key  func(int) tea.KeyPressMsg
}{
	{"typed character", 52, func(i int) tea.KeyPressMsg {
		if i%40 == 39 {
			return tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl}
		}
		return tea.KeyPressMsg{Code: 'a', Text: "a"}
	}},
	{"cursor move", 250, func(i int) tea.KeyPressMsg {
		if i/30%2 == 0 {
			return tea.KeyPressMsg{Code: tea.KeyDown}
		}
		return tea.KeyPressMsg{Code: tea.KeyUp}
	}},
}

// bytesPerKey presses n keys and returns how many bytes the terminal is sent for
// one: the median.
func bytesPerKey(tb testing.TB, key func(int) tea.KeyPressMsg, n int) float64 {
	m := &chineseList{theme: NewTheme(ThemeOptions{})}
	m.list.Key = func(n int) string { return fmt.Sprint(n) }
	m.list.SetHeight(39)
	around(&m.list, 0, 39, false)
	frames := []string{m.draw()}
	for i := range n {
		m.press(key(i))
		frames = append(frames, m.draw())
	}
	var sent []int
	for _, repaint := range vterm.Repaints(tb, vterm.Medium, frames...) {
		sent = append(sent, len(repaint))
	}
	slices.Sort(sent)
	return float64(sent[n/2])
}

func TestAKeySendsTheTerminalLittle(t *testing.T) {
	for _, r := range repaints {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			if got := bytesPerKey(t, r.key, 40); got > r.most || got == 0 {
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
			b.ReportMetric(bytesPerKey(b, r.key, b.N), "B/key")
			b.ReportMetric(0, "ns/op")
		})
	}
}
