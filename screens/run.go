// Package screens is what a person sees: the root that routes what comes in,
// the registry of screens, the status line and the key hints. It asks the desk
// for everything and does no I/O of its own; it knows no database and no network.
package screens

import (
	"cmp"
	"context"
	"errors"
	"io"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
	"counterfoil/ui/scan"
)

// What a screen is told of the counter.
type (
	Setup   = screen.Setup
	PINHint = screen.PINHint
)

// Options are what the screens need to run.
type Options struct {
	Desk  *offline.Desk // started; the caller stops it. Run sets it
	Words *ui.Words
	Setup
	Training  bool
	Version   string
	IdleLock  time.Duration        // 0 for never
	Theme     string               // "dark" or "light"; anything else asks the terminal for its background
	Zone      *time.Location       // the shop's; nil for the machine's
	Now       func() time.Time     // nil for time.Now
	SinceBoot func() time.Duration // sleep included; nil for the machine's
	Streams
}

// Streams stand in for the terminal; nil for itself.
type Streams struct {
	Input  io.Reader
	Output io.Writer
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
	m := &Model{o: o, wedge: scan.NewWedge(o.Scanner, o.Now), registered: registered{front: screen.SignIn}}
	m.env = &screen.Env{Desk: o.Desk, Words: o.Words, Setup: o.Setup, Zone: o.Zone, Now: o.Now, Status: o.Desk.Status()}
	m.env.Scanner = m.wedge.Settings()
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
