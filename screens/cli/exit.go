package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"counterfoil/offline"
	"counterfoil/screens/cli/config"
	"counterfoil/screens/cli/stream"
	"counterfoil/screens/cli/usage"
	"counterfoil/ui"
)

// Exit codes: public interface.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitRefused = 3
	exitQueued  = 4
	exitUnknown = 5
	exitManager = 6
	exitDiffers = 7
)

// raise keeps the highest code of all that was done.
func (a *app) raise(code int) { a.exit = max(a.exit, code) }

// exitOf tells an operation's state to a script; every other state is exitDone.
var exitOf = map[offline.State]int{
	offline.Refused: exitRefused, offline.Queued: exitQueued, offline.Sending: exitUnknown,
	offline.Unknown: exitUnknown, offline.Attention: exitManager,
}

// exitOfKind tells an error of the desk to a script; every other is exitFailed.
var exitOfKind = map[offline.ErrorKind]int{
	offline.ErrNeedsManager: exitManager, offline.ErrNoManager: exitManager, offline.ErrOverLimit: exitManager, offline.ErrUnknownID: exitRefused,
	offline.ErrNotAnID: exitUsage, offline.ErrAmountNeeded: exitUsage, offline.ErrBadAmount: exitUsage, offline.ErrReasonNeeded: exitUsage,
}

// errSilent ends a command whose error was printed already.
var errSilent = errors.New("told already")

// wrongUsage is the error of a command line that cannot be meant as it stands.
var wrongUsage = usage.Wrong

// report says what went wrong, in one sentence on standard error, writes the
// technical cause to the log, and returns the exit code.
func (a *app) report(err error) int {
	text, code := a.sentence(err)
	if text != "" {
		a.talk(text)
	}
	switch {
	case code != exitFailed || text == "":
	case a.log != nil:
		a.log.Error("command failed", "err", err)
	case offline.KindOf(err) == offline.ErrInternal && errors.As(err, new(*offline.Error)):
		a.talk(stream.MaskText(err.Error())) // a command that only reads writes no log
	}
	var wrong *usage.Error
	if errors.As(err, &wrong) {
		command := "counterfoil"
		if wrong.Command != nil {
			command = wrong.Command.CommandPath()
		}
		a.talk(a.words.T("cli.usage.more", map[string]any{"Command": command}))
	}
	return code
}

// sentence puts an error into words and an exit code.
func (a *app) sentence(err error) (string, int) {
	var wrong *usage.Error
	var plain *config.Error
	var known *offline.Error
	switch {
	case errors.Is(err, errSilent):
		return "", a.exit
	case errors.As(err, &wrong):
		return a.phrase(wrong.Phrase), exitUsage
	case errors.As(err, &plain): // before its cause, which may be the desk's
		return a.phrase(plain.Phrase), exitFailed
	case errors.As(err, &known) && (known.Kind != offline.ErrInternal || !errors.Is(err, context.Canceled)):
		return a.desksWords(known), cmp.Or(exitOfKind[known.Kind], exitFailed)
	case errors.Is(err, context.Canceled):
		return a.words.T("cli.interrupted"), exitFailed
	}
	return a.words.T("error." + string(offline.ErrInternal)), exitFailed
}

// desksWords is the sentence of an error of the desk. A value that is itself a
// word of the program (a state, an act, a limit) is translated where it has one.
func (a *app) desksWords(e *offline.Error) string {
	zone := time.Local
	if a.settings != nil {
		zone = a.settings.Desk("").Zone
	}
	args := ui.Told(e.Args, zone)
	for name, value := range args {
		if s, ok := value.(string); ok {
			switch name {
			case "State":
				args[name] = a.words.T("cli.state." + s)
			case "Kind":
				args[name] = a.words.T("cli.kind." + s)
			}
		}
	}
	return a.words.T("error."+string(e.Kind), args)
}

// phrase puts a phrase into words, and the phrases among its values first.
func (a *app) phrase(p config.Phrase) string {
	args := map[string]any{}
	for name, value := range p.Args {
		if inner, ok := value.(config.Phrase); ok {
			value = a.phrase(inner)
		}
		args[name] = value
	}
	return a.words.T(p.ID, args)
}

// trouble is an error of the command itself, for instance about a file it was given.
func trouble(cause error, id string, args map[string]any) *config.Error {
	return &config.Error{Phrase: config.Phrase{ID: id, Args: args}, Cause: cause}
}

// unwritten is what a person may mend where a file that she named could not be
// written; what the desk knows stays as it is.
func unwritten(err error, id, file string) error {
	if offline.KindOf(err) != offline.ErrInternal || errors.Is(err, context.Canceled) {
		return err
	}
	return trouble(err, id, map[string]any{"File": file})
}

// talk prints a line for a person.
func (a *app) talk(line string) { fmt.Fprintln(a.Stderr, line) }

// say prints a message of the command line's own for a person.
func (a *app) say(id string, args map[string]any) { a.talk(a.words.T(id, args)) }
