package ui

import (
	"slices"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"counterfoil/ui/scan"
)

// Ask is one thing a dialog wants typed or picked.
type Ask struct {
	Label   string // text, not a message id
	Field   *Field // typed; nil where Options are picked from
	Options []string
	// Check says what is wrong with what was typed, "" for nothing; nil for no check.
	Check  func(text string) (problem string)
	picked int
}

// Pick chooses an option; one that is not there changes nothing.
func (a *Ask) Pick(option string) {
	if i := slices.Index(a.Options, option); i >= 0 {
		a.picked = i
	}
}

// Answer is what came of a dialog: Enter says yes, Esc leaves it.
type Answer struct {
	Yes    bool
	Values []string // one for each Ask
}

// Dialog stands in front of everything and asks one thing. Keys already in
// flight when it opens are absorbed, and a scan never answers it.
type Dialog struct {
	Title   string
	Lines   []string // text, wrapped when drawn
	Problem string   // why the last answer was not taken
	Tone    Tone
	Asks    []Ask
	Yes     string // message id of what Enter does

	opened time.Time
	ready  bool // a pause came after it opened: keys are meant for it
	focus  int
	note   string // message id of what was not taken; "" for nothing
}

// Open notes when the dialog came up.
func (d *Dialog) Open(now time.Time) { d.opened, d.ready = now, false }

// Key takes a person's key. done is set once the dialog is answered.
func (d *Dialog) Key(in scan.Input) (a Answer, done bool) {
	if !d.ready {
		if !in.Quiet || in.At.Sub(d.opened) < scan.Quiet {
			return Answer{}, false
		}
		d.ready = true
	}
	d.note = ""
	k := in.Key
	switch key := k.Keystroke(); {
	case key == "esc":
		return Answer{}, true
	case key == "enter" && !in.Quiet:
		if !in.Again {
			d.note = EnterAgain
		}
		return Answer{}, false
	case len(d.Asks) > 0 && d.askKey(key, in):
		return Answer{}, false
	case key == "enter" && d.focus < len(d.Asks)-1:
		d.focus++
		return Answer{}, false
	}
	if !d.yes().Matches(k) || !d.complete() || !d.checked() {
		return Answer{}, false
	}
	return Answer{Yes: true, Values: d.values()}, true
}

func (d *Dialog) yes() Binding { return Binding{Keys: []string{"enter"}, Words: d.Yes} }

// askKey offers a key to the thing asked in focus.
func (d *Dialog) askKey(key string, in scan.Input) bool {
	ask := &d.Asks[d.focus]
	move := func(by int) bool {
		d.focus = (d.focus + by + len(d.Asks)) % len(d.Asks)
		return true
	}
	switch {
	case key == "tab":
		return move(1)
	case key == "shift+tab":
		return move(-1)
	case ask.Field != nil && (key == "up" || key == "down"):
		return move(map[string]int{"up": -1, "down": 1}[key])
	case ask.Field != nil:
		return ask.Field.Key(in.Key)
	case key == "left" || key == "up":
		ask.picked = max(ask.picked-1, 0)
		return true
	case key == "right" || key == "down" || key == "space":
		ask.picked = min(ask.picked+1, len(ask.Options)-1)
		return true
	case in.Key.Text != "" && d.focus+1 < len(d.Asks) && d.Asks[d.focus+1].Field != nil:
		// What is typed is meant for the field behind the choice.
		if d.Asks[d.focus+1].Field.Key(in.Key) {
			return move(1)
		}
	}
	return false
}

func (d *Dialog) complete() bool {
	return !slices.ContainsFunc(d.Asks, func(a Ask) bool {
		return a.Field != nil && a.Field.Empty() || a.Field == nil && len(a.Options) == 0
	})
}

// checked points at the first value that cannot be taken and says why; what is
// secret is then typed anew.
func (d *Dialog) checked() bool {
	for i, text := range d.values() {
		a := &d.Asks[i]
		if a.Check == nil || a.Field == nil {
			continue
		}
		if problem := a.Check(text); problem != "" {
			d.Problem, d.focus = problem, i
			if a.Field.Secret {
				a.Field.Clear()
			}
			return false
		}
	}
	return true
}

