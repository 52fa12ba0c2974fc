package counter_test

import (
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

// oneFrame is how often the terminal library draws, 60 times a second.
const oneFrame = time.Second / 60

// BenchmarkScanToCard measures from a scan's last character to the drawn card,
// with a platform on the same machine: first the card with what the code itself
// tells, then the card with the platform's answer. Reported are medians, and
// their ratio to one frame of the screen.
func BenchmarkScanToCard(b *testing.B) {
	s := screenstest.SignedIn(b, 120, 40)
	ids := []string{offlinetest.Reel, "R151102F-0000241-2555"}
	var card, answer []time.Duration
	for i := range b.N {
		id := ids[i%2]
		s.Clock.Forward(3 * time.Second) // the same scan within two seconds is one scan
		for _, r := range id {
			s.Send(tea.KeyPressMsg{Code: r, Text: string(r)})
		}
		start := time.Now()
		s.Send(screenstest.Press("enter"))
		s.Until(id)
		card = append(card, time.Since(start))
		s.Until("to activate")
		answer = append(answer, time.Since(start))
	}
	b.ReportMetric(micros(card), "card-µs")
	b.ReportMetric(micros(answer), "answer-µs")
	b.ReportMetric(micros(card)/float64(oneFrame.Microseconds()), "card/frame")
	b.ReportMetric(micros(answer)/float64(oneFrame.Microseconds()), "answer/frame")
}

func micros(all []time.Duration) float64 {
	slices.Sort(all)
	return float64(all[len(all)/2].Microseconds())
}
