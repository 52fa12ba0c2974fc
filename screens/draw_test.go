package screens

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"counterfoil/offline"
	"counterfoil/ui"
)

func TestWhoSellsIsReadWholeHoweverMuchTheStatusLineTells(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	for _, st := range []offline.Status{
		{Link: offline.Online},
		{Link: offline.Offline, Attention: 1},
		{Link: offline.Offline, Waiting: 120, Oldest: s.Clock.Now().Add(-25 * time.Minute), Unknown: 3, Attention: 12},
	} {
		for _, lang := range []string{ui.English, ui.Chinese} {
			s.model.env.Words.SetLanguage(lang)
			s.model.env.Status = st
			line := ansi.Strip(s.model.statusLine(80))
			who, _, _ := strings.Cut(line, map[offline.Link]string{offline.Online: "●", offline.Offline: "○"}[st.Link])
			role := "amy · " + s.model.env.T("role.cashier")
			name := strings.TrimRight(who, " ")
			if !strings.HasSuffix(name, "amy") && !strings.HasSuffix(name, role) || who == name || !strings.HasSuffix(line, "10:15 ") || ui.Width(line) != 80 {
				t.Errorf("%q", line)
			}
		}
	}
}
