package offline

import (
	"context"
	"errors"

	"counterfoil/api"
	"counterfoil/offline/catalog"
	"counterfoil/offline/operation"
	"counterfoil/offline/platformtime"
)

// Lookup asks the platform for id and stores the answer in the catalog; out of
// reach, it answers from the catalog. sink, which may be nil, sees each node as
// it arrives, provisionally. Errors: ErrNothingKnown, ErrMidnight, or what
// Card.Trouble can be (out of reach and never seen), ErrUnknownID (the Card
// holds the platform's words).
func (d *Desk) Lookup(ctx context.Context, id api.ID, sink func(api.Node) error) (Card, error) {
	if d.link.State() == Offline && sink == nil {
		// No time-out for each scan of an outage; the probe finds the way back.
		return d.fromCatalog(ctx, id)
	}
	answer, seen := d.lookups.Show(ctx, id, sink)
	return d.answered(ctx, id, answer, seen, d.Card)
}

// LookupInTurn is Lookup for one of a batch: it waits for a permit, and then for
// answer_timeout at most; its Card has no more than Node and AmountFen. anyway
// asks also where the link counts as offline.
func (d *Desk) LookupInTurn(ctx context.Context, id api.ID, anyway bool) (Card, error) {
	if d.link.State() == Offline && !anyway {
		return d.fromCatalog(ctx, id)
	}
	answer, seen := d.lookups.ShowInTurn(ctx, id, d.s.Calls.AnswerTimeout, d.sender.Permit)
	return d.answered(ctx, id, answer, seen, d.cataloged)
}

// answered makes a card of the answer to a look-up, by what read finds in the catalog.
func (d *Desk) answered(ctx context.Context, id api.ID, answer api.Answer, seen operation.Seen, read func(context.Context, api.ID) (Card, error)) (Card, error) {
	switch {
	case answer.Outcome != api.Answered, !answer.Success() && !d.s.Rules.Final(answer):
		if ctx.Err() != nil {
			return Card{}, ctx.Err()
		}
		if answer.Reason == api.ReasonSink {
			return Card{}, answer.Err
		}
		d.s.Log.Info("look-up out of reach", "id", id.Masked(), "reason", string(answer.Reason), "err", answer.Err)
		card, err := d.fromCatalog(ctx, id)
		kind, known := troubles[answer.Reason]
		if errors.Is(answer.Err, platformtime.ErrMidnight) {
			kind, known = ErrMidnight, true
		}
		if !known {
			return card, err
		}
		card.Trouble = &Error{Kind: kind, Args: map[string]any{"ID": string(id)}}
		if KindOf(err) == ErrNothingKnown {
			err = card.Trouble
		}
		return card, err
	case !answer.Success():
		card := Card{Node: Node{ID: string(id), Level: id.Level()}, Fresh: true, Refusal: &answer}
		return card, &Error{Kind: ErrUnknownID, Args: map[string]any{"ID": string(id), "Code": answer.Code, "Message": answer.Message}}
	}
	card, err := read(ctx, id)
	if err == nil && card.Node.SeenAt.IsZero() {
		// The catalog could not store it: the answer's own counts serve.
		card.Node.Counts, card.Node.SeenAt = seen.Counts, seen.At
	}
	card.Fresh = err == nil
	return card, err
}

// HeldFor is why an operation of that kind on a node would wait for a person, as
// the node was seen last: "mixed", for instance; "" where it would be sent.
func (d *Desk) HeldFor(kind Kind, n Node) string {
	return d.s.Rules.HeldFor(kind, operation.Seen{Counts: n.Counts})
}

// Foresee says what would become of an operation of that kind on a node, by what is
// known here of both. Errors: ErrOpenHere, ErrAlreadyActive, ErrAlreadyVoid, with the
// operation that it would repeat.
func (d *Desk) Foresee(ctx context.Context, kind Kind, n Node) (f operation.Foreseen, err error) {
	_, above, err := d.data.catalog().Above(ctx, api.ID(n.ID))
	if err != nil {
		return f, publicError(err)
	}
	here, err := d.Operations(ctx, Query{IDs: idsOf(n.ID, above), OldestFirst: true})
	if err != nil {
		return f, err
	}
	f = d.s.Rules.Foresee(kind, n.ID, operation.Seen{At: n.SeenAt, Counts: n.Counts}, here)
	return f, d.repeated(api.ID(n.ID), f.Repeats)
}

