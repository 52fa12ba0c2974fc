package counter_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

var sizes = [][2]int{{80, 24}, {160, 50}}

// looks compares what a story leads to with the golden screens of every size and
// language. The clock goes on by its keys alone.
func looks(t *testing.T, sizes [][2]int, story func(s *screenstest.Counter)) {
	screenstest.Looks(t, sizes, func(t *testing.T, width, height int, lang string) {
		s := screenstest.Open(t, width, height, lang, func(s *offlinetest.Shop) { s.Settings.Rules.SettleTime = 5 * time.Minute })
		defer s.Clock.Stop()()
		s.SignIn()
		story(s)
		s.Golden()
	})
}

// sold scans the reel and sends it with something going wrong.
func sold(s *screenstest.Counter, word string, faults ...sandbox.Fault) {
	s.Scanned(offlinetest.Reel)
	s.Faults(faults...)
	s.Keys("enter")
	s.Until(s.Words.T("result." + word))
}

// settled waits until the list, the status line, the keys and what else is counted
// know of a state too.
func settled(s *screenstest.Counter, state, count string) {
	row := regexp.MustCompile(`\d\d:\d\d:\d\d +\S+ ` + s.Words.T("state."+state) + " ")
	s.Wait(state+" in the list", row.MatchString)
	s.Until(count)
	switch by := regexp.MustCompile(`[,，] ?amy|by amy was|amy 的`); {
	case s.Shows(s.Words.T("counter.single")): // a basket
		s.UntilNot(s.Words.T("needs.by_itself"))
	case state == "refused", state == "active", state == "void":
		s.Wait("who did it on the card", by.MatchString)
	}
	if state != "queued" {
		s.Until(s.Words.T("status_line.waiting", map[string]any{"Count": 0}))
	}
	if needs := s.Words.T("needs.title"); s.Shows(needs) && (state == "unknown" || state == "attention") {
		s.Until(needs + " 1")
	}
	if state == "unknown" {
		s.Until("● " + s.Words.T("link.online")) // the answer that was lost is made up for by a probe's
	}
	if state != "void" {
		s.Until("   F4 " + s.Words.T("counter.void"))
	}
}

func TestTheEmptyCounterLooksAsItShould(t *testing.T) {
	looks(t, [][2]int{{80, 24}, {100, 30}, {120, 40}, {160, 50}}, func(*screenstest.Counter) {})
}

func TestTheCardLooksAsItShould(t *testing.T) {
	looks(t, [][2]int{{80, 24}, {100, 30}, {120, 40}, {160, 50}}, func(s *screenstest.Counter) { s.Scanned(offlinetest.Reel) })
}

func TestTheCardOfACodeLooksAsItShould(t *testing.T) {
	looks(t, sizes, func(s *screenstest.Counter) {
		sold(s, "hand_over")
		s.Scan(offlinetest.ReelCode)
		s.Until(s.Words.T("reason.active"))
		settled(s, "active", "¥30")
	})
}

func TestAnActivationLooksAsItShould(t *testing.T) {
	looks(t, sizes, func(s *screenstest.Counter) {
		sold(s, "hand_over")
		settled(s, "active", "● 2 ")
		s.Until(s.Words.T("shift.active", map[string]any{"N": "1", "Sum": "¥30"}))
	})
}

func TestAVoidLooksAsItShould(t *testing.T) {
	looks(t, sizes, func(s *screenstest.Counter) {
		sold(s, "hand_over")
		s.Keys("f4")
		s.Until(s.Words.T("void.title"))
		s.Answer("2585")
		s.Until(s.Words.T("result.keep"))
		settled(s, "void", "= ¥0")
		s.Until("✖ 2 ")
	})
}

func TestARefusalLooksAsItShould(t *testing.T) {
	looks(t, sizes, func(s *screenstest.Counter) {
		sold(s, "refused", sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "refuse:A05"})
		settled(s, "refused", s.Words.T("shift.refused", map[string]any{"N": "1"}))
	})
}

