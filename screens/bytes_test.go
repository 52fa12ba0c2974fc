package screens_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
	"counterfoil/ui"
	"counterfoil/ui/vterm"
)

// A move of the cursor sends the row that loses it, the row that gains it, and
// what differs in the preview. most is the median of bytes that it may cost, half
// more than it does; the whole screen costs thousands.
func TestAKeySendsTheTerminalOnlyWhatChanges(t *testing.T) {
	for _, size := range []vterm.Size{{Cols: 100, Rows: 30}, {Cols: 120, Rows: 40}} {
		for _, c := range []struct {
			name string
			most int
			open func(c *screenstest.Counter)
			rest string // shown once the preview is whole
		}{
			{"tree of reels", 370, func(c *screenstest.Counter) {
				c.Keys("f3")
				c.Chosen("+ box")
				c.Keys("3")
				c.Until("+ reel")
				c.Keys("down", "down", "down")
			}, "Nothing yet"},
			{"tree of codes", 370, func(c *screenstest.Counter) {
				c.Keys("f3")
				c.Chosen("+ box")
				c.Keys("4")
				c.Until("○ 1")
				c.Keys("down", "down", "down")
			}, "Nothing yet"},
			{"basket of 40", 700, func(c *screenstest.Counter) {
				c.Keys("f2")
				for i := range 40 {
					c.Scan(fmt.Sprintf("10019010799%08d-BYTES001", i))
					c.Drain()
				}
				c.Until("basket  40 lines")
				c.UntilNot("asking")
				for range 20 {
					c.Keys("up")
				}
			}, "Nothing yet"},
			{"queue", 700, func(c *screenstest.Counter) {
				c.Keys("f5")
				c.Chosen("◷")
			}, "Attempts"},
		} {
			t.Run(fmt.Sprintf("%s at %d", c.name, size.Cols), func(t *testing.T) {
				t.Parallel()
				s := offlinetest.Open(t)
				s.Known(1, 20, 200)
				var boxes []string
				for range 12 {
					boxes = append(boxes, s.Known(1, 1, 3))
				}
				l := screenstest.OnShop(s, size.Cols, size.Rows, "en")
				l.CutOff()
				for _, box := range boxes {
					_, err := s.Desk.Accept(context.Background(), offline.Request{Kind: offline.Activate, ID: api.ID(box), AmountFen: 3000, Offline: true, Operator: s.Cashier})
					s.Must(err)
				}
				c.open(l)
				var frames []string
				for range 8 {
					l.Keys("down")
					if size.Cols > ui.Beside {
						l.Until(c.rest)
					}
					frames = append(frames, l.Frame())
				}
				var sent []int
				for _, repaint := range vterm.Repaints(t, size, frames...) {
					sent = append(sent, len(repaint))
				}
				if slices.Sort(sent); sent[len(sent)/2] > c.most {
					t.Errorf("a move of the cursor sends %v bytes, more than %d", sent, c.most)
				}
			})
		}
	}
}
