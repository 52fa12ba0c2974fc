package lookups

import "counterfoil/api"

// countedCodes is how many codes an answer counts in memory; above that the catalog's counts serve.
const countedCodes = 20_000

// counts holds the asked id's codes by status as they pass, each code once. What
// the answer shows beside the id tells nothing of it.
type counts struct {
	asked string
	// path is the last node of each level: nodes come right behind what holds them.
	path          [5]place
	status        map[string]string
	contradicting int // codes that came again with another status
	tooMany       bool
}

type place struct {
	id     string
	inside bool // it is the asked id, or below it
}

func (c *counts) add(n api.Node) {
	inside := n.ID == c.asked
	for rank := n.Level.Rank() - 1; rank > 0 && !inside && n.Parent != ""; rank-- {
		if c.path[rank].id == n.Parent {
			inside = c.path[rank].inside
			break
		}
	}
	if n.Level != api.LevelCode {
		c.path[n.Level.Rank()] = place{n.ID, inside}
		return
	}
	switch before, again := c.status[n.ID]; {
	case !inside || c.tooMany:
	case again && before != n.Status:
		c.contradicting++
	case again:
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
	if c.contradicting > 0 {
		all[statusUnread] += c.contradicting
	}
	return all
}
