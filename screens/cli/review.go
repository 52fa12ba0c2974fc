package cli

import (
	"context"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/cli/records"
	"counterfoil/screens/cli/usage"
	"counterfoil/screens/review"
)

// reviewOrder is what a review is asked for.
type reviewOrder struct {
	refresh                    bool
	kind, shop, mark, from, to string
	file                       string // of the case; "" for none
}

// reviewCommand prints the records of a code, or of every code of what holds it.
func (a *app) reviewCommand() *cobra.Command {
	var o reviewOrder
	c := a.command("review", "review ID", func(c *cobra.Command, args []string) error {
		return a.review(c.Context(), o, args[0])
	})
	flags := c.Flags()
	flags.BoolVar(&o.refresh, "refresh", false, a.words.T("cli.flag.refresh"))
	flags.StringVar(&o.kind, "kind", "", a.words.T("cli.flag.record_kind"))
	flags.StringVar(&o.shop, "shop", "", a.words.T("cli.flag.shop"))
	usage.Digits(flags, &o.from, "from", a.words.T("cli.flag.from_time"))
	usage.Digits(flags, &o.to, "to", a.words.T("cli.flag.to_time"))
	flags.StringVar(&o.mark, "mark", "", a.words.T("cli.flag.mark"))
	flags.StringVar(&o.file, "case", "", a.words.T("cli.flag.case"))
	c.Example = a.words.T("cli.review.example")
	return c
}

// query is the order as a selection of records.
func (o reviewOrder) query(id api.ID, zone *time.Location) (offline.RecordQuery, error) {
	q := offline.RecordQuery{ID: id, Filter: offline.RecordFilter{Kind: o.kind, Shop: o.shop, Mark: o.mark}, Sort: "code", Limit: queuePage}
	if id.Level() == api.LevelCode {
		q.Sort = "at"
	}
	if o.mark != "" && !slices.ContainsFunc(offline.MarkRules(), func(r offline.MarkRule) bool { return r.Name == o.mark }) {
		var names []string
		for _, r := range offline.MarkRules() {
			names = append(names, r.Name)
		}
		return q, wrongUsage("cli.usage.mark", map[string]any{"Word": o.mark, "List": strings.Join(names, ", ")})
	}
	var err error
	if q.From, err = moment(o.from, "--from", zone, false); err == nil {
		q.To, err = moment(o.to, "--to", zone, true)
	}
	return q, err
}

// moment reads a day, a minute or a second: its beginning, or its end, since --to
// takes in whole what is written.
func moment(text, flag string, zone *time.Location, end bool) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, one := range []struct {
		form string
		days int
		long time.Duration
	}{{time.DateOnly, 1, 0}, {"2006-01-02 15:04", 0, time.Minute}, {time.DateTime, 0, time.Second}, {time.RFC3339, 0, time.Second}} {
		t, err := time.ParseInLocation(one.form, text, zone)
		if err == nil && end {
			t = t.AddDate(0, 0, one.days).Add(one.long)
		}
		if err == nil {
			return t, nil
		}
	}
	return time.Time{}, wrongUsage("cli.usage.moment", map[string]any{"Flag": flag, "Value": text})
}

func (a *app) review(ctx context.Context, o reviewOrder, arg string) error {
	ids, err := parseIDs([]string{arg})
	if err != nil {
		return err
	}
	id, signIn := ids[0], a.mustSignIn
	if id.Level() == api.LevelCode {
		signIn = a.maySignIn
	}
	return a.signedIn(ctx, toLook, signIn, func(counter *counter, who people) error {
		q, err := o.query(id, counter.settings.Desk("").Zone)
		if err != nil {
			return err
		}
		if id.Level() != api.LevelCode {
			if err := counter.OpenScreen(ctx, who.by(), offline.Review); err != nil {
				return err
			}
		}
		return a.printReview(ctx, counter, who.operator, o, q)
	})
}

// printReview fetches what is too old and prints what there is.
func (a *app) printReview(ctx context.Context, counter *counter, who offline.Session, o reviewOrder, q offline.RecordQuery) error {
	debug.SetGCPercent(100) // what is printed is garbage at once; a review has time to collect it
	p := a.printer(counter, who, q.ID)
	p.All = false
	v := &records.Review{Printer: p.Printer, Who: who, Root: q.ID, Say: a.say, Terminal: a.drawnOn()}
	err := v.Fetch(ctx, o.refresh)
	if offline.KindOf(err) == offline.ErrNotConfigured {
		a.raise(a.report(err))
		err = nil
	}
	// Whole codes are shown only where it can be kept that they were.
	if p.All = !counter.readOnly && q.ID.Level() != api.LevelCode; p.All && err == nil {
		err = counter.Unmasked(ctx, who, q.ID, "review")
	}
	if err != nil {
		return err
	}
	unanswered, err := v.Print(ctx, q)
	if unanswered > 0 {
		a.raise(exitFailed)
	}
	if err != nil || o.file == "" {
		return err
	}
	names, err := counter.WriteCase(ctx, who, q.ID, o.file, func(c *offline.Case) string { return review.CaseText(a.words, c) })
	if err != nil {
		return unwritten(err, "cli.export.failed", o.file)
	}
	a.say("cli.review.case", map[string]any{"Text": names[0], "JSON": names[1]})
	return nil
}
