package catalog

import (
	"context"

	"counterfoil/api"
)

// Note takes what look-ups answered that repeat what is known, and statuses
// that were confirmed since, in one transaction of a few dozen of each. It
// reports for each answer whether the catalog shows all of it already: every
// node under the same parent, with the same status and remaining uses. Where
// one is not shown it must come first, through a Stage, and the statuses after
// it, through SetStatuses: then noted is false and nothing was set.
func (c *Catalog) Note(ctx context.Context, answers [][]api.Node, list []Confirmed) (shown []bool, noted bool, err error) {
	shown = make([]bool, len(answers))
	note := func(t *tx) error {
		noted = true
		for i, nodes := range answers {
			if shown[i], err = t.shows(nodes); err != nil {
				return err
			}
			noted = noted && shown[i]
		}
		if noted {
			return t.confirm(list)
		}
		return nil
	}
	if len(list) == 0 {
		err = c.read(ctx, note)
	} else if err = c.beginWrite(ctx); err == nil {
		defer c.leave()
		err = c.resume(note)
	}
	return shown, noted && err == nil, err
}

func (t *tx) shows(nodes []api.Node) (bool, error) {
	if len(nodes) == 0 {
		return false, nil
	}
	codes := nodes[len(nodes)-1].Level == api.LevelCode
	for i := range nodes {
		n := &nodes[i]
		if codes && n.Level != api.LevelCode {
			continue // what holds a code is said by the code's own row
		}
		a, err := t.at(n.ID)
		if err != nil || !a.known() {
			return false, err
		}
		if parent, status, remaining := t.standing(a); parent != n.Parent || status != n.Status || remaining != n.Remaining {
			return false, nil
		}
	}
	return true, nil
}

// standing is as much of a Node as a sale can change.
func (t *tx) standing(a at) (parent, status string, remaining int) {
	if a.chunk != nil {
		no := a.chunk.st[a.i]
		if m := a.chain.inherited(); m.ver > a.chunk.ver {
			no = m.status
		}
		status, _ = t.cat.words.say(t.conn, no)
		return a.chain[0].id, status, a.chunk.looks[a.chunk.at[a.i]].remaining
	}
	if len(a.chain) > 1 {
		parent = a.chain[1].id
	}
	return parent, "", -1
}
