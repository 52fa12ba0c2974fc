package scan

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"counterfoil/api"
)

var start = time.Date(2026, 11, 22, 10, 15, 0, 0, time.UTC)

// bench is a reader with a clock and a record of what came out.
type bench struct {
	f   *Reader
	now time.Time
	out []Input
}

func newBench(s Settings) *bench {
	s.Clean = api.CleanScan
	return &bench{f: NewReader(s), now: start}
}

func pressOf(r rune) tea.KeyPressMsg {
	switch {
	case r == '\r':
		return tea.KeyPressMsg{Code: tea.KeyEnter}
	case r == '\t':
		return tea.KeyPressMsg{Code: tea.KeyTab}
	case r == '\n':
		return tea.KeyPressMsg{Code: 'j', Mod: tea.ModCtrl}
	case r == 0:
		return tea.KeyPressMsg{Code: tea.KeySpace, Mod: tea.ModCtrl}
	case r == 0x1b:
		return tea.KeyPressMsg{Code: tea.KeyEscape}
	case r < 0x1b:
		return tea.KeyPressMsg{Code: r + 'a' - 1, Mod: tea.ModCtrl}
	case r < ' ':
		return tea.KeyPressMsg{Code: r + '@', Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: r, Text: string(r)}
}

// send presses the characters of text, gap apart.
func (b *bench) send(text string, gap time.Duration) *bench {
	for _, r := range text {
		b.pass(gap)
		b.out = append(b.out, b.f.Key(pressOf(r), b.now)...)
	}
	return b
}

// pass lets time go by the way the screen's timer does.
func (b *bench) pass(d time.Duration) *bench {
	end := b.now.Add(d)
	for {
		at, ok := b.f.Deadline()
		if !ok || !at.Before(end) {
			break
		}
		b.now = at.Add(time.Microsecond)
		b.out = append(b.out, b.f.Tick(b.now)...)
	}
	b.now = end
	return b
}

func (b *bench) scans() []string {
	var got []string
	for _, in := range b.out {
		if in.Kind == Complete && !in.Scan.Repeat {
			got = append(got, in.Scan.Text)
		}
	}
	return got
}

func (b *bench) keys() string {
	var got strings.Builder
	for _, in := range b.out {
		if in.Kind == Key || in.Kind == Slow && !in.Silent() {
			if in.Key.Text != "" {
				got.WriteString(in.Key.Text)
			} else {
				got.WriteString("<" + in.Key.Keystroke() + ">")
			}
		}
	}
	return got.String()
}

func wantScans(t *testing.T, b *bench, want ...string) {
	t.Helper()
	if got := b.scans(); strings.Join(got, "|") != strings.Join(want, "|") || len(got) != len(want) {
		t.Errorf("scans %q, want %q (keys %q)", got, want, b.keys())
	}
}

func wantKeys(t *testing.T, b *bench, want string) {
	t.Helper()
	if got := b.keys(); got != want {
		t.Errorf("keys %q, want %q", got, want)
	}
}

const (
	reel = "R112102F-0000242-2585"
	fast = 2 * time.Millisecond
	slow = 120 * time.Millisecond
)

func TestEveryTerminatorEndsAScan(t *testing.T) {
	for name, end := range map[string]string{"Enter": "\r", "Tab": "\t", "LF": "\n", "CRLF": "\r\n", "two Enters": "\r\r", "silence": ""} {
		t.Run(name, func(t *testing.T) {
			for _, s := range []Settings{{}, {Prefix: "\a"}, {Prefix: "~>"}} {
				b := newBench(s).send(s.Prefix+reel+end, fast).pass(time.Second)
				wantScans(t, b, reel)
				wantKeys(t, b, "")
			}
		})
	}
}

func TestTheEnterThatEndsAScanIsNobodysEnter(t *testing.T) {
	b := newBench(Settings{}).send(reel+"\r", fast)
	b.pass(140*time.Millisecond).send("\r", fast)
	wantKeys(t, b, "")
	b.pass(140*time.Millisecond).send("\r", fast) // each late one asks for quiet anew
	wantKeys(t, b, "")
	b.pass(Quiet).send("\r", fast)
	wantKeys(t, b, "<enter>")
	if !b.out[len(b.out)-1].Quiet {
		t.Error("an Enter after the quiet must count")
	}
}

func TestAnEnterSoonAfterAKeyIsNotQuiet(t *testing.T) {
	b := newBench(Settings{}).send("3", fast).pass(100*time.Millisecond).send("\r", fast)
	wantKeys(t, b, "3<enter>")
	if b.out[len(b.out)-1].Quiet {
		t.Error("100 ms are no quiet")
	}
}

func TestAIMIdentifiersAreStripped(t *testing.T) {
	for _, aim := range []string{"]Q3", "]C0", "]d2", "]E0", "]A1"} {
		b := newBench(Settings{}).send(aim+reel+"\r", fast)
		wantScans(t, b, reel)
		if got := b.out[0].Scan.AIM; got != aim {
			t.Errorf("AIM %q, want %q", got, aim)
		}
	}
	wantScans(t, newBench(Settings{}).send("]99123456\r", fast), "]99123456")
}

func TestGSIsKeptAndOtherControlCharactersAreNot(t *testing.T) {
	b := newBench(Settings{}).send("0100012\x1d10AB\x02cd\x03\r", fast)
	wantScans(t, b, "0100012\x1d10ABcd")
}

func TestUpperAndLowerCaseAreKept(t *testing.T) {
	wantScans(t, newBench(Settings{}).send("1001901070000000258-M4DEDSfV\r", fast), "1001901070000000258-M4DEDSfV")
}

func TestTheSameScanWithinTwoSecondsIsOneScan(t *testing.T) {
	b := newBench(Settings{})
	for range 3 {
		b.send(reel+"\r", fast).pass(500 * time.Millisecond)
	}
	wantScans(t, b, reel)
	b.pass(2*time.Second).send(reel+"\r", fast)
	wantScans(t, b, reel, reel)
	b.send("R112102F-0000243-2585\r", fast)
	wantScans(t, b, reel, reel, "R112102F-0000243-2585")
}

func TestFiveHundredCharactersAtOnceLoseNothing(t *testing.T) {
	long := strings.Repeat("Ab3-=", 100)
	for _, s := range []Settings{{}, {Prefix: "\a"}} {
		wantScans(t, newBench(s).send(s.Prefix+long+"\r", 0), long)
	}
}

func TestAControlCharacterNeverGetsOutOfAnOpenScan(t *testing.T) {
	for _, s := range []Settings{{}, {Prefix: "\a"}} {
		for c := rune(0); c < ' '; c++ {
			if strings.ContainsRune("\r\n\t\x1d\a\x1b", c) {
				continue
			}
			b := newBench(s).send(s.Prefix+"R112102F"+string(c)+"-0000242-2585\r", fast)
			b.send(string(c), fast) // a suffix behind the terminator
			wantScans(t, b, reel)
			wantKeys(t, b, "")
		}
		b := newBench(s).send(s.Prefix+"R112102F\x1b-0000242-2585\r", fast)
		wantScans(t, b, reel)
		wantKeys(t, b, "")
	}
}

func TestAControlCharacterOnItsOwnIsAKey(t *testing.T) {
	wantKeys(t, newBench(Settings{}).send("\x03", slow), "<ctrl+c>")
	wantKeys(t, newBench(Settings{Prefix: "\a"}).send("\x03", slow), "<ctrl+c>")
}

func TestTypedKeysStayKeys(t *testing.T) {
	for _, s := range []Settings{{}, {Prefix: "\a"}, {Prefix: "12"}} {
		b := newBench(s).send("1314.50", slow).pass(slow).send("\r", slow).pass(time.Second)
		wantKeys(t, b, "1314.50<enter>")
		wantScans(t, b)
	}
}

func TestAQuickPINIsTyped(t *testing.T) {
	b := newBench(Settings{}).send("1111\r", fast)
	wantKeys(t, b, "1111<enter>")
}

func TestAKeyHeldDownIsTyped(t *testing.T) {
	b := newBench(Settings{}).send(strings.Repeat("8", 40), 25*time.Millisecond).pass(time.Second)
	wantKeys(t, b, strings.Repeat("8", 40))
	wantScans(t, b)
}

func TestOneCharacterFiveHundredTimesAtOnceIsAScan(t *testing.T) {
	alike := strings.Repeat("1", 500)
	for _, gap := range []time.Duration{0, fast} {
		for _, end := range []string{"\r", ""} {
			b := newBench(Settings{}).send(alike+end, gap).pass(time.Second)
			wantScans(t, b, alike)
			wantKeys(t, b, "")
		}
	}
}

func TestAPhraseFromAnInputMethodIsTyped(t *testing.T) {
	b := newBench(Settings{}).send("顾客要求取消操作", 0).pass(time.Second).send("as agreed", 0).pass(time.Second)
	wantKeys(t, b, "顾客要求取消操作as agreed")
}

func TestAPhraseDoesNotWaitForAScansEnd(t *testing.T) {
	b := newBench(Settings{}).send("顾客要求取消操作", 0).pass(40 * time.Millisecond)
	wantKeys(t, b, "顾客要求取消操作")
}

func TestAStallInsideAScanDoesNotCutIt(t *testing.T) {
	b := newBench(Settings{}).send(reel[:8], fast).pass(400*time.Millisecond).send(reel[8:]+"\r", fast)
	wantScans(t, b, reel)
}

func TestAScanRightBehindAnotherSurvivesAStallAtItsStart(t *testing.T) {
	other := "R112102F-0000243-2585"
	for _, n := range []int{1, 2} {
		b := newBench(Settings{}).send(reel+"\r", fast)
		b.send(other[:n], fast).pass(100*time.Millisecond).send(other[n:]+"\r", fast)
		wantScans(t, b, reel, other)
		wantKeys(t, b, "")
	}
}

func TestAPrefixRightBehindAScanIsNotSwallowed(t *testing.T) {
	b := newBench(Settings{Prefix: "\x02"})
	var want []string
	for i := range 22 {
		want = append(want, reel+string(rune('a'+i)))
		b.send("\x02"+want[i]+"\r", fast)
	}
	wantScans(t, b, want...)
	wantKeys(t, b, "")
}

func TestALostTerminatorDoesNotGlueTwoPrefixedScans(t *testing.T) {
	b := newBench(Settings{Prefix: "\a"}).send("\a"+reel+"\aX1123-6430582-102F5\r", fast)
	wantScans(t, b, reel, "X1123-6430582-102F5")
}

func TestAPrefixAloneIsNothing(t *testing.T) {
	b := newBench(Settings{Prefix: "\a"}).send("\a\r", fast).pass(time.Second).send("\a", fast).pass(time.Second)
	wantScans(t, b)
	wantKeys(t, b, "")
}

func TestAPasteIsCleanedAndNeverKeys(t *testing.T) {
	b := newBench(Settings{})
	b.out = b.f.Paste("\x1b[31m"+reel+"\x03\r\n\u202eX1123-6430582-102F5\n\n", b.now)
	wantKeys(t, b, "")
	if len(b.out) != 1 || strings.Join(b.out[0].Paste.Lines, "|") != "[31m"+reel+"|X1123-6430582-102F5" {
		t.Errorf("got %+v", b.out)
	}
	wantKeys(t, b.pass(fast).send("\r", fast), "") // what was pasted with an Enter behind it confirms nothing
}

func TestTenKilobytesPastedAreHarmless(t *testing.T) {
	b := newBench(Settings{})
	b.out = b.f.Paste(strings.Repeat("\x1b]0;x\a乱码 \xff\n", 1000), b.now)
	if len(b.out) != 1 || len(b.out[0].Paste.Lines) > maxLines {
		t.Fatalf("got %d inputs", len(b.out))
	}
	b = newBench(Settings{}).send(strings.Repeat("x7", 5000), 0).pass(time.Second)
	if got := b.out[0].Scan; got.Keys != 10000 || len(got.Text) != MaxScan {
		t.Errorf("%d keys, %d kept", got.Keys, len(got.Text))
	}
	wantKeys(t, b, "")
}

func TestAScanIsNeitherLostNorSplitHoweverItsCharactersArrive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := rapid.SampledFrom([]Settings{{}, {Prefix: "\a"}, {Prefix: "~>"}}).Draw(t, "settings")
		b := newBench(set)
		var want []string
		for range rapid.IntRange(1, 4).Draw(t, "scans") {
			text := rapid.StringMatching(`[RBX1-9][0-9A-Za-z]{6,30}[-=][0-9A-Za-z]{4,40}`).Draw(t, "text")
			if len(want) > 0 && text == want[len(want)-1] {
				continue
			}
			want = append(want, text)
			end := rapid.SampledFrom([]string{"\r", "\n", "\t", "\r\n", "\r\r"}).Draw(t, "end")
			stalled := 0 // once before it is surely a scan the line may pause for longer
			if set.Prefix == "" {
				stalled = rapid.IntRange(0, 7).Draw(t, "stalled")
			}
			for i, r := range set.Prefix + text + end {
				gap := time.Duration(0)
				switch rapid.IntRange(0, 9).Draw(t, "chunk") {
				case 0: // a chunk of the line ends here
					gap = 29 * time.Millisecond
					if i >= 8 {
						gap = 140 * time.Millisecond
					}
				case 1:
					gap = 5 * time.Millisecond
				}
				if stalled > 0 && i == stalled {
					gap = startStall - time.Millisecond
				}
				b.send(string(r), gap)
			}
			b.pass(time.Duration(rapid.IntRange(160, 900).Draw(t, "pause")) * time.Millisecond)
		}
		b.pass(time.Second)
		if got := b.scans(); strings.Join(got, "|") != strings.Join(want, "|") {
			t.Fatalf("got %q, want %q", got, want)
		}
		if got := b.keys(); got != "" {
			t.Fatalf("keys %q came out of a scanner", got)
		}
	})
}

