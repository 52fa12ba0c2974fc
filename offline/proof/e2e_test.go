package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/ui/vterm"
)

const (
	reel = "R112102F-0000242-2585"
	// afterScan is longer than the pause that makes an Enter the cashier's own
	// and not the scanner's second one.
	afterScan = 250 * time.Millisecond
)

// words are the screens' own, in each language.
var words = map[string]struct{ signIn, online, notActive, active, voidSure, void string }{
	"en": {"Sign in", "online", "2 not active", "ACTIVE – HAND OVER", "Void this", "✖ +VOID"},
	"zh": {"登录", "在线|已连接|联机", "2 +未激活", "已激活 – 可以交付", "确定作废", "✖ +已作废"},
}

// demo opens the demo on a terminal and returns it with its sandbox.
func demo(t *testing.T, size vterm.Size, lang string) (*vterm.Terminal, *platform) {
	t.Helper()
	term := vterm.Start(t, size, []string{vterm.Binary(t), "demo", "--empty", "--lang", lang})
	term.WaitFor("PIN +9999")
	return term, sandboxOf(t, string(term.Output()))
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// sandboxOf finds the sandbox whose address a program printed.
func sandboxOf(t *testing.T, said string) *platform {
	t.Helper()
	url := address.FindString(said)
	if url == "" {
		t.Fatalf("the demo does not say where its platform is:\n%s", said)
	}
	return &platform{url: url, control: url, http: http.Client{Timeout: vterm.Patience}}
}

// onlyEffects fails the test unless exactly these actions had effect on id, once each.
func onlyEffects(t *testing.T, p *platform, id string, actions ...string) {
	t.Helper()
	effects, err := p.effects()
	if err != nil {
		t.Fatal(err)
	}
	var had []string
	for _, e := range effects {
		if e.ID != id {
			t.Errorf("an effect on %s, which nobody asked for", e.ID)
		}
		had = append(had, e.Action)
	}
	if strings.Join(had, " ") != strings.Join(actions, " ") {
		t.Errorf("the platform applied %v, want %v", had, actions)
	}
}

// shortened matches an id on a screen that may leave out its middle.
func shortened(id string) string { return id[:10] + `\S*` + id[len(id)-5:] }

// signIn types a PIN as a hand does.
func signIn(term *vterm.Terminal, pin string) {
	term.WaitQuiet(afterScan)
	term.Type(pin)
	term.WaitFor(strings.Repeat("●", len(pin)))
	enter(term, "Scan ▸|扫码")
	term.WaitQuiet(afterScan)
}

var tooSoon = regexp.MustCompile("press Enter again|请再按一次回车")

// enter presses Enter as a hand does, and waits for what follows. What comes before
// it was drawn, so that it was read; where the program was kept from reading all
// the same, it says that the Enter came too soon, and another one is pressed.
func enter(term *vterm.Terminal, follows string) {
	followed := regexp.MustCompile(follows)
	for pause := afterScan; ; pause *= 2 {
		term.WaitQuiet(pause)
		if pause > afterScan && followed.MatchString(term.Screen()) {
			return
		}
		term.Key("Enter")
		if screen := term.WaitFor(follows + "|" + tooSoon.String()); followed.MatchString(screen) {
			return
		}
	}
}

// byHand types characters as a hand does: faster would be a scanner's. Each one
// waits until the one before was drawn.
func byHand(term *vterm.Terminal, text string) {
	for _, char := range text {
		before := term.Screen()
		term.Key(string(char))
		term.WaitUntil("the key is drawn", func(screen string) bool { return screen != before })
		term.WaitQuiet(afterScan)
	}
}

func TestACashierActivatesAndVoidsAReelInTheDemo(t *testing.T) {
	t.Parallel()
	for _, size := range []vterm.Size{vterm.Small, vterm.Medium} {
		for lang, w := range words {
			t.Run(lang+" "+map[vterm.Size]string{vterm.Small: "80x24", vterm.Medium: "120x40"}[size], func(t *testing.T) {
				t.Parallel()
				term, platform := demo(t, size, lang)
				term.WaitFor(w.signIn)
				signIn(term, "1111")
				term.Scan(reel)
				term.WaitFor(w.notActive)
				term.WaitQuiet(afterScan)
				onlyEffects(t, platform, reel)
				term.Key("Enter")
				term.WaitFor(w.active)
				onlyEffects(t, platform, reel, api.ActionReelActivate)
				term.WaitQuiet(afterScan)
				term.Key("F4")
				term.WaitFor(w.voidSure)
				term.WaitQuiet(afterScan)
				byHand(term, reel[len(reel)-4:])
				onlyEffects(t, platform, reel, api.ActionReelActivate)
				enter(term, w.void)
				onlyEffects(t, platform, reel, api.ActionReelActivate, api.ActionReelVoid)
				term.Key("F5")
				term.WaitFor(shortened(reel))
			})
		}
	}
}

func TestAScanAnswersNeitherAPINNorADialog(t *testing.T) {
	t.Parallel()
	term, platform := demo(t, vterm.Small, "en")
	term.WaitQuiet(afterScan)
	term.Scan("10014030013500006013")
	term.WaitQuiet(2 * afterScan)
	if screen := term.Screen(); !strings.Contains(screen, "PIN 9999") || strings.Contains(screen, "wrong") {
		t.Fatalf("a scan was taken for a PIN:\n%s", screen)
	}
	signIn(term, "1111")
	term.Scan(reel)
	term.WaitFor("2 not active")
	term.WaitQuiet(afterScan)
	term.Key("F4")
	term.WaitFor("Void this|[Mm]anager")
	term.Scan(reel)
	term.WaitQuiet(2 * afterScan)
	onlyEffects(t, platform, reel)
}

func TestABurstOfScansLosesNothing(t *testing.T) {
	t.Parallel()
	term, platform := demo(t, vterm.Medium, "en")
	ids, err := platform.stock(30)
	if err != nil {
		t.Fatal(err)
	}
	signIn(term, "1111")
	term.Key("F2")
	term.WaitFor("Enter sends them all")
	term.WaitQuiet(afterScan)
	burst := strings.Join(ids, "\r") + "\r"
	if len(burst) < 500 {
		t.Fatalf("the burst has %d characters only", len(burst))
	}
	term.Type(burst)
	term.WaitFor(`\b30 to send`)
	onlyEffects(t, platform, "")
}

func TestPlatformTextCannotDisturbTheScreen(t *testing.T) {
	t.Parallel()
	term, platform := demo(t, vterm.Small, "en")
	const hostile = "R112102F-7000001-0001"
	name := "\x1b]0;OWNED\x07\x1b[2J\u202eevil\u2066\n\r" + strings.Repeat("长", 300_000)
	body := map[string]any{"voucherPkg": []any{map[string]any{"pkgId": "B1123-7000001-00001", "voucherReel": []any{
		map[string]any{"reelId": hostile, "codeDetail": []any{map[string]any{
			"code": "1001901079977777777-HOSTILE1", "status": "03", "statusDesc": name, "ticketName": name, "faceValue": "15.0", "remainTimes": 1,
		}}},
	}}}}
	if _, err := platform.call(http.MethodPost, "/sandbox/boxes", body); err != nil {
		t.Fatal(err)
	}
	signIn(term, "1111")
	mark := term.Sent()
	term.Scan(hostile)
	screen := term.WaitFor("1 not active")
	term.WaitQuiet(afterScan)
	for _, bad := range []string{"\x1b]0;", "\x1b[2J", "\u202e", "\u2066", "\x07"} {
		if strings.Contains(string(term.Output()[mark:]), bad) {
			t.Errorf("%q from the platform reached the terminal", bad)
		}
	}
	if !strings.Contains(screen, "COUNTERFOIL") || strings.Count(screen, "\n")+1 != vterm.Small.Rows {
		t.Errorf("the screen is disturbed:\n%s", screen)
	}
}

func TestARefusalAndADroppedAnswerAreShownForWhatTheyAre(t *testing.T) {
	t.Parallel()
	term, platform := demo(t, vterm.Small, "en")
	signIn(term, "1111")
	rules := []sandbox.Fault{{Action: api.ActionReelActivate, Times: 1, Do: "refuse:A05"}}
	if err := platform.setFaults(rules); err != nil {
		t.Fatal(err)
	}
	term.Scan(reel)
	term.WaitFor("2 not active")
	enter(term, "REFUSED – DO NOT HAND OVER")
	onlyEffects(t, platform, reel)

	rules[0].Do = "drop_answer"
	if err := platform.setFaults(rules); err != nil {
		t.Fatal(err)
	}
	term.WaitQuiet(2 * time.Second) // the same code within two seconds is one scan
	term.Scan(reel)
	term.WaitFor("2 not active")
	enter(term, "NOT KNOWN YET")
	term.WaitFor("✔ +(ACTIVE|DONE)")
	onlyEffects(t, platform, reel, api.ActionReelActivate)
}
