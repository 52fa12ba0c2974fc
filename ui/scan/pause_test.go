package scan

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"counterfoil/api"
)

func TestAFirstScanSurvivesOnePauseAtItsStart(t *testing.T) {
	for _, code := range []string{reel, "X1123-6430582-102F5", "1001901070000000258-M4DEDSfV", "]C01001901070000000258"} {
		for n := 1; n < 6; n++ {
			for _, pause := range []time.Duration{31 * time.Millisecond, 60 * time.Millisecond, startStall} {
				b := newBench(Settings{}).send(code[:n], fast).pass(pause-fast).send(code[n:]+"\r", fast).pass(time.Second)
				wantScans(t, b, strings.TrimPrefix(code, "]C0"))
				wantKeys(t, b, "")
			}
		}
	}
}

func TestAnyPauseOnceOversleptIsNone(t *testing.T) {
	for n := 1; n < len(reel); n++ {
		b := newBench(Settings{}).send(reel[:n], fast)
		b.now = b.now.Add(4 * time.Second)
		b.f.Overslept(4 * time.Second)
		b.send(reel[n:]+"\r", fast)
		wantScans(t, b, reel)
		wantKeys(t, b, "")
	}
}

func TestTheTimeOversleptMakesNoEnterQuiet(t *testing.T) {
	b := newBench(Settings{}).send(reel+"\r", fast)
	b.now = b.now.Add(4 * time.Second)
	b.f.Overslept(4 * time.Second)
	b.send("\r", fast)
	if in := b.out[len(b.out)-1]; in.Kind != Key || in.Quiet || in.Again {
		t.Errorf("an Enter after that is %+v, want one that its person is told of", in)
	}
}

func TestOnlyTheFirstKeyOfAHandWaits(t *testing.T) {
	b := newBench(Settings{})
	b.send("3", slow)
	b.pass(startStall + time.Millisecond)
	wantKeys(t, b, "3")
	for i, r := range "14159" {
		b.send(string(r), slow).pass(31 * time.Millisecond)
		wantKeys(t, b, "3"+"14159"[:i+1])
	}
	b.send("\x7f", slow) // not a character: what was typed is at its end
	b.send("n", slow).pass(31 * time.Millisecond)
	if keys := b.keys(); !strings.HasSuffix(keys, "n") {
		t.Errorf("a small letter, which begins no code, waits: %q", keys)
	}
}

func TestADigitTypedJustBeforeAScanIsToldApart(t *testing.T) {
	set := Settings{Apart: func(first, second string) bool { return first == "5" && second == reel }}
	for _, end := range []string{"\r", ""} {
		b := newBench(set).send("5", slow).pass(slow).send(reel+end, fast).pass(time.Second)
		wantKeys(t, b, "5")
		wantScans(t, b, reel)
		if got := b.out[len(b.out)-1].Scan; got.Keys != len(reel) || got.Worst != fast {
			t.Errorf("the scan counts what was typed: %+v", got)
		}
	}
}

// What a hand types is keys, and every key of it, whatever its pauses: a hand
// leaves two keys 40 ms at least, a scanner pauses once at most before it is sure.
func TestAHandIsNeverTakenForAScannerThatPaused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBench(Settings{})
		text := rapid.StringMatching(`[0-9A-Z]{1,30}`).Draw(t, "typed")
		for _, r := range text {
			b.send(string(r), time.Duration(rapid.IntRange(40, 1500).Draw(t, "pause"))*time.Millisecond)
		}
		if rapid.Bool().Draw(t, "enter") {
			b.send("\r", time.Duration(rapid.IntRange(40, 500).Draw(t, "before Enter"))*time.Millisecond)
			text += "<enter>"
		}
		b.pass(time.Second)
		if got := b.keys(); got != text || len(b.scans()) > 0 {
			t.Fatalf("%q came out as keys %q and scans %q", text, got, b.scans())
		}
	})
}

func TestAScanWithPausesIsTakenWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	codes := []string{reel, "X1123-6430582-102F5", "1001901070000000258-M4DEDSfV", "10014030013500006013", "]C01001901070000000258", "690123100140300135"}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.SampledFrom(codes), rapid.StringMatching(`[0-9A-Z-]{6,40}`)).Draw(t, "text")
		end := rapid.SampledFrom([]string{"\r", "\t", "\n", "\r\n", ""}).Draw(t, "end")
		low, high := rapid.SampledFrom([]int{5, 20, 25}).Draw(t, "low"), rapid.SampledFrom([]int{35, 55, 120}).Draw(t, "high")
		b := newBench(Settings{}).pass(time.Second)
		for _, r := range text + end {
			b.send(string(r), time.Duration(rapid.IntRange(low, high).Draw(t, "pause"))*time.Millisecond)
		}
		b.pass(time.Second)
		_, want := api.CleanScan(text)
		taken := 0
		for _, in := range b.out {
			if in.Kind == Complete || in.Kind == Slow {
				if taken++; in.Scan.Text != want {
					t.Fatalf("%q was taken as %q (keys %q)", text, in.Scan.Text, b.keys())
				}
			}
			if in.Kind == Key && in.Quiet && in.Key.Code == tea.KeyEnter {
				t.Fatalf("the Enter of %q counts", text)
			}
		}
		if taken > 1 || taken == 0 && end != "" {
			t.Fatalf("%q was taken %d times", text, taken)
		}
	})
}

func TestAScanWithALongPauseInsideIsTakenWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom([]string{reel, "X1123-6430582-102F5", "1001901070000000258-M4DEDSfV", "10014030013500006013"}).Draw(t, "text")
		pace := rapid.SampledFrom([]int{2, 20, 31, 60, 120}).Draw(t, "pace")
		at, pause := rapid.IntRange(1, len(text)-1).Draw(t, "at"), rapid.IntRange(150, 490).Draw(t, "pause")
		b := newBench(Settings{}).pass(time.Second)
		for i, r := range text + "\r" {
			gap := pace
			if i == at {
				gap = pause
			}
			b.send(string(r), time.Duration(gap)*time.Millisecond)
		}
		for _, in := range b.pass(time.Second).out {
			_, bad := api.ParseID(in.Scan.Text)
			if in.Kind != Key && in.Scan.Text != text && (bad == nil && !in.Silent()) {
				t.Fatalf("%q was taken as %q (keys %q)", text, in.Scan.Text, b.keys())
			}
		}
	})
}
