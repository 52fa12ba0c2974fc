package catalog

import (
	"fmt"
	"slices"
	"time"

	"counterfoil/api"
	"counterfoil/offline/sqlite"
)

type row = sqlite.Row

const (
	topKey = 1  // the node that holds the roots, and the codes whose parent is not known
	dead   = -1 // the parent of what was cut off; what is staged has the negative number of its load
)

// node is a box, package or reel as stored, or the top node.
type node struct {
	key, parent, ord int64
	id               string
	level            int
	load             int64 // the look-up that brought it
	whole            bool  // all below was in an answer to a look-up of it or of something above it
	seen             int64 // ms; 0 for that of the node above
	mark             mark
	below
	dirty bool
}

// below is what a node holds. Where a mark holds for the node, the counts may
// be older than it: they are right in number and face value.
type below struct {
	kids, nextOrd int64 // nodes directly below; ord of the next
	own, nextNo   int64 // codes directly below; number of the next
	codes         int64 // codes at or below
	counts        counts
}

// mark is a status that was set on everything at or below a node.
type mark struct {
	status string
	at     int64 // ms; 0 for no mark
}

const nodeColumns = "key, parent, ord, id, level, load, whole, seen, mark, marked, kids, next_ord, own, next_no, codes, counts"

func scanNode(r row) (*node, error) {
	n := &node{
		key: r.Int(0), parent: r.Int(1), ord: r.Int(2), id: r.Text(3), level: int(r.Int(4)), load: r.Int(5), whole: r.Int(6) != 0,
		seen: r.Int(7), mark: mark{r.Text(8), r.Int(9)},
		below: below{kids: r.Int(10), nextOrd: r.Int(11), own: r.Int(12), nextNo: r.Int(13), codes: r.Int(14)},
	}
	err := r.Check("iiitiiiitiiiiiit")
	if err == nil && (n.level < 0 || n.level >= len(levels)) {
		err = fmt.Errorf("%w: level of a node", sqlite.ErrUnreadable)
	}
	if err == nil {
		n.counts, err = unpackCounts(r.Text(15))
	}
	return n, err
}

var levels = []api.Level{"", api.LevelBox, api.LevelPackage, api.LevelReel, api.LevelCode}

// reelLevel is the level of a reel; it holds codes and nothing else.
var reelLevel = levelNumber(api.LevelReel)

func levelNumber(l api.Level) int { return max(0, slices.Index(levels, l)) }

// tx is what a call sees: one transaction of one connection. Nodes read in it
// are kept, changed ones are written by flush.
type tx struct {
	cat   *Catalog
	conn  *sqlite.Conn
	nodes map[int64]*node
}

func newTx(c *Catalog, conn *sqlite.Conn) *tx {
	return &tx{cat: c, conn: conn, nodes: map[int64]*node{}}
}

func (t *tx) each(query string, args []any, f func(row) error) error {
	return t.conn.Each(query, args, f)
}

// node returns the node of a key, nil where there is none.
func (t *tx) node(key int64) (*node, error) {
	if n, ok := t.nodes[key]; ok {
		return n, nil
	}
	var n *node
	err := t.each("SELECT "+nodeColumns+" FROM nodes WHERE key=?", []any{key}, func(r row) (err error) {
		n, err = scanNode(r)
		return err
	})
	if err != nil || n == nil {
		return nil, err
	}
	t.nodes[key] = n
	return n, nil
}

// save writes a node; of one that is there already all but its place.
func (t *tx) save(n *node) error {
	n.dirty = false
	return t.conn.Exec("INSERT INTO nodes (key, parent, ord, id, level, load, whole, seen, mark, marked, "+
		"kids, next_ord, own, next_no, codes, has, counts) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (key) DO UPDATE SET "+
		"seen=excluded.seen, mark=excluded.mark, marked=excluded.marked, kids=excluded.kids, next_ord=excluded.next_ord, "+
		"own=excluded.own, next_no=excluded.next_no, codes=excluded.codes, has=excluded.has, counts=excluded.counts",
		n.key, n.parent, n.ord, n.id, n.level, n.load, n.whole, n.seen, n.mark.status, n.mark.at,
		n.kids, n.nextOrd, n.own, n.nextNo, n.codes, chain{n}.counted().has(), n.counts.pack())
}

