package cli

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/screen"
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
	flags.StringVar(&o.from, "from", "", a.words.T("cli.flag.from_time"))
	flags.StringVar(&o.to, "to", "", a.words.T("cli.flag.to_time"))
	flags.StringVar(&o.mark, "mark", "", a.words.T("cli.flag.mark"))
	flags.StringVar(&o.file, "case", "", a.words.T("cli.flag.case"))
	c.Example = a.words.T("cli.review.example")
	return c
}

// query is the order as a selection of records.
func (o reviewOrder) query(id api.ID, zone *time.Location) (offline.RecordQuery, error) {
	q := offline.RecordQuery{ID: id, Kind: o.kind, Shop: o.shop, Mark: o.mark, Sort: "code", Limit: queuePage}
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
	if q.From, err = moment(o.from, "--from", zone, 0); err == nil {
		q.To, err = moment(o.to, "--to", zone, 1)
	}
	return q, err
}

// moment reads a time, or a day, of which days are added: --to takes its day in.
func moment(text, flag string, zone *time.Location, days int) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return t.AddDate(0, 0, days), nil
	}
	for _, form := range []string{"2006-01-02 15:04", time.DateTime, time.RFC3339} {
		if t, err := time.ParseInLocation(form, text, zone); err == nil {
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
		v := &reviewer{printer: a.printer(counter, who.operator, id), id: id, who: who.operator, found: map[string]int{}}
		return v.run(ctx, o, q)
	})
}

// reviewer prints one review.
type reviewer struct {
	*printer
	id      api.ID
	who     offline.Session
	marks   []offline.Mark
	found   map[string]int // marks of what was printed, by rule
	printed int
}

func (v *reviewer) run(ctx context.Context, o reviewOrder, q offline.RecordQuery) error {
	if err := v.fetch(ctx, o.refresh); err != nil {
		return err
	}
	var err error
	if v.marks, err = v.counter.Marks(ctx, v.who, v.id); err != nil {
		return err
	}
	// Whole codes are shown only where it can be kept that they were.
	v.all = !v.counter.readOnly && v.id.Level() != api.LevelCode
	if v.all {
		if err := v.counter.Unmasked(ctx, v.who, v.id, "review"); err != nil {
			return err
		}
	}
	if err := v.records(ctx, q); err != nil {
		return err
	}
	totals, err := v.counter.RecordTotals(ctx, v.who, v.id)
	if err != nil {
		return err
	}
	if err := v.end(ctx, totals); err != nil || o.file == "" {
		return err
	}
	names, err := v.counter.WriteCase(ctx, v.who, v.id, o.file, v.caseText)
	if err == nil {
		v.say("cli.review.case", map[string]any{"Text": names[0], "JSON": names[1]})
	}
	return err
}

// fetch asks the platform for what is too old; what it cannot have is told at the end.
func (v *reviewer) fetch(ctx context.Context, refresh bool) error {
	file, onTerminal := v.World.Stderr.(*os.File)
	onTerminal = onTerminal && term.IsTerminal(file.Fd())
	drawn := false
	err := v.counter.FetchRecords(ctx, v.who, v.id, refresh, func(p offline.ReviewProgress) {
		if onTerminal && p.Of > 1 && !v.json {
			drawn = true
			fmt.Fprint(file, "\r"+v.words.T("cli.review.progress", map[string]any{
				"Done": p.Done, "Left": p.Of - p.Done, "Rate": strconv.FormatFloat(p.Rate, 'f', 0, 64), "Failed": p.Failed})+"\x1b[K")
		}
	})
	if drawn {
		fmt.Fprint(file, "\r\x1b[K")
	}
	if offline.KindOf(err) == offline.ErrNotConfigured {
		text, code := v.sentence(err)
		v.talk(text)
		v.raise(code)
		return nil
	}
	return err
}

func (v *reviewer) records(ctx context.Context, q offline.RecordQuery) error {
	marked := map[int64]bool{} // printed, of those that a mark rests on
	for _, m := range v.marks {
		for _, key := range m.Records {
			marked[key] = false
		}
	}
	for more := true; more; {
		page, err := v.counter.Records(ctx, v.who, q)
		if err != nil {
			return err
		}
		var rows [][]string
		for i := range page {
			r := page[i]
			q.After = &page[i]
			v.printed++
			if _, of := marked[r.Key]; of {
				marked[r.Key] = true
			}
			if !v.json {
				rows = append(rows, v.row(r))
			} else if err := v.line(v.masked(r)); err != nil {
				return err
			}
		}
		table(v.Stdout, rows)
		more = len(page) == q.Limit
	}
	filtered := q.Kind+q.Shop+q.Mark != "" || !q.From.IsZero() || !q.To.IsZero()
	v.marks = slices.DeleteFunc(v.marks, func(m offline.Mark) bool {
		return filtered && !slices.ContainsFunc(m.Records, func(key int64) bool { return marked[key] })
	})
	for _, m := range v.marks {
		v.found[m.Rule]++
	}
	return nil
}

