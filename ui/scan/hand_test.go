package scan

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// slows are what came as keys and was found to be a scan.
func (b *bench) slows() []Input {
	var out []Input
	for _, in := range b.out {
		if in.Kind == Slow {
			out = append(out, in)
		}
	}
	return out
}

func TestATerminatorRightBehindCharactersIsNoPersons(t *testing.T) {
	t.Parallel()
	for _, set := range []Settings{{}, {Prefix: "\a"}} {
		for _, end := range []string{"\r", "\t", "\n"} {
			for _, text := range []string{"5", "99999", "100.00", "10014030013500006013", reel, "https://x/?q=1"} {
				for pause := 31 * time.Millisecond; pause < Quiet; pause += 17 * time.Millisecond {
					b := newBench(set).pass(time.Second).send(text+end, pause).pass(time.Second)
					got := b.slows()
					if len(got) != 1 || got[0].Scan.Text != text || !got[0].Even || got[0].Silent() {
						t.Fatalf("%q every %v: %+v, keys %q", text+end, pause, got, b.keys())
					}
					if keys := b.keys(); !strings.HasPrefix(keys, text+"<") {
						t.Errorf("keys %q, want %q", keys, text)
					}
				}
			}
		}
	}
}

func TestAPauseBeforeEnterMakesItAPersons(t *testing.T) {
	t.Parallel()
	b := newBench(Settings{}).pass(time.Second).send("15", 60*time.Millisecond).pass(Quiet).send("\r", 0)
	wantKeys(t, b, "15<enter>")
	if in := b.out[len(b.out)-1]; !in.Quiet || in.Again {
		t.Errorf("%+v", in)
	}
	if in := b.send("\r", 60*time.Millisecond).out[len(b.out)-1]; in.Quiet || !in.Again {
		t.Errorf("one more Enter: %+v", in)
	}
}

func TestAHandsPaceIsNotEven(t *testing.T) {
	t.Parallel()
	for name, gaps := range map[string][]int{"uneven": {0, 60, 140, 80}, "a pause": {0, 90, 40, 149}} {
		b := newBench(Settings{}).pass(time.Second)
		for i, gap := range gaps {
			b.send(string("28.5"[i]), time.Duration(gap)*time.Millisecond)
		}
		if got := b.send("\r", 90*time.Millisecond).slows(); len(got) != 1 || got[0].Even {
			t.Errorf("%s: %+v", name, got)
		}
	}
	b := newBench(Settings{}).pass(time.Second).send("28\x1b5\r", 60*time.Millisecond)
	if got := b.slows(); len(got) != 1 || got[0].Even {
		t.Errorf("a key that no scanner has: %+v", got)
	}
}

func TestTooManyDigitsForAnAmountAreAScanWithoutATerminator(t *testing.T) {
	t.Parallel()
	for text, scan := range map[string]bool{
		"10014030013500006013": true, "690123": true, "12345-67A": true,
	} {
		for _, pause := range []time.Duration{36 * time.Millisecond, 120 * time.Millisecond} {
			b := newBench(Settings{}).pass(time.Second).send(text, pause).pass(time.Second)
			wantKeys(t, b, text)
			if got := b.slows(); scan != (len(got) == 1 && got[0].Silent() && got[0].Scan.Text == text) {
				t.Errorf("%q every %v: %+v", text, pause, got)
			}
		}
	}
	b := newBench(Settings{}).pass(time.Second).send("690123", Quiet).pass(time.Second)
	if len(b.slows()) > 0 {
		t.Error("a hand may type as many digits as it likes")
	}
	if b = newBench(Settings{}).pass(time.Second).send("1234", fast).pass(time.Second); len(b.slows()) != 1 {
		t.Error("no hand types four keys in ten milliseconds")
	}
}

func TestNoPaceOfAMachineMakesAnEnterAPersons(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		set := rapid.SampledFrom([]Settings{{}, {Prefix: "\a"}, {Prefix: "~>"}, {MinLength: 4}}).Draw(t, "settings")
		pace := rapid.IntRange(5, 120).Draw(t, "pace")
		text := rapid.StringMatching(`[ -~]{1,40}`).Draw(t, "text")
		end := rapid.SampledFrom([]string{"\r", "\n", "\t", "\r\n", "\r\r"}).Draw(t, "end")
		b := newBench(set).pass(time.Second)
		for _, r := range text + end {
			jitter := rapid.IntRange(-30, 30).Draw(t, "jitter in percent")
			b.send(string(r), min(time.Duration(pace*(100+jitter))*time.Millisecond/100, Quiet-1))
		}
		for i, in := range b.pass(time.Second).out {
			if in.Kind == Key && in.Quiet && i > 0 {
				t.Fatalf("key %q of %q counts", in.Key.Keystroke(), text)
			}
			if in.Kind == Slow && !in.Even && len(text) > 2 {
				t.Fatalf("%q every %d ms looks like a hand", text, pace)
			}
		}
	})
}

