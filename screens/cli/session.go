package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/charmbracelet/x/term"

	"counterfoil/offline"
)

// people are those who stand behind a command; a zero Session is nobody.
type people struct {
	operator, approver offline.Session
}

// manager is the manager among them, or the operator.
func (p people) manager() offline.Session {
	if p.operator.Role != offline.Manager && p.approver.Role == offline.Manager {
		return p.approver
	}
	return p.operator
}

// mustSignIn signs in whoever acts. While the data folder has no operator,
// nobody can, and nobody has to.
func (a *app) mustSignIn(ctx context.Context, c *counter) (people, error) {
	operators, err := c.Operators(ctx)
	if err != nil || len(operators) == 0 {
		return people{}, err
	}
	if a.flags.operator == "" {
		return people{}, wrongUsage("cli.usage.operator", nil)
	}
	return a.signIn(ctx, c)
}

// maySignIn signs in whoever wants to read as somebody.
func (a *app) maySignIn(ctx context.Context, c *counter) (people, error) {
	if a.flags.operator == "" {
		return people{}, nil
	}
	operators, err := c.Operators(ctx)
	if err != nil || len(operators) == 0 {
		return people{}, err
	}
	return a.signIn(ctx, c)
}

func (a *app) signIn(ctx context.Context, c *counter) (p people, err error) {
	p.operator, err = a.check(ctx, c, a.flags.operator, "COUNTERFOIL_PIN")
	if err == nil && a.flags.approve != "" {
		p.approver, err = a.check(ctx, c, a.flags.approve, "COUNTERFOIL_APPROVE_PIN")
		if err == nil && p.approver.Role != offline.Manager {
			err = &offline.Error{Kind: offline.ErrNeedsManager, Args: map[string]any{"Act": "approve"}}
		}
	}
	return p, err
}

func (a *app) check(ctx context.Context, c *counter, name, variable string) (offline.Session, error) {
	pin, err := a.pin(variable, "cli.pin.ask", name)
	if err != nil {
		return offline.Session{}, err
	}
	return c.SignIn(ctx, name, pin)
}

// pin takes a PIN from its variable, or asks for it on the terminal without
// showing it.
func (a *app) pin(variable, question, name string) (string, error) {
	if pin := a.getenv(variable); pin != "" {
		return pin, nil
	}
	in, ok := a.Stdin.(*os.File)
	if !ok || !term.IsTerminal(in.Fd()) {
		return "", wrongUsage("cli.usage.pin", map[string]any{"Variable": variable, "Name": name})
	}
	fmt.Fprint(a.Stderr, a.words.T(question, map[string]any{"Name": name})+" ")
	pin, err := term.ReadPassword(in.Fd())
	a.talk("")
	if err != nil {
		return "", trouble(err, "cli.pin.unread", nil)
	}
	return strings.TrimSpace(string(pin)), nil
}
