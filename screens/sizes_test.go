package screens_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
	"counterfoil/ui"
)

// squeezed is a screen's text without frames and the places where lines break.
func squeezed(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \n│┃", r) {
			return -1
		}
		return r
	}, text)
}

// At no size and in neither language is a result's order, an error's advice, an
// amount, a state or the first word of a key hint cut.
func TestWhatMattersIsReadWholeAtEverySize(t *testing.T) {
	t.Parallel()
	const unknown = "8888888888888888888888"
	for name, c := range offlinetest.Some(6, map[string]struct {
		show func(s *screenstest.Counter) (ids []string) // and what must be read of it
		more []string                                    // texts beside them
	}{
		"active": {func(s *screenstest.Counter) []string {
			s.Scanned(offlinetest.Reel)
			s.Keys("enter")
			s.Until("✔ " + s.Words.T("state.active") + " ")
			s.Until(s.Words.T("result.hand_over"))
			return []string{"result.active", "result.hand_over", "state.active"}
		}, []string{"¥ 30.00"}},
		"refused": {func(s *screenstest.Counter) []string {
			s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Do: "refuse:05"})
			s.Scanned(offlinetest.Reel)
			s.Keys("enter")
			s.Until("⊘ " + s.Words.T("state.refused") + " ")
			s.Until(s.Words.T("result.do_not"))
			return []string{"result.refused", "result.do_not", "state.refused"}
		}, []string{"¥ 30.00"}},
		"queued": {func(s *screenstest.Counter) []string {
			s.Scanned(offlinetest.Reel)
			s.Outage()
			s.Keys("enter")
			s.Until(s.Words.T("offline.title"))
			s.Keys("enter")
			s.Until(s.Words.T("result.not_active"))
			s.Until("◷ 1 ")
			return []string{"result.queued", "result.not_active", "state.queued", "link.offline"}
		}, []string{"¥ 30.00"}},
		"an error": {func(s *screenstest.Counter) []string {
			s.Scan(unknown)
			s.Until("H10")
			return []string{"result.refused", "result.do_not"}
		}, []string{"H10"}},
		"no id": {func(s *screenstest.Counter) []string {
			s.Scan("https://example.com/")
			s.Until("https://example.com/")
			return nil
		}, []string{"https://example.com/"}},
		"the offline question": {func(s *screenstest.Counter) []string {
			s.Scanned(offlinetest.Reel)
			s.Outage()
			s.Keys("enter")
			s.Until(s.Words.T("offline.title"))
			return []string{"offline.not_active", "offline.later", "offline.accept", "ui.cancel"}
		}, []string{"¥ 30.00", offlinetest.Reel}},
		"not known": {func(s *screenstest.Counter) []string {
			s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"}, sandbox.Fault{Action: api.ActionLookup, Skip: 1, Do: "drop_answer"},
				sandbox.Fault{Action: api.ActionActivateQuery, Do: "drop_answer"})
			s.Scanned(offlinetest.Reel)
			s.Keys("enter")
			s.Until("? " + s.Words.T("state.unknown") + " ")
			return []string{"result.unknown", "result.do_not", "state.unknown"}
		}, []string{"¥ 30.00"}},
		"for the manager": {func(s *screenstest.Counter) []string {
			op, err := s.Desk.Accept(context.Background(), offline.Request{Kind: offline.Activate, ID: offlinetest.ReelCode, AmountFen: 1500, Operator: s.Cashier})
			s.Must(err)
			_, err = s.Desk.Wait(context.Background(), op.Op)
			s.Must(err)
			s.Scanned(offlinetest.Reel)
			s.Keys("enter")
			s.Until(s.Words.T("result.attention"))
			return []string{"result.attention", "result.do_not", "state.attention"}
		}, []string{"¥ 15.00"}},
		"the void question": {func(s *screenstest.Counter) []string {
			s.Scanned(offlinetest.Reel)
			s.Keys("f4")
			s.Until(s.Words.T("void.title"))
			return []string{"void.sure", "void.type_tail", "counter.void", "ui.cancel"}
		}, []string{"¥ 30.00", offlinetest.Reel}},
		"void": {func(s *screenstest.Counter) []string {
			s.Scanned(offlinetest.Reel)
			s.Keys("enter")
			s.Until(s.Words.T("result.hand_over"))
			s.Keys("f4")
			s.Until(s.Words.T("void.title"))
			s.Answer(api.ID(offlinetest.Reel).Tail())
			s.Until(s.Words.T("result.keep"))
			return []string{"result.void", "result.keep", "state.void"}
		}, nil},
		"the tree": {func(s *screenstest.Counter) []string {
			s.Scanned(offlinetest.ReelCode)
			s.Keys("f3")
			s.Until("¥ 15.00")
			return []string{"status.03", "valid.unlimited"}
		}, []string{"¥ 15.00"}},
		"the queue": {func(s *screenstest.Counter) []string {
			s.Scanned(offlinetest.Reel)
			s.Keys("enter")
			s.Until(s.Words.T("result.hand_over"))
			s.Keys("f5", "tab", "tab", "tab", "tab")
			s.Until("✔ " + s.Words.T("state.active"))
			return []string{"state.active"}
		}, []string{"¥ 30.00"}},
	}) {
		for _, lang := range []string{ui.English, ui.Chinese} {
			t.Run(name+" "+lang, func(t *testing.T) {
				t.Parallel()
				s := screenstest.Open(t, 80, 24, lang, func(s *offlinetest.Shop) {
					s.Settings.Rules.SettleTime, s.Settings.Rules.AttentionAfter = 5*time.Minute, time.Hour
				})
				s.SignIn()
				texts := slices.Clone(c.more)
				for _, id := range c.show(s) {
					texts = append(texts, s.Words.T(id))
				}
				cut := func(screen string) []string {
					whole := squeezed(screen)
					return slices.DeleteFunc(slices.Clone(texts), func(text string) bool { return strings.Contains(whole, squeezed(text)) })
				}
				s.Wait(strings.Join(texts, ", "), func(screen string) bool { return len(cut(screen)) == 0 })
				check := func(rt rapid.TB, width, height int) {
					s.Send(tea.WindowSizeMsg{Width: width, Height: height})
					s.Drain()
					screen := s.Screen()
					if cut := cut(screen); len(cut) > 0 {
						rt.Fatalf("%q is not whole at %d×%d:\n%s", cut, width, height, screen)
					}
					lines := strings.Split(screen, "\n")
					if hints := lines[len(lines)-1]; strings.Contains(hints, "…") {
						rt.Fatalf("a key hint is cut: %q", hints)
					}
					for i, line := range lines {
						if ui.Width(line) != width {
							rt.Fatalf("line %d is %d wide at %d×%d: %q", i+1, ui.Width(line), width, height, line)
						}
					}
				}
				for _, size := range [][2]int{{80, 24}, {100, 30}, {120, 40}, {160, 50}} {
					check(t, size[0], size[1])
				}
				rapid.Check(t, func(rt *rapid.T) {
					check(rt, rapid.IntRange(80, 200).Draw(rt, "width"), rapid.IntRange(24, 60).Draw(rt, "height"))
				})
			})
		}
	}
}
