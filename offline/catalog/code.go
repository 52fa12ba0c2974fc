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
	attributes
}

func (c *code) no() int64 { return c.key & (1<<numberBits - 1) }

// counted is the code alone as counts.
func (c *code) counted(status string) counts { return counts{{status, c.face, 1}} }

const selectCodes = "SELECT c.key, c.id, c.status, c.seen, a.status, a.status_text, a.name, a.face, a.valid_from, a.valid_to, a.remaining " +
	"FROM codes c LEFT JOIN attributes a ON a.key=c.attributes "

func scanCode(r row) (*code, error) {
	a := attributes{r.Text(4), r.Text(5), r.Text(6), r.Text(7), r.Text(8), r.Text(9), int(r.Int(10))}
	return &code{key: r.Int(0), id: r.Text(1), status: r.Text(2), seen: r.Int(3), attributes: a}, r.Check("ittitttttti")
}

// place is where an id stands: a node, or a code under one.
type place struct {
	chain chain // of a code its node's
	code  *code
}

func (p place) known() bool { return len(p.chain) > 0 }

// above are the nodes above, the nearest first and the top node last.
func (p place) above() chain {
	if p.code != nil {
		return p.chain
	}
	return p.chain[1:]
}

// status is that of the code: its own, or that of the mark that holds for it.
func (p place) status() string {
	if m := p.chain.marked(); m.at != 0 {
		return m.status
	}
	return p.code.status
}

// at finds a live id.
func (t *tx) at(id string) (p place, err error) {
	if id == "" {
		return place{}, nil
	}
	isCode := api.ID(id).Level() == api.LevelCode
	for _, as := range [...]bool{isCode, !isCode} {
		if as {
			p, err = t.codeAt(id)
		} else {
			p.chain, err = t.find(id)
		}
		if err != nil || p.known() {
			break
		}
	}
	return p, err
}

// codeAt finds a live code. Until moved codes were looked for a live one may stand in
// two nodes: that of the newest look-up holds.
func (t *tx) codeAt(id string) (p place, err error) {
	// With a bare parameter SQLite would prepare the statement anew for every value.
	err = t.each(selectCodes+"WHERE c.id=CAST(? AS TEXT) ORDER BY c.load DESC", []any{id}, func(r row) error {
		up, err := t.chain(r.Int(0) >> numberBits)
		if err != nil || !up.live() {
			return err
		}
		c, err := scanCode(r)
		if err != nil {
			return err
		}
		p = place{up, c}
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
	status, seen := place{up, c}.status(), max(c.seen, up.seenAt())
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
