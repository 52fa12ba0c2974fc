package counter_test

import (
	"fmt"
	"testing"
	"time"

	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
	"counterfoil/ui"
)

// filled is a counter with so many codes in the basket.
func filled(tb testing.TB, lines int) *screenstest.Counter {
	tb.Helper()
	s := screenstest.SignedIn(tb, 80, 24)
	codes := s.Codes(lines)
	s.Keys("f2")
	s.Until("Scan one after the other")
	for i, id := range codes {
		s.Scan(id)
		s.Drain()
		if i%50 == 49 || i == lines-1 {
			s.UntilNot("asking the platform")
		}
	}
	s.Until(ui.Grouped(int64(lines)) + " to send")
	return s
}

// BenchmarkBasket measures, with ten lines in the basket and with a thousand, a key
// in an amount and a scan, each from its last character to the drawn frame.
func BenchmarkBasket(b *testing.B) {
	for _, lines := range []int{10, 1000} {
		s := filled(b, lines)
		b.Run(fmt.Sprintf("lines=%d/key", lines), func(b *testing.B) {
			var key []time.Duration
			for i := range b.N {
				start := time.Now()
				s.Keys([]string{"1", "backspace"}[i%2])
				_ = s.Screen()
				key = append(key, time.Since(start))
				s.Drain()
			}
			b.ReportMetric(micros(key), "frame-µs")
		})
		b.Run(fmt.Sprintf("lines=%d/scan", lines), func(b *testing.B) {
			var card []time.Duration
			for range b.N {
				s.Clock.Forward(3 * time.Second)
				s.Type(offlinetest.FreeCode)
				start := time.Now()
				s.Send(screenstest.Press("enter"))
				s.Until("basket  " + ui.Grouped(int64(lines+1)))
				card = append(card, time.Since(start))
				s.UntilNot("asking the platform")
				s.Keys("u")
				s.Until("basket  " + ui.Grouped(int64(lines)))
			}
			b.ReportMetric(micros(card), "card-µs")
		})
	}
}
