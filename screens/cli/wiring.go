package cli

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/offline/files"
	"counterfoil/screens/cli/config"
	"counterfoil/screens/cli/stream"
)

// counter is an open counter: the settings, and the desk over its client.
type counter struct {
	*offline.Desk
	settings *config.Config
	folder   string
	readOnly bool // beside another program that holds the data folder
}

// access says what a command wants of the data folder.
type access int

const (
	toPlay  access = iota // as toBegin, in a folder of its own, with PINs that everybody reads
	toBegin               // as toWork; where there is no counter a new one begins
	toWork                // accept and send: the folder's one writer, or an error
	toLook                // store what is seen; beside another program only look
	toRead                // write nothing
	toCheck               // the same, whoever asks, and no log
)

// enoughMemory is the memory of the Go runtime, in bytes, from which on the
// collector works harder. SQLite and the program itself need some 25 MiB more.
// Below it little is gained by collecting often: garbage may reach
// garbagePercent of what is in use. A list, which holds next to nothing itself,
// works beside larger caches of SQLite's and has listMemory.
const (
	enoughMemory   = 36 << 20
	listMemory     = 22 << 20
	garbagePercent = 400
)

// boundMemory sets the collector, unless the environment does. What a large
// answer passes through is garbage at once: collected sooner, a million codes fit
// into 64 MiB with all that the process needs besides.
func boundMemory(limit int64) {
	if now := debug.SetMemoryLimit(-1); now != math.MaxInt64 && now != enoughMemory { // GOMEMLIMIT
		return
	}
	debug.SetMemoryLimit(limit)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
}

// tidyEvery is how often an open counter gives memory back.
const tidyEvery = 10 * time.Second

// tidy gives the system back what lies about, until ctx ends: a PIN's hash takes
// as much memory as all the rest of an idle counter, and the collector of a
// program that does nothing hardly ever runs. It takes a few milliseconds.
func tidy(ctx context.Context) {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			debug.FreeOSMemory()
		case <-ctx.Done():
			return
		}
	}
}

// folder is the data folder of this run.
func (a *app) folder() (string, error) {
	folder := a.flags.data
	if folder == "" {
		folder = config.Where{Environ: a.Environ}.DataFolder()
	}
	if folder == "" {
		return "", trouble(nil, "cli.no_home", nil)
	}
	return filepath.Abs(folder)
}

// open builds the parts over the settings in force.
func (a *app) open(ctx context.Context, want access) (*counter, error) {
	settings, err := a.settings, a.settingsErr
	if err != nil {
		return nil, err
	}
	folder, err := a.folder()
	if err != nil {
		return nil, err
	}
	return a.openWith(ctx, settings, folder, want)
}

// openWith builds the parts over given settings. Only what begins a counter makes a folder.
func (a *app) openWith(ctx context.Context, settings *config.Config, folder string, want access) (*counter, error) {
	if err := a.enter(settings, folder, want); err != nil {
		return nil, err
	}
	c := &counter{settings: settings, folder: folder}
	c.readOnly = want >= toRead || want == toLook && offline.Held(folder)
	for {
		client, err := api.New(settings.Client())
		if err != nil {
			return nil, err
		}
		s := settings.Desk(folder)
		s.ReadOnly, s.PublicPINs = c.readOnly, want == toPlay
		if a.log != nil {
			s.Log = a.log.Logger
		}
		c.Desk, err = offline.Open(ctx, s, client)
		if err == nil {
			return c, nil
		}
		client.Close()
		// Another program took the folder after we looked and before we opened it.
		if want <= toWork || c.readOnly || offline.KindOf(err) != offline.ErrLocked {
			return nil, err
		}
		c.readOnly = true
	}
}

// close ends the desk's work, waits for it, and says what went wrong with that
// unless something else already did.
func (a *app) close(c *counter, err *error) {
	stopped := c.Stop()
	if *err == nil && stopped != nil {
		*err = stopped
	}
}

// enter makes the folder where a counter may begin, refuses one that is not a
// counter's or has lost its database, and begins the log. The screens begin a new
// database there and note the gap; what is to check it says so itself.
func (a *app) enter(settings *config.Config, folder string, want access) error {
	fresh := map[string]any{"Path": folder}
	if want <= toBegin {
		if err := files.Make(folder); err != nil && !errors.As(err, new(*files.ForeignError)) {
			return trouble(err, "cli.folder", fresh)
		}
	}
	holds, err := offline.CheckFolder(folder)
	if err != nil {
		return err
	}
	switch {
	case want <= toBegin || want == toCheck && holds:
	case !holds:
		return &offline.Error{Kind: offline.ErrNoCounter, Args: fresh}
	case offline.LostDatabase(folder):
		return &offline.Error{Kind: offline.ErrNoDatabase, Args: fresh}
	}
	if info, err := os.Stat(folder); err == nil && want <= toWork && info.Mode().Perm()&0o077 != 0 && (!holds || os.Geteuid() != 0) {
		// Somebody made the folder and left it open to others; its files are for this counter alone.
		if err := os.Chmod(folder, 0o700); err != nil { //nolint:gosec // a folder: its owner must enter it
			return trouble(err, "cli.folder", fresh)
		}
	}
	if a.log == nil && want != toCheck {
		a.log = stream.OpenLog(folder, settings.Desk("").Zone)
	}
	return nil
}

// reachable refuses a command that needs the platform where a setting that
// leads to it is missing.
func (c *counter) reachable() error {
	if setting := c.settings.Missing(); setting != "" {
		return &offline.Error{Kind: offline.ErrNotConfigured, Args: map[string]any{"Setting": setting}}
	}
	return nil
}
