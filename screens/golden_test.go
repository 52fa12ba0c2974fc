package screens

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/golden"

	"counterfoil/ui"
)

func windowSize(width, height int) tea.WindowSizeMsg {
	return tea.WindowSizeMsg{Width: width, Height: height}
}

// What differs from run to run is drawn alike, in the same width.
var (
	clockTime = regexp.MustCompile(`10:1[5-9]:\d\d`)
	minute    = regexp.MustCompile(`10:1[5-9] `)
)

func (s *shop) golden() {
	s.TB.Helper()
	s.Wait("rest", func(string) bool { return !s.model.busy() })
	text := clockTime.ReplaceAllString(s.Screen(), "10:15:07")
	text = minute.ReplaceAllString(text, "10:15 ")
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if n := ui.Width(line); n != s.model.width {
			s.TB.Errorf("line %d is %d columns wide, not %d: %q", i+1, n, s.model.width, line)
		}
	}
	if len(lines) != s.model.height {
		s.TB.Errorf("%d lines, not %d", len(lines), s.model.height)
	}
	golden.RequireEqual(s.TB, text+"\n")
}

func TestScreensLookAsTheyShould(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		for _, lang := range []string{"en", "zh"} {
			name := fmt.Sprintf("%dx%d_%s", size[0], size[1], lang)
			at := func(t *testing.T, signedIn bool) *shop {
				s := openShop(t, size[0], size[1], lang)
				if signedIn {
					s.Keys("1", "1", "1", "1", "enter")
					s.Until("amy · ")
					s.Wait("an online platform", func(screen string) bool {
						return strings.Contains(screen, "● online") || strings.Contains(screen, "● 在线")
					})
				}
				return s
			}
			t.Run("signin_"+name, func(t *testing.T) { at(t, false).golden() })
			t.Run("counter_"+name, func(t *testing.T) { at(t, true).golden() })
			t.Run("card_"+name, func(t *testing.T) {
				s := at(t, true)
				s.Scan(reel)
				s.Until("⏎ " + s.model.env.T("counter.press_enter"))
				s.golden()
			})
			t.Run("active_"+name, func(t *testing.T) {
				s := at(t, true)
				s.Scan(reel)
				s.Until("⏎ " + s.model.env.T("counter.press_enter"))
				s.Keys("enter")
				s.Until(s.model.env.T("result.hand_over"))
				s.Until("1 " + map[string]string{"en": "operation", "zh": "笔"}[lang])
				s.Until("✔ " + s.model.env.T("state.active") + "   ")
				s.Until("● 2 ")
				s.Until("◷ 0 ") // the status line learns of it by itself
				s.golden()
			})
			t.Run("help_"+name, func(t *testing.T) {
				s := at(t, true)
				s.Keys("?")
				s.Until(s.model.env.T("help.words"))
				s.golden()
			})
			t.Run("queue_"+name, func(t *testing.T) {
				s := at(t, true)
				s.Keys("f5")
				s.Until(s.model.env.T("queue.empty"))
				s.golden()
			})
		}
	}
}
