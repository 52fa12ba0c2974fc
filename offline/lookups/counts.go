package lookups

import "counterfoil/api"

// countedCodes is how many codes an answer counts in memory; above that the catalog's counts serve.
const countedCodes = 20_000

// counts counts an answer's codes by status as they pass, each code once.
type counts struct {
	one     struct{ id, status string } // the only code so far
	status  map[string]string           // of the codes where they are more
	tooMany bool
}

func (c *counts) add(n api.Node) {
	if n.Level != api.LevelCode || c.tooMany {
		return
	}
	switch {
	case len(c.status) >= countedCodes:
		c.tooMany, c.status = true, nil
	case c.status != nil:
		c.status[n.ID] = n.Status
	case c.one.id == "" || c.one.id == n.ID:
		c.one.id, c.one.status = n.ID, n.Status
	default:
		c.status = map[string]string{c.one.id: c.one.status, n.ID: n.Status}
	}
}

func (c *counts) byStatus() map[string]int {
	all := map[string]int{}
	if c.status == nil && c.one.id != "" {
		all[c.one.status]++
	}
	for _, s := range c.status {
		all[s]++
	}
	return all
}