func TestAnUnknownOutcomeLooksAsItShould(t *testing.T) {
	looks(t, sizes, func(s *screenstest.Counter) {
		sold(s, "unknown", sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"})
		settled(s, "unknown", s.Words.T("status_line.unknown", map[string]any{"Count": 1}))
	})
}

func TestWhatAManagerMustLookAtLooksAsItShould(t *testing.T) {
	looks(t, sizes, func(s *screenstest.Counter) {
		op, err := s.Desk.Accept(context.Background(), offline.Request{Kind: offline.Activate, ID: offlinetest.ReelCode, AmountFen: 1500, Operator: s.Cashier})
		s.Must(err)
		_, err = s.Desk.Wait(context.Background(), op.Op)
		s.Must(err)
		s.Scanned(offlinetest.Reel) // one of its two codes is active
		if said := []rune(s.Words.T("sale.mixed_activate", map[string]any{"Codes": s.Words.T("counter.codes_of", map[string]any{"N": "1", "Of": "2"})}))[:12]; !s.Shows(string(said)) {
			s.TB.Errorf("the card does not say “%s…”", string(said))
		}
		s.Keys("enter")
		s.Until(s.Words.T("result.attention"))
		settled(s, "attention", s.Words.T("status_line.attention", map[string]any{"Count": 1}))
	})
}

func TestAQueuedActivationLooksAsItShould(t *testing.T) {
	looks(t, sizes, func(s *screenstest.Counter) {
		s.Scanned(offlinetest.Reel)
		s.Outage()
		s.Keys("enter")
		s.Until(s.Words.T("offline.not_active"))
		s.Keys("enter")
		s.Until(s.Words.T("result.not_active"))
		settled(s, "queued", "◷ "+s.Words.T("status_line.waiting", map[string]any{"Count": 1}))
	})
}

func TestASentBasketLooksAsItShould(t *testing.T) {
	looks(t, sizes, func(s *screenstest.Counter) {
		s.Keys("f2")
		for _, id := range []string{offlinetest.Reel, offlinetest.FreeCode, "10014030013500006013"} {
			s.Scan(id)
			s.UntilNot(s.Words.T("counter.looking"))
		}
		s.Keys("enter")
		s.Until(s.Words.T("basket.keep_back", map[string]any{"N": 1}))
		settled(s, "active", s.Words.T("shift.active", map[string]any{"N": "2", "Sum": "¥45"}))
		sent := regexp.MustCompile(`10:1\d:\d\d`)
		s.Wait("both in the list", func(screen string) bool { return len(sent.FindAllString(screen, -1)) == 2 })
		s.UntilNot(s.Words.T("state.sending"))
		s.Until("basket-2026-11-22-1.txt")
	})
}

func TestInASCIINumbersGiveWayBeforeStates(t *testing.T) {
	t.Parallel()
	s := screenstest.Open(t, 100, 30, screenstest.ASCII, func(s *offlinetest.Shop) { s.Settings.Rules.SettleTime = 5 * time.Minute })
	s.SignIn()
	defer s.Clock.Stop()()
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "refuse:A05"})
	s.Scanned(offlinetest.Reel)
	s.Keys("enter")
	s.Until("REFUSED")
	s.Scanned(offlinetest.FreeCode)
	s.Keys("enter")
	s.Until("ACTIVE")
	s.Keys("f4")
	s.Until(s.Words.T("void.title"))
	s.Answer(api.ID(offlinetest.FreeCode).Tail())
	s.Until(s.Words.T("result.keep"))
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"})
	s.Keys("esc")
	s.Scanned(offlinetest.Reel)
	s.Keys("enter")
	s.Until("NOT KNOWN")
	s.Wait("the time of the next question", regexp.MustCompile(`asks again \d\d:\d\d:\d\d`).MatchString)
	s.Until("1 active CNY 15 - 1 void -CNY 15 - 1 refused")
}

func TestTheFieldOfWhatWaitsKeepsItsClock(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {100, 24}, {100, 30}, {120, 34}, {120, 40}, {160, 50}} {
		s := screenstest.AtReel(t, size[0], size[1])
		s.Faults(sandbox.Fault{Action: api.ActionLookup, Do: "drop_answer"})
		s.Clock.Forward(9 * time.Minute) // the look-up on the scan is too old
		s.Keys("enter")
		s.Until(s.Words.T("result.not_active"))
		if screen := s.Screen(); !strings.ContainsAny(screen, "▀▄") {
			t.Errorf("%v:\n%s", size, screen)
		}
	}
}
