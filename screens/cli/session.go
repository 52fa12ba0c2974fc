package cli

import (
	"cmp"
	"context"
	"io"
	"os"

	"github.com/charmbracelet/x/term"

	"counterfoil/offline"
	"counterfoil/screens/cli/stream"
)

// people are the operator and the approver of a command; a zero Session is
// nobody.
type people struct {
	operator, approver offline.Session
}

// by is the operator, with the approver behind her.
func (p people) by() offline.Session { return p.operator.With(p.approver) }

// mustSignIn signs in whoever acts.
func (a *app) mustSignIn(ctx context.Context, c *counter) (people, error) {
	who, err := a.maySignIn(ctx, c)
	if err != nil || who.operator != (offline.Session{}) {
		return who, err
	}
	if managed, err := c.Managed(ctx); err != nil || !managed {
		return people{}, cmp.Or(err, error(&offline.Error{Kind: offline.ErrNoManager}))
	}
	return people{}, wrongUsage("cli.usage.operator", nil)
}

// firstOr is mustSignIn, and nobody where the first manager is still to be added.
func (a *app) firstOr(ctx context.Context, c *counter) (people, error) {
	who, err := a.mustSignIn(ctx, c)
	if offline.KindOf(err) == offline.ErrNoManager {
		err = nil
	}
	return who, err
}

// maySignIn signs in whoever wants to read as somebody. Nobody can while there
// is no manager.
func (a *app) maySignIn(ctx context.Context, c *counter) (people, error) {
	if a.flags.operator == "" {
		return people{}, nil
	}
	if managed, err := c.Managed(ctx); err != nil || !managed {
		return people{}, err
	}
	return a.signIn(ctx, c)
}

// opened opens the counter, does the work and closes the counter.
func (a *app) opened(ctx context.Context, want access, work func(*counter) error) (err error) {
	counter, err := a.open(ctx, want)
	if err != nil {
		return err
	}
	defer a.close(counter, &err)
	return work(counter)
}

// signedIn opens the counter, signs somebody in, does the work and closes the
// counter.
func (a *app) signedIn(ctx context.Context, want access, signIn func(context.Context, *counter) (people, error), work func(*counter, people) error) error {
	err := a.opened(ctx, want, func(counter *counter) error {
		who, err := signIn(ctx, counter)
		if err != nil {
			return err
		}
		return work(counter, who)
	})
	switch kind := offline.KindOf(err); {
	case kind == offline.ErrNoCounter && want == toWork:
		return &offline.Error{Kind: offline.ErrNoManager} // nobody may act yet, as in a new counter
	case kind != offline.ErrLocked || a.flags.operator != "":
		return err
	}
	// That nobody is named comes before who has the folder.
	return cmp.Or(a.opened(ctx, toCheck, func(counter *counter) error {
		_, err := signIn(ctx, counter)
		return err
	}), err)
}

func (a *app) signIn(ctx context.Context, c *counter) (p people, err error) {
	p.operator, err = a.check(ctx, c, a.flags.operator, "COUNTERFOIL_PIN")
	if err == nil && a.flags.approve != "" {
		p.approver, err = a.check(ctx, c, a.flags.approve, "COUNTERFOIL_APPROVE_PIN")
	}
	return p, err
}

func (a *app) check(ctx context.Context, c *counter, name, variable string) (offline.Session, error) {
	pin, err := a.pin(ctx, variable, "cli.pin.ask", name)
	if err != nil {
		return offline.Session{}, err
	}
	return c.SignIn(ctx, name, pin)
}

// pin takes a PIN from its variable, or asks for it on the terminal without
// showing it.
func (a *app) pin(ctx context.Context, variable, question, name string) (string, error) {
	if pin := a.getenv(variable); pin != "" {
		return pin, nil
	}
	in := a.typedOn()
	if in == nil {
		return "", wrongUsage("cli.usage.pin", map[string]any{"Variable": variable, "Name": name})
	}
	pin, err := stream.AskHidden(ctx, in, a.Stderr, a.words.T(question, map[string]any{"Name": name})+" ")
	if err != nil && ctx.Err() == nil {
		err = trouble(err, "cli.pin.unread", nil)
	}
	return pin, err
}

// drawnOn is the terminal that progress is drawn on, nil where there is none.
func (a *app) drawnOn() io.Writer {
	out, ok := a.Stderr.(*stream.Border).To.(*os.File)
	if !ok || a.json || !term.IsTerminal(out.Fd()) {
		return nil
	}
	return out
}

// typedOn is the terminal that a person types on, nil where there is none.
func (a *app) typedOn() *os.File {
	in, ok := a.Stdin.(*os.File)
	if !ok || !term.IsTerminal(in.Fd()) {
		return nil
	}
	return in
}