// hang writes a node's place.
func (t *tx) hang(n *node, parent, ord int64) error {
	n.parent, n.ord = parent, ord
	return t.conn.Exec("UPDATE nodes SET parent=?, ord=? WHERE key=?", parent, ord, n.key)
}

func (t *tx) flush() error {
	for _, n := range t.nodes {
		if n.dirty {
			if err := t.save(n); err != nil {
				return err
			}
		}
	}
	return nil
}

// numbers reads a column of numbers.
func (t *tx) numbers(query string, args ...any) (out []int64, err error) {
	err = t.each(query, args, func(r row) error {
		out = append(out, r.Int(0))
		return r.Check("i")
	})
	return out, err
}

// chain is a node and what is above it, the nearest first.
type chain []*node

// live reports whether the chain leads to the top node.
func (c chain) live() bool { return len(c) > 0 && c[len(c)-1].key == topKey }

func (t *tx) chain(key int64) (chain, error) {
	c := make(chain, 0, len(levels))
	for key > 0 {
		n, err := t.node(key)
		if err != nil {
			return nil, err
		}
		if n == nil { // its parent was deleted
			return nil, nil
		}
		if c = append(c, n); len(c) > len(levels)+1 {
			return nil, fmt.Errorf("%w: a node above itself", ErrDamaged)
		}
		key = n.parent
	}
	return c, nil
}

// marked is the mark that holds for c[0] and all below it: the topmost is the newest.
func (c chain) marked() (m mark) {
	for _, n := range c {
		if n.mark.at != 0 {
			m = n.mark
		}
	}
	return m
}

// counted are the counts of c[0] with the mark that holds.
func (c chain) counted() counts {
	if m := c.marked(); m.at != 0 {
		return c[0].counts.as(m.status)
	}
	return c[0].counts
}

// seenAt is when c[0] was seen, in milliseconds.
func (c chain) seenAt() int64 {
	for _, n := range c {
		if n.seen != 0 {
			return max(n.seen, c.marked().at)
		}
	}
	return c.marked().at
}

// change adds to the counts of c[0] and everything above it. No mark may hold for them.
func (c chain) change(delta counts, sign int64) {
	n := sign * delta.total()
	for _, one := range c {
		one.counts.addAll(delta, sign)
		one.codes += n
		one.dirty = true
	}
}

// find returns the live node of an id with what is above it, nil where there is none.
func (t *tx) find(id string) (chain, error) {
	keys, err := t.numbers("SELECT key FROM nodes WHERE id=?", id)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		if c, err := t.chain(key); err != nil || c.live() {
			return c, err
		}
	}
	return nil, nil
}

// show shows c[0].
func (c chain) show() Node {
	n := c[0]
	out := Node{
		Key: n.ord + 1, ID: n.id, Level: levels[n.level], Remaining: -1,
		Children: n.kids + n.own, Codes: n.codes, SeenAt: time.UnixMilli(c.seenAt()), Partial: !n.whole,
	}
	if len(c) > 1 {
		out.Parent = c[1].id
	}
	all := c.counted()
	out.Counts, out.Values = all.byStatus(), append(make([]Value, 0, len(all)), all...)
	return out
}

// AboveOf is a path as a map from level to ancestor, nil for an empty one.
func AboveOf(path []Node) map[api.Level]string {
	if len(path) == 0 {
		return nil
	}
	above := make(map[api.Level]string, len(path))
	for _, n := range path {
		above[n.Level] = n.ID
	}
	return above
}
