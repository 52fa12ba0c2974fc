package screens

import (
	"testing"

	"github.com/charmbracelet/x/ansi"

	"counterfoil/offline"
)

func TestTheStatusLineNamesEveryStateOfTheLink(t *testing.T) {
	for lang, want := range map[string]map[offline.Link]string{
		"en": {offline.Unheard: "○ checking", offline.Online: "● online", offline.Shaky: "◐ shaky", offline.Offline: "○ offline"},
		"zh": {offline.Unheard: "○ 检测中", offline.Online: "● 在线", offline.Shaky: "◐ 不稳定", offline.Offline: "○ 离线"},
	} {
		s := openShop(t, 80, 24, lang)
		for link, text := range want {
			if have := ansi.Strip(s.model.link(offline.Status{Link: link})); have != text {
				t.Errorf("%s reads %q, want %q", link, have, text)
			}
		}
	}
}
