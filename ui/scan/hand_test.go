package scan

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// entered is the Enter that came out last; it fails the test where none did.
func entered(t *testing.T, b *bench) Input {
	t.Helper()
	if len(b.out) == 0 || b.out[len(b.out)-1].Key.Keystroke() != "enter" {
		t.Fatalf("the Enter is lost: keys %q, scans %q", b.keys(), b.scans())
	}
	return b.out[len(b.out)-1]
}

func TestAnEnterRightBehindAnAmountIsTheHandsThatTypedIt(t *testing.T) {
	for _, set := range []Settings{{}, {Prefix: "\a"}} {
		for _, amount := range []string{"5", "15", "28.5", "1500", "12345", "100.00", "1314.50"} {
			for _, pause := range []time.Duration{31 * time.Millisecond, 60 * time.Millisecond, 100 * time.Millisecond, 149 * time.Millisecond} {
				b := newBench(set).send(set.Prefix+reel+"\r", fast).pass(time.Second).send(amount, pause).send("\r", pause)
				wantKeys(t, b.pass(time.Second), amount+"<enter>")
				if in := entered(t, b); !in.ByHand || in.Quiet {
					t.Errorf("%s, keys %v apart: by hand %v, quiet %v", amount, pause, in.ByHand, in.Quiet)
				}
			}
		}
	}
}

func TestTheDoubleZeroOfACashKeyboardIsAHands(t *testing.T) {
	b := newBench(Settings{}).send("15", slow).pass(80*time.Millisecond).send("00", fast).send("\r", 80*time.Millisecond)
	wantKeys(t, b, "1500<enter>")
	if !entered(t, b).ByHand {
		t.Error("two zeros at once make a scanner of a hand")
	}
}

func TestAnEnterIsNotTheHandsForAnotherReason(t *testing.T) {
	for name, typed := range map[string]string{
		"a letter": "5A", "two points": "1.2.3", "a slow scanner's digits": "690123", "a second Enter": "5\r",
		"another key between": "5\x1b", "a long number with a point": "1234567.890",
	} {
		b := newBench(Settings{}).pass(time.Second).send(typed, 60*time.Millisecond).send("\r", 60*time.Millisecond)
		if entered(t, b).ByHand {
			t.Errorf("%s: %q and Enter", name, typed)
		}
	}
	b := newBench(Settings{}).send(reel+"\r", fast).send("5", 200*time.Millisecond).send("\r", 60*time.Millisecond)
	if entered(t, b).ByHand {
		t.Error("so soon after a scan nobody has read the card")
	}
	b = newBench(Settings{})
	b.out = b.f.Paste("12", b.now)
	if b.send("5", 200*time.Millisecond).send("\r", 60*time.Millisecond); entered(t, b).ByHand {
		t.Error("part of it was pasted")
	}
}

// A scanner's characters come 30 ms apart at most, where its line does not
// pause; a slow one's further, and then there are at least as many as a code has.
func TestAScannersEnterIsNeverAHands(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBench(rapid.SampledFrom([]Settings{{}, {Prefix: "\a"}}).Draw(t, "settings"))
		text, most := rapid.StringMatching(`[1-9A-Za-z.=-]{2,30}`).Draw(t, "text"), 30
		if rapid.Bool().Draw(t, "slow") {
			text, most = rapid.StringMatching(`[0-9]{6,30}`).Draw(t, "digits"), 149
		}
		paused := rapid.IntRange(1, len(text)).Draw(t, "where it pauses")
		for i, r := range text + "\r" {
			gap := rapid.IntRange(0, most).Draw(t, "gap")
			if i == paused {
				gap = rapid.IntRange(0, 499).Draw(t, "pause")
			}
			b.send(string(r), time.Duration(gap)*time.Millisecond)
		}
		b.pass(time.Second)
		for _, in := range b.out {
			if in.ByHand {
				t.Fatalf("the Enter behind %q counts as a hand's", text)
			}
		}
	})
}
