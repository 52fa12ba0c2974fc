package box_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"counterfoil/screens/box"
)

// BenchmarkKeyToFrame measures from a key to the frame that shows what it
// asked for, on a tree of a hundred codes and of a million in turns. The ratios
// are of medians and of 99th percentiles.
func BenchmarkKeyToFrame(b *testing.B) {
	open := func(reels, codes int) *till {
		s := box.OpenShop(b)
		s.Known(b, 1, reels, codes)
		l := openTill(b, s, 120, 40, "en")
		l.keys("f3")
		l.chosen("+ box")
		l.keys("3")
		l.until("+ reel")
		l.keys("end")
		l.chosen("+ reel")
		return l
	}
	few, many := open(1, 100), open(10, 1_000_000)
	for _, k := range []struct {
		name  string
		begin []string
		steps []step
		end   []string
	}{
		{name: "scroll by page", begin: []string{"right", "end"}, end: []string{"left", "left"},
			steps: []step{{key: "pgup"}, {key: "pgup"}, {key: "pgdown"}, {key: "pgdown"}}},
		{name: "scroll by row", begin: []string{"right", "end"}, end: []string{"left", "left"},
			steps: []step{{key: "up"}, {key: "up"}, {key: "down"}, {key: "down"}}},
		{name: "jump to the end", begin: []string{"right"}, end: []string{"end", "left", "left"},
			steps: []step{{key: "end"}, {key: "home", apart: true}}},
		{name: "expand a reel", steps: []step{{key: "right"}, {key: "left", apart: true}}},
		{name: "begin to find", steps: []step{{key: "/", apart: true}, {key: "0", apart: true}, {key: "enter"}, {key: "esc", apart: true}}},
		{name: "find the first", steps: []step{
			{key: "/", apart: true}, {key: "0", apart: true}, {key: "0", apart: true}, {key: "enter", until: "1 of"}, {key: "esc", apart: true}}},
	} {
		b.Run(k.name, func(b *testing.B) {
			var took [2][]time.Duration
			tills := [2]*till{few, many}
			for _, l := range tills {
				for _, key := range k.begin {
					l.frame(step{key: key})
				}
			}
			for b.Loop() {
				for i, l := range tills {
					for _, s := range k.steps {
						if d := l.frame(s); !s.apart {
							took[i] = append(took[i], d)
						}
					}
				}
			}
			for _, l := range tills {
				for _, key := range k.end {
					l.frame(step{key: key})
				}
				l.keys("end") // a search may have gone elsewhere
				l.chosen("reel")
			}
			slices.Sort(took[0])
			slices.Sort(took[1])
			at := func(i, percent int) float64 { return float64(took[i][len(took[i])*percent/100]) / 1e3 }
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(at(1, 50), "µs-median-1M")
			b.ReportMetric(at(1, 99), "µs-p99-1M")
			b.ReportMetric(at(1, 50)/at(0, 50), "×100-median")
			b.ReportMetric(at(1, 99)/at(0, 99), "×100-p99")
		})
	}
}

// step is one key, and what its frame must show; "" for any change.
type step struct {
	key, until string
	apart      bool // not counted
}

// timeless leaves the lines out that change with the clock.
func timeless(screen string) string {
	lines := strings.Split(screen, "\n")
	return lines[2] + strings.Join(lines[4:], "\n")
}

// frame presses a key and returns the time to the frame that shows its effect.
func (l *till) frame(s step) time.Duration {
	l.tb.Helper()
	for len(l.msgs) > 0 {
		l.send(<-l.msgs)
	}
	was := timeless(l.screen())
	l.Clock.Forward(time.Second) // a person's pause
	from := time.Now()
	l.send(press(s.key))
	l.Clock.Forward(time.Second)
	l.wait("an effect of "+s.key, func(screen string) bool {
		return timeless(screen) != was && strings.Contains(screen, s.until)
	})
	return time.Since(from)
}
