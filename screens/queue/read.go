package queue

import (
	"slices"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// query turns what the list wants into the desk's query: a page by key, in the
// other direction for lists with the newest first.
func query(env *screen.Env, f filter, want ui.Want) ([]offline.Operation, error) {
	q := offline.Query{States: f.states, Limit: want.Limit, Whole: true, OldestFirst: !f.today}
	q.After, q.Before = want.After, want.Before
	if want.From != "" {
		q.After = justBefore(want.From)
	}
	if f.today {
		q.Day = env.Desk.Day()
		q.After, q.Before = want.Before, want.After
		if want.From != "" {
			q.Before = justBehind(want.From)
		}
	}
	turned := want.Before != "" || want.Last
	if turned {
		q.OldestFirst = !q.OldestFirst
	}
	ops, err := pages(env.Desk, env, f, q)
	if turned {
		slices.Reverse(ops)
	}
	for i := range ops {
		env.Explain(&ops[i])
	}
	return ops, err
}

// pages reads on until as many operations are found as were asked for: a filter
// may leave few of a page.
func pages(desk *offline.Desk, env *screen.Env, f filter, q offline.Query) ([]offline.Operation, error) {
	ops, err := desk.Operations(env.Context, q)
	if !f.person || err != nil {
		return ops, err
	}
	var kept []offline.Operation
	for err == nil && len(ops) > 0 {
		for _, op := range ops {
			if desk.NeedsManager(op) && len(kept) < q.Limit {
				kept = append(kept, op)
			}
		}
		if len(ops) < q.Limit || len(kept) == q.Limit {
			break
		}
		if last := ops[len(ops)-1].Op; q.OldestFirst {
			q.After = last
		} else {
			q.Before = last
		}
		ops, err = desk.Operations(env.Context, q)
	}
	return kept, err
}

// justBefore is a text that sorts before an operation's number and after every
// smaller one, justBehind one after it and before every larger: operation numbers
// have one length and no tilde.
func justBefore(op string) string { return op[:len(op)-1] + string(op[len(op)-1]-1) + "~" }
func justBehind(op string) string { return op + "~" }
