package catalog

import (
	"time"

	"counterfoil/api"
	"counterfoil/offline/sqlite"
)

// A code's key is that of its node and its number there. codeBase lifts the
// keys of shown codes above those of the nodes beside them.
const (
	numberBits = 24
	codeBase   = 1 << 40
)

func codeKey(node, no int64) int64 { return node<<numberBits | no }

// code is a code as stored.
type code struct {
	key    int64
	id     string
	status string
	seen   int64 // ms; 0 for that of its node
	load   int64
	attributes
}

func (c *code) node() int64 { return c.key >> numberBits }
func (c *code) no() int64   { return c.key & (1<<numberBits - 1) }

// counted is the code alone as counts.
func (c *code) counted(status string) counts { return counts{{status, c.face, 1}} }

const (
	codeColumns = "c.key, c.id, c.status, c.seen, c.load, a.status, a.status_text, a.name, a.face, a.valid_from, a.valid_to, a.remaining"
	codeTables  = " FROM codes c CROSS JOIN attributes a ON a.key=c.attributes "
)

func scanCode(r row) (code, error) {
	return code{
		key: r.Int(0), id: r.Text(1), status: r.Text(2), seen: r.Int(3), load: r.Int(4),
		attributes: attributes{r.Text(5), r.Text(6), r.Text(7), r.Text(8), r.Text(9), r.Text(10), int(r.Int(11))},
	}, r.Check("ittiitttttti")
}

// place is where an id stands: a node, or a code under one.
type place struct {
	chain chain // of a code its node's
	code  *code
}

func (p place) known() bool { return len(p.chain) > 0 }

// holders are the nodes above that may be shown, the nearest first.
func (p place) holders() chain {
	if p.code != nil {
		return p.chain.shown()
	}
	return p.chain[1:].shown()
}

// at finds a live id.
func (t *tx) at(id string) (p place, err error) {
	if id == "" {
		return place{}, nil
	}
	if api.ID(id).Level() != api.LevelCode {
		if p.chain, err = t.find(id); err != nil || p.known() {
			return p, err
		}
	}
	if p, err = t.codeAt(id); err != nil || p.known() {
		return p, err
	}
	p.chain, err = t.find(id)
	return p, err
}

// codeAt finds a live code. Until moved codes were looked for it may stand in
// two nodes: that of the newest look-up holds.
func (t *tx) codeAt(id string) (p place, err error) {
	err = t.each("SELECT "+codeColumns+codeTables+"WHERE c.id=? ORDER BY c.load DESC", []any{id}, func(r row) error {
		c, err := scanCode(r)
		if err != nil {
			return err
		}
		up, err := t.chain(c.node())
		if err != nil || !up.live() {
			return err
		}
		p = place{up, &c}
		return sqlite.Stop
	})
	return p, err
}

func (t *tx) show(p place) (Node, error) {
	if p.code == nil {
		return p.chain.show(), nil
	}
	return t.showCode(p.chain, p.code)
}

// showCode shows a code under c[0].
func (t *tx) showCode(up chain, c *code) (Node, error) {
	status, seen := c.status, max(c.seen, up.seenAt())
	if m := up.marked(); m.at != 0 {
		status = m.status
	}
	n := Node{
		Key: codeBase + c.no() + 1, ID: c.id, Level: api.LevelCode, Parent: up[0].id,
		Status: status, StatusText: c.statusText, Name: c.name, FaceValue: c.face, ValidFrom: c.from, ValidTo: c.to,
		Remaining: c.remaining, Codes: 1, SeenAt: time.UnixMilli(seen),
		Counts: map[string]int{status: 1}, Values: []Value{{status, c.face, 1}},
	}
	var err error
	if status != c.attributes.status {
		n.StatusText, err = t.conn.Text("SELECT text FROM statuses WHERE code=?", status)
	}
	return n, err
}