func (d *Dialog) values() []string {
	out := make([]string, len(d.Asks))
	for i, a := range d.Asks {
		if a.Field != nil {
			out[i] = strings.TrimSpace(a.Field.Text())
		} else {
			out[i] = a.Options[a.picked]
		}
	}
	return out
}

// Again has the i-th thing and all behind it typed anew.
func (d *Dialog) Again(i int) {
	d.focus = i
	for _, a := range d.Asks[i:] {
		if a.Field != nil {
			a.Field.Clear()
		}
	}
}

// Scan notes that a scan came while the dialog was in front: it is not taken.
func (d *Dialog) Scan() { d.note = "ui.scan_waits" }

// The message ids for a terminator that came too soon behind what was typed, and
// for what came as no hand types and was taken out again.
const (
	EnterAgain = "ui.enter_again"
	NotTyped   = "ui.not_typed"
)

// Slow refuses the terminator of what may have been a slow scanner's. Where a
// machine typed into an amount, a confirmation or a PIN, that is emptied.
func (d *Dialog) Slow(in scan.Input) {
	if !d.ready {
		return
	}
	var f *Field
	if d.focus < len(d.Asks) {
		f = d.Asks[d.focus].Field
	}
	switch {
	case f != nil && (f.Exact && (in.Even || in.Silent()) || f.Secret && in.Machine()):
		f.Clear()
		d.note = NotTyped
	case !in.Silent():
		d.note = EnterAgain
	}
}

// Paste puts pasted text into the field in focus; a PIN refuses it.
func (d *Dialog) Paste(text string) {
	if d.ready && len(d.Asks) > 0 && d.Asks[d.focus].Field != nil {
		d.Asks[d.focus].Field.Paste(text)
	}
}

// View draws the dialog, as wide as it needs and at most width columns.
func (d *Dialog) View(t *Theme, w *Words, width int) string {
	outer := min(width-4, 64)
	inner := outer - 4
	lines := []string{""}
	for _, text := range d.Lines {
		lines = append(lines, Wrap(text, inner)...)
	}
	if len(d.Asks) > 0 {
		lines = append(lines, "")
	}
	label := 0
	for _, a := range d.Asks {
		label = max(label, Width(a.Label))
	}
	for i, a := range d.Asks {
		mark := "  "
		if i == d.focus {
			mark = t.Paint(Accent, t.Prompt) + " "
		}
		lines = append(lines, mark+Fit(a.Label, label)+"  "+d.askView(t, a, i == d.focus, inner-label-4))
	}
	if d.Problem != "" {
		lines = append(append(lines, ""), t.Wrap(Bad, d.Problem, inner)...)
	}
	if d.note != "" {
		lines = append(append(lines, ""), t.Wrap(Queued, t.Person+" "+w.T(d.note), inner)...)
	}
	esc := Binding{Keys: []string{"esc"}, Words: "ui.cancel"}
	lines = append(lines, "", Spread(hint(t, w, d.yes()), hint(t, w, esc), inner))
	tone := d.Tone
	if tone == Plain {
		tone = Accent
	}
	return t.Panel(t.Paint(tone, d.Title), lines, outer, len(lines)+2, tone)
}

func (d *Dialog) askView(t *Theme, a Ask, focused bool, width int) string {
	if a.Field != nil {
		return a.Field.View(t, width, focused)
	}
	var parts []string
	for i, o := range a.Options {
		if i == a.picked {
			parts = append(parts, t.Paint(Strong, t.Chosen+" "+o))
		} else {
			parts = append(parts, t.Paint(Faint, t.Unchosen+" "+o))
		}
	}
	return Cut(strings.Join(parts, "   "), width)
}

// Overlay lays a block over the middle of a screen of width columns.
func Overlay(screen, block string, width int) string {
	height := strings.Count(screen, "\n") + 1
	top := lipgloss.NewLayer(block)
	top.X(max((width-top.Width())/2, 0)).Y(max((height-top.Height())/2, 0))
	canvas := lipgloss.NewCanvas(width, height).Compose(lipgloss.NewCompositor(lipgloss.NewLayer(screen), top))
	return Block(canvas.Render(), width, height)
}
