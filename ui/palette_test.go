package ui

import (
	"image/color"
	"math"
	"strings"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
)

// luminance and contrast as WCAG 2 defines them.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		x := float64(v) / 0xffff
		if x <= 0.03928 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestEveryToneIsReadableOnDarkAndOnLight(t *testing.T) {
	t.Parallel()
	for light, back := range map[bool]color.Color{false: lipgloss.Color("#101218"), true: lipgloss.Color("#ffffff")} {
		for _, colours := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256} {
			th := NewTheme(ThemeOptions{Light: light, Colours: colours})
			shown := func(c color.Color) color.Color { return colours.Convert(c) }
			for tone := range inks {
				if got := contrast(shown(th.tones[tone].GetForeground()), back); got < 4.5 {
					t.Errorf("light %v, %v: tone %d stands out by %.1f", light, colours, tone, got)
				}
			}
			if got := contrast(shown(th.frame.GetForeground()), back); got < 3.5 {
				t.Errorf("light %v, %v: a frame stands out by %.1f", light, colours, got)
			}
			for tone := range fields {
				s, least := th.solid[tone], 5.0
				if colours == colorprofile.ANSI256 {
					least = 4.5 // the nearest of 256 colours
				}
				if got := contrast(shown(s.GetForeground()), shown(s.GetBackground())); got < least {
					t.Errorf("%v: the field of tone %d has a contrast of %.1f", colours, tone, got)
				}
			}
			if got := contrast(th.picked.GetForeground(), th.picked.GetBackground()); got < 7 {
				t.Errorf("light %v: the cursor's row has a contrast of %.1f", light, got)
			}
		}
	}
}

func TestSixteenColoursHaveReadableFields(t *testing.T) {
	t.Parallel()
	th := NewTheme(ThemeOptions{Colours: colorprofile.ANSI})
	for tone, want := range map[Tone]string{
		Good: "\x1b[30;42m", Queued: "\x1b[30;43m", Bad: "\x1b[1;97;41m",
		Void: "\x1b[1;7m", Unknown: "\x1b[1;7m", Manager: "\x1b[1;7m", Accent: "\x1b[1;7m",
	} {
		if got := th.Solid(tone, "x"); !strings.HasPrefix(got, want) {
			t.Errorf("tone %d is drawn as %q", tone, got)
		}
	}
	if got := th.Picked("x"); !strings.HasPrefix(got, "\x1b[7m") {
		t.Errorf("the cursor's row is drawn as %q", got)
	}
}

func TestReverseSaysWithoutColourWhatColourSays(t *testing.T) {
	t.Parallel()
	th := NewTheme(ThemeOptions{Colours: colorprofile.ASCII})
	for what, drawn := range map[string]string{
		"a result": Result{Tone: Void, Word: "VOID", Order: "KEEP IT"}.View(th, 50, 9), "the chosen tab": Tabs(th, []Tab{{"Open", 3}}, 0, 40),
		"the cursor's row": th.Picked("x"), "the training bar": th.Bar("TRAINING", 80),
	} {
		if !strings.Contains(drawn, ";7m") && !strings.Contains(drawn, "[7m") {
			t.Errorf("%s is not reversed: %q", what, drawn)
		}
	}
	if got := th.Paint(Faint, "x"); !strings.Contains(got, "[2m") {
		t.Errorf("what is dimmed looks like the rest: %q", got)
	}
}

func TestNoTwoShapesAreAlike(t *testing.T) {
	t.Parallel()
	for _, ascii := range []bool{false, true} {
		th := NewTheme(ThemeOptions{ASCII: ascii})
		for _, size := range [][2]int{{8, 4}, {12, 6}} {
			cells := map[Tone][]rune{}
			for tone := Good; tone < tones; tone++ {
				lines := th.Shape(tone, size[0], size[1])
				cells[tone] = []rune(strings.Join(lines, ""))
				if len(lines) != size[1] || len(cells[tone]) != size[0]*size[1] {
					t.Fatalf("tone %d has no shape of %v: %q", tone, size, lines)
				}
				for other := Good; other < tone; other++ {
					differ := 0
					for i, r := range cells[tone] {
						if r != cells[other][i] {
							differ++
						}
					}
					if differ*3 < len(cells[tone]) {
						t.Errorf("of %d cells tones %d and %d differ in %d", len(cells[tone]), tone, other, differ)
					}
				}
			}
		}
	}
}
