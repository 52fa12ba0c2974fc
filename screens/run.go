// Package screens is what a person sees: the root that routes what comes in,
// the registry of screens, the status line and the key hints. It asks the desk
// for everything and does no I/O of its own; it knows no database and no network.
package screens

import (
	"cmp"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
	"counterfoil/ui/scan"
)

// PINHint is a sign-in that the training counter shows to everybody.
type PINHint = screen.PINHint

// Options are what the screens need to run.
type Options struct {
	Desk        *offline.Desk // started; the caller stops it. Run sets it
	Words       *ui.Words
	Training    bool
	Hints       []PINHint // shown at sign-in, in training only
	ShopName    string
	CounterName string
	Version     string
	Scanner     scan.Settings
	IdleLock    time.Duration // 0 for never
	MaskCodes   bool
	Theme       string               // "dark" or "light"; anything else asks the terminal for its background
	Zone        *time.Location       // the shop's; nil for the machine's
	Now         func() time.Time     // nil for time.Now
	SinceBoot   func() time.Duration // sleep included; nil for the machine's
	Input       io.Reader            // nil for the terminal
	Output      io.Writer            // nil for the terminal
}

// Run shows the screens of the desk that open opens, until the operator quits or
// outer ends, whose error is returned then. What hinders open comes back as it is.
// When Run returns, open has.
func Run(outer context.Context, o Options, open func(context.Context) (*offline.Desk, error)) error {
	ctx, cancel := context.WithCancel(outer)
	m := &opening{ctx: ctx, stop: cancel, o: o}
	m.begin(open)
	// The caller's ctx ends on signals. With a second handler of its own the
	// program can wait for itself for ever when both see one.
	with := []tea.ProgramOption{tea.WithContext(ctx), tea.WithoutSignalHandler(), tea.WithFPS(int(time.Second / drawEvery))}
	if o.Input != nil {
		with = append(with, tea.WithInput(o.Input))
	}
	if o.Output != nil {
		with = append(with, tea.WithOutput(o.Output))
	}
	m.program = tea.NewProgram(m, with...)
	_, err := m.program.Run()
	if hindered := m.end(); hindered != nil {
		return hindered
	}
	if outer.Err() != nil {
		return outer.Err() // the system's wish, and all else follows from it
	}
	if errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil || errors.Is(err, tea.ErrInterrupted) {
		return nil //nolint:nilerr // it was asked to end
	}
	return err
}

// New returns the root, ready for a program to run it.
func New(ctx context.Context, o Options) *Model {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.SinceBoot == nil {
		o.SinceBoot = offline.SinceBoot
	}
	o.Zone = cmp.Or(o.Zone, time.Local)
	o.Scanner.Apart, o.Scanner.Clean = typedApart, api.CleanScan
	m := &Model{o: o, wedge: scan.NewWedge(o.Scanner, o.Now), front: screen.SignIn}
	m.env = &screen.Env{
		Desk: o.Desk, Words: o.Words, Scanner: m.wedge.Settings(),
		Zone: o.Zone, Now: o.Now, MaskCodes: o.MaskCodes, Status: o.Desk.Status(),
		Shop: strings.TrimSpace(o.ShopName + " " + o.CounterName),
	}
	if o.Training {
		m.env.Hints = o.Hints
	}
	m.session.program = ctx //nolint:fatcontext // the program's, from which each session's is made
	m.env.Context, m.session.end = context.WithCancel(ctx)
	m.retheme()
	m.screens = registry(m.env)
	m.news.changed, m.news.stop = o.Desk.Watch()
	m.session.touched = o.SinceBoot()
	return m
}

func (m *Model) retheme() {
	m.env.Theme = ui.NewTheme(ui.ThemeOptions{Light: m.o.Theme == "light" || m.o.Theme != "dark" && m.canvas.light, ASCII: m.env.Words.ASCII(), Colours: m.canvas.colours})
}

func (m *Model) stop() {
	if m.news.stop != nil {
		m.news.stop()
	}
}