func TestALetterActsOnlyAlone(t *testing.T) {
	t.Parallel()
	acts := func(text string, pause time.Duration) (out string) {
		w := newWedge()
		take := func(inputs []Input) {
			for _, in := range inputs {
				if in.Kind == Key && in.Key.Text != "" && w.Wedge.Alone(in) {
					out += in.Key.Text
				}
			}
		}
		w.now = w.now.Add(time.Second)
		for _, r := range text {
			for end := w.now.Add(pause); w.now.Before(end); w.now = w.now.Add(time.Millisecond) {
				inputs, _ := w.Wedge.Wake(Tick{})
				take(inputs)
			}
			inputs, _ := w.Wedge.Press(pressOf(r))
			take(inputs)
		}
		for range 300 {
			w.now = w.now.Add(time.Millisecond)
			inputs, _ := w.Wedge.Wake(Tick{})
			take(inputs)
		}
		return out
	}
	for _, pause := range []time.Duration{time.Millisecond, 36 * time.Millisecond, 60 * time.Millisecond, 120 * time.Millisecond, 149 * time.Millisecond} {
		for _, text := range []string{"ws", "SWNRED", "n\r", "\x1bn\x1b", "W1"} {
			if got := acts(text, pause); got != "" {
				t.Errorf("%q every %v: %q acted", text, pause, got)
			}
		}
	}
	if got := acts("nw", 151*time.Millisecond); got != "nw" {
		t.Errorf("letters apart: %q acted", got)
	}
}

func TestAKeyThatTheTimerDidNotSeeComeLateIsNotQuiet(t *testing.T) {
	t.Parallel()
	w := newWedge()
	w.press('5')
	w.halted(200 * time.Millisecond) // the Enter came in meanwhile, nobody knows when
	w.press('\r')
	if got := w.slows(); len(got) != 1 || strings.TrimSpace(got[0].Scan.Text) != "5" {
		t.Errorf("an Enter read late counts: %+v", w.out)
	}
}

// typedBy is how a hand types an amount: milliseconds before each key, as people
// leave them who are quick, usual and slow.
var typedBy = []struct {
	text   string
	pauses []int
}{
	{"28.5", []int{0, 82, 131, 97}}, {"180", []int{0, 95, 128}}, {"150", []int{0, 118, 84}}, {"12.50", []int{0, 140, 88, 120, 102}},
	{"180", []int{0, 190, 163}}, {"28", []int{0, 240}}, {"28.50", []int{0, 201, 140, 172, 155}}, {"5000", []int{0, 171, 120, 88}},
}

func TestAnAmountThatAHandTypesStandsWithoutAnEnter(t *testing.T) {
	t.Parallel()
	for _, h := range typedBy {
		b := newBench(Settings{}).pass(time.Second)
		for i, r := range h.text {
			b.send(string(r), time.Duration(h.pauses[i])*time.Millisecond)
		}
		if b.pass(200*time.Millisecond).send("\r", 0); len(b.slows()) > 0 || !b.out[len(b.out)-1].Quiet {
			t.Errorf("%q at %v is a scan: %+v", h.text, h.pauses, b.slows())
		}
	}
}

func TestAnEarlyEnterBehindPausesDoesNotMakeAHandAMachine(t *testing.T) {
	t.Parallel()
	for _, pauses := range [][]int{{0, 170, 190}, {0, 240, 160}, {0, 151, 400}, {0, 900, 120}, {0, 160, 110}} {
		for _, enter := range []int{100, 120, 140} {
			b := newBench(Settings{}).pass(time.Second)
			for i, r := range "180" {
				b.send(string(r), time.Duration(pauses[i])*time.Millisecond)
			}
			if got := b.send("\r", time.Duration(enter)*time.Millisecond).slows(); len(got) != 1 || got[0].Even || got[0].Scan.Text != "180" {
				t.Errorf("%v and Enter after %d: %+v", pauses, enter, got)
			}
		}
	}
	b := newBench(Settings{}).pass(time.Second).send("1", 0).pass(300*time.Millisecond).send("99999\r", 60*time.Millisecond)
	if got := b.slows(); len(got) != 1 || !got[0].Even {
		t.Errorf("a machine behind a hand: %+v", got)
	}
}

func TestAFewCharactersAtOnePaceAreAMachinesWithoutATerminator(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"999", "28.5", "1005", "99999", "15.00"} {
		for pace := 5; pace <= 120; pace += 5 {
			b := newBench(Settings{}).pass(time.Second).send(text, time.Duration(pace)*time.Millisecond).pass(time.Second)
			if got := b.slows(); len(got) != 1 || !got[0].Silent() || got[0].Scan.Text != text {
				t.Errorf("%q every %d ms: %+v", text, pace, got)
			}
		}
	}
}
