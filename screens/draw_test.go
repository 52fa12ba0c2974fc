package screens

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// statusLine is a counter's at a quarter past ten, amy signed in.
func statusLine(t *testing.T, lang string, st offline.Status) string {
	t.Helper()
	words, err := ui.NewWords(lang)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 10, 15, 0, 0, time.UTC)
	m := &Model{env: &screen.Env{
		Words: words, Theme: ui.NewTheme(ui.ThemeOptions{}), Zone: time.UTC, Now: func() time.Time { return now },
		Status: st, Session: offline.Session{Name: "amy", Role: offline.Cashier}, Setup: Setup{Shop: "银泰店 C01"},
	}}
	return ansi.Strip(m.statusLine(80))
}

func TestWhoSellsIsReadWholeHoweverMuchTheStatusLineTells(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 11, 22, 9, 50, 0, 0, time.UTC)
	for _, st := range []offline.Status{
		{Link: offline.Online},
		{Link: offline.Offline, OpenCount: offline.OpenCount{Attention: 1}},
		{Link: offline.Offline, OpenCount: offline.OpenCount{Waiting: 120, Unknown: 3, Attention: 12}, Oldest: since},
	} {
		for lang, role := range map[string]string{ui.English: "cashier", ui.Chinese: "收银员"} {
			line := statusLine(t, lang, st)
			who, _, _ := strings.Cut(line, map[offline.Link]string{offline.Online: "●", offline.Offline: "▼"}[st.Link])
			name := strings.TrimRight(who, " ")
			if !strings.HasSuffix(name, "amy") && !strings.HasSuffix(name, "amy · "+role) || who == name || !strings.HasSuffix(line, "10:15 ") || ui.Width(line) != 80 {
				t.Errorf("%q", line)
			}
		}
	}
}

func TestTheStatusLineNamesEveryStateOfTheLink(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string]map[offline.Link]string{
		ui.English: {offline.Unheard: "· checking", offline.Online: "● online", offline.Shaky: "◐ shaky", offline.Offline: "▼ offline"},
		ui.Chinese: {offline.Unheard: "· 检测中", offline.Online: "● 在线", offline.Shaky: "◐ 不稳定", offline.Offline: "▼ 离线"},
	} {
		for link, text := range want {
			if line := statusLine(t, lang, offline.Status{Link: link}); !strings.Contains(line, text) {
				t.Errorf("%q does not say %q", line, text)
			}
		}
	}
}

func TestTheThemeIsAsSetOrAsTheTerminalSays(t *testing.T) {
	t.Parallel()
	words, err := ui.NewWords(ui.English)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		theme       string
		told, light bool
	}{{"auto", false, false}, {"auto", true, true}, {"dark", true, false}, {"light", false, true}} {
		m := &Model{o: Options{Theme: c.theme}, env: &screen.Env{Words: words}}
		m.canvas.light = c.told
		m.retheme()
		if m.env.Theme.Paint(ui.Good, "x") != ui.NewTheme(ui.ThemeOptions{Light: c.light}).Paint(ui.Good, "x") {
			t.Errorf("%+v", c)
		}
	}
}
