// Package screenstest is a counter for the tests of screens: the screens on the
// desk's own fixture, and a till that runs their messages as the terminal library
// does and presses keys like a hand. Only tests import it.
package screenstest

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens"
	"counterfoil/ui"
)

// ASCII stands for a language where nothing but ASCII can be shown.
const ASCII = "ascii"

// IdleLock is after how long a counter locks that has operators.
const IdleLock = 10 * time.Minute

// Main is the TestMain of tests that wait for timers and answers more than they
// work: it runs several at once.
func Main(m *testing.M) {
	_ = flag.Set("test.parallel", "8")
	os.Exit(m.Run())
}

// Counter is a counter's screens on a shop.
type Counter struct {
	*offlinetest.Shop
	*Till
	Words *ui.Words
	size  [2]int
}

// Open shows a training counter with a manager and a cashier: the sign-in, the
// cursor on the cashier.
func Open(tb testing.TB, width, height int, lang string, change ...func(*offlinetest.Shop)) *Counter {
	tb.Helper()
	shop := offlinetest.Open(tb, change...).Start()
	c := show(shop, width, height, lang, screens.Options{
		Training: true, IdleLock: IdleLock, Version: "1.0",
		Setup: screens.Setup{Hints: []screens.PINHint{
			{Name: "mgr", Role: offline.Manager, PIN: "9999"}, {Name: "amy", Role: offline.Cashier, PIN: "1111"},
		}},
	})
	c.Until(map[bool]string{false: "▸ amy", true: "> amy"}[lang == ASCII])
	return c
}

// Empty shows the counter of a shop that has nobody yet.
func Empty(tb testing.TB, width, height int, lang string) *Counter {
	tb.Helper()
	return show(offlinetest.Open(tb, func(s *offlinetest.Shop) { s.Nobody = true }).Start(), width, height, lang, screens.Options{})
}

// OnShop shows the counter of a shop, with its manager signed in.
func OnShop(shop *offlinetest.Shop, width, height int, lang string) *Counter {
	shop.TB.Helper()
	c := show(shop.Start(), width, height, lang, screens.Options{})
	c.Until("▸ amy")
	c.Keys("down")
	c.Until("▸ mgr")
	c.Keys("9", "9", "9", "9", "enter")
	c.Until(c.Words.T("counter.empty"))
	return c
}

func show(shop *offlinetest.Shop, width, height int, lang string, o screens.Options) *Counter {
	shop.TB.Helper()
	words, err := ui.NewWords(lang)
	shop.Must(err)
	words.SetASCII(lang == ASCII)
	o.Desk, o.Words, o.Shop = shop.Desk, words, "银泰店 C01"
	o.MaskCodes, o.Zone, o.Now = true, offlinetest.Zone, shop.Clock.Now
	o.SinceBoot = func() time.Duration { return shop.Clock.Now().Sub(offlinetest.Opening) }
	ctx, cancel := context.WithCancel(context.Background())
	shop.TB.Cleanup(cancel)
	c := &Counter{Shop: shop, Words: words, size: [2]int{width, height}}
	c.Till = Run(shop.TB, shop.Clock, screens.New(ctx, o), width, height)
	return c
}

// SignedIn is a counter of that size in English where the cashier has signed in.
func SignedIn(tb testing.TB, width, height int, change ...func(*offlinetest.Shop)) *Counter {
	tb.Helper()
	c := Open(tb, width, height, ui.English, change...)
	c.SignIn()
	return c
}

// AtReel is SignedIn with the reel scanned.
func AtReel(tb testing.TB, width, height int, change ...func(*offlinetest.Shop)) *Counter {
	tb.Helper()
	c := SignedIn(tb, width, height, change...)
	c.Scanned(offlinetest.Reel)
	return c
}

// Queued is AtReel after an outage with the reel's activation accepted, which
// waits for the platform.
func Queued(tb testing.TB, width, height int) *Counter {
	tb.Helper()
	c := AtReel(tb, width, height)
	c.Outage()
	c.Keys("enter")
	c.Until(c.Words.T("offline.not_active"))
	c.Keys("enter")
	c.Until(c.Words.T("result.queued"))
	return c
}

