package cli

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/cli/lists"
	"counterfoil/screens/idlist"
)

// activateCommand activates ids, or the ids of a file.
func (a *app) activateCommand() *cobra.Command {
	o := order{kind: offline.Activate}
	var amount string
	c := a.orderCommand("activate", &o, func(c *cobra.Command) error {
		if !c.Flags().Changed("amount") {
			return nil
		}
		fen, err := offline.ParseYuan(amount)
		if err != nil || fen == 0 {
			return wrongUsage("error."+string(offline.ErrBadAmount), map[string]any{"Amount": amount})
		}
		o.amountFen = fen
		return nil
	})
	c.Flags().StringVar(&amount, "amount", "", a.words.T("cli.flag.amount"))
	c.Example = a.words.T("cli.activate.example")
	return c
}

// voidCommand voids ids, or the ids of a file.
func (a *app) voidCommand() *cobra.Command {
	c := a.orderCommand("void", &order{kind: offline.Void}, func(*cobra.Command) error { return nil })
	c.Example = a.words.T("cli.void.example")
	return c
}

// orderCommand makes a command that asks the same for each of its ids.
func (a *app) orderCommand(name string, o *order, check func(*cobra.Command) error) *cobra.Command {
	c := a.command(name, name+" ID...", func(c *cobra.Command, args []string) error {
		if err := check(c); err != nil {
			return err
		}
		return a.carryOut(c.Context(), *o, args)
	})
	c.Flags().StringVar(&o.from, "from", "", a.words.T("cli.flag.from"))
	c.Flags().BoolVar(&o.strict, "strict", false, a.words.T("cli.flag.strict"))
	c.Flags().BoolVar(&o.dryRun, "dry-run", false, a.words.T("cli.flag.dry_run"))
	c.Flags().BoolVar(&o.queueOnly, "offline", false, a.words.T("cli.flag.offline"))
	return c
}

// order is what is asked for each of the ids.
type order struct {
	kind      offline.Kind
	amountFen int64  // of each id; 0 for its face value
	from      string // a list of ids; "" for none
	strict    bool   // nothing unless every line of the list is right
	dryRun    bool   // nothing at all
	queueOnly bool   // accept into the queue without sending
}

// amountOf is the amount for a line, 0 for the face value.
func (o order) amountOf(l idlist.Line) int64 {
	if o.kind != offline.Activate {
		return 0
	}
	return cmp.Or(l.Amount, o.amountFen)
}

// carryOut accepts one operation for each id, waits for its answer and prints
// it. Arguments are checked before anything is done; a file is read while it
// is worked off, and what is no id in it stops nothing.
func (a *app) carryOut(ctx context.Context, o order, args []string) error {
	if len(args) == 0 && o.from == "" {
		return wrongUsage("cli.usage.missing", map[string]any{"What": "ID"})
	}
	if a.flags.approve != "" && (len(args) > 1 || o.from != "") {
		return wrongUsage("cli.usage.approve_one", nil)
	}
	ids, err := parseIDs(args)
	if err != nil {
		return err
	}
	list, err := lists.Open(ctx, a.Stdin, o.from)
	if err != nil {
		return err
	}
	defer list.Close()
	asks := o.kind == offline.Void && !o.dryRun && o.from != "-" && a.typedOn() != nil
	many := len(ids)
	if o.strict || asks {
		right, err := a.checkList(ctx, list, o)
		if err != nil {
			return err
		}
		many += right
	}
	if o.dryRun {
		return a.dryRun(ctx, o, ids, list)
	}

	boundMemory(listMemory)
	err = a.signedIn(ctx, toWork, a.mustSignIn, func(counter *counter, who people) error {
		if err := counter.reachable(); err != nil && !o.queueOnly {
			return err
		}
		t := a.teller(counter, o, who)
		if o.kind == offline.Void {
			for _, id := range ids {
				if t.keep[id] == nil {
					t.keep[id] = counter.Keep(id) // to void what waits takes it back
				}
			}
		}
		if !o.queueOnly {
			counter.Start()
		}
		if len(ids) > 1 || o.from != "" {
			t.batch = counter.NewBatch()
		}
		if asks {
			if err := t.confirmVoid(ctx, ids, many); err != nil {
				return err
			}
		}
		return t.all(ctx, ids, list)
	})
	return err
}

func parseIDs(args []string) ([]api.ID, error) {
	var ids []api.ID
	for _, arg := range args {
		id, err := api.ParseID(arg)
		if err != nil {
			return nil, &offline.Error{Kind: offline.ErrNotAnID, Args: map[string]any{"ID": shorten(arg), "Meant": api.Meant(arg) != ""}}
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// shorten makes foreign text fit for a sentence: no control characters, no end of it.
func shorten(text string) string { return api.Clean(text, 80) }
