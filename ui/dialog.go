package ui

import (
	"slices"
	"strings"
	"time"

	"counterfoil/ui/scan"
)

// Ask is one thing a dialog wants typed or picked.
type Ask struct {
	Label   string // text, not a message id
	Field   *Field // typed; nil where Options are picked from
	Options []string
	// Check says what is wrong with what was typed, "" for nothing; nil for no check.
	Check func(text string) (problem string)
	// Open has nothing chosen until a hand chooses: what cannot be undone.
	Open   bool
	picked int  // in Options, from 0
	chosen bool // by a hand, or by Pick
	spills bool // ConfirmAsk's
}

// ConfirmAsk wants something typed before what cannot be undone is done, whatever
// its case; wrong says that it was something else. One character too many empties
// the field, so that a scan of the very thing cannot fill it.
func ConfirmAsk(label, want, wrong string) Ask {
	return Ask{Label: label, spills: true, Field: &Field{Max: len([]rune(want)), Exact: true},
		Check: func(text string) string {
			if strings.EqualFold(text, want) {
				return ""
			}
			return wrong
		}}
}

// Fact is one thing that a dialog names: the act, the id, how many, how much, who.
type Fact struct{ Label, Value string }

// Pick chooses an option; one that is not there changes nothing.
func (a *Ask) Pick(option string) {
	if i := slices.Index(a.Options, option); i >= 0 {
		a.picked, a.chosen = i, true
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
	Facts   []Fact
	Lines   []string // text, wrapped when drawn
	Problem string   // why the last answer was not taken
	Tone    Tone
	Asks    []Ask
	Yes     string // message id of what Enter does
	Final   bool   // cannot be undone: Enter on an empty field means no

	answering
}

// answering is how far a person is with a dialog.
type answering struct {
	opened time.Time
	ready  bool // a pause came after it opened: keys are meant for it
	focus  int
	note   string // message id of what was not taken; "" for nothing
	spilt  bool   // a ConfirmAsk's field ran over: what follows at that pace is no answer either
	scans  []string
}

// Open notes when the dialog came up.
func (a *answering) Open(now time.Time) { a.opened, a.ready = now, false }

// meant reports a key that was not in flight yet when the dialog came up.
func (a *answering) meant(in scan.Input) bool {
	a.ready = a.ready || in.Quiet && in.At.Sub(a.opened) >= scan.Quiet
	return a.ready
}

// Scan notes that a scan came while the dialog was in front, and waits for its end.
func (a *answering) Scan(shown string) { a.scans = append(a.scans, shown) }

// Reworded is the dialog made anew, with all that was typed and picked in this one.
func (d *Dialog) Reworded(fresh *Dialog) *Dialog {
	for i, a := range d.Asks {
		if fresh.Asks[i].picked, fresh.Asks[i].chosen = a.picked, a.chosen; a.Field != nil {
			*fresh.Asks[i].Field = *a.Field
		}
	}
	fresh.answering = d.answering
	return fresh
}

// Key takes a person's key. done is set once the dialog is answered.
func (d *Dialog) Key(in scan.Input) (a Answer, done bool) {
	if !d.meant(in) {
		return Answer{}, false
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
	case key == "enter" && d.Final && len(d.Asks) > 0 && d.field() != nil && d.field().Empty():
		return Answer{}, true
	case len(d.Asks) > 0 && d.askKey(key, in):
		return Answer{}, false
	case key == "enter" && d.focus < len(d.Asks)-1:
		d.focus++
		return Answer{}, false
	}
	if i := slices.IndexFunc(d.Asks, func(a Ask) bool { return a.none() }); i >= 0 && d.yes().Matches(k) {
		d.focus, d.note = i, notChosen
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
	case ask.spills && in.Key.Text != "":
		return d.confirm(ask.Field, in)
	case ask.Field != nil:
		return ask.Field.Key(in.Key)
	case key == "left" || key == "up":
		return ask.choose(-1)
	case key == "right" || key == "down" || key == "space":
		return ask.choose(1)
	case in.Key.Text != "" && d.focus+1 < len(d.Asks) && d.Asks[d.focus+1].Field != nil:
		// What is typed is meant for the field behind the choice.
		if d.Asks[d.focus+1].Field.Key(in.Key) {
			return move(1)
		}
	}
	return false
}

// none reports that nothing is chosen yet.
func (a Ask) none() bool { return a.Open && !a.chosen }

// choose takes the option beside the chosen one, or the first where none is.
func (a *Ask) choose(by int) bool {
	if !a.none() {
		a.picked = max(min(a.picked+by, len(a.Options)-1), 0)
	}
	a.chosen = true
	return true
}

// confirm takes a character of what is to be typed; one too many empties it.
func (d *Dialog) confirm(f *Field, in scan.Input) bool {
	switch d.spilt = d.spilt && !in.Begins; {
	case d.spilt:
	case len([]rune(f.Text())) == f.Max:
		f.Clear()
		d.spilt, d.note = true, NotTyped
	default:
		return f.Key(in.Key)
	}
	return true
}

// field is the field in focus, nil where there is none.
func (d *Dialog) field() *Field {
	if d.focus < len(d.Asks) {
		return d.Asks[d.focus].Field
	}
	return nil
}

func (d *Dialog) complete() bool {
	return !slices.ContainsFunc(d.Asks, func(a Ask) bool {
		return a.Field != nil && a.Field.Empty() || a.Field == nil && (len(a.Options) == 0 || a.none())
	})
}

// checked points at the first value that cannot be taken and says why; what is
// secret, and what confirms, is then typed anew.
func (d *Dialog) checked() bool {
	for i, text := range d.values() {
		a := &d.Asks[i]
		if a.Check == nil || a.Field == nil {
			continue
		}
		if problem := a.Check(text); problem != "" {
			d.Problem, d.focus = problem, i
			if a.Field.Secret || a.spills {
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

// notChosen is the message id for an answer without a choice.
const notChosen = "ui.not_chosen"

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
	switch f := d.field(); {
	case f != nil && (f.Exact && (in.Even || in.Silent()) || f.Secret && in.Machine()):
		f.Clear()
		d.note = NotTyped
	case !in.Silent():
		d.note = EnterAgain
	}
}

// Paste puts pasted text into the field in focus; a PIN refuses it.
func (d *Dialog) Paste(text string, at time.Time) {
	d.ready = d.ready || at.Sub(d.opened) >= scan.Quiet // a paste may come first
	if f := d.field(); d.ready && f != nil && !d.Asks[d.focus].spills {
		f.Paste(text)
	}
}

// Bindings are the keys that the dialog answers to, for the key hints.
func (d *Dialog) Bindings() []Binding {
	all := d.hints()
	if len(d.Asks) > 1 && all[0].Words != nextAsk {
		all = append(all, Binding{Keys: []string{"tab"}, Words: nextAsk})
	}
	return all
}

// nextAsk is the message id of what leads to the next thing asked.
const nextAsk = "ui.next"

// hints are what Enter does now, what chooses an option, and what leaves.
func (d *Dialog) hints() []Binding {
	enter := d.yes()
	f := d.field()
	if d.focus < len(d.Asks)-1 && !(d.Final && f != nil && f.Empty()) {
		enter.Words = nextAsk
	}
	all := []Binding{enter}
	if len(d.Asks) > 0 && f == nil {
		all = append(all, Binding{Keys: []string{"left", "right"}, Show: "←→", Words: "ui.choose"})
	}
	return append(all, Binding{Keys: []string{"esc"}, Words: "ui.cancel"})
}

// DialogWidth is the most columns that a dialog takes.
const DialogWidth = 72

// View draws the dialog, as wide as it needs and at most width by height. Where
// there is no room it is drawn without its empty lines.
func (d *Dialog) View(t *Theme, w *Words, width, height int) string {
	outer := min(width-4, DialogWidth)
	inner := outer - 4
	var lines []string
	label := 0
	for _, f := range d.Facts {
		label = max(label, Width(f.Label))
	}
	for _, f := range d.Facts {
		head := t.Paint(Faint, Fit(f.Label, label)) + "  "
		for _, row := range Wrap(f.Value, inner-label-2) {
			lines = append(lines, head+row)
			head = blank(label + 2)
		}
	}
	put := func(rows ...string) {
		if lines = append(lines, ""); len(rows) > 0 {
			lines = append(lines, rows...)
		}
	}
	if len(d.Lines) > 0 {
		put()
	}
	for _, text := range d.Lines {
		lines = append(lines, Wrap(text, inner)...)
	}
	put(d.askRows(t, inner)...)
	if d.Problem != "" {
		put(t.Wrap(Bad, d.Problem, inner)...)
	}
	if d.note != "" {
		put(t.Wrap(Queued, t.Person+" "+w.T(d.note), inner)...)
	}
	if n := len(d.scans); n > 0 {
		put(t.Wrap(Queued, t.Wait+" "+w.T("ui.scan_waits", map[string]any{"Count": n, "Last": CutMiddle(d.scans[n-1], 40)}), inner)...)
	}
	if put(); len(lines)+2 > height {
		lines = slices.DeleteFunc(lines, func(l string) bool { return l == "" })
	}
	tone := d.Tone
	if tone == Plain {
		tone = Accent
	}
	var foot []string
	for _, b := range d.hints() {
		foot = append(foot, hint(t, w, b))
	}
	return t.Box(t.Paint(tone, d.Title), strings.Join(foot, "   "), lines, outer, len(lines)+2, tone)
}

func (d *Dialog) askRows(t *Theme, inner int) []string {
	label := 0
	for _, a := range d.Asks {
		label = max(label, Width(a.Label))
	}
	rows := make([]string, len(d.Asks))
	for i, a := range d.Asks {
		mark := "  "
		if i == d.focus {
			mark = t.Paint(Accent, t.Prompt) + " "
		}
		rows[i] = mark + Fit(a.Label, label) + "  " + d.askView(t, a, i == d.focus, inner-label-4)
	}
	return rows
}

func (d *Dialog) askView(t *Theme, a Ask, focused bool, width int) string {
	if a.Field != nil {
		return a.Field.Box(t, width, focused)
	}
	var parts []string
	for i, o := range a.Options {
		if i == a.picked && !a.none() {
			parts = append(parts, t.Paint(Strong, t.Chosen+" "+o))
		} else {
			parts = append(parts, t.Paint(Faint, t.Unchosen+" "+o))
		}
	}
	return Cut(strings.Join(parts, "   "), width)
}
