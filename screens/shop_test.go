package screens

import (
	"bytes"
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/assets"
	"counterfoil/offline"
	"counterfoil/ui"
)

// ids of the demo's boxes.
const (
	reel     = "R112102F-0000242-2585" // two codes, not active
	freeCode = "1001260105000000301-Wd5kPz2R"
	boxID    = "X22169-3141157-33475" // holds neither
)

// clock runs on from a quarter past ten of a fixed day and can be turned forward.
type clock struct {
	mu    sync.Mutex
	begun time.Time
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	start := time.Date(2026, 11, 22, 10, 15, 0, 0, time.FixedZone("CST", 8*60*60))
	return start.Add(time.Since(c.begun) + c.ahead)
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// shop is a counter's screens on a real desk, with the sandbox as its platform.
type shop struct {
	t     testing.TB
	clock *clock
	box   *sandbox.Sandbox
	desk  *offline.Desk
	model *Model
	msgs  chan tea.Msg
	done  chan struct{}
	ended bool // the desk
}

// stopDesk ends the desk; from then on nothing can be read.
func (s *shop) stopDesk() {
	s.t.Helper()
	if !s.ended {
		s.ended = true
		s.must(s.desk.Stop())
	}
}

// idleLock is the lock of the shops of these tests.
const idleLock = 10 * time.Minute

func openShop(t testing.TB, width, height int, lang string, change ...func(*offline.Settings)) *shop {
	t.Helper()
	s := &shop{t: t, clock: &clock{begun: time.Now()}, msgs: make(chan tea.Msg, 256), done: make(chan struct{})}
	var err error
	s.box, err = sandbox.New(sandbox.Options{Seed: 1, Now: s.clock.now})
	s.must(err)
	s.must(s.box.Load(bytes.NewReader(assets.DemoBoxes)))
	server, err := s.box.Listen("127.0.0.1:0")
	s.must(err)
	zone := time.FixedZone("CST", 8*60*60)
	client, err := api.New(api.Settings{
		POSPURL: server.URL() + "/ebuyweb-posp/api", AnswerTimeout: 2 * time.Second, ShopNo: "1490",
		Device: api.Device{DeviceNo: "POS01", Brand: "663", MWVersion: "1", PTLVersion: "1", POSVersion: "1"},
		MACKey: sandbox.DefaultMACKey, AppSecret: sandbox.DefaultAppSecret, TraceMustMatch: true, Now: s.clock.now,
	})
	s.must(err)
	dir, err := os.MkdirTemp("/dev/shm", "counterfoil-test-")
	if err != nil {
		dir = t.TempDir()
	}
	ctx, cancel := context.WithCancel(context.Background())
	settings := offline.Settings{
		Data: dir, CounterName: "C01", Number: 1, ShopNo: "1490", ShopName: "银泰店", Zone: zone, DayStartsAt: 4 * time.Hour,
		Rules: offline.Rules{
			AnswerTimeout: 2 * time.Second, SettleTime: 200 * time.Millisecond, AttentionAfter: time.Minute, AbsentAfter: time.Hour,
			PrelookMaxAge: time.Minute, Parallel: 4, LookupAction: api.ActionLookup, ReelActions: true, VoidLeaves: "05",
			StatusForwardOnly: true, StatusAloneDone: true, DuplicateTraceCodes: []string{"32"},
		},
		Limits: offline.Limits{MaxOperations: 200, MaxAmountFen: 500_000, MaxTotalFen: 5_000_000, MaxAge: 24 * time.Hour},
		Now:    s.clock.now,
	}
	for _, f := range change {
		f(&settings)
	}
	s.desk, err = offline.Open(ctx, settings, client)
	s.must(err)
	mgr := offline.Session{Name: "mgr", Role: offline.Manager}
	s.must(s.desk.AddOperator(ctx, offline.Session{}, "mgr", offline.Manager, "9999"))
	s.must(s.desk.AddOperator(ctx, mgr, "amy", offline.Cashier, "1111"))
	s.desk.Start()
	words, err := ui.NewWords(lang)
	s.must(err)
	s.model = New(ctx, Options{
		Desk: s.desk, Words: words, Training: true, ShopName: "银泰店", CounterName: "C01", Version: "1.0",
		Hints:    []PINHint{{Name: "mgr", Role: offline.Manager, PIN: "9999"}, {Name: "amy", Role: offline.Cashier, PIN: "1111"}},
		IdleLock: idleLock, MaskCodes: true, Zone: zone, Now: s.clock.now,
	})
	t.Cleanup(func() {
		close(s.done)
		cancel()
		s.model.stop()
		s.stopDesk()
		s.must(server.Close())
		s.must(s.box.Close())
		_ = os.RemoveAll(dir)
	})
	s.do(s.model.Init())
	s.send(tea.WindowSizeMsg{Width: width, Height: height})
	s.until("▸ amy")
	return s
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// do runs a command beside the model, as the terminal library does.
func (s *shop) do(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		msg := cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for _, c := range batch {
				s.do(c)
			}
			return
		}
		if msg == nil {
			return
		}
		select {
		case s.msgs <- msg:
		case <-s.done:
		}
	}()
}