func TestNothingTypedIsLostBesidesScans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBench(Settings{})
		var typed, scanned []string
		for n := range rapid.IntRange(1, 8).Draw(t, "acts") {
			if rapid.Bool().Draw(t, "scan") {
				text := reel + string(rune('a'+n))
				b.send(text+"\r", fast)
				scanned = append(scanned, text)
			} else {
				text := rapid.StringMatching(`[0-9a-z]{1,8}`).Draw(t, "typed")
				b.send(text, time.Duration(rapid.IntRange(31, 300).Draw(t, "gap"))*time.Millisecond)
				typed = append(typed, text)
			}
			b.pass(time.Second)
		}
		if got := b.keys(); got != strings.Join(typed, "") {
			t.Fatalf("keys %q, want %q", got, typed)
		}
		if got := b.scans(); strings.Join(got, "|") != strings.Join(scanned, "|") {
			t.Fatalf("scans %q, want %q", got, scanned)
		}
	})
}

func FuzzNoNoiseConfirmsOrBreaksAnything(f *testing.F) {
	f.Add(reel+"\r\n", byte(2), "")
	f.Add("\x02]C0"+reel+"\x03\t", byte(10), "\a")
	f.Add("\x1b[200~\x00\x1d\r\r\r", byte(0), "~>")
	f.Fuzz(func(t *testing.T, noise string, gap byte, prefix string) {
		b := newBench(Settings{Prefix: prefix}).send(noise, time.Duration(gap%30)*time.Millisecond).pass(time.Second)
		if _, waiting := b.f.Deadline(); waiting {
			t.Error("something is held for ever")
		}
		for i, in := range b.out {
			if in.Kind == Key && in.Quiet && i > 0 {
				t.Errorf("noise made a key that counts of %q", noise)
			}
			if in.Kind == Complete && in.Scan.Text != api.CleanID(in.Scan.Text) {
				t.Errorf("scan %q is not clean", in.Scan.Text)
			}
		}
	})
}
