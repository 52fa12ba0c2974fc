// Package screen is the contract between the root and its screens: what a
// screen is, what it may know, and the messages they send each other. It holds
// no screen and draws nothing of its own.
package screen

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/ui"
	"counterfoil/ui/scan"
)

// ID names a screen.
type ID string

// The screens.
const (
	SignIn      ID = "signin"
	Counter     ID = "counter"
	Tree        ID = "tree"
	Queue       ID = "queue"
	Review      ID = "review"
	Doctor      ID = "doctor"
	People      ID = "people"
	BusinessDay ID = "day"
	Serials     ID = "serials"
)

// Name is the key as screens compare it: what it types, with letters in lower
// case since hints show capitals, or what it is called.
func (k Key) Name() string { return strings.ToLower(k.Key.String()) }

// Screen is one place of the program. A screen keeps its state while another
// is in front. Update does no I/O: commands ask the desk.
type Screen interface {
	// Update takes a message that is addressed to the screen.
	Update(msg tea.Msg) tea.Cmd
	// View draws exactly width by height; it is cheap and changes nothing.
	View(width, height int) string
	// Bindings are the keys that mean something now, most important first.
	Bindings() []ui.Binding
	// TakesScans is false where a scan goes to the counter instead.
	TakesScans() bool
	// Typing is true while a text field has the keys.
	Typing() bool
	// Busy is true while something moves on the screen.
	Busy() bool
}

// Holder is a screen that has an id in hand, for the tree to open at; asked says that
// somebody scanned, typed or pasted it.
type Holder interface {
	InHand() (id api.ID, asked bool)
}

// Headed is a screen whose first lines, such as a scan field, stand above a notice.
type Headed interface{ Head() int }

// Still is a screen that can say that a tick changes nothing on it now.
type Still interface{ Still() bool }

// SlowTaker is a screen that knows what to do with what came as keys and is a
// scan (scan.Slow). Elsewhere an id goes to the counter.
type SlowTaker interface{ Slow(in scan.Input) tea.Cmd }

// Pointing is a screen that wants the mouse; elsewhere it is left to the terminal.
type Pointing interface{ Pointing() bool }

// Lasting is a screen of which something outlives a session.
type Lasting interface {
	// Renewed is the screen for the next session: what belongs to the desk and
	// where one stood is kept, and nothing that the last session had begun.
	Renewed(*Env) Screen
}

// Failing is a message that brings what the desk said to an act of the session:
// nil where it was done.
type Failing interface{ Failure() error }

// PINHint is a sign-in that the training counter shows to everybody.
type PINHint struct {
	Name, PIN string
	Role      offline.Role
}

// Setup is how the counter was set up.
type Setup struct {
	Shop      string // its name and the counter's, as slips are headed
	Scanner   scan.Settings
	Hints     []PINHint // shown at sign-in, in training only
	MaskCodes bool      // hides the secret part of codes
}

// Env is what every screen may read. The root writes it, in Update only, and
// makes a new one for each session.
type Env struct {
	Context context.Context // ends with the session
	Desk    *offline.Desk
	Words   *ui.Words
	Theme   *ui.Theme
	Session offline.Session // nobody's is zero
	Opened  offline.Act     // the screen that a manager opened for a cashier, until it is left; "" for none
	Status  offline.Status
	Setup
	Zone *time.Location
	Now  func() time.Time
	Beat int // counts up while something moves
}

// SignedIn reports that the session is somebody's.
func (e *Env) SignedIn() bool { return e.Session != (offline.Session{}) }

// May reports whether who is signed in may act so, by herself or on a screen that
// a manager opened.
func (e *Env) May(act offline.Act) bool { return e.Session.Role.May(act) || e.Opened.Covers(act) }

// Messages to a screen.
type (
	// Shown says that the screen came to the front, with the id that was in hand where
	// it came from. Asked is set where somebody scanned or typed that id: it is shown
	// whole, unlike the code of a row.
	Shown struct {
		Place api.ID
		Asked bool
	}
	// Left says that another screen came to the front.
	Left struct{}
	// Sized says how much room a screen has from now on.
	Sized struct{ Width, Height int }
	// Changed says that something changed at the desk; the screen reads what it shows.
	Changed struct{}
	// Key is a person's key.
	Key struct{ scan.Input }
	// Scanned is a whole scan.
	Scanned struct{ scan.Scan }
	// Pointed is the mouse: Y counts the screen's lines from 0. Wheel is 1 downward,
	// -1 upward, 0 for a click.
	Pointed struct{ X, Y, Wheel int }
	// Pasted is text from the clipboard.
	Pasted struct{ scan.Paste }
	// Opened says that a manager opened the screen in front for more than the operator may.
	Opened struct{}
	// Answered is the answer to a dialog that the screen had opened, with what it was opened about.
	Answered struct {
		Tag   string
		About any
		ui.Answer
	}
)

// Messages to the root.
type (
	// To carries a message to a screen, whichever is in front.
	To struct {
		Screen ID
		Msg    tea.Msg
	}
	// Go brings a screen to the front.
	Go struct{ Screen ID }
	// Open puts a dialog in front; its answer goes back with the tag and what it
	// is about, as that stood when it was asked.
	Open struct {
		From   ID
		Tag    string
		About  any
		Dialog func() *ui.Dialog // makes it in the language of now
	}
	// OpenFor asks for a manager who opens a screen for an act, and what it covers,
	// until it is left. What is the act, as text.
	OpenFor struct {
		Screen ID
		Act    offline.Act
		What   string
	}
	// SignedIn starts an operator's session.
	SignedIn struct{ offline.Session }
	// Notice shows a sentence at the top, below what heads the screen, until the next key.
	Notice struct {
		Text string
		Tone ui.Tone
	}
)

// Send makes a command of a message.
func Send(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }

// Reply runs work outside the screen and sends its message to it.
func Reply(id ID, work func() tea.Msg) tea.Cmd {
	return func() tea.Msg { return To{Screen: id, Msg: work()} }
}

// Ask opens a dialog about something; its answer goes to a screen with the tag.
func Ask(from ID, tag string, about any, dialog func() *ui.Dialog) tea.Cmd {
	return Send(Open{From: from, Tag: tag, About: about, Dialog: dialog})
}

// EnterAgain says that an Enter came too soon after another key to be a person's.
func (e *Env) EnterAgain() tea.Cmd { return Say(e.T(ui.EnterAgain), ui.Queued) }

// Say shows a sentence at the top of the screen until the next key.
func Say(text string, tone ui.Tone) tea.Cmd { return Send(Notice{Text: text, Tone: tone}) }
