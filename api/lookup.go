package api

import (
	"context"
	"errors"
	"io"
)

// Lookup streams the answer's nodes into sink while they arrive, parents first.
// They are provisional: only an Answered answer with Success makes them true.
// A sink's error ends the call with ReasonSink. Memory does not grow with the
// answer: children whose parent's id comes after them wait in a temporary file
// once they take more than 1 MiB, and texts of more than that are cut.
//
// An answer of success that does not show r.ID as a node of its level is
// another one (ReasonOther). What is below a node without an id goes to the next
// known node above.
func (c *Client) Lookup(ctx context.Context, r LookupRequest, sink func(Node) error) Answer {
	answer, shown := c.lookup(ctx, r, sink)
	if answer.Success() && !shown {
		answer = Answer{Outcome: Unanswered, Reason: ReasonOther, Err: errOther, Nodes: answer.Nodes, Skipped: answer.Skipped}
	}
	return answer
}

// lookup also says whether the answer shows r.ID.
func (c *Client) lookup(ctx context.Context, r LookupRequest, sink func(Node) error) (Answer, bool) {
	action := r.Action
	if action == "" {
		action = ActionLookup
	}
	x, answer := c.sendPOSP(ctx, action, jsonObject{
		{"traceNo", r.TraceNo}, {"qrcode", string(r.ID)}, {"businessType", BusinessTypeBoxes},
	}, lookupAnswer, true)
	if x == nil {
		return answer, false
	}
	defer x.end()
	tree := newRows(r.ID, sink)
	tree.earn = x.earn
	answer = c.readLookup(x, action, r.TraceNo, tree)
	answer.Nodes, answer.Skipped = tree.nodes, tree.skipped
	return answer, tree.shown
}

func (c *Client) readLookup(x *exchange, action, trace string, tree *rows) Answer {
	var body *bodyReader
	defer func() {
		if body != nil {
			body.free()
		}
	}()
	fields, err := readEnvelope(x, lookupFields, func(text io.Reader, known envelope) error {
		if got, ok := known["action"]; ok && got != action {
			// Rows of another answer are nobody's business; what it was is told at its end.
			tree.sink, tree.earn = func(Node) error { return nil }, func() {}
		}
		body = newBodyReader(text, known, action)
		return tree.decode(body)
	})
	switch {
	case errors.Is(err, errSink), errors.Is(err, errSpill):
		return x.reject(ReasonSink, err)
	case err != nil:
		return x.unreadable(err)
	case body == nil:
		return x.reject(ReasonNotJSON, errNotJSON)
	case !sameSign(fields["sign"], body.sign(fields, action, c.settings.MACKey)):
		return x.reject(ReasonSignature, errSignature)
	}
	return c.judge(x, action, trace, fields, tree.head)
}
