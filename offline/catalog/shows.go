package catalog

import (
	"context"
	"slices"

	"counterfoil/api"
)

// Shows reports for each answer whether the catalog shows all of it already:
// every node under the same parent, with the same status and remaining uses.
func (c *Catalog) Shows(ctx context.Context, answers [][]api.Node) (all []bool, err error) {
	all = make([]bool, len(answers))
	err = c.read(ctx, func(t *tx) error {
		t.chunks = map[int64]*chunk{}
		for i, nodes := range answers {
			if all[i], err = t.shows(nodes); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

func (t *tx) shows(nodes []api.Node) (bool, error) {
	if len(nodes) > 0 && nodes[len(nodes)-1].Level == api.LevelCode {
		// What holds a code is said by the code's own row.
		nodes = slices.DeleteFunc(slices.Clone(nodes), func(n api.Node) bool { return n.Level != api.LevelCode })
	}
	for _, n := range nodes {
		a, err := t.at(n.ID)
		if err != nil || !a.known() {
			return false, err
		}
		if have := t.show(a); have.Parent != n.Parent || have.Status != n.Status || have.Remaining != n.Remaining {
			return false, nil
		}
	}
	return len(nodes) > 0, nil
}
