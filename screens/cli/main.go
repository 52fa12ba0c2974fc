package cli

import (
	"context"
	"errors"
	"io"
	"os/signal"
	"strings"
	"syscall"

	"charm.land/fang/v2"
	"github.com/spf13/cobra"

	"counterfoil/api"
	"counterfoil/screens/cli/config"
	"counterfoil/screens/cli/stream"
	"counterfoil/ui"
)

// World is what a program is given by the system; tests give it another.
type World struct {
	Args    []string // without the program's name
	Environ []string // as os.Environ
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
}

// getenv returns a variable's value, the last one set winning; "" where unset.
func (w World) getenv(name string) string {
	value, _ := config.Where{Environ: w.Environ}.Getenv(name)
	return value
}

// app is one run of the program.
type app struct {
	World
	out   *stream.Border // in front of standard output
	words *ui.Words
	json  bool // --json
	flags globals

	settings    *config.Config // nil where settingsErr is set
	settingsErr error
	log         *stream.Log // nil until a data folder is open
	exit        int         // the highest code of what was done
	failure     error       // what ended the command, nil for nothing
}

// globals are the flags of every command.
type globals struct {
	config, data, lang, operator, approve string
}

// maxQuoted bounds, in characters, what a sentence says of others' words: a path fits.
const maxQuoted = 1000

// Commands are listed in the order of the tree.
func init() { cobra.EnableCommandSorting = false }

// Main runs the program and returns its exit code.
func Main(w World) int {
	boundMemory(enoughMemory)
	words, err := ui.NewWords(ui.DetectLanguage(w.getenv))
	if err != nil {
		// Without words there is no sentence to translate: the binary is broken.
		_, _ = io.WriteString(w.Stderr, "counterfoil: "+err.Error()+"\n")
		return exitFailed
	}
	signal.Ignore(syscall.SIGPIPE) // a pipe that closed is an error of the writing like any other
	words.SetASCII(ui.NeedsASCII(w.getenv))
	words.SetClean(func(text string) string { return api.Clean(text, maxQuoted) })
	a := &app{World: w, words: words}
	a.out = &stream.Border{To: w.Stdout, Words: words, JSON: &a.json}
	a.Stdout, a.Stderr = a.out, &stream.Border{To: w.Stderr, Words: words}
	a.load(beforehand(w.Args, "config"))
	words.SetLanguage(a.language())
	if words.ASCII() && beforehand(w.Args, "lang") == ui.Chinese {
		a.say("cli.lang.not_shown", nil)
	}

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	// A second Ctrl-C ends the program as the system does. A closed terminal may
	// send SIGHUP twice, once by the shell, and a system that ends SIGTERM too.
	context.AfterFunc(ctx, func() { signal.Reset(syscall.SIGINT) })
	root := a.tree()
	err = fang.Execute(ctx, root,
		fang.WithoutVersion(), fang.WithoutCompletions(), fang.WithoutManpage(),
		fang.WithErrorHandler(func(io.Writer, fang.Styles, error) {}))
	if err = errors.Join(a.failure, err); err != nil {
		a.raise(a.report(err))
	}
	if a.out.Lost != nil && !errors.Is(err, a.out.Lost) {
		a.raise(a.report(a.out.Lost))
	}
	if a.out.Lost != nil || errors.Is(err, context.Canceled) {
		a.exit = exitFailed // whatever was done before: the rest was not
	}
	a.endLog()
	return a.exit
}

func (a *app) load(file string) {
	a.settings, a.settingsErr = config.Load(config.Where{File: file, Environ: a.Environ})
}

// endLog closes the log, where one was begun.
func (a *app) endLog() {
	if a.log != nil {
		a.log.Close()
		a.log = nil
	}
}

// beforehand finds a flag's value, the last one given, before the command tree
// exists: the tree's own texts depend on the language.
func beforehand(args []string, flag string) (value string) {
	for i := 0; i < len(args) && args[i] != "--"; i++ {
		if given, ok := strings.CutPrefix(args[i], "--"+flag+"="); ok {
			value = given
		}
		if args[i] == "--"+flag && i+1 < len(args) {
			i++
			value = args[i]
		}
	}
	return value
}

// language is that of --lang, else of the settings, else of the system.
func (a *app) language() string {
	chosen := beforehand(a.Args, "lang")
	if chosen == "" && a.settings != nil {
		chosen = a.settings.Screens.Language
	}
	if chosen == "" {
		chosen = a.getenv(config.EnvName("counter.language"))
	}
	if chosen == ui.English || chosen == ui.Chinese {
		return chosen
	}
	return ui.DetectLanguage(a.getenv)
}

// tree builds the command tree in the language in force.
func (a *app) tree() *cobra.Command {
	root := a.counterCommand()
	root.SetArgs(a.Args)
	root.SetIn(a.Stdin)
	root.SetOut(stream.Help(a.out))
	root.SetErr(a.Stderr)
	a.addGlobalFlags(root)
	a.addGroups(root,
		group{"work", []*cobra.Command{a.lookupCommand(), a.activateCommand(), a.voidCommand(), a.rangeCommand(), a.queueCommand(), a.reviewCommand(), a.dayCommand(), a.closeCommand(), a.reconcileCommand(), a.exportCommand()}},
		group{"care", []*cobra.Command{a.operatorsCommand(), a.verifyCommand(), a.backupCommand(), a.doctorCommand(), a.configCommand()}},
		group{"try", []*cobra.Command{a.demoCommand(), a.sandboxCommand()}},
		group{"more", []*cobra.Command{a.versionCommand(), a.completionCommand(), a.manCommand()}},
	)
	a.addHelp(root)
	return root
}
