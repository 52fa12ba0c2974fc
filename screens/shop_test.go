package screens

import (
	"context"
	"testing"
	"time"

	"counterfoil/offline"
	"counterfoil/screens/screenstest"
	"counterfoil/ui"
)

// ids of the demo's boxes.
const (
	reel     = "R112102F-0000242-2585" // two codes, not active
	freeCode = "1001260105000000301-Wd5kPz2R"
	boxID    = "X22169-3141157-33475" // holds neither
)

// shop is a counter's screens on a real desk, with the sandbox as its platform.
type shop struct {
	*screenstest.Shop
	*screenstest.Till
	model *Model
}

// idleLock is the lock of the shops of these tests.
const idleLock = 10 * time.Minute

func openShop(t testing.TB, width, height int, lang string, change ...func(*offline.Settings)) *shop {
	t.Helper()
	s := &shop{Shop: screenstest.OpenShop(t, change...)}
	s.People()
	words, err := ui.NewWords(lang)
	s.Must(err)
	ctx, cancel := context.WithCancel(context.Background())
	s.model = New(ctx, Options{
		Desk: s.Desk, Words: words, Training: true, ShopName: "银泰店", CounterName: "C01", Version: "1.0",
		Hints:    []PINHint{{Name: "mgr", Role: offline.Manager, PIN: "9999"}, {Name: "amy", Role: offline.Cashier, PIN: "1111"}},
		IdleLock: idleLock, MaskCodes: true, Zone: screenstest.Zone, Now: s.Clock.Now,
	})
	t.Cleanup(func() {
		cancel()
		s.model.stop()
	})
	s.Till = screenstest.Run(t, s.Clock, s.model, width, height)
	s.Until("▸ amy")
	return s
}

func (s *shop) signIn() {
	s.TB.Helper()
	s.Keys("1", "1", "1", "1", "enter")
	s.Until("Scan a voucher")
}

// atReel is a shop where amy has signed in and scanned the reel.
func atReel(t *testing.T, width, height int) *shop {
	t.Helper()
	s := openShop(t, width, height, "en")
	s.signIn()
	s.scanned(reel)
	return s
}

// scanned scans an id and waits for its card.
func (s *shop) scanned(id string) {
	s.TB.Helper()
	s.Scan(id)
	s.Until("to activate")
}

// outage cuts the platform off and waits until that is seen.
func (s *shop) outage() {
	s.TB.Helper()
	s.CutOff()
	s.Until("offline")
}
