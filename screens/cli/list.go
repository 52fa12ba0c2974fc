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
	Would     string         `json:"would"`            // send, skip, withdraw what waits, ask a manager, or refuse
	Why       string         `json:"why,omitempty"`    // the kind of the error, a state's why, or twice
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
	t := &dryTeller{teller: &teller{app: a, counter: counter, order: o}}
	if many := len(ids) > 1 || o.from != ""; counter != nil && (many || ids[0].Level() != api.LevelCode) {
		t.batch = counter.NewBatch() // one id for many codes is a batch of itself
	}
	for _, id := range ids {
		if err := t.wouldDo(ctx, idlist.Line{ID: id}); err != nil {
			return err
		}
	}
	return cmp.Or(ctx.Err(), list.Each(func(l idlist.Line) error { return t.wouldDo(ctx, l) }))
}

// dryTeller says what a teller would do.
type dryTeller struct {
	*teller
	sent stream.Hashes // the ids that it would send, so that one that comes again is known
}

// remembered is how many ids that may be, in 12 bytes each: a list may have any number.
const remembered = 2 << 20

// wouldDo prints what would be done about one line.
func (t *dryTeller) wouldDo(ctx context.Context, l idlist.Line) error {
	if l.Wrong != "" {
		t.leftOut(l, t.order.from)
		return ctx.Err()
	}
	d := dryLine{DryRun: true, Kind: t.order.kind, ID: l.ID, Level: l.ID.Level(), AmountFen: t.order.amountOf(l), Would: "send"}
	var said string
	switch {
	case t.sent.Has(string(l.ID)):
		d.Would, d.Why, said = "skip", "twice", t.words.T("cli.dry_run.twice")
	case t.counter != nil:
		d, said = t.judged(ctx, l, d)
	}
	if d.Would == "send" && t.sent.AddText(string(l.ID)) && t.sent.Len() == remembered {
		t.sent = stream.Hashes{}
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
func (t *dryTeller) judged(ctx context.Context, l idlist.Line, d dryLine) (_ dryLine, said string) {
	held := func(would string, err error) (dryLine, string) {
		d.Would, d.Why = would, string(offline.KindOf(err))
		said, _ = t.sentence(err)
		return d, said
	}
	card, err := t.counter.Card(ctx, l.ID)
	if err != nil {
		return held("refuse", err)
	}
	d.Codes, d.Counts = card.Node.Codes, card.Node.Counts
	if d.AmountFen == 0 && d.Kind == offline.Activate && card.AmountOK {
		d.AmountFen = card.AmountFen
	}
	f, repeated := t.counter.Foresee(ctx, d.Kind, card.Node)
	if f.Repeats != nil {
		d.AmountFen = f.Repeats.AmountFen
	}
	most := t.counter.settings.Desk("").Limits.OneMaxFen
	switch activates := repeated == nil && d.Kind == offline.Activate; {
	case activates && d.AmountFen == 0 && !card.Node.SeenAt.IsZero(): // else the look-up may tell
		return held("refuse", &offline.Error{Kind: offline.ErrAmountNeeded, Args: map[string]any{"ID": string(l.ID)}})
	case activates && most > 0 && d.AmountFen > most:
		return held("ask", &offline.Error{Kind: offline.ErrOverLimit, Args: map[string]any{"Limit": "one", "Max": offline.Yuan(most)}})
	}
	var share *offline.Share
	if t.batch != nil && !f.Withdraws {
		share = t.batch.Take(offline.Line{Kind: d.Kind, ID: l.ID, Pieces: d.Codes, Fen: d.AmountFen})
	}
	switch {
	case repeated != nil:
		return held("skip", repeated)
	case f.Withdraws:
		d.Would = "withdraw"
	case offline.OverLimit(share) != nil:
		return held("ask", offline.OverLimit(share))
	case f.Why != "":
		d.Would, d.Why = "ask", f.Why
		said = t.words.T("why." + f.Why)
	}
	return d, said
}
