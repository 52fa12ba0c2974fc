package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"counterfoil/offline"
	"counterfoil/screens/cli/stream"
	"counterfoil/screens/cli/usage"
	"counterfoil/screens/slip"
)

// dayCommand prints report X.
func (a *app) dayCommand() *cobra.Command {
	return a.command("day", "day", func(c *cobra.Command, _ []string) error {
		return a.signedIn(c.Context(), toRead, a.mustSignIn, func(counter *counter, who people) error {
			r, err := counter.ReportX(c.Context(), who.by())
			if err != nil {
				return err
			}
			return a.printer(counter, who.operator).report(&r)
		})
	})
}

// closeCommand closes the business day, or prints an earlier close.
func (a *app) closeCommand() *cobra.Command {
	var open int // how many operations are known to be still open
	var show int64
	var note string
	var list, noCheck bool
	c := a.command("close", "close", func(c *cobra.Command, _ []string) error {
		given, shows := c.Flags().Changed("open"), c.Flags().Changed("show")
		closes := given || noCheck
		switch {
		case shows && (closes || list) || list && closes || note != "" && !shows:
			return wrongUsage("cli.usage.close", nil)
		case shows:
			want := toRead
			if note != "" {
				want = toWork
			}
			return a.signedIn(c.Context(), want, a.mustSignIn, func(counter *counter, who people) error {
				return a.printer(counter, who.operator).reprint(c.Context(), counter, who, show, note)
			})
		case list:
			return a.signedIn(c.Context(), toRead, a.mustSignIn, func(counter *counter, who people) error {
				return a.printer(counter, who.operator).closes(c.Context(), counter, who)
			})
		}
		return a.signedIn(c.Context(), toWork, a.mustSignIn, func(counter *counter, who people) error {
			return a.printer(counter, who.operator).closeDay(c.Context(), counter, who, open, given, !noCheck)
		})
	})
	c.Example = a.words.T("cli.close.example")
	usage.Number(c.Flags(), &open, "open", a.words.T("cli.flag.open"))
	c.Flags().BoolVar(&noCheck, "no-check", false, a.words.T("cli.flag.no_check"))
	usage.Number(c.Flags(), &show, "show", a.words.T("cli.flag.show"))
	c.Flags().StringVar(&note, "note", "", a.words.T("cli.flag.note"))
	usage.MayBeEmpty(c.Flags().Lookup("note"))
	c.Flags().BoolVar(&list, "list", false, a.words.T("cli.flag.list"))
	return c
}

// report prints a report: as JSON, or as its slip.
func (p *printer) report(r *offline.DayReport) error {
	if !p.json {
		_, err := fmt.Fprint(p.Stdout, slip.Text(p.words, r))
		return err
	}
	shown := *r
	shown.Open = slices.Clone(r.Open)
	for i := range shown.Open {
		shown.Open[i].ID = p.ID(shown.Open[i].ID)
	}
	return p.Line(shown)
}

// reprint adds a note to a close, where there is one, or prints the close as a
// copy with its notes beside it.
func (p *printer) reprint(ctx context.Context, c *counter, who people, z int64, note string) error {
	if note != "" {
		_, err := c.NoteClose(ctx, who.by(), z, note)
		if err == nil {
			p.say("cli.close.noted", map[string]any{"Z": z})
		}
		return err
	}
	r, notes, err := c.Reprint(ctx, who.by(), z)
	if err == nil {
		err = p.report(&r)
		p.keep(c, &r)
	}
	for _, n := range notes {
		p.say("cli.close.note", map[string]any{"At": n.At.In(p.Zone).Format("2006-01-02 15:04"), "By": n.By, "Text": n.Text})
	}
	return err
}

// closes lists every Z.
func (p *printer) closes(ctx context.Context, c *counter, who people) error {
	list, err := c.Closes(ctx, who.by())
	if err != nil {
		return err
	}
	for i := range list {
		if p.json && err == nil {
			err = p.report(&list[i])
		}
	}
	if !p.json {
		stream.Table(p.Stdout, slip.List(p.words, list, p.Zone))
	}
	return err
}

// closeDay closes the day. Where operations are still open it asks for their
// number on a terminal.
func (p *printer) closeDay(ctx context.Context, c *counter, who people, open int, given, check bool) error {
	p.keepMissing(ctx, c)
	r := offline.CloseRequest{Open: open, Check: check && c.reachable() == nil}
	if in := p.typedOn(); in != nil && !given && !p.json {
		r.Ask = func(x *offline.DayReport) (int, error) { return p.confirmOpen(ctx, x, in) }
	}
	reports, err := p.reconciling().Close(ctx, c.Desk, who.by(), r)
	if err != nil {
		return err
	}
	for i := range reports {
		r := &reports[i]
		if err := p.report(r); err != nil {
			return err
		}
		p.keep(c, r)
	}
	return nil
}

// keep keeps a slip where it is not yet, and says where it is at the first print.
func (p *printer) keep(c *counter, r *offline.DayReport) {
	path, err := slip.Keep(c.Desk, p.words, r)
	switch {
	case err != nil:
		p.log.Error("the slip is not saved", "err", err)
		p.say("cli.close.unsaved", map[string]any{"File": path, "Z": r.Z})
	case r.Copy == 0:
		p.say("cli.close.saved", map[string]any{"File": path})
	}
}

// keepMissing keeps the slips of the last close that were never written: a kill
// came between it and them.
func (p *printer) keepMissing(ctx context.Context, c *counter) {
	missing, err := c.UnsavedSlips(ctx)
	for i := range missing {
		_, failed := slip.Keep(c.Desk, p.words, &missing[i])
		err = errors.Join(err, failed)
	}
	if err != nil {
		p.log.Error("a slip is not saved", "err", err)
	}
}

// confirmOpen shows what is still open, and has its number typed. What is no
// number is none: the refusal says how many there are.
func (p *printer) confirmOpen(ctx context.Context, x *offline.DayReport, in *os.File) (int, error) {
	fmt.Fprint(p.Stderr, slip.Text(p.words, x))
	typed, err := stream.Ask(ctx, in, p.Stderr, p.words.T("cli.close.ask")+" ")
	n, _ := strconv.Atoi(typed)
	return n, err
}