func (v *reviewer) masked(r offline.Record) offline.RecordLine {
	l := offline.LineOf(r)
	l.Code, l.Message = v.printer.id(l.Code), v.text(l.Message)
	extend := map[string]string{}
	for name, value := range l.Extend {
		extend[name] = v.text(value)
	}
	l.Extend = extend
	return l
}

func (v *reviewer) row(r offline.Record) []string {
	at := r.Record.At
	if !r.At.IsZero() {
		at = r.At.Format(time.DateTime)
	}
	kind := v.word(r.Kind, "record")
	if !r.OK {
		kind += " " + v.words.T("record.failed")
	}
	return []string{at, kind, v.printer.id(r.Code), strings.TrimSpace(r.ShopNo + " " + r.ShopName), r.TID,
		strings.TrimSpace(r.ReturnCode + " " + v.text(r.Message)), strings.Join(r.Marks, ", ")}
}

// reviewEnd closes a review for scripts.
type reviewEnd struct {
	Complete   bool           `json:"complete"`
	Codes      int            `json:"codes"`
	Records    int            `json:"records"`
	Unanswered int            `json:"unanswered"`
	Marks      map[string]int `json:"marks"`
	SeenAt     string         `json:"seen_at"` // of the oldest records
}

// unansweredShown is how many codes without an answer are named.
const unansweredShown = 20

func (v *reviewer) end(ctx context.Context, t offline.RecordTotals) error {
	codes, err := v.counter.Unanswered(ctx, v.who, v.id, unansweredShown)
	if err != nil {
		return err
	}
	if t.Unanswered > 0 {
		v.raise(exitFailed)
		for i := range codes {
			codes[i] = v.printer.id(codes[i])
		}
		v.say("cli.review.unanswered", map[string]any{"N": t.Unanswered, "Codes": strings.Join(codes, ", "), "More": t.Unanswered - len(codes)})
	}
	seen := ""
	if !t.Oldest.IsZero() {
		seen = t.Oldest.Format(time.RFC3339)
	}
	if v.json {
		return v.line(reviewEnd{true, t.Codes, v.printed, t.Unanswered, v.found, seen})
	}
	for _, m := range v.marks {
		fmt.Fprintln(v.Stdout, joined("▲ "+m.Rule, v.printer.id(m.Code), screen.MarkSentence(v.words, m)))
	}
	v.say("cli.review.sum", map[string]any{"Codes": t.Codes, "Records": v.printed, "Empty": t.Empty, "Marks": len(v.marks), "At": cmp.Or(seen, "–")})
	return nil
}

// caseText is a case as a person reads it.
func (v *reviewer) caseText(c *offline.Case) string {
	var b strings.Builder
	out := v.Stdout
	defer func() { v.Stdout = out }()
	v.Stdout = &b
	whole := *v.printer
	whole.all = true
	section := func(id string) { fmt.Fprintf(&b, "\n%s\n\n", v.words.T("case."+id)) }
	fmt.Fprintln(&b, v.words.T("case.title", map[string]any{"ID": c.ID}))
	table(&b, [][]string{
		{v.words.T("case.made"), c.At.Format(time.RFC3339) + "  " + c.By}, {v.words.T("case.counter"), joined(c.Counter, c.ShopNo, c.ShopName)},
		{v.words.T("case.journal"), fmt.Sprintf("%s  %d:%s", c.Journal, c.Head.Seq, c.Head.Hash)}, {"SHA-256", c.RecordsSum},
	})
	section("marks")
	for _, m := range c.Marks {
		fmt.Fprintln(&b, joined(m.Rule, "("+m.Threshold+")", m.Code, screen.MarkSentence(v.words, m), strings.Join(m.Operations, " ")))
	}
	section("records")
	var rows [][]string
	for _, r := range c.Records {
		rows = append(rows, []string{r.At, r.Kind, r.Type, r.Code, joined(r.ShopNo, r.ShopName), r.MID, r.TID, r.Swift, joined(r.ReturnCode, r.Message), strings.Join(r.Marks, ",")})
	}
	table(&b, rows)
	for _, code := range c.Unanswered {
		fmt.Fprintln(&b, v.words.T("case.unanswered", map[string]any{"Code": code}))
	}
	section("operations")
	for _, op := range c.Operations {
		whole.page(op)
		fmt.Fprintln(&b)
	}
	return b.String()
}
