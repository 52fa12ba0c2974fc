package lookups

import "counterfoil/api"

// countedCodes is how many codes an answer counts in memory; above that the catalog's counts serve.
const countedCodes = 20_000

// counts holds an answer's codes by status as they pass, each code once.
type counts struct {
	status  map[string]string
	tooMany bool
}

func (c *counts) add(n api.Node) {
	switch {
	case n.Level != api.LevelCode || c.tooMany:
	case len(c.status) >= countedCodes:
		c.tooMany, c.status = true, nil
	case c.status == nil:
		c.status = map[string]string{n.ID: n.Status}
	default:
		c.status[n.ID] = n.Status
	}
}

func (c *counts) byStatus() map[string]int {
	all := map[string]int{}
	for _, s := range c.status {
		all[s]++
	}
	return all
}
