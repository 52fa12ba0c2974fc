package cli

import (
	"context"
	"strconv"
	"strings"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/cli/output"
	"counterfoil/screens/cli/stream"
)

// confirmVoid has a person at a terminal type the end of the number that is to be
// voided, or how many there are. Elsewhere the argument is the confirmation.
func (t *teller) confirmVoid(ctx context.Context, ids []api.ID, many int) error {
	want, ask := strconv.Itoa(many), "cli.void.type_count"
	what := t.words.T("cli.void.many", map[string]any{"Count": many})
	switch {
	case many == 0:
		return nil
	case many == 1 && len(ids) == 1:
		want, ask = ids[0].Tail(), "cli.void.type_tail"
		what = t.describe(ctx, ids[0])
	}
	t.talk(what)
	return t.confirmed(ctx, ask, "cli.void.not_confirmed", func(typed string) bool { return strings.EqualFold(typed, want) })
}

// confirmFar has an amount above ten times the face value typed once more at a terminal.
func (t *teller) confirmFar(ctx context.Context, id api.ID, fen int64, n offline.Node) error {
	face, _ := t.counter.Worth(n)
	if face == 0 || fen <= 10*face || t.typedOn() == nil || t.order.from == "-" {
		return nil
	}
	t.asking.Lock()
	defer t.asking.Unlock()
	t.talk(t.words.T("cli.activate.far", map[string]any{"ID": string(id), "Amount": t.yuan(fen), "Face": t.yuan(face)}))
	return t.confirmed(ctx, "cli.activate.again", "cli.activate.not_confirmed", func(typed string) bool { again, _ := offline.ParseYuan(typed); return again == fen })
}

// confirmed asks, and is an error where the answer is not as it must be.
func (t *teller) confirmed(ctx context.Context, question, refusal string, is func(string) bool) error {
	typed, err := stream.Ask(ctx, t.typedOn(), t.Stderr, t.words.T(question)+" ")
	if ctx.Err() == nil && (err != nil || !is(typed)) {
		return trouble(err, refusal, nil)
	}
	return ctx.Err()
}

// describe names what is to be voided: level, id, name, codes and value.
func (t *teller) describe(ctx context.Context, id api.ID) string {
	var card offline.Card
	if t.order.queueOnly {
		card, _ = t.counter.Card(ctx, id)
	} else {
		card, _ = t.counter.Lookup(ctx, id, t.firstSink()) // what is not known of it is left out
	}
	codes := ""
	if n := card.Node.Codes; n > 0 {
		codes = t.words.T("cli.lookup.codes", map[string]any{"N": n})
	}
	p := t.printer(t.counter, t.who.operator, id)
	return output.Joined(t.words.T("cli.void.one"), t.words.T("cli.level."+string(id.Level())), string(id), p.Text(card.Node.Name), codes, p.Yuan(card.VoidFen))
}
