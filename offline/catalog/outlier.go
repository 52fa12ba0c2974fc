package catalog

import (
	"context"

	"counterfoil/api"
)

// Outlier returns the next node that is not like its neighbours: of the siblings
// behind from, the first code whose status is not the one most of them have, or
// the first node that holds other statuses than most of them. Where no more
// follows among the siblings it goes on at the same depth behind them, under
// the same root, and from the beginning of it after that. ok is false where
// all are alike. Nodes that hold no codes do not count.
func (c *Catalog) Outlier(ctx context.Context, from api.ID) (n Node, ok bool, err error) {
	err = c.readAt(ctx, from, func(t *tx, p place) error {
		o := outliers{t: t, codes: p.code != nil}
		up, after := p.chain[1:], p.chain[0].ord
		if p.code != nil {
			up, after = p.chain, p.code.no()
		}
		if err := o.behind(up, after); err != nil {
			return err
		}
		if o.found.ID != string(from) {
			n, ok = o.found, o.found.ID != ""
		}
		return nil
	})
	return n, ok, err
}

// outliers looks for codes, or for nodes.
type outliers struct {
	t     *tx
	codes bool
	found Node
}

func (o *outliers) done() bool { return o.found.ID != "" }

// behind looks behind a place among the children of up, then behind up, then
// from the root's beginning.
func (o *outliers) behind(up chain, after int64) error {
	if err := o.among(up, after); err != nil || o.done() {
		return err
	}
	depth := 0
	for ; len(up) > 2; up = up[1:] { // the root stands under the top node
		if err := o.mixed(up[1:], up[0].ord, depth); err != nil || o.done() {
			return err
		}
		depth++
	}
	return o.below(up, depth)
}

// below looks at the given depth under c[0].
func (o *outliers) below(c chain, depth int) error {
	if depth == 0 {
		return o.among(c, -1)
	}
	return o.mixed(c, -1, depth-1)
}

// mixed goes through the children of up behind an ord that hold more than one
// status; only under these can something differ from its neighbours.
func (o *outliers) mixed(up chain, ord int64, depth int) error {
	for up.marked().at == 0 && !o.done() {
		var kid *node
		err := o.t.kids(" AND "+hasMoreThan+" ORDER BY ord", []any{up[0].key, ord, past}, 1, func(n *node) error {
			kid = n
			return nil
		})
		if err != nil || kid == nil {
			return err
		}
		if err := o.below(append(chain{kid}, up...), depth); err != nil {
			return err
		}
		ord = kid.ord
	}
	return nil
}

// among looks behind a place among the children of up.
func (o *outliers) among(up chain, after int64) error {
	if up.marked().at != 0 { // all have that status
		return nil
	}
	if o.codes {
		return o.amongCodes(up, after)
	}
	usual, err := o.t.conn.Text("SELECT has FROM nodes WHERE parent=? AND has<>'' GROUP BY has ORDER BY count(*) DESC, min(ord) LIMIT 1", up[0].key)
	if err != nil {
		return err
	}
	return o.t.kids(" AND has<>'' AND has<>? ORDER BY ord", []any{up[0].key, after, past, usual}, 1, func(n *node) error {
		o.found = append(chain{n}, up...).show()
		return nil
	})
}

func (o *outliers) amongCodes(up chain, after int64) error {
	usual, mixed, err := o.usual(up)
	if err != nil || !mixed {
		return err
	}
	first := codeKey(up[0].key, 0)
	return o.t.codes(" AND c.status<>? ORDER BY c.key", []any{first + after, codeKey(up[0].key+1, 0), usual}, 1, func(c *code) (err error) {
		o.found, err = o.t.showCode(up, c)
		return err
	})
}

// usual is the status that most codes standing right under up[0] have; mixed
// is false where it is known that all have it.
func (o *outliers) usual(up chain) (usual string, mixed bool, err error) {
	if up[0].kids > 0 { // its counts hold the codes of its nodes too
		key := up[0].key
		usual, err = o.t.conn.Text("SELECT status FROM codes WHERE key>=? AND key<? GROUP BY status ORDER BY count(*) DESC, status LIMIT 1", codeKey(key, 0), codeKey(key+1, 0))
		return usual, true, err
	}
	most := 0
	for status, n := range up[0].counts.byStatus() {
		if n > most || n == most && status < usual {
			usual, most = status, n
		}
	}
	return usual, int64(most) < up[0].codes, nil
}
