package cli

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"counterfoil/offline"
	"counterfoil/screens/cli/stream"
	"counterfoil/ui"
)

// operatorsCommand lists the operators, and holds the commands that change them.
func (a *app) operatorsCommand() *cobra.Command {
	list := func(c *cobra.Command, _ []string) error { return a.listOperators(c.Context()) }
	c := a.command("operators", "operators", list)
	c.AddCommand(a.command("operators.list", "list", list), a.operatorsAdd(),
		a.onOperator("reset-pin", func(c *counter, ctx context.Context, by offline.Session, name string) error {
			pin, err := a.newPIN(ctx, name)
			if err != nil {
				return err
			}
			return c.ResetPIN(ctx, by, name, pin)
		}),
		a.onOperator("disable", (*counter).DisableOperator), a.onOperator("enable", (*counter).EnableOperator),
		a.operatorsRole(), a.operatorsPIN(), a.operatorsRecover())
	return c
}

func (a *app) operatorsRole() *cobra.Command {
	return a.command("operators.role", "role NAME cashier|manager", func(c *cobra.Command, args []string) error {
		role := offline.Role(args[1])
		if !role.Known() {
			return wrongUsage("cli.usage.role", map[string]any{"Value": args[1]})
		}
		return a.asManager(c.Context(), toWork, a.mustSignIn, args[0], "cli.operator.done.role", func(counter *counter, by offline.Session) error {
			return counter.SetRole(c.Context(), by, args[0], role)
		})
	})
}

// operatorsPIN changes one's own PIN.
func (a *app) operatorsPIN() *cobra.Command {
	return a.command("operators.pin", "pin", func(c *cobra.Command, _ []string) error {
		return a.signedIn(c.Context(), toWork, a.mustSignIn, func(counter *counter, who people) error {
			pin, err := a.newPIN(c.Context(), who.operator.Name)
			if err == nil {
				err = counter.ChangePIN(c.Context(), who.operator, pin)
			}
			if err == nil {
				a.say("cli.operator.done.reset-pin", map[string]any{"Name": who.operator.Name})
			}
			return err
		})
	})
}

// operatorsRecover asks for no operator: whoever can write the data folder owns it.
func (a *app) operatorsRecover() *cobra.Command {
	return a.command("operators.recover", "recover [NAME]", func(c *cobra.Command, args []string) error {
		return a.opened(c.Context(), toWork, func(counter *counter) error {
			var unasked error
			name, err := counter.Recover(c.Context(), strings.Join(args, " "), func(name string) (pin string, _ error) {
				pin, unasked = a.newPIN(c.Context(), name)
				return pin, unasked
			})
			if err == nil {
				a.say("cli.operator.done.recover", map[string]any{"Name": name})
			}
			return cmp.Or(unasked, err)
		})
	})
}

// operatorLine is an operator for scripts.
type operatorLine struct {
	Name        string     `json:"name"`
	Role        string     `json:"role"`
	Disabled    bool       `json:"disabled"`
	LockedUntil *time.Time `json:"locked_until"`
}

func (a *app) listOperators(ctx context.Context) error {
	return a.opened(ctx, toRead, func(counter *counter) error {
		operators, err := counter.Operators(ctx)
		if err != nil {
			return err
		}
		p := a.printer(counter, offline.Session{})
		var rows [][]string
		for _, o := range operators {
			line := operatorLine{Name: o.Name, Role: string(o.Role), Disabled: o.Disabled}
			state := "cli.operator.active"
			if o.Disabled {
				state = "cli.operator.disabled"
			} else if o.LockedUntil.After(time.Now()) {
				line.LockedUntil, state = &o.LockedUntil, "cli.operator.locked"
			}
			if a.json {
				if err := p.Line(line); err != nil {
					return err
				}
				continue
			}
			until := ui.TimeOfDay(o.LockedUntil, p.Zone)
			rows = append(rows, []string{o.Name, a.words.T("cli.role." + line.Role), a.words.T(state, map[string]any{"Until": until})})
		}
		stream.Table(a.Stdout, rows)
		if len(operators) == 0 && !a.json {
			a.say("cli.operator.none", nil)
		}
		return nil
	})
}

func (a *app) operatorsAdd() *cobra.Command {
	var role string
	c := a.command("operators.add", "add NAME", func(c *cobra.Command, args []string) error {
		if !offline.Role(role).Known() {
			return wrongUsage("cli.usage.role", map[string]any{"Value": role})
		}
		name := args[0]
		return a.asManager(c.Context(), toBegin, a.firstOr, name, "cli.operator.done.add", func(counter *counter, by offline.Session) error {
			pin, err := a.newPIN(c.Context(), name)
			if err != nil {
				return err
			}
			return counter.AddOperator(c.Context(), by, name, offline.Role(role), pin)
		})
	})
	c.Flags().StringVar(&role, "role", "", a.words.T("cli.flag.role"))
	c.Example = a.words.T("cli.operators.add.example")
	return c
}

func (a *app) onOperator(name string, do func(*counter, context.Context, offline.Session, string) error) *cobra.Command {
	return a.command("operators."+name, name+" NAME", func(c *cobra.Command, args []string) error {
		return a.asManager(c.Context(), toWork, a.mustSignIn, args[0], "cli.operator.done."+name, func(counter *counter, by offline.Session) error {
			return do(counter, c.Context(), by, args[0])
		})
	})
}

// asManager signs somebody in, changes an operator and says so.
func (a *app) asManager(ctx context.Context, want access, signIn func(context.Context, *counter) (people, error), name, done string, change func(*counter, offline.Session) error) error {
	return a.signedIn(ctx, want, signIn, func(counter *counter, who people) error {
		// Nobody is asked for a new PIN who may not give one.
		if r := who.operator.Role; r != "" && !r.May(offline.ChangePeople) && !who.approver.Role.May(offline.ChangePeople) {
			return &offline.Error{Kind: offline.ErrNeedsManager, Args: map[string]any{"Act": string(offline.ChangePeople)}}
		}
		if err := change(counter, who.by()); err != nil {
			return err
		}
		a.say(done, map[string]any{"Name": name})
		if !a.json {
			return nil
		}
		operators, err := counter.Operators(ctx)
		for _, o := range operators {
			if o.Name == name {
				return a.line(operatorLine{Name: o.Name, Role: string(o.Role), Disabled: o.Disabled})
			}
		}
		return err
	})
}

// newPIN takes an operator's new PIN; typed, it is asked for twice.
func (a *app) newPIN(ctx context.Context, name string) (string, error) {
	const variable = "COUNTERFOIL_NEW_PIN"
	pin, err := a.pin(ctx, variable, "cli.pin.new", name)
	if err != nil || a.getenv(variable) != "" {
		return pin, err
	}
	again, err := a.pin(ctx, variable, "cli.pin.again", name)
	if err == nil && again != pin {
		err = trouble(nil, "cli.pin.differ", nil)
	}
	return pin, err
}
