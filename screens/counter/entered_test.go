package counter_test

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

func TestAnOperationKeepsHowItsIDCameIn(t *testing.T) {
	t.Parallel()
	ways := map[offline.Entered]func(*screenstest.Counter){
		offline.Scanned: func(s *screenstest.Counter) { s.Scan(offlinetest.Reel) },
		offline.Typed: func(s *screenstest.Counter) {
			for _, r := range offlinetest.Reel {
				s.Keys(string(r))
			}
			s.Keys("enter")
		},
		offline.Pasted: func(s *screenstest.Counter) { s.Send(tea.PasteMsg{Content: offlinetest.Reel}) },
		offline.FromFile: func(s *screenstest.Counter) {
			s.Keys("f2")
			choose(s, written(t, s, "reels.txt", offlinetest.Reel+"\n"))
		},
	}
	for want, enter := range ways {
		t.Run(string(want), func(t *testing.T) {
			t.Parallel()
			s := screenstest.SignedIn(t, 80, 24)
			enter(s)
			s.Wait("all ready", func(screen string) bool {
				return strings.Contains(screen, "to activate") || strings.Contains(screen, "1 to send") && !strings.Contains(screen, "asking")
			})
			s.Keys("enter")
			s.Until("HAND OVER")
			ops, err := s.Desk.Operations(t.Context(), offline.Query{})
			if err != nil || len(ops) != 1 || ops[0].Entered != want {
				t.Fatalf("%+v %v", ops, err)
			}
		})
	}
}
