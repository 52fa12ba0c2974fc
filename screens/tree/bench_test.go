package tree_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
	"counterfoil/ui"
)

// BenchmarkKeyToFrame measures from a key to the frame that shows what it asked
// for, on a tree of a million codes and on two of a hundred, in turns of a few
// keys. Reported are the ratios of the medians and of the 99th
// percentiles, and as "noise" the same ratios between the two trees of a hundred.
func BenchmarkKeyToFrame(b *testing.B) {
	sizes := map[*screenstest.Counter]*strings.Replacer{}
	open := func(reels, n int, codes, last string) *screenstest.Counter {
		s := offlinetest.Open(b)
		s.Known(1, reels, n)
		l := screenstest.OnShop(s, 120, 40, "en")
		l.Keys("f3")
		l.Chosen("+ box")
		l.Keys("3")
		l.Until("+ reel")
		l.Keys("end")
		l.Chosen("+ reel")
		sizes[l] = strings.NewReplacer("{codes}", codes, "{last}", last)
		return l
	}
	tills := [...]*screenstest.Counter{open(1, 100, "100", "100"), open(10, 1_000_000, "1,000,000", "100,000"), open(1, 100, "100", "100")}
	const few, many, other = 0, 1, 2
	turns := [...][len(tills)]int{{few, many, other}, {other, many, few}, {many, other, few}, {few, other, many}, {other, few, many}, {many, few, other}}
	apart := func(keys ...string) (all []step) {
		for _, key := range keys {
			all = append(all, step{key: key, apart: true})
		}
		return all
	}
	begin := apart("/")
	text := step{paste: "926"} // what only codes hold
	typed, counted := step{paste: text.paste, apart: true}, step{until: "1 of {codes}", apart: true}
	left := step{key: "esc", until: "code {last} of", apart: true}
	first := step{paste: text.paste, until: "code 1 of"}
	for _, k := range []struct {
		name              string
		begin, steps, end []step
	}{
		{name: "scroll by page", begin: apart("right", "end"), end: apart("left", "left"),
			steps: []step{{key: "pgup"}, {key: "pgup"}, {key: "pgdown"}, {key: "pgdown"}}},
		{name: "scroll by row", begin: apart("right", "end"), end: apart("left", "left"),
			steps: []step{{key: "up"}, {key: "up"}, {key: "down"}, {key: "down"}}},
		{name: "jump to the end", begin: apart("right"), end: apart("end", "left", "left"),
			steps: []step{{key: "end"}, {key: "home", apart: true}}},
		{name: "expand a reel", steps: []step{{key: "right"}, {key: "left", apart: true}}},
		{name: "begin to find", begin: apart("right", "end"), end: apart("left", "left"),
			steps: slices.Concat(begin, []step{text, left})},
		{name: "find the first", begin: apart("right", "end"), end: apart("left", "left"),
			steps: slices.Concat(begin, []step{first, left})},
		{name: "step to the next found", begin: slices.Concat(apart("right", "end"), begin, []step{typed, counted}, apart("enter")), end: apart("esc", "end", "left", "left"),
			steps: []step{{key: "n", until: "code 2 of"}, {key: "n", until: "code 3 of"}, {key: "N", until: "code 2 of"}, {key: "N", until: "code 1 of"}}},
	} {
		b.Run(k.name, func(b *testing.B) {
			var took [len(tills)][]time.Duration
			for _, l := range tills {
				for _, s := range k.begin {
					s.until = sizes[l].Replace(s.until)
					frame(l, s)
				}
			}
			turn := 0
			for b.Loop() {
				turn++ // each follows each of the others equally often
				for _, i := range turns[turn%len(turns)] {
					for _, s := range k.steps {
						s.until = sizes[tills[i]].Replace(s.until)
						if d := frame(tills[i], s); !s.apart {
							took[i] = append(took[i], d)
						}
					}
				}
			}
			for _, l := range tills {
				for _, s := range k.end {
					frame(l, s)
				}
				l.Chosen("+ reel")
			}
			for i := range took {
				slices.Sort(took[i])
			}
			at := func(i, percent int) float64 { return float64(took[i][len(took[i])*percent/100]) / 1e3 }
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(at(many, 50), "µs-median-1M")
			b.ReportMetric(at(many, 99), "µs-p99-1M")
			b.ReportMetric(at(many, 50)/at(few, 50), "×100-median")
			b.ReportMetric(at(many, 99)/at(few, 99), "×100-p99")
			b.ReportMetric(at(other, 50)/at(few, 50), "noise-median")
			b.ReportMetric(at(other, 99)/at(few, 99), "noise-p99")
		})
	}
}

// step is one key, or a paste, or a wait only; and what its frame must show, ""
// for any change.
type step struct {
	key, paste, until string
	apart             bool // not counted
}

// timeless is the tree without the lines that change with the clock, and without
// the preview beside it, which may come later.
func timeless(screen string) string {
	lines := strings.Split(screen, "\n")
	tree := []string{lines[2]}
	for _, line := range lines[4 : len(lines)-2] {
		tree = append(tree, ui.Cut(line, 70))
	}
	return strings.Join(tree, "\n")
}

// frame presses a key and returns the time to the frame that shows its effect.
func frame(l *screenstest.Counter, s step) time.Duration {
	l.TB.Helper()
	l.Drain()
	was := timeless(l.Screen())
	l.Clock.Forward(time.Second) // a person's pause
	from := time.Now()
	switch {
	case s.key != "" && s.apart:
		l.Keys(s.key)
	case s.key != "":
		l.Send(screenstest.Press(s.key))
	case s.paste != "":
		l.Send(tea.PasteMsg{Content: s.paste})
	default:
		was = ""
	}
	l.Clock.Forward(time.Second)
	l.Wait("an effect of "+s.key, func(screen string) bool {
		return timeless(screen) != was && strings.Contains(screen, s.until)
	})
	return time.Since(from)
}