// SignIn signs the cashier in.
func (c *Counter) SignIn() {
	c.TB.Helper()
	c.Keys("1", "1", "1", "1", "enter")
	c.Until(c.Words.T("counter.empty"))
}

// Scanned scans an id and waits for its card with the platform's answer.
func (c *Counter) Scanned(id string) {
	c.TB.Helper()
	c.Scan(id)
	c.Until(c.Words.T("counter.press_enter"))
}

// Outage cuts the platform off and waits until the status line says so.
func (c *Counter) Outage() {
	c.TB.Helper()
	c.CutOff()
	c.Until("▼ " + c.Words.T("link.offline"))
}

// What differs from run to run is drawn alike, in the same width.
var (
	clockTime = regexp.MustCompile(`10:(?:1[4-9]|2\d):\d\d`)
	minute    = regexp.MustCompile(`10:1[4-9] `)
	random    = regexp.MustCompile(`C01 / [A-Z2-7]{4}`) // of the journal\'s identity
	age       = regexp.MustCompile(`as of \d+ s ago|\d+ 秒前的数据`)
	opID      = regexp.MustCompile(`01[0-9A-Z]{24}`)
	trace     = regexp.MustCompile(`\d{23}`)
	next      = regexp.MustCompile(`  ·  (next try in \d+ s|\d+ 秒后重试)`)
	ago       = regexp.MustCompile(`· \d+ (s ago|秒前)|\d s ago|\d 秒前|\(\d\.\d s\)`)
)

var digits = regexp.MustCompile(`\d+`)

// nine draws every number as 9, in the same width.
func nine(text string) string {
	return digits.ReplaceAllStringFunc(text, func(n string) string { return ui.FitLeft("9", len(n)) })
}

// Golden compares the screen at rest with the test's golden file, and every
// line's width with the screen's. What the file shows may come a little later.
func (c *Counter) Golden() {
	c.TB.Helper()
	c.Wait("rest", func(screen string) bool { return !strings.ContainsAny(screen, "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏") })
	if want, err := os.ReadFile(filepath.Join("testdata", c.TB.Name()+".golden")); err == nil && flag.Lookup("update").Value.String() != "true" {
		c.runs(30*time.Second, func(screen string) bool { return c.alike(screen)+"\n" == string(want) })
	}
	text := c.alike(c.Screen())
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if n := ui.Width(line); n != c.size[0] {
			c.TB.Errorf("line %d is %d columns wide, not %d: %q", i+1, n, c.size[0], line)
		}
	}
	if len(lines) != c.size[1] {
		c.TB.Errorf("%d lines, not %d", len(lines), c.size[1])
	}
	golden.RequireEqual(c.TB, text+"\n")
}

// alike is a screen with what differs from run to run drawn alike.
func (c *Counter) alike(screen string) string {
	text := clockTime.ReplaceAllString(screen, "10:15:07")
	text = random.ReplaceAllString(text, "C01 / 7F3K")
	text = minute.ReplaceAllString(text, "10:15 ")
	text = opID.ReplaceAllString(text, "01M80GJ81BYQNM1D1F5TP19QB5")
	text = trace.ReplaceAllString(text, "20261122000001369042610")
	text = next.ReplaceAllStringFunc(text, func(was string) string { return ui.FitLeft("", ui.Width(was)) })
	text = ago.ReplaceAllStringFunc(text, nine)
	return age.ReplaceAllStringFunc(text, func(was string) string {
		return ui.FitLeft(map[string]string{ui.English: "as of 9 s ago", ui.Chinese: "9 秒前的数据"}[c.Words.Language()], ui.Width(was))
	})
}

// Looks runs a test of the screen's look for each size and language.
func Looks(t *testing.T, sizes [][2]int, test func(t *testing.T, width, height int, lang string)) {
	for _, size := range sizes {
		for _, lang := range []string{ui.English, ui.Chinese} {
			t.Run(fmt.Sprintf("%dx%d_%s", size[0], size[1], lang), func(t *testing.T) {
				t.Parallel()
				test(t, size[0], size[1], lang)
			})
		}
	}
}
