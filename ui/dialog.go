package ui

import (
	"slices"
	"strings"
	"time"

	"counterfoil/ui/scan"
)

// Choice is one way to answer a dialog. Esc always answers with "".
type Choice struct {
	Binding
	Value string
}

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

// Answer is what came of a dialog. An empty Choice means that it was left.
type Answer struct {
	Choice string
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
	Choices []Choice

	opened  time.Time
	ready   bool // a pause came after it opened: keys are meant for it
	focus   int
	scanned bool
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
	d.scanned = false
	k := in.Key
	switch key := k.Keystroke(); {
	case key == "esc":
		return Answer{}, true
	case len(d.Asks) > 0 && d.askKey(key, in):
		return Answer{}, false
	case key == "enter" && d.focus < len(d.Asks)-1:
		d.focus++
		return Answer{}, false
	}
	for _, c := range d.Choices {
		if !c.Matches(k) {
			continue
		}
		// A slow scanner's Enter must not confirm a bare question.
		if len(d.Asks) == 0 && !in.Quiet || !d.complete() || !d.checked() {
			return Answer{}, false
		}
		return Answer{Choice: c.Value, Values: d.values()}, true
	}
	return Answer{}, false
}

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

// Scan notes that a scan came while the dialog was in front: it is not taken.
func (d *Dialog) Scan() { d.scanned = true }

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
		lines = append(lines, "")
		for _, text := range Wrap(d.Problem, inner) {
			lines = append(lines, t.Paint(Bad, text))
		}
	}
	if d.scanned {
		lines = append(lines, "", t.Paint(Wait, Cut(t.Person+" "+w.T("ui.scan_waits"), inner)))
	}
	lines = append(lines, "", d.choices(t, w, inner))
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
			parts = append(parts, t.Paint(Strong, t.On+" "+o))
		} else {
			parts = append(parts, t.Paint(Faint, t.Off+" "+o))
		}
	}
	return Cut(strings.Join(parts, "   "), width)
}

func (d *Dialog) choices(t *Theme, w *Words, width int) string {
	var left []string
	for _, c := range d.Choices {
		left = append(left, hint(t, w, c.Binding))
	}
	esc := hint(t, w, Binding{Keys: []string{"esc"}, Words: "ui.cancel"})
	if len(d.Choices) == 0 {
		esc = hint(t, w, Binding{Keys: []string{"esc"}, Words: "ui.close"})
	}
	return Spread(strings.Join(left, "   "), esc, width)
}

// Overlay lays a block over the middle of a screen of width columns.
func Overlay(screen, block string, width int) string {
	rows := strings.Split(screen, "\n")
	lines := strings.Split(block, "\n")
	wide := 0
	for _, l := range lines {
		wide = max(wide, Width(l))
	}
	top, left := max((len(rows)-len(lines))/2, 0), max((width-wide)/2, 0)
	for i, l := range lines {
		if top+i < len(rows) {
			row := Fit(rows[top+i], width)
			rows[top+i] = cutRight(row, left) + Fit(l, wide) + cutLeft(row, left+wide)
		}
	}
	return strings.Join(rows, "\n")
}