// troubles are the reasons for no answer that each have an advice of their own.
var troubles = map[api.Reason]ErrorKind{
	api.ReasonOther: ErrOtherAnswer, api.ReasonCoding: ErrPacked, api.ReasonProxy: ErrProxy, api.ReasonTLS: ErrTLS, api.ReasonDNS: ErrDNS,
}

// fromCatalog answers a look-up from what was seen before.
func (d *Desk) fromCatalog(ctx context.Context, id api.ID) (Card, error) {
	card, err := d.Card(ctx, id)
	if err != nil {
		return card, err
	}
	if card.Node.SeenAt.IsZero() {
		return card, &Error{Kind: ErrNothingKnown, Args: map[string]any{"ID": string(id)}}
	}
	return card, nil
}

// cataloged is what the catalog holds of id itself.
func (d *Desk) cataloged(ctx context.Context, id api.ID) (Card, error) {
	card := Card{Node: Node{ID: string(id), Level: id.Level(), Remaining: -1}}
	n, ok, err := d.data.catalog().Get(ctx, id)
	switch {
	case err != nil && ctx.Err() != nil:
		return card, ctx.Err()
	case err != nil:
		// Only a cache: what the platform said, and what is open here, still counts.
		d.s.Log.Warn("catalog", "err", err)
	case ok:
		card.Node = n
		card.AmountFen, card.AmountOK = d.amount(n)
		card.VoidFen = d.voidWorth(n)
	}
	return card, nil
}

// Card returns what is known of id here, without asking the platform. Of an id
// never seen it holds the id and its level only.
func (d *Desk) Card(ctx context.Context, id api.ID) (Card, error) {
	card, err := d.cataloged(ctx, id)
	if err == nil && !card.Node.SeenAt.IsZero() {
		if card.Path, err = d.data.catalog().Path(ctx, id); err != nil && ctx.Err() == nil {
			d.s.Log.Warn("catalog", "err", err)
			err = nil
		}
	}
	if err != nil {
		return card, err
	}
	card.Pending = d.list.Overlapping(operation.Place{ID: string(id), Level: id.Level(), Above: catalog.AboveOf(card.Path)})
	last, err := d.journal().Operations(ctx, Query{IDs: []string{string(id)}, Limit: 1, Whole: true})
	if err != nil {
		return card, publicError(err)
	}
	if len(last) > 0 {
		card.Last = &last[0]
	}
	card.Voided, err = d.voidedSince(ctx, card)
	return card, publicError(err)
}

// voidedMost is how many of the latest voids are compared with what a card shows.
const voidedMost = 50

// voidedSince finds what Card.Voided is.
func (d *Desk) voidedSince(ctx context.Context, card Card) (*Operation, error) {
	if d.s.Rules.VoidLeaves != "" || card.Node.SeenAt.IsZero() {
		return nil, nil
	}
	voids, err := d.journal().Operations(ctx, Query{Kind: Void, States: []State{Done}, Limit: voidedMost, Whole: true})
	if err != nil {
		return nil, err
	}
	at := operation.Place{ID: card.Node.ID, Level: card.Node.Level, Above: catalog.AboveOf(card.Path)}
	for i, op := range voids {
		if n := len(op.Attempts); n == 0 || op.Attempts[n-1].SentAt.Before(card.Node.SeenAt) {
			continue
		}
		if d.anyOverlaps(ctx, []operation.Place{{ID: op.ID, Level: api.Level(op.Level)}}, at) {
			return &voids[i], nil
		}
	}
	return nil, nil
}

// Children pages through the catalog.
func (d *Desk) Children(ctx context.Context, p Page) ([]Node, error) {
	nodes, err := d.data.catalog().Children(ctx, p)
	return nodes, publicError(err)
}

// above maps the levels above an id to its ancestors, as far as the catalog knows.
func (d *Desk) above(ctx context.Context, id api.ID) map[api.Level]string {
	_, above, err := d.data.catalog().Above(ctx, id)
	if err != nil {
		d.s.Log.Warn("ancestry not read", "err", err)
		return nil
	}
	return above
}

// idsOf lists an id and what is known to hold it.
func idsOf(id string, above map[api.Level]string) []string {
	ids := []string{id}
	for _, holder := range above {
		ids = append(ids, holder)
	}
	return ids
}
