package catalog

import (
	"context"

	"counterfoil/api"
)

// Odd returns the next node that is not like its neighbours: of the siblings
// behind from, the first code whose status is not the one most of them have, or
// the first node that holds other statuses than most of them. Where no more
// follows among the siblings it goes on at the same depth behind them, under
// the same root, and from the beginning of it after that. ok is false where
// all are alike. Nodes that hold no codes do not count.
func (c *Catalog) Odd(ctx context.Context, from api.ID) (n Node, ok bool, err error) {
	err = c.read(ctx, func(t *tx) error {
		a, err := t.at(string(from))
		if err != nil || !a.known() {
			return err
		}
		o := odder{t: t, codes: a.chunk != nil}
		up, key := a.chain[1:], a.chain[0].ord+1
		if a.chunk != nil {
			up, key = a.chain, codeKey(a.chunk.no, a.i)
		}
		if err := o.behind(up, key); err != nil {
			return err
		}
		if o.found.ID != string(from) {
			n, ok = o.found, o.found.ID != ""
		}
		return nil
	})
	return n, ok, err
}

// odder looks for codes, or for nodes.
type odder struct {
	t     *tx
	codes bool
	found Node
}

func (o *odder) done() bool { return o.found.ID != "" }

// behind looks behind key among the children of up, then behind up, then from
// the root's beginning.
func (o *odder) behind(up chain, key int64) error {
	if err := o.among(up, key); err != nil || o.done() {
		return err
	}
	depth := 0
	for ; len(up) > 1; up = up[1:] {
		if err := o.mixed(up[1:], up[0].ord, depth); err != nil || o.done() {
			return err
		}
		depth++
	}
	if len(up) == 0 || up[0].key == looseKey {
		return o.among(up, 0)
	}
	return o.below(up, depth)
}

// below looks at the given depth under c.
func (o *odder) below(c chain, depth int) error {
	if depth == 0 {
		return o.among(c, 0)
	}
	return o.mixed(c, -1, depth-1)
}

// mixed goes through the children of up behind an ord that hold more than one
// status; only under these can something differ from its neighbours.
func (o *odder) mixed(up chain, ord int64, depth int) error {
	m := up.inherited()
	for !o.done() {
		var r *row
		err := o.t.conn.each("SELECT "+rowColumns+" FROM nodes WHERE parent=? AND ord>? AND "+
			effective+" & ("+effective+" - 1) <> 0 ORDER BY ord LIMIT 1",
			[]any{up[0].key, ord, m.ver, bit(m.status), m.ver, bit(m.status)},
			func(s *record) (err error) {
				r, err = scanRow(s)
				return err
			})
		if err != nil || r == nil {
			return err
		}
		if err := o.below(append(chain{r}, up...), depth); err != nil {
			return err
		}
		ord = r.ord
	}
	return nil
}

// among looks among the children of up, those of the roots where up is empty.
func (o *odder) among(up chain, after int64) error {
	if o.codes {
		return o.amongCodes(up, after)
	}
	parent, key := int64(0), after-1
	m := up.inherited()
	if len(up) > 0 {
		if counts := up.counts(); counts.has()&(counts.has()-1) == 0 {
			return nil
		}
		parent = up[0].key
	}
	usual, ok, err := o.t.conn.number("SELECT "+effective+" AS e FROM nodes WHERE parent=? AND has<>0 AND key<>1 "+
		"GROUP BY e ORDER BY count(*) DESC, min(ord) LIMIT 1", m.ver, bit(m.status), parent)
	if err != nil || !ok {
		return err
	}
	return o.t.conn.each("SELECT "+rowColumns+" FROM nodes WHERE parent=? AND ord>? AND has<>0 AND key<>1 AND "+
		effective+" <> ? ORDER BY ord LIMIT 1", []any{parent, key, m.ver, bit(m.status), usual},
		func(s *record) error {
			r, err := scanRow(s)
			if err == nil {
				o.found = o.t.node(append(chain{r}, up...))
			}
			return err
		})
}

func (o *odder) amongCodes(up chain, after int64) error {
	if len(up) == 0 {
		return nil
	}
	var by [256]int64
	usual := uint8(0)
	for _, c := range up.counts() {
		if by[c.status] += c.n; by[c.status] > by[usual] {
			usual = c.status
		}
	}
	if by[usual] == up[0].codes {
		return nil
	}
	no, i := int64(0), 0
	if after > codeBase {
		no, i = (after-codeBase)>>8, int(after&255)
	}
	l := list{t: o.t, nodes: up, codes: up, unlike: true, status: usual}
	return l.walkCodes(no, i, false, func(ch *chunk, i int) error {
		o.found = o.t.code(up, ch, i)
		return errStop
	})
}