func (s *shop) send(msg tea.Msg) {
	_, cmd := s.model.Update(msg)
	s.do(cmd)
}

// screen is what is seen, without colours.
func (s *shop) screen() string { return ansi.Strip(s.model.View().Content) }

// wait lets the program run until the screen is as wanted.
func (s *shop) wait(what string, ok func(screen string) bool) {
	s.t.Helper()
	limit := time.After(10 * time.Second)
	for !ok(s.screen()) {
		select {
		case msg := <-s.msgs:
			s.send(msg)
		case <-limit:
			s.t.Fatalf("never saw %s:\n%s", what, s.screen())
		}
	}
}

func (s *shop) until(text string) {
	s.t.Helper()
	s.wait(text, func(screen string) bool { return strings.Contains(screen, text) })
}

func (s *shop) untilNot(text string) {
	s.t.Helper()
	s.wait("an end of "+text, func(screen string) bool { return !strings.Contains(screen, text) })
}

func (s *shop) shows(text string) bool { return strings.Contains(s.screen(), text) }

// keys presses keys by their names, each after a pause.
func (s *shop) keys(names ...string) {
	for _, name := range names {
		s.clock.forward(200 * time.Millisecond)
		s.send(press(name))
		s.clock.forward(200 * time.Millisecond)
		s.send(frameTick{seq: s.model.frames.seq})
	}
}

func press(name string) tea.KeyPressMsg {
	codes := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown, "backspace": tea.KeyBackspace,
		"f1": tea.KeyF1, "f2": tea.KeyF2, "f3": tea.KeyF3, "f4": tea.KeyF4, "f5": tea.KeyF5, "f9": tea.KeyF9, "f10": tea.KeyF10, "delete": tea.KeyDelete,
	}
	if code, ok := codes[name]; ok {
		return tea.KeyPressMsg{Code: code}
	}
	if rest, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: []rune(rest)[0], Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// scan sends a code the way a scanner does: all at once, Enter behind it.
func (s *shop) scan(code string) {
	s.clock.forward(time.Second)
	for _, r := range code {
		s.send(press(string(r)))
	}
	s.send(press("enter"))
}

func (s *shop) signIn() {
	s.t.Helper()
	s.keys("1", "1", "1", "1", "enter")
	s.until("Scan a voucher")
}

func (s *shop) faults(list ...sandbox.Fault) { s.must(s.box.SetFaults(list)) }

func (s *shop) wantEffects(n int) {
	s.t.Helper()
	if got := len(s.box.Effects()); got != n {
		s.t.Errorf("%d effects on the platform, want %d", got, n)
	}
}
