package screens_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

// focus is where a cursor can stand, and what a machine would have to type there
// to have something done.
var focus = map[string]struct {
	typed string
	open  func(t *testing.T) *screenstest.Counter
}{
	"the number":         {"30", func(t *testing.T) *screenstest.Counter { s := at(t); s.Keys("tab"); return s }},
	"the amount":         {"28.5", at},
	"the amount again":   {"28.5", func(t *testing.T) *screenstest.Counter { return asking(t, "28.5", "Amount again") }},
	"a far amount again": {"6000", func(t *testing.T) *screenstest.Counter { return asking(t, "6000", "ten times") }},
	"the end of a number": {"2585", func(t *testing.T) *screenstest.Counter {
		s := at(t)
		s.Keys("f4")
		s.Until("Void this?")
		return s
	}},
	"a PIN": {"1111", func(t *testing.T) *screenstest.Counter { return screenstest.Open(t, 100, 30, "en") }},
	"a manager's PIN": {"9999", func(t *testing.T) *screenstest.Counter {
		s := screenstest.AtReel(t, 100, 30, func(s *offlinetest.Shop) { s.Settings.Limits.OneMaxFen = 2000 })
		s.Keys("enter")
		s.Until("A manager is needed")
		s.Keys("tab")
		return s
	}},
	"a reason": {"lost", func(t *testing.T) *screenstest.Counter {
		s := screenstest.Open(t, 100, 30, "en")
		s.Keys("down")
		s.Until("▸ mgr")
		s.Answer("9999")
		s.Until(s.Words.T("counter.empty"))
		s.Scanned(offlinetest.Reel)
		s.Outage()
		s.Keys("enter")
		s.Until("NOT ACTIVE YET")
		s.Keys("enter", "f5")
		s.Chosen(offlinetest.Reel)
		s.Keys("s")
		s.Until("Settling closes")
		return s
	}},
	"a basket": {"n", func(t *testing.T) *screenstest.Counter {
		s := screenstest.SignedIn(t, 100, 30)
		s.Keys("f2")
		s.Scan(offlinetest.Reel)
		s.Until("2585")
		return s
	}},
	"the tree": {"a", func(t *testing.T) *screenstest.Counter {
		s := at(t)
		s.Keys("f3")
		s.Chosen(offlinetest.Reel)
		return s
	}},
	"the queue": {"w", func(t *testing.T) *screenstest.Counter {
		s := screenstest.Queued(t, 100, 30)
		s.Keys("f5")
		s.Chosen(offlinetest.Reel)
		return s
	}},
	"the queue's find": {"w", func(t *testing.T) *screenstest.Counter {
		s := screenstest.Queued(t, 100, 30)
		s.Keys("f5")
		s.Chosen(offlinetest.Reel)
		s.Keys("/")
		return s
	}},
	"an end": {"y", func(t *testing.T) *screenstest.Counter { s := at(t); s.Keys("ctrl+c"); s.Until("Quit?"); return s }},
}

func at(t *testing.T) *screenstest.Counter { return screenstest.AtReel(t, 100, 30) }

func asking(t *testing.T, amount, question string) *screenstest.Counter {
	s := at(t)
	s.Answer(amount)
	s.Until(question)
	return s
}

// operations are what stands in the journal.
func operations(s *screenstest.Counter) (all string) {
	ops, err := s.Desk.Operations(s.TB.Context(), offline.Query{Limit: 99})
	s.Must(err)
	for _, op := range ops {
		all += fmt.Sprintln(op.ID, op.Kind, op.State, op.AmountFen, op.SettledBy)
	}
	return all
}

// A machine's input at any pace of 5 to 120 ms a character, which is off by
// three tenths at most, activates, voids, confirms and ends nothing.
func TestNoMachineDoesAnythingWhereverTheCursorStands(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	for name, f := range offlinetest.Some(3, focus) {
		for n, text := range []string{f.typed, "99999", "690123456789", offlinetest.Reel} {
			t.Run(fmt.Sprintf("%s, %s", name, text), func(t *testing.T) {
				t.Parallel()
				random := rand.New(rand.NewPCG(seed, uint64(n)))
				s := f.open(t)
				before, front := operations(s), s.Shows("▸ amy")
				for _, end := range []string{"\r", "\t", "\r\r", "\t\r", ""} {
					pace := 5 + random.IntN(116)
					var pauses []int
					for range text + end {
						pauses = append(pauses, min(pace*(70+random.IntN(61))/100, 149))
					}
					s.Typed(text+end, pauses...)
					s.Drain()
					if now := operations(s); now != before || s.Ended() || s.Shows("▸ amy") != front {
						t.Fatalf("%q at %v (seed %d): it was\n%s\nand is\n%s\n%s", text+end, pauses, seed, before, now, s.Screen())
					}
				}
				s.WantEffects(0)
			})
		}
	}
}
