package cli

import (
	"cmp"
	"context"
	"strconv"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/cli/lists"
	"counterfoil/screens/cli/output"
	"counterfoil/screens/cli/stream"
	"counterfoil/screens/idlist"
)

// leftOut says that a line of a list is none.
func (a *app) leftOut(l idlist.Line, list string) {
	a.raise(exitFailed)
	a.sayOfLine(l.Number, list, a.words.T(l.Wrong, map[string]any{"Text": stream.MaskText(shorten(l.Text))}))
}

// sayOfLine prints a sentence about a line of a list. Its number is written as
// editors write it.
func (a *app) sayOfLine(number int, list, text string) {
	a.say("cli.activate.line", map[string]any{"File": list, "Line": strconv.Itoa(number), "Text": text})
}

// checkList reads a list to its end and counts its lines that are right; where it is
// strict, it says what is wrong in it, which is an error.
func (a *app) checkList(ctx context.Context, list *lists.List, o order) (right int, err error) {
	folder, err := a.folder()
	if err != nil {
		return 0, err
	}
	if holds, err := offline.CheckFolder(folder); err != nil || !holds {
		folder = "" // a dry run may have none
	}
	wrong := 0
	err = list.Check(folder, func(l idlist.Line) error {
		switch {
		case l.Wrong == "":
			right++
		case o.strict:
			wrong++
			a.leftOut(l, o.from)
		}
		return ctx.Err()
	})
	if err = cmp.Or(ctx.Err(), err); err == nil && wrong > 0 {
		err = trouble(nil, "cli.activate.strict", map[string]any{"Count": wrong})
	}
	return right, err
}

// dryLine is what would be done about one id, for scripts.
type dryLine struct {
	DryRun    bool           `json:"dry_run"`
	Kind      offline.Kind   `json:"kind"`
	ID        api.ID         `json:"id"`
	Level     api.Level      `json:"level"`
	AmountFen int64          `json:"amount_fen"`
	Would     string         `json:"would"`            // send, skip, ask a manager, or refuse
	Why       string         `json:"why,omitempty"`    // the kind of the error, or a state's why
	Codes     int64          `json:"codes,omitempty"`  // in it, as far as is known here
	Counts    map[string]int `json:"counts,omitempty"` // of them, by status
}

// dryRun says what would be done, by what is known here. It sends nothing and
// writes nothing, and needs neither a data folder nor an operator.
func (a *app) dryRun(ctx context.Context, o order, ids []api.ID, list *lists.List) (err error) {
	counter, err := a.open(ctx, toCheck)
	switch {
	case offline.KindOf(err) == offline.ErrNoCounter:
	case err != nil:
		return err
	default:
		defer a.close(counter, &err)
	}
	t := &teller{app: a, counter: counter, order: o}
	if counter != nil && (len(ids) > 1 || o.from != "") {
		t.batch = counter.NewBatch()
	}
	for _, id := range ids {
		if err := t.wouldDo(ctx, idlist.Line{ID: id}); err != nil {
			return err
		}
	}
	return cmp.Or(ctx.Err(), list.Each(func(l idlist.Line) error { return t.wouldDo(ctx, l) }))
}

// wouldDo prints what would be done about one line.
func (t *teller) wouldDo(ctx context.Context, l idlist.Line) error {
	if l.Wrong != "" {
		t.leftOut(l, t.order.from)
		return ctx.Err()
	}
	d := dryLine{DryRun: true, Kind: t.order.kind, ID: l.ID, Level: l.ID.Level(), AmountFen: t.order.amountOf(l), Would: "send"}
	var said string
	if t.counter != nil {
		d, said = t.judged(ctx, l, d)
	}
	if t.json {
		return cmp.Or(t.line(d), ctx.Err())
	}
	p := output.Printer{Words: t.words}
	codes := ""
	if d.Codes > 1 {
		codes = p.Counts(d.Codes, d.Counts)
	}
	stream.Table(t.Stdout, [][]string{{t.words.T("cli.dry_run." + d.Would + "." + string(d.Kind)), string(d.ID), t.yuan(d.AmountFen), codes, said}})
	return cmp.Or(ctx.Err(), t.out.Lost)
}

// judged fills in what would be done about an id, and says why where it is not
// simply sent.
func (t *teller) judged(ctx context.Context, l idlist.Line, d dryLine) (_ dryLine, said string) {
	held := func(would string, err error) (dryLine, string) {
		d.Would, d.Why = would, string(offline.KindOf(err))
		said, _ = t.sentence(err)
		return d, said
	}
	op, repeated := t.counter.Repeats(ctx, d.Kind, l.ID)
	card, err := t.counter.Card(ctx, l.ID)
	if err != nil {
		return held("refuse", err)
	}
	d.Codes, d.Counts = card.Node.Codes, card.Node.Counts
	if d.AmountFen == 0 && d.Kind == offline.Activate {
		d.AmountFen = card.AmountFen
	}
	if op != nil {
		d.AmountFen = op.AmountFen
	}
	var share *offline.Share
	if t.batch != nil {
		share = t.batch.Take(offline.Line{Kind: d.Kind, ID: l.ID, Pieces: d.Codes, Fen: d.AmountFen})
	}
	known := !card.Node.SeenAt.IsZero()
	switch why := t.counter.HeldFor(d.Kind, card.Node); {
	case repeated != nil:
		return held("skip", repeated)
	case d.Kind == offline.Activate && d.AmountFen == 0 && known:
		return held("refuse", &offline.Error{Kind: offline.ErrAmountNeeded, Args: map[string]any{"ID": string(l.ID)}})
	case offline.OverLimit(share) != nil:
		return held("ask", offline.OverLimit(share))
	case known && why != "":
		d.Would, d.Why = "ask", why
		return d, t.words.T("why." + why)
	}
	return d, ""
}
